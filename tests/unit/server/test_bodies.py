"""How much a request may send, and how long it may take, at a server that really listens."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies

from jarvis_desktop.config.schema import Server
from jarvis_desktop.server import exchange, guard, protocol, rules
from jarvis_desktop.server.errors import RequestError
from tests.raw_http import Answer, answer
from tests.unit.server.serving import CHAT, Guarded, guarded


@pytest.mark.parametrize(
    "header",
    [
        "Content-Type: text/plain",
        "Content-Type: application/x-www-form-urlencoded",
        "Content-Type: multipart/form-data; boundary=x",
        "Content-Type: application/json, text/plain",
        "Content-Type: application/json; charset=utf-16",
        "Content-Type:",
        "Content-Encoding: gzip",
    ],
)
def test_a_body_that_is_no_plain_json_is_refused(server: Guarded, header: str) -> None:
    refused = server.ask(CHAT, header, method="POST", body=b'{"a": 1}')
    assert (refused.status, refused.code) == (415, "server.wrong_type")
    assert server.routes.reached == []


def test_recordings_may_come_as_a_form(server: Guarded) -> None:
    form = "Content-Type: multipart/form-data; boundary=x"
    assert server.ask("/v1/audio/transcriptions", form, method="POST", body=b"--x--").status == 200
    assert server.ask("/v1/embeddings", form, method="POST", body=b"--x--").status == 415


def test_json_comes_through_as_it_was_sent(server: Guarded) -> None:
    body = json.dumps({"deep": [[[["}{]["]]]], "escaped": '\\"[[[['}).encode() + b" " * 200_000
    reply = server.ask(CHAT, "Content-Type: application/json; charset=UTF-8", method="POST", body=body)
    assert json.loads(reply.body) == {"length": len(body)}


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 1000 + b"1" + b"}" * 1000, b'["\\"", ' + b"[{" * 60],
    ids=["arrays", "objects", "both"],
)
def test_json_nested_too_deeply_is_refused(server: Guarded, body: bytes) -> None:
    refused = server.ask(CHAT, method="POST", body=body)
    assert (refused.status, refused.code) == (400, "server.too_deep")


@pytest.mark.parametrize(
    "body",
    [b"[" + b"0," * rules.MOST_VALUES + b"0]", b'{"a":[' + b"{}," * rules.MOST_VALUES + b"{}]}"],
    ids=["numbers", "objects"],
)
def test_json_of_very_many_values_is_refused_before_it_is_read(server: Guarded, body: bytes) -> None:
    refused = server.ask(CHAT, method="POST", body=body)
    assert (refused.status, refused.code) == (413, "server.too_many_values")
    assert server.routes.reached == []


def test_a_text_is_one_value_whatever_it_holds(server: Guarded) -> None:
    body = json.dumps("[{,}]" * rules.MOST_VALUES).encode()
    assert server.ask(CHAT, method="POST", body=body).status == 200


@pytest.mark.parametrize("half", [rb"\ud800", rb"\uDFFF", rb"\ud83d\ud83d", b"\xed\xa0\x80"])
def test_half_a_character_is_refused_as_nobody_could_pass_it_on(server: Guarded, half: bytes) -> None:
    refused = server.ask(CHAT, method="POST", body=b'{"any": "' + half + b'"}')
    assert (refused.status, refused.code) == (400, "server.no_json")


@pytest.mark.parametrize("whole", [rb"\ud83d\ude00", rb"\\ud800", "\U0001f600 \ud55c".encode()])
def test_whole_characters_pass(server: Guarded, whole: bytes) -> None:
    assert server.ask(CHAT, method="POST", body=b'{"any": "' + whole + b'"}').status == 200


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_json_in_another_encoding_is_refused_as_nobody_looked_into_it(server: Guarded, encoding: str) -> None:
    hidden = '["\u2200", ' + "[" * 500 + "]" * 500 + "]"  # U+2200 has the byte of a quote
    refused = server.ask(CHAT, method="POST", body=hidden.encode(encoding))
    assert (refused.status, refused.code) == (415, "server.wrong_type")


def test_looking_at_nesting_takes_no_longer_for_odd_quotes() -> None:
    odd = (b'\\"' * 300_000, b'"' + b'\\"' * 300_000, b'"' * 600_001, b"]" * 600_000)
    began = time.process_time()  # what others compute meanwhile does not count
    for body in odd:
        rules.check_json(body)
    assert time.process_time() - began < 5


def test_a_body_is_bounded_whatever_its_length_says(tmp_path: Path) -> None:
    with guarded(tmp_path, Server(longest_body_mib=1, requests_per_minute=6000)) as server:
        too_long = b"x" * ((1 << 20) + 1)
        for path in ("/v1/audio/transcriptions", CHAT):
            kind = "Content-Type: application/json"
            assert server.ask(path, kind, method="POST", body=too_long).code == "server.too_large"
        head = f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        head += f"Authorization: Bearer {server.token}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        with server.connect() as connection:
            connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            for _ in range(3):
                connection.sendall(b"80000\r\n" + b"x" * 0x80000 + b"\r\n")
            assert answer(connection).status == 413
        assert server.ask().status == 200


def test_json_is_bounded_even_where_recordings_may_be_long(server: Guarded) -> None:
    refused = server.ask(CHAT, method="POST", body=b" " * (guard.JSON_BYTES + 1))
    assert (refused.status, refused.code) == (413, "server.too_large")


def deepest(value: Any) -> int:
    if not isinstance(value, list | dict):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(deepest, inner), default=0)


TEXTS = strategies.text('a\\"[]{}', max_size=8)
VALUES = strategies.recursive(
    TEXTS, lambda inner: strategies.lists(inner) | strategies.dictionaries(TEXTS, inner)
)


@given(VALUES, strategies.integers(1, 9))
def test_nesting_is_counted_whatever_strings_hold_and_wherever_it_is_cut(value: Any, piece: int) -> None:
    depth = deepest(value)
    body = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "_AT_ONCE", piece)
        patch.setattr(rules, "MOST_NESTED", depth)
        rules.check_json(body)
        patch.setattr(rules, "MOST_NESTED", depth - 1)
        if depth:
            with pytest.raises(RequestError):
                rules.check_json(body)


def test_others_go_on_while_a_long_body_is_looked_at() -> None:
    body = b'""' * (guard.JSON_BYTES // 2)
    over, ticks = threading.Event(), 0

    def look() -> None:
        rules.check_json(body)
        over.set()

    looking, interval = threading.Thread(target=look), sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        looking.start()
        while not over.wait(1e-6):
            ticks += 1
    finally:
        sys.setswitchinterval(interval)
        looking.join()
    assert ticks > 20


def test_bodies_are_bounded_together_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODIES_BYTES", 0)  # two of the longest are left
    take, read = exchange.Budget.take, [0]

    def counting(budget: exchange.Budget, count: int) -> None:
        take(budget, count)
        read[0] += count

    monkeypatch.setattr(exchange.Budget, "take", counting)
    with guarded(tmp_path, Server(longest_body_mib=1, requests_per_minute=6000)) as server:
        held = [half_a_recording(server) for _ in range(2)]
        deadline = time.monotonic() + 30
        while read[0] < 1_800_000:  # else what is asked next could come before them
            assert time.monotonic() < deadline
            time.sleep(0.01)

        def recording() -> Answer:
            form = "Content-Type: multipart/form-data; boundary=x"
            return server.ask("/v1/audio/transcriptions", form, method="POST", body=b"x" * 500_000)

        refused = recording()
        assert refused.code == "server.no_room"
        assert int(refused.headers["retry-after"]) >= 1
        assert server.ask("/health", token="").status == 200
        for connection in held:
            connection.close()
        eventually(recording, 200)


def test_json_counts_for_more_as_it_is_larger_when_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODIES_BYTES", 0)
    with guarded(tmp_path, Server(longest_body_mib=1, requests_per_minute=6000)) as server:
        refused = server.ask(CHAT, method="POST", body=b" " * 500_000)
        assert (refused.status, refused.code) == (503, "server.no_room")
        for _ in range(20):  # what each took is given back
            assert server.ask(CHAT, method="POST", body=b" " * 100_000).status == 200


def half_a_recording(server: Guarded) -> socket.socket:
    """A connection that goes on with its body no more."""
    head = f"POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
    head += f"Authorization: Bearer {server.token}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    connection = server.connect()
    connection.sendall(f"{head}Content-Length: 1000000\r\n\r\n".encode() + b"x" * 900_000)
    return connection


def eventually(ask: Callable[[], Answer], status: int) -> Answer:
    """The first answer of that status."""
    return next(reply for _ in range(200) if (reply := ask()).status == status)


def test_a_body_that_trickles_in_is_given_up(server: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "PAUSE_SECONDS", 0.2)
    head = f"POST {{}} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
    for path, kind in (
        (CHAT, "application/json"),
        ("/v1/audio/transcriptions", "multipart/form-data; boundary=x"),
    ):
        with server.connect() as connection:
            connection.sendall(
                f"{head.format(path)}Content-Type: {kind}\r\nContent-Length: 100\r\n\r\n{{".encode()
            )
            assert answer(connection).status == 408


def test_a_whole_body_has_to_come_in_time(server: Guarded, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "BODY_SECONDS", 0.5)
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {server.token}\r\n"
    )
    with server.connect() as connection:
        connection.sendall(f"{head}Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n".encode())
        connection.settimeout(0.05)
        reply = b""
        while not reply:  # each piece comes soon enough after the one before
            connection.sendall(b" ")
            try:
                reply = connection.recv(100)
            except TimeoutError:
                continue
        assert reply.startswith(b"HTTP/1.1 408")


def test_connections_that_never_finish_a_request_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.4)
    with guarded(tmp_path) as server:
        silent, slow, second = server.connect(), server.connect(), server.connect()
        with silent, slow, second:
            second.sendall(f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\nGET /he".encode())
            assert answer(second).status == 200
            slow.settimeout(0.05)
            closed = False
            while not closed:  # a byte of a head now and then
                try:
                    slow.sendall(b"G")
                    closed = slow.recv(1) == b""
                except TimeoutError:
                    continue
                except ConnectionError:
                    closed = True
            for connection in (silent, second):
                assert answer_or_end(connection) == b""
        assert server.ask("/health").status == 200


def answer_or_end(connection: socket.socket) -> bytes:
    try:
        return connection.recv(100)
    except ConnectionResetError:
        return b""


def test_a_head_that_is_too_long_is_refused(server: Guarded) -> None:
    with contextlib.suppress(ConnectionError):  # it may be closed while the rest is still being sent
        assert server.ask("/health", f"X-Long: {'x' * 1_000_000}").status == 400
    assert server.routes.reached == []
