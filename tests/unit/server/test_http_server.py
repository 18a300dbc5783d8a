"""Where the server listens, and who finds out."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.server import http_server, listening, protocol
from jarvis_desktop.server.http_server import HttpServer


async def app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})


@pytest.fixture
def taken() -> Any:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def test_a_port_that_is_taken_is_passed_over_and_the_next_one_told(taken: int, tmp_path: Path) -> None:
    note = tmp_path / "server.json"
    server = HttpServer(app, "127.0.0.1", taken, note)
    server.start()
    try:
        told = json.loads(note.read_text())
        assert told["port"] > taken
        assert server.address == f"http://127.0.0.1:{told['port']}"
        assert httpx.get(server.address, trust_env=False).text == "here"
    finally:
        server.stop()
    assert not note.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.address, trust_env=False)


def test_an_unused_connection_is_closed_after_its_client_would_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (httpx.Limits().keepalive_expiry or 0) < http_server.IDLE_SECONDS < protocol.HEAD_SECONDS
    monkeypatch.setattr(http_server, "IDLE_SECONDS", 1)
    server = HttpServer(app, "127.0.0.1", 20_600, tmp_path / "server.json")
    server.start()
    try:
        port = json.loads((tmp_path / "server.json").read_text())["port"]
        with socket.create_connection(("127.0.0.1", port), timeout=3) as unused:
            unused.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            while unused.recv(65536):  # an error where the connection is broken off
                pass
    finally:
        server.stop()


def test_where_no_port_is_free_the_error_names_them(
    taken: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "NEXT_PORTS", 1)
    with pytest.raises(JarvisError, match=str(taken)) as refused:
        HttpServer(app, "127.0.0.1", taken, tmp_path / "server.json").start()
    assert refused.value.code == "server.no_port"
