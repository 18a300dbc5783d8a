"""What every route works with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from fastapi import Depends, Request

from jarvis_desktop.config.schema import Server
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.task_store import TaskStore
from jarvis_desktop.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from jarvis_desktop.ports import Service

CLIENT = "jarvis.client"
"""Where the guard puts the client's id into the scope of a request."""

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


async def unmeasured() -> None:
    """Nobody measures the machine; for tests."""


@dataclass(frozen=True)
class ServerContext:
    """What one server is made of. `guard` is put around the whole application.

    `measure` has the core measure the machine now, and tell `metrics`.
    """

    service: Service
    link: CoreLink
    settings: Callable[[], Server]
    admission: Admission
    guard: Callable[[Asgi], Asgi]
    metrics: Metrics = field(default_factory=Metrics)
    measure: Callable[[], Coroutine[Any, Any, None]] = unmeasured
    tasks: TaskStore = field(default_factory=TaskStore)


def _context(request: Request) -> ServerContext:
    context: ServerContext = request.app.state.context
    return context


def _client(request: Request) -> str:
    return str(request.scope.get(CLIENT, ""))


Ctx = Annotated[ServerContext, Depends(_context)]
Client = Annotated[str, Depends(_client)]
"""Id of the client that asks."""
