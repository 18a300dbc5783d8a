"""All tools on offer: those built in, and those of the servers in `mcp.json`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from jarvis_desktop.events import Remark
from jarvis_desktop.ports import ToolResult, ToolSpec
from jarvis_desktop.tools.built_in import BuiltInTools
from jarvis_desktop.tools.server import Limits, ServerError, ToolServer
from jarvis_desktop.tools.servers_file import read_servers

WAIT_S = 5.0
"""How long a question waits for servers that are starting; it is answered without those that take longer."""


class Toolbox:
    """`ports.Tools` while `enabled` says so. Otherwise nothing is read, imported or started.

    `file` (`mcp.json`) is read again when it has changed. `tell` hears of servers that cannot be used, once.
    """

    def __init__(
        self,
        built_in: BuiltInTools,
        file: Path,
        enabled: Callable[[], bool],
        tell: Callable[[Remark], None],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        wait_s: float = WAIT_S,
    ) -> None:
        self._built_in = built_in
        self._file = file
        self._enabled = enabled
        self._tell = tell
        self._limits = limits
        self._wait_s = wait_s
        self._servers: dict[str, ToolServer] = {}  # by the beginning of their tools' names
        self._starting: dict[str, asyncio.Task[None]] = {}
        self._failed: set[str] = set()  # told already; nobody waits for another try
        self._ended: set[asyncio.Task[None]] = set()
        self._read_as: object = None  # what the file looked like
        self._following = asyncio.Lock()  # several questions and the settings may ask at once

    async def specs(self) -> tuple[ToolSpec, ...]:
        async with self._following:
            if self._enabled():
                await self._follow_file()
            first = self._start_servers() if self._still_enabled() else []
        if first:
            await asyncio.wait(first, timeout=self._wait_s)
        if not self._still_enabled():
            return ()
        found = {spec.name: spec for server in self._servers.values() for spec in server.specs}
        return (*self._built_in.specs(), *found.values())

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        if self._built_in.knows(name):
            return await self._built_in.call(name, arguments)
        server = self._servers.get(name.partition("__")[0])
        if server is None:
            return ToolResult(f"Error: there is no tool {name!r}.", failed=True)
        return await server.call(name, arguments)

    async def close(self) -> None:
        """End all servers and timers."""
        self._built_in.close()
        self._drop_servers()
        if self._ended:
            await asyncio.wait(self._ended)

    def _still_enabled(self) -> bool:
        """Whether tools are on; where they were switched off meanwhile, all that runs is ended."""
        if not self._enabled():
            self._read_as = None
            self._drop_servers()
            return False
        return True

    async def _follow_file(self) -> None:
        found = await asyncio.to_thread(_signature, self._file)
        if found == self._read_as:
            return
        self._drop_servers()
        entries, problems = await asyncio.to_thread(read_servers, self._file)
        self._servers = {entry.slug: ToolServer(entry, self._limits) for entry in entries}
        self._read_as = found  # only now: whoever asked may be interrupted on the way
        for problem in problems:
            self._tell(problem)

    def _start_servers(self) -> list[asyncio.Task[None]]:
        """Start what has not told its tools yet; the starts that are under way for the first time."""
        for slug, server in self._servers.items():
            task = self._starting.get(slug)
            if task is None:
                self._starting[slug] = asyncio.create_task(self._start(server), name=f"start {slug}")
            elif task.done() and not server.specs:
                self._failed.add(slug)
                self._starting[slug] = asyncio.create_task(self._start(server), name=f"start {slug}")
        return [task for slug, task in self._starting.items() if slug not in self._failed]

    async def _start(self, server: ToolServer) -> None:
        try:
            await server.start()
        except ServerError as error:
            if server.entry.slug not in self._failed:
                self._tell(
                    Remark(
                        "The tool server “{name}” cannot be used: {reason}.",
                        {"name": server.entry.name, "reason": error},
                    )
                )

    def _drop_servers(self) -> None:
        """End what runs, in the background."""
        servers, self._servers = self._servers, {}
        starting, self._starting = self._starting, {}
        self._failed.clear()
        for task in starting.values():
            task.cancel()
        for server in servers.values():
            task = asyncio.create_task(server.stop(), name="end of a tool server")
            self._ended.add(task)
            task.add_done_callback(self._ended.discard)


def _signature(file: Path) -> object:
    try:
        found = file.stat()
    except OSError:
        return False
    return found.st_mtime_ns, found.st_size, found.st_ino
