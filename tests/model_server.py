"""A small HTTP server that serves models and misbehaves as told, and catalogues of what it serves."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from jarvis_desktop.models.catalogue import Catalogue, HubSource, Kind, Model, ModelFile
from jarvis_desktop.models.download import Downloader

CONTENT = hashlib.shake_256(b"weights").digest(3_000_000)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """Serves `content` under any path and misbehaves as told."""

    content: bytes = CONTENT
    cut_after: list[int] = field(default_factory=list)  # bytes of each of the first answers
    ranges: bool = True
    status: list[int] = field(default_factory=list)  # of each of the first answers
    requests: list[str] = field(default_factory=list)  # Range header of each request
    hold_after: int | None = None  # bytes, before an answer waits for `let_go`
    let_go: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range", "")
        self.requests.append(asked)
        if self.status:
            handler.send_error(self.status.pop(0))
            return
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.ranges else 0
        if start >= len(self.content):
            handler.send_error(416)
            return
        body = self.content[start:]
        handler.send_response(206 if start else 200)
        if start:
            last = len(self.content) - 1
            handler.send_header("Content-Range", f"bytes {start}-{last}/{len(self.content)}")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if self.cut_after:
            body = body[: self.cut_after.pop(0)]
        if self.hold_after is not None:
            handler.wfile.write(body[: self.hold_after])
            body = body[self.hold_after :]
            self.let_go.wait(30)
        handler.wfile.write(body)
        handler.close_connection = True


@contextmanager
def serving(
    host: str, inside: Callable[[Callable[[], ThreadingHTTPServer]], ThreadingHTTPServer]
) -> Iterator[Server]:
    """A server at an address that exists `inside` of some network: it is made there."""
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                served.answer(self)
            except ConnectionError:
                """Whoever asked has gone."""

        def log_message(self, *args: Any) -> None:
            """Silent."""

    http = inside(lambda: ThreadingHTTPServer((host, 0), Handler))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://{host}:{http.server_port}"
    try:
        yield served
    finally:
        served.let_go.set()
        http.shutdown()
        thread.join()
        http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    with serving("127.0.0.1", lambda make: make()) as served:
        yield served


@contextmanager
def downloader() -> Iterator[Downloader]:
    with httpx.Client(trust_env=False) as client:
        yield Downloader(client, retries=3, backoff_s=0.01)


def model(name: str, *files: tuple[str, bytes], kind: Kind = Kind.CHAT) -> Model:
    """A model whose files the server has."""
    pinned = tuple(
        ModelFile(path=path, size=len(content), sha256=hashlib.sha256(content).hexdigest())
        for path, content in files
    )
    return Model(
        name=name,
        title=name.capitalize(),
        kind=kind,
        licence="CC0-1.0",
        languages=("en",),
        engines=("llama.cpp",),
        ram_mib=1,
        main=files[0][0],
        files=pinned,
        sources=(HubSource(hub="a/b", revision="0" * 40),),
    )


def catalogue(*files: tuple[str, bytes]) -> Catalogue:
    """One model, called tiny."""
    return Catalogue({"tiny": model("tiny", *files)})
