"""One server of the Model Context Protocol: started or connected to when needed, and given up when it hangs.

The seam where what the `mcp` package raises becomes the result of a call. The package takes most of a second
to import and is imported when the first server is needed, in a thread, so that nothing waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jarvis_desktop.events import Reason
from jarvis_desktop.network.gate import GATE
from jarvis_desktop.network.watch import WATCH
from jarvis_desktop.ports import ToolResult, ToolSpec
from jarvis_desktop.processes.guard import guarded_pipes
from jarvis_desktop.tools.servers_file import ServerEntry

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult, Tool

log = logging.getLogger(__name__)

START_S = 30.0
"""Seconds until a server has to have told its tools."""

CALL_S = 30.0
STOP_S = 6.0

MOST_TOOLS = 64
"""Of one server; each costs room in every prompt."""

_TEXT_LIMIT = 20_000
_DESCRIPTION = 600
_NAME = 64  # characters that OpenAI's protocol allows
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ServerError(Exception):
    """A server cannot be used now; the message says why in one line."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds a server may take."""

    start_s: float = START_S
    call_s: float = CALL_S


class ToolServer:
    """A server of the user's, by its `entry`. Safe to use from several tasks of one loop."""

    def __init__(self, entry: ServerEntry, limits: Limits) -> None:
        self.entry = entry
        self._limits = limits
        self._tools: dict[str, Tool] = {}  # by the name the model knows
        self._connecting = asyncio.Lock()
        self._link: _Link | None = None

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as the server told them when it was last started."""
        return tuple(
            ToolSpec(
                name,
                tool.title or tool.name,
                " ".join((tool.description or "").split())[:_DESCRIPTION],
                tool.input_schema,
                self.entry.name,
            )
            for name, tool in self._tools.items()
        )

    async def start(self) -> None:
        """Start or connect, and ask for its tools; raises `ServerError`. Returns at once when it runs."""
        async with self._connecting:
            if self._link is not None and self._link.alive:
                return
            await self._stop()
            self._link = _Link(self.entry, self._limits.start_s)
            try:
                tools = await self._link.open()
            except BaseException:
                await self._stop()
                raise
            self._tools = by_name(self.entry.slug, tools[:MOST_TOOLS])

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Use one of its tools; a server that has died is started again first. Never raises."""
        try:
            await self.start()
            tool = self._tools.get(name)
            if tool is None or self._link is None:
                raise ServerError("it no longer offers this tool")
            return await self._link.call(tool.name, dict(arguments), self._limits.call_s)
        except ServerError as error:
            if self._link is not None and not self._link.sound:
                await self.stop()
            return ToolResult(f"Error: the tool server {self.entry.name!r} failed: {error}.", failed=True)

    async def stop(self) -> None:
        """End it with all its processes. Safe to call twice."""
        async with self._connecting:
            await self._stop()

    async def _stop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()


class _Link:
    """One connection. The package wants it opened and closed by the same task, which is one of its own."""

    def __init__(self, entry: ServerEntry, start_s: float) -> None:
        self.sound = True  # until it has ended, or a call has shown otherwise
        self._entry = entry
        self._start_s = start_s
        self._closing = asyncio.Event()
        self._opened: asyncio.Future[list[Tool]] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._client: Client | None = None

    @property
    def alive(self) -> bool:
        return self.sound and self._task is not None and not self._task.done()

    async def open(self) -> list[Tool]:
        """Connect and fetch the list of tools; raises `ServerError`."""
        self._task = asyncio.create_task(self._live(), name=f"tool server {self._entry.name}")
        try:
            async with asyncio.timeout(self._start_s):
                return await asyncio.shield(self._opened)
        except TimeoutError:
            raise ServerError(f"it did not answer within {self._start_s:g} s") from None

    async def call(self, name: str, arguments: dict[str, object], limit_s: float) -> ToolResult:
        """Use a tool; raises `ServerError`, and is no longer `sound` when the server is at fault."""
        from mcp import MCPError
        from mcp_types import CONNECTION_CLOSED

        assert self._client is not None, "not open"
        assert self._task is not None
        asked = asyncio.ensure_future(self._client.call_tool(name, arguments))
        try:
            done, _ = await asyncio.wait(
                {asked, self._task}, timeout=limit_s, return_when=asyncio.FIRST_COMPLETED
            )
            if asked not in done:
                self.sound = False
                raise ServerError(
                    "it has stopped" if self._task in done else f"no answer within {limit_s:g} s"
                )
            return _result(asked.result())
        except MCPError as error:
            self.sound = error.code != CONNECTION_CLOSED
            raise ServerError(_line(error) if self.sound else "it has stopped") from error
        except ServerError:
            raise
        except Exception as error:  # whatever the package or a garbled answer makes of it
            self.sound = False
            raise ServerError(_line(error)) from error
        finally:
            asked.cancel()

    async def close(self) -> None:
        """End the connection and the server's processes."""
        if self._task is None:
            return
        self._closing.set()
        if not self._opened.done() or not self.sound:
            self._task.cancel()
        _, running = await asyncio.wait({self._task}, timeout=STOP_S)
        if running:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=STOP_S)

    def _ended(self) -> None:
        self.sound = False

    async def _live(self) -> None:
        try:
            async with _connected(self._entry, self._ended) as client:
                tools = await _tools(client)
                self._client = client
                self._opened.set_result(tools)
                await self._closing.wait()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if not self._opened.done():
                self._opened.set_exception(ServerError(_line(error)))
                self._opened.exception()  # nobody may be waiting any more
            else:
                log.warning("a tool server broke off: %s", type(error).__name__)


def by_name(slug: str, tools: Sequence[Tool]) -> dict[str, Tool]:
    """The tools of a server by names the model can use; of several that come to the same only the first."""
    named: dict[str, Tool] = {}
    for tool in tools:
        name = f"{slug}__{re.sub(r'[^A-Za-z0-9_-]+', '_', tool.name)}"[:_NAME]
        if named.setdefault(name, tool) is not tool:
            log.warning("a tool of %s is left out: another one comes to the same name, %s", slug, name)
    return named


@asynccontextmanager
async def _connected(entry: ServerEntry, ended: Callable[[], None]) -> AsyncIterator[Client]:
    mcp = await asyncio.to_thread(_import_mcp)
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123, ASYNC230 - what a server prints may quote the user
        transport = _program(entry, nowhere, ended) if entry.command else _http(entry)
        async with mcp.Client(transport, cache=None) as client:
            yield client


def _import_mcp() -> Any:
    import mcp

    # It logs what it cannot read, and that may quote the user.
    logging.getLogger("mcp").setLevel(logging.CRITICAL)
    logging.getLogger("client").setLevel(logging.CRITICAL)  # of its streamable HTTP
    return mcp


@asynccontextmanager
async def _program(entry: ServerEntry, errors: Any, ended: Callable[[], None]) -> AsyncIterator[Any]:
    """A child process with the environment of a login and what the entry adds, under guard."""
    from mcp.client.stdio import StdioServerParameters, get_default_environment, stdio_client

    env = get_default_environment() | dict(entry.env)
    command = shutil.which(entry.command, path=env.get("PATH"))
    if command is None:
        raise ServerError(f"there is no program {entry.command}")
    watched = WATCH.command((command, *entry.args), entry.name, Reason.TOOL_SERVER, entry.name)
    program, *arguments = guarded_pipes(watched)
    parameters = StdioServerParameters(command=program, args=arguments, env=env)
    async with stdio_client(parameters, errlog=errors) as (read, write):
        yield _Noticed(read, ended), write


class _Noticed:
    """A stream to read from, with a way to notice its end, which the package tells nobody."""

    def __init__(self, inner: Any, ended: Callable[[], None]) -> None:
        self._inner = inner
        self._ended = ended

    async def receive(self) -> Any:
        """The next message; raises what the stream itself raises."""
        try:
            return await self._inner.receive()
        except Exception:
            self._ended()
            raise

    def __aiter__(self) -> _Noticed:
        return self

    async def __anext__(self) -> Any:
        try:
            return await anext(self._inner)
        except Exception:  # StopAsyncIteration among them
            self._ended()
            raise

    async def aclose(self) -> None:
        """Close the stream."""
        await self._inner.aclose()

    async def __aenter__(self) -> _Noticed:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


@asynccontextmanager
async def _http(entry: ServerEntry) -> AsyncIterator[Any]:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    local = urlsplit(entry.url).hostname in _LOOPBACK

    async def announce(request: httpx2.Request) -> None:
        GATE.announce_url(Reason.TOOL_SERVER, str(request.url), who="tools", detail=entry.name)

    timeout = httpx2.Timeout(START_S, read=None)  # calls have their own limit
    async with (
        httpx2.AsyncClient(
            headers=dict(entry.headers),
            timeout=timeout,
            trust_env=not local,
            event_hooks={"request": [announce]},
        ) as http,
        streamable_http_client(entry.url, http_client=http) as streams,
    ):
        yield streams


async def _tools(client: Client) -> list[Tool]:
    tools: list[Tool] = []
    cursor: str | None = None
    while len(tools) < MOST_TOOLS:
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if cursor is None:
            break
    return tools


def _result(result: CallToolResult) -> ToolResult:
    texts = [
        block.text if block.type == "text" else f"({block.type}, which cannot be shown)"
        for block in result.content
    ]
    text = "\n".join(texts)[:_TEXT_LIMIT] or "(no result)"
    return ToolResult(text, failed=bool(result.is_error))


def _line(error: BaseException) -> str:
    """What went wrong, in one line; of several errors the first."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    message = getattr(error, "message", None) or str(error)  # the package's own are tuples as text
    return " ".join(str(message).split())[:200] or type(error).__name__
