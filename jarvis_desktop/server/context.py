"""What every route works with."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Protocol

from fastapi import Depends, Request

from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import AudioError
from jarvis_desktop.events import Scope
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.errors import no_scope
from jarvis_desktop.server.task_store import TaskStore
from jarvis_desktop.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from jarvis_desktop.ports import Samples, Service

CLIENT = "jarvis.client"
"""Where the guard puts the client's id into the scope of a request."""

NAME = "jarvis.name"
"""Where it puts the name that the user gave the client."""

GRANTED = "jarvis.scopes"
"""Where it puts what the client may ask for."""

HOLD = "jarvis.hold"
"""Where it puts what ends a task (asyncio's) of the request's when the client's token is taken back."""

Asgi = Callable[[Any, Any, Any], Any]


class Admission(Protocol):
    """Who may use the models now."""

    def place(self, client: str) -> AbstractAsyncContextManager[None]:
        """A place at the models, waited for in turn; raises `JarvisError` ``server.busy``, ``.too_many``."""
        ...


class Unlimited:
    """An `Admission` that lets everybody in at once."""

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[None]:
        yield


def unguarded(app: Asgi) -> Asgi:
    """Every request reaches its route, whoever sent it; for tests."""
    return app


def no_recordings(name: str, content: BinaryIO) -> Samples:
    """No sound file is read; for tests."""
    raise AudioError("audio.file_unreadable", "{file} is not read.", file=name)


async def unmeasured() -> None:
    """Nobody measures the machine; for tests."""


@dataclass(frozen=True)
class ServerContext:
    """What one server is made of.

    `guard` is put around the whole application. `read_recording` gives the samples (16 kHz) of a sound file,
    called by a name; it blocks, and raises `AudioError`. `measure` has the core measure the machine now, and
    tell `metrics`.
    """

    service: Service
    link: CoreLink
    settings: Callable[[], Server]
    admission: Admission
    guard: Callable[[Asgi], Asgi]
    read_recording: Callable[[str, BinaryIO], Samples] = no_recordings
    tasks: TaskStore = field(default_factory=TaskStore)
    metrics: Metrics = field(default_factory=Metrics)
    measure: Callable[[], Coroutine[Any, Any, None]] = unmeasured


# Not plain functions: for those FastAPI takes a thread of its pool, with each request.
async def _context(request: Request) -> ServerContext:
    context: ServerContext = request.app.state.context
    return context


async def _client(request: Request) -> str:
    return str(request.scope.get(CLIENT, ""))


def require(request: Request, scope: Scope) -> None:
    """Raise `RequestError` (403) when the client may not ask for this, which its request holds."""
    if scope not in request.scope.get(GRANTED, Scope):
        raise no_scope(scope)


def hold(request: Request, task: asyncio.Task[None]) -> None:
    """Have a task that outlives its request end when the client's token is taken back."""
    if keep := request.scope.get(HOLD):
        keep(task)


Ctx = Annotated[ServerContext, Depends(_context)]
Client = Annotated[str, Depends(_client)]
"""Id of the client that asks."""
