"""Listens for Wyoming clients, in a thread and loop of its own."""

from __future__ import annotations

import asyncio
import socket
import threading

from jarvis_desktop.errors import Category, JarvisError
from jarvis_desktop.server.listening import listen, place
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.connection import Connection

MOST_CONNECTIONS = 16
"""At a time: Home Assistant opens one for each request, a satellite keeps one for the wake word."""

_STOP_S = 5.0


class WyomingServer:
    """Serves from `start` to `stop`."""

    def __init__(self, backend: Backend, host: str, port: int) -> None:
        self._backend = backend
        self._host = host
        self.port = port
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._served = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    @property
    def address(self) -> str:
        """Where it listens, once it does: ``tcp://127.0.0.1:10300``."""
        return f"tcp://{place(self._host, self.port)}"

    def start(self) -> None:
        """Listen, on the next free port where the one wanted is taken. Raises `JarvisError`."""
        listening = listen(self._host, self.port, "server.wyoming_port")
        self.port = listening.getsockname()[1]
        loop = self._loop = asyncio.SelectorEventLoop()  # it can stop to listen, on every system

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(self._serve(listening))

        self._thread = threading.Thread(target=run, name="wyoming", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Break off what is under way and listen no more. Blocks."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(_STOP_S)

    async def _serve(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, sock=listening)
        await self._stopping.wait()
        # A closed server drops whom the loop is letting in just then, with an open socket: nobody new comes
        # any more, those few are let in, and everybody is sent away.
        loop.remove_reader(listening)
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            for connection, writer in self._connections.items():
                connection.cancel()
                writer.transport.abort()
            await asyncio.wait(others)
        server.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= 2 * MOST_CONNECTIONS:
            writer.transport.abort()  # not even a word: each costs the program an open file
            return
        task = asyncio.create_task(self._serve_one(reader, writer))
        self._connections[task] = writer
        task.add_done_callback(self._connections.pop)

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        connection = Connection(reader, writer, self._backend, f"wyoming {peer[0]}" if peer else "wyoming")
        if self._served >= MOST_CONNECTIONS:
            await connection.refuse(_full())
            writer.close()
            return
        self._served += 1
        try:
            await connection.run()
        finally:
            self._served -= 1


def _full() -> JarvisError:
    return JarvisError(
        "server.busy",
        "{most} clients are connected already.",
        "Try again when one of them has gone.",
        Category.TRANSIENT,
        most=MOST_CONNECTIONS,
    )
