"""A client that is used for the first time, at a server beside a window."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.events import ClientAsked, ClientSettled, Scope, Standing
from jarvis_desktop.server import consent, http_server
from tests.raw_http import Answer
from tests.unit.server.serving import Guarded, guarded

CHAT, MODELS = "/v1/chat/completions", "/v1/models"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Guarded]:
    with guarded(tmp_path, asks=True) as running:
        yield running


@pytest.fixture
def asking() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.01)


def asked(server: Guarded) -> list[ClientAsked]:
    return [each for each in server.told if isinstance(each, ClientAsked)]


def begin(pool: ThreadPoolExecutor, server: Guarded, path: str, token: str) -> Future[Answer]:
    method = "GET" if path == MODELS else "POST"
    future = pool.submit(lambda: server.ask(path, method=method, token=token))
    return future


def test_the_user_is_told_who_wants_what(server: Guarded, asking: ThreadPoolExecutor) -> None:
    client, token = server.tokens.add("Notebook", {Scope.CHAT, Scope.MODELS}, standing=Standing.NEW)
    waiting = begin(asking, server, CHAT, token)
    until(lambda: asked(server))
    question = asked(server)[0]
    assert question.client == client
    assert question.wanted == {Scope.CHAT}
    assert (question.program, question.process) == (psutil.Process().name(), os.getpid())
    assert server.routes.reached == []
    server.tokens.decide(client.id, client.scopes)
    assert waiting.result(10).status == 200
    until(lambda: ClientSettled(client.id) in server.told)
    assert server.ask(token=token).status == 200
    assert len(asked(server)) == 1


def test_a_client_gets_no_more_than_the_user_allows(server: Guarded, asking: ThreadPoolExecutor) -> None:
    client, token = server.tokens.add("Notebook", {Scope.CHAT, Scope.MODELS}, standing=Standing.NEW)
    waiting = [begin(asking, server, path, token) for path in (CHAT, MODELS)]
    until(lambda: any(each.wanted == {Scope.CHAT, Scope.MODELS} for each in asked(server)))
    server.tokens.decide(client.id, {Scope.MODELS})
    assert [each.result(10).status for each in waiting] == [403, 200]


def test_a_client_that_the_user_refuses_is_not_asked_about_again(
    server: Guarded, asking: ThreadPoolExecutor
) -> None:
    client, token = server.tokens.add("Notebook", {Scope.CHAT}, standing=Standing.NEW)
    waiting = begin(asking, server, CHAT, token)
    until(lambda: asked(server))
    server.tokens.decide(client.id, ())
    assert (waiting.result(10).status, waiting.result(10).code) == (403, "client.refused")
    assert server.ask(CHAT, method="POST", token=token).code == "client.refused"
    assert len(asked(server)) == 1


def test_a_question_that_nobody_answers_is_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "SECONDS", 0.2)
    with guarded(tmp_path, asks=True) as server:
        client, token = server.tokens.add("Notebook", {Scope.CHAT}, standing=Standing.NEW)
        refused = server.ask(CHAT, method="POST", token=token)
        assert (refused.status, refused.code) == (403, "client.not_answered")
        assert server.told[-1] == ClientSettled(client.id)
        server.ask(CHAT, method="POST", token=token)
        assert len(asked(server)) == 2  # it is asked when the client tries again


def test_a_client_revoked_while_the_question_is_open_gets_nothing(
    server: Guarded, asking: ThreadPoolExecutor
) -> None:
    client, token = server.tokens.add("Notebook", {Scope.CHAT}, standing=Standing.NEW)
    waiting = begin(asking, server, CHAT, token)
    until(lambda: asked(server))
    server.tokens.revoke(client.id)
    assert waiting.result(10).status == 403
    assert server.routes.reached == []


def test_what_a_token_is_not_for_is_never_asked(server: Guarded) -> None:
    _, token = server.tokens.add("Notebook", {Scope.CHAT}, standing=Standing.NEW)
    assert server.ask(MODELS, token=token).code == "client.scope"
    assert asked(server) == []


def test_a_token_made_by_the_user_in_the_window_is_not_asked_about(server: Guarded) -> None:
    _, token = server.tokens.add("Notebook", {Scope.MODELS})
    assert server.ask(token=token).status == 200
    assert asked(server) == []


@pytest.mark.expects_error_logs  # by uvicorn, about what it breaks off
def test_who_waits_when_the_server_stops_is_told(
    tmp_path: Path, asking: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "STOP_SECONDS", 1)
    with guarded(tmp_path, asks=True) as server:
        waiting = begin(asking, server, MODELS, server.token)
        until(lambda: asked(server))
        server.http.stop()
        assert (waiting.result(10).status, waiting.result(10).code) == (503, "server.stopping")


def test_nobody_is_asked_without_a_window(tmp_path: Path) -> None:
    with guarded(tmp_path) as server:
        assert server.ask().status == 200  # with the default token, which is new
