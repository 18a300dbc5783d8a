"""What the guard lets through and what it refuses, at a server that really listens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies
from starlette.requests import Request
from starlette.responses import Response

from jarvis_desktop.config.schema import Server
from jarvis_desktop.events import Scope
from jarvis_desktop.server import exchange, guard, protocol, rules
from jarvis_desktop.server.context import hold
from jarvis_desktop.server.errors import RequestError
from tests.raw_http import Answer, answer
from tests.unit.server.serving import Guarded, guarded

CHAT = "/v1/chat/completions"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    with guarded(tmp_path) as running:
        yield running


# --- where a request comes from -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_names_of_this_computer_pass(server: Guarded, name: str) -> None:
    assert server.ask(host=f"{name}:{server.port}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.evil:{port}",
        "127.0.0.1.evil.example:{port}",
        "0.0.0.0:{port}",
        "jarvis.local:{port}",
        "localhost.:{port}",
        "127.0.0.1.:{port}",
        "2130706433:{port}",
        "127.1:{port}",
        "0x7f000001:{port}",
        "[::]:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "evil@127.0.0.1:{port}",
        "localhost",
        "localhost:1",
        "localhost:{port}0",
        "localhost:{port}, evil.example",
        "evil.example",
    ],
)
def test_any_other_name_is_refused_even_with_a_token(server: Guarded, host: str) -> None:
    refused = server.ask(host=host.format(port=server.port))
    assert (refused.status, refused.code) == (403, "server.foreign_host")
    assert server.ask("/health", host=host.format(port=server.port), token="").status == 403
    assert server.routes.reached == []


def test_a_request_without_or_with_two_hosts_is_refused(server: Guarded) -> None:
    token = f"Authorization: Bearer {server.token}\r\n".encode()
    own = f"Host: 127.0.0.1:{server.port}\r\n".encode()
    assert server.raw(b"GET /v1/models HTTP/1.0\r\n" + token + b"\r\n").status == 403
    assert server.raw(b"GET /v1/models HTTP/1.1\r\n" + token + b"\r\n").status == 400  # not even HTTP
    two = b"GET /v1/models HTTP/1.1\r\n" + own + b"Host: evil.example\r\n" + token + b"\r\n"
    assert server.raw(two).status in (400, 403)
    assert server.routes.reached == []


def test_a_target_that_names_a_host_itself_is_refused(server: Guarded) -> None:
    for target in ("http://evil.example/v1/models", f"http://127.0.0.1:{server.port}/v1/models", "*"):
        assert server.ask(target).status in (400, 403), target
    assert server.routes.reached == []


@pytest.mark.parametrize(
    "header",
    [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1",
        "Origin: http://localhost:3000",
        "Origin: https://127.0.0.1:{port}",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ],
)
def test_pages_in_a_browser_are_refused(server: Guarded, header: str) -> None:
    for method, body in (("GET", None), ("POST", b"{}"), ("OPTIONS", None)):
        refused = server.ask(CHAT, header.format(port=server.port), method=method, body=body)
        assert (refused.status, refused.code) == (403, "server.foreign_origin")
        assert not [name for name in refused.headers if name.startswith("access-control")]
    assert server.routes.reached == []


def test_a_preflight_gets_nothing(server: Guarded) -> None:
    refused = server.ask(CHAT, "Access-Control-Request-Method: POST", method="OPTIONS")
    assert refused.status == 405
    assert not [name for name in refused.headers if name.startswith("access-control")]


def test_names_that_the_user_allowed_pass_exactly(tmp_path: Path) -> None:
    with guarded(tmp_path, Server(allowed_hosts="jarvis.lan, studio")) as server:
        assert server.ask(host=f"studio:{server.port}").status == 200
        assert server.ask(host=f"studio.lan:{server.port}").status == 403
        assert server.ask(host=f"a.jarvis.lan:{server.port}").status == 403


def test_a_websocket_is_no_way_in(server: Guarded) -> None:
    upgrade = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: eA==",
        "Sec-WebSocket-Version: 13",
    )
    assert server.ask("/v1/models", *upgrade, token="").status == 401


# --- who asks -------------------------------------------------------------------------------------------


def test_only_health_answers_without_a_token(server: Guarded) -> None:
    assert server.ask("/health", token="").status == 200
    for path in (*rules.SCOPES, "/", "/docs", "/redoc", "/health/", "/nothing", "/v1/models/any", "//health"):
        assert server.ask(path, token="").status == 401, path
    assert server.routes.reached == ["/health"]


def test_without_a_token_no_body_is_read(server: Guarded) -> None:
    assert server.ask("/health", token="", body=b"{}").status == 413
    head = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    body = "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    assert server.raw(f"{head}{body}".encode()).status == 413
    assert not server.routes.reached


def test_no_token_and_a_wrong_one_get_the_same_answer(server: Guarded) -> None:
    none = server.ask(token="")
    for sent in ("wrong", server.token[:-1], f"{server.token}x", server.token.upper(), "ä" * 40):
        wrong = server.ask(token=sent)
        assert (wrong.status, wrong.body) == (none.status, none.body) == (401, none.body)
        assert wrong.headers["www-authenticate"] == "Bearer"
    assert server.ask(f"/v1/models?api_key={server.token}", token="").status == 401
    assert server.ask("/v1/models", f"Authorization: Basic {server.token}", token="").status == 401


def test_wrong_tokens_are_told_to_wait_and_right_ones_are_not(server: Guarded) -> None:
    answers = [server.ask(token="guess") for _ in range(guard.FAILURES_PER_MINUTE + 20)]
    assert {each.status for each in answers} == {401, 429}
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert server.ask().status == 200


def test_a_token_opens_only_what_it_is_for(server: Guarded) -> None:
    _, token = server.tokens.add("Recorder", {Scope.TRANSCRIPTION})
    assert server.ask("/v1/audio/transcriptions", method="POST", body=b"{}", token=token).status == 200
    for path, scope in rules.SCOPES.items():
        if scope is not Scope.TRANSCRIPTION:
            refused = server.ask(path, token=token)
            assert (refused.status, refused.code) == (403, "client.scope")
            assert f" {scope.value}." in json.loads(refused.body)["error"]["message"]


def test_each_token_has_its_own_number_of_requests(tmp_path: Path) -> None:
    with guarded(tmp_path, Server(requests_per_minute=10)) as server:
        _, other = server.tokens.add("Other", set(Scope))
        answers = [server.ask() for _ in range(15)]
        assert answers[0].status == 200
        assert answers[-1].status == 429
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert server.ask(token=other).status == 200
        assert server.ask("/ready").status == 200  # whoever watches still sees


def test_a_token_that_is_taken_back_is_gone_at_once(server: Guarded) -> None:
    client, token = server.tokens.add("Old laptop", {Scope.CHAT})
    server.tokens.revoke(client.id)
    assert server.ask(CHAT, method="POST", body=b"{}", token=token).status == 401


def stream(server: Guarded, token: str) -> socket.socket:
    connection = server.connect()
    lines = [
        "POST /v1/audio/speech HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        f"Authorization: Bearer {token}",
    ]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    assert server.routes.streaming.wait(10)
    return connection


def test_a_stream_under_way_ends_when_its_token_is_taken_back(server: Guarded) -> None:
    client, token = server.tokens.add("Old laptop", {Scope.SPEECH})
    with stream(server, token) as connection:
        server.tokens.revoke(client.id)
        assert server.routes.ended.wait(10)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(4096):
                received += piece
        assert not received.endswith(b"0\r\n\r\n")  # the client can tell that this is not the end


def test_another_process_can_take_a_token_back_from_a_stream(server: Guarded, tmp_path: Path) -> None:
    client, token = server.tokens.add("Old laptop", {Scope.SPEECH})
    from jarvis_desktop.server.tokens import TokenStore

    with stream(server, token):
        TokenStore(tmp_path / "server.token", tmp_path / "clients.json").revoke(client.id)
        assert server.routes.ended.wait(10)


def test_work_that_outlives_its_request_ends_with_the_token(tmp_path: Path) -> None:
    ended, tasks = threading.Event(), []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def begin(scope: Any, receive: Any, send: Any) -> None:
        tasks.append(asyncio.create_task(work()))
        hold(Request(scope), tasks[-1])
        await Response(status_code=202)(scope, receive, send)

    with guarded(tmp_path, app=begin) as server:
        client, token = server.tokens.add("Old laptop", {Scope.TASKS})
        other, kept = server.tokens.add("Phone", {Scope.TASKS})
        assert server.ask("/v1/tasks", method="POST", token=token).status == 202
        assert server.ask("/v1/tasks", method="POST", token=kept).status == 202
        server.tokens.revoke(client.id)
        assert ended.wait(10)
        assert [task.done() for task in tasks] == [True, False]
        server.tokens.revoke(other.id)


def test_a_stream_passes_untouched_and_with_the_guards_headers(server: Guarded) -> None:
    with stream(server, server.token) as connection:
        received = b""
        while b"first" not in received:
            received += connection.recv(4096)
    head = received.lower()
    assert b"cache-control: no-store" in head
    assert b"max-age" not in head


def test_every_answer_has_the_headers_that_keep_browsers_away(server: Guarded) -> None:
    for reply in (server.ask(), server.ask(token=""), server.ask(host="evil.example")):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert reply.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in reply.headers["content-security-policy"]
        assert "server" not in reply.headers


# --- bodies ---------------------------------------------------------------------------------------------


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


def test_looking_at_nesting_takes_no_longer_for_odd_quotes() -> None:
    odd = (b'\\"' * 300_000, b'"' + b'\\"' * 300_000, b'"' * 600_001, b"[]" * 300_000)
    began = time.process_time()  # what others compute meanwhile does not count
    for body in odd:
        rules.check_nesting(body)
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
        rules.check_nesting(body)
        patch.setattr(rules, "MOST_NESTED", depth - 1)
        if depth:
            with pytest.raises(RequestError):
                rules.check_nesting(body)


def test_others_go_on_while_a_long_body_is_looked_at() -> None:
    body = b'""' * (guard.JSON_BYTES // 2)
    over, ticks = threading.Event(), 0

    def look() -> None:
        rules.check_nesting(body)
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


# --- what is written down -------------------------------------------------------------------------------


def test_the_audit_tells_who_asked_for_what_and_nothing_of_it(tmp_path: Path) -> None:
    said = "the-secret-of-the-canary"
    with guarded(tmp_path) as server:
        server.tokens.add("Notebook", {Scope.CHAT})
        server.ask(
            f"{CHAT}?q={said}", f"X-Said: {said}", method="POST", body=json.dumps({"q": said}).encode()
        )
        server.ask(f"/v1/tasks/{said}")
        server.ask(f"/{said}", token=said)
        server.ask("/health", host=said)
        token = server.token
    text = (tmp_path / "audit.jsonl").read_text()
    assert said not in text
    assert token not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert [(each["client"], each["route"], each["status"]) for each in lines] == [
        ("default", CHAT, 200),
        ("default", "/v1/tasks", 200),
        ("", "", 401),
        ("", "/health", 403),
    ]
    assert lines[0]["received"] == len(json.dumps({"q": said}))
    assert lines[0]["sent"] > 0
    assert lines[0]["ms"] >= 0
