"""Who gets in by which token, and what is written down of it, at a server that really listens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from jarvis_desktop.config.schema import Server
from jarvis_desktop.events import Scope
from jarvis_desktop.server import guard, rules
from jarvis_desktop.server.context import hold
from tests.unit.server.serving import CHAT, Guarded, guarded

# --- who asks ---------------------------------------------------------------------------------------------


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


def test_wrong_tokens_are_told_to_wait_and_right_ones_are_not(tmp_path: Path) -> None:
    with guarded(tmp_path, clock=lambda: 0.0) as server:
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
    with guarded(tmp_path, Server(requests_per_minute=10), clock=lambda: 0.0) as server:
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


# --- what is written down ---------------------------------------------------------------------------------


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
