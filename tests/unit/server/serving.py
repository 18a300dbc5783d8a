"""A server that really listens, with its own routes behind the guard, and requests as odd as one likes."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jarvis_desktop.config.schema import Server
from jarvis_desktop.events import Event
from jarvis_desktop.server.gate import Gate
from jarvis_desktop.server.http_server import HttpServer
from jarvis_desktop.server.tokens import TokenStore


class Routes:
    """An application: echoes the length of what it gets, and streams until it is let go."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.streaming = threading.Event()
        self.ended = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(scope["path"])
        if scope["path"] == "/v1/audio/speech":
            await self._stream(send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        await _answer(send, json.dumps({"length": len(body)}).encode())

    async def _stream(self, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        self.streaming.set()
        try:
            await asyncio.sleep(60)
        finally:
            self.ended.set()


async def _answer(send: Any, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Answer:
    """What came back; `status` 0 where the connection was closed without a word."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])


@dataclass
class Guarded:
    """A server behind a guard. `settings` may be exchanged while it runs; `token` is the default one."""

    tokens: TokenStore
    http: HttpServer
    routes: Routes
    audit: Path
    token: str
    settings: Server
    told: list[Event] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.http.address.rpartition(":")[2])

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, request: bytes) -> Answer:
        """Send bytes as they are."""
        with self.connect() as connection:
            connection.sendall(request)
            return answer(connection)

    def ask(
        self,
        target: str = "/v1/models",
        *headers: str,
        method: str = "GET",
        body: bytes | None = None,
        token: str | None = None,
        host: str | None = None,
    ) -> Answer:
        """An ordinary request; `headers` are whole lines, a body is JSON unless they say otherwise."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", *headers]
        lines += [f"Authorization: Bearer {self.token if token is None else token}"] if token != "" else []
        if body is not None:
            lines += [f"Content-Length: {len(body)}"]
            if not any(line.lower().startswith("content-type") for line in headers):
                lines += ["Content-Type: application/json"]
        return self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))


def answer(connection: socket.socket) -> Answer:
    """Read one answer, to its end or that of the connection."""
    stream = connection.makefile("rb")
    head = stream.readline()
    if not head:
        return Answer(0, {}, b"")
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length")
    body = stream.read(int(length)) if length else stream.read() if "connection" in headers else b""
    return Answer(int(head.split()[1]), headers, body)


@contextmanager
def guarded(
    folder: Path,
    settings: Server | None = None,
    *,
    asks: bool = False,
    app: Callable[..., Any] | None = None,
) -> Iterator[Guarded]:
    """A running server with its files in `folder`; with `asks` questions to the user are in `told`."""
    tokens = TokenStore(folder / "server.token", folder / "clients.json")
    routes, told = Routes(), []
    gate = Gate(
        tokens,
        folder / "audit.jsonl",
        lambda: served.settings,
        told.append if asks else None,
    )
    http = HttpServer(gate.around(app or routes), "127.0.0.1", 0, folder / "server.json")
    token = (folder / "server.token").read_text().strip()
    served = Guarded(
        tokens,
        http,
        routes,
        folder / "audit.jsonl",
        token,
        settings or Server(requests_per_minute=6000),
        told,
    )
    http.start()
    try:
        yield served
    finally:
        http.stop()
        gate.close()
