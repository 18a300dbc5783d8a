"""Serves an application on this machine, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from contextlib import suppress
from pathlib import Path

import uvicorn

from jarvis_desktop import atomic
from jarvis_desktop.server.context import Asgi
from jarvis_desktop.server.listening import listen, place
from jarvis_desktop.server.protocol import HEAD_BYTES, BoundedProtocol

IDLE_SECONDS = 8
"""An unused connection is closed then: later than clients do it (5 s in OpenAI's), so that none asks on one
that is just being closed, and before it is broken off (`protocol.HEAD_SECONDS`)."""

STOP_SECONDS = 5
"""Answers under way get so long to end when the server stops."""


class HttpServer:
    """Listens from `start` to `stop`. `note` is a file that tells others on this machine where."""

    def __init__(self, app: Asgi, host: str, port: int, note: Path) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._note = note
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Where it listens, once it does: ``http://127.0.0.1:8765``."""
        return f"http://{place(self._host, self._port)}"

    def start(self) -> None:
        """Listen, on the next free port where the one wanted is taken. Raises `JarvisError`."""
        listening = listen(self._host, self._port, "server.port")
        self._port = listening.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            http=BoundedProtocol,
            h11_max_incomplete_event_size=HEAD_BYTES,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve([listening])), name="server", daemon=True
        )
        self._thread.start()
        found = {"host": self._host, "port": self._port, "pid": os.getpid()}
        with suppress(OSError):  # a convenience
            atomic.write(self._note, json.dumps(found))

    def stop(self) -> None:
        """Take no more requests, let those under way end, or break them off. Blocks."""
        if self._server is None or self._thread is None:
            return
        with suppress(OSError, ValueError):
            if json.loads(self._note.read_text())["pid"] == os.getpid():
                self._note.unlink()
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS * 2)
