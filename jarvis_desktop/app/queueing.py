"""Work that is shared with other machines: the server without models, and the workers that have them."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Event, Intent

if TYPE_CHECKING:
    from jarvis_desktop.ports import Service


@dataclass(frozen=True, slots=True)
class Front:
    """Stands where a session's assistant stands, for a server that leaves the work to others."""

    service: Service
    answered_by: tuple[str, str] = "", "celery"  # which model does it is for each worker to choose

    def emit(self, event: Event) -> None:
        """Nobody is there to be told."""

    def post(self, intent: Intent) -> None:
        """What users of a window wish for is not done here."""

    def subscribe(self, listener: Callable[[Event], None]) -> None:
        """What happens here happens in requests."""

    async def measure(self) -> None:
        """The models are elsewhere, and measured there."""


@asynccontextmanager
async def front(config: ConfigStore) -> AsyncIterator[Front]:
    """A server's service by workers. Raises what keeps the queue from being reached."""
    from jarvis_desktop.server.queue_service import QueueService

    async with QueueService(config.current.server.redis_url, _password()).running() as service:
        yield Front(service)


@asynccontextmanager
async def working(paths: Paths, config: ConfigStore) -> AsyncIterator[str]:
    """A worker with the models of this machine, for the block; gives its name. Raises as `front`."""
    from jarvis_desktop.app import session
    from jarvis_desktop.server.queue_worker import QueueWorker

    name, settings = f"{socket.gethostname()}-{os.getpid()}", config.current.server
    password = _password()
    async with session(paths, config, preload=True) as assistant:
        worker = QueueWorker(assistant.service, name, settings.concurrent, settings.redis_url, password)
        async with worker.running():
            yield name


def _password() -> str:
    """Taken out of the environment, which child processes inherit."""
    from jarvis_desktop.server.queue_wire import PASSWORD_VARIABLE

    return os.environ.pop(PASSWORD_VARIABLE, "")
