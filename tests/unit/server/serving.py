"""A server that really listens, with routes of its own behind the guard."""

from __future__ import annotations

import json
import threading
import time
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
from tests.raw_http import RawClient

CHAT = "/v1/chat/completions"


class Routes:
    """An application: echoes the length of what it gets, and streams until it is let go."""

    def __init__(self) -> None:
        self.reached: list[str] = []
        self.streaming = threading.Event()
        self.ended = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.reached.append(scope["path"])
        if scope["path"] == "/v1/audio/speech":
            await self._stream(receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        await _answer(send, json.dumps({"length": len(body)}).encode())

    async def _stream(self, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"max-age=60")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        self.streaming.set()
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self.ended.set()


async def _answer(send: Any, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Guarded(RawClient):
    """A server behind a guard. `settings` may be exchanged while it runs; `token` is the default one."""

    tokens: TokenStore
    http: HttpServer
    routes: Routes
    audit: Path
    token: str
    settings: Server
    told: list[Event] = field(default_factory=list)

    def start(self) -> None:
        self.http.start()
        self.port = int(self.http.address.rpartition(":")[2])


@contextmanager
def guarded(
    folder: Path,
    settings: Server | None = None,
    *,
    asks: bool = False,
    app: Callable[..., Any] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Guarded]:
    """A running server with its files in `folder`; with `asks` questions to the user are in `told`.

    How often somebody may ask is told by `clock` (s).
    """
    tokens = TokenStore(folder / "server.token", folder / "clients.json")
    routes, told = Routes(), []
    gate = Gate(
        tokens,
        folder / "audit.jsonl",
        lambda: served.settings,
        told.append if asks else None,
        clock,
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
    served.start()
    try:
        yield served
    finally:
        http.stop()
        gate.close()
