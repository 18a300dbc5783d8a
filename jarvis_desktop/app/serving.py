"""The servers beside a session: started and stopped as the settings say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Event, Part, PartChanged, ServerChanged

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.server.http_server import HttpServer
    from jarvis_desktop.telemetry.metrics import Metrics

NOTE = "server.json"
"""File in the runtime folder that tells where the server listens."""


@asynccontextmanager
async def serving(paths: Paths, config: ConfigStore, assistant: Assistant) -> AsyncIterator[Serving]:
    """The servers of an assistant, following the settings until the end."""
    servers = Serving(paths, config, assistant)
    unfollow = config.follow(servers.follow)
    unsubscribe = assistant.subscribe(servers.note)
    await servers.apply()
    try:
        yield servers
    finally:
        unsubscribe()
        unfollow()
        await servers.stop()


class Serving:
    """Serves `assistant` to other programs. All methods but `follow` belong to its loop."""

    def __init__(self, paths: Paths, config: ConfigStore, assistant: Assistant) -> None:
        self._paths = paths
        self._config = config
        self._assistant = assistant
        self._loop = asyncio.get_running_loop()
        self._change = asyncio.Lock()
        self._http: HttpServer | None = None
        self._metrics: Metrics | None = None  # counts go on when the server is started anew
        self.error: JarvisError | None = None

    @property
    def address(self) -> str:
        """Where other programs find Jarvis; "" where they do not, `error` tells why."""
        return self._http.address if self._http is not None else ""

    def follow(self, old: Config, new: Config) -> None:
        """A follower of the configuration; called on the thread that changed it."""
        if _place(old) != _place(new):
            self._loop.call_soon_threadsafe(self._apply_soon)

    def _apply_soon(self) -> None:
        from jarvis_desktop.assistant.tasks import spawn

        spawn(self.apply(), "server", self._assistant.emit)

    def note(self, event: Event) -> None:
        """A listener of the assistant: others wait for the engine, without a window to press a button in."""
        if isinstance(event, PartChanged) and event.part is Part.ENGINE and self._http is not None:
            if event.error is not None and event.error.code == "engine.died":
                self._assistant.loader.load(Part.ENGINE)  # which knows when to give up

    async def apply(self) -> None:
        """Listen where the settings say, or no more."""
        async with self._change:
            await self._stop()
            if self._config.current.server.enabled:
                try:
                    self._http = await asyncio.to_thread(self._started)
                except JarvisError as error:
                    self.error = error
            self._assistant.emit(ServerChanged(self.address, self.error))

    async def stop(self) -> None:
        """End all of them."""
        async with self._change:
            await self._stop()

    async def _stop(self) -> None:
        http, self._http, self.error = self._http, None, None
        if http is not None:
            await asyncio.to_thread(http.stop)

    def _started(self) -> HttpServer:
        """A server that listens. In a thread, as its packages take a while to load."""
        from jarvis_desktop.server.app import guarded_app
        from jarvis_desktop.server.context import ServerContext, Unlimited, unguarded
        from jarvis_desktop.server.core_link import CoreLink
        from jarvis_desktop.server.http_server import HttpServer
        from jarvis_desktop.server.measuring import MeasuredAdmission, MeasuredService

        metrics = self._measured()
        context = ServerContext(
            service=MeasuredService(self._assistant.service, metrics, lambda: self._assistant.answered_by),
            link=CoreLink(self._loop),
            settings=lambda: self._config.current.server,
            admission=MeasuredAdmission(Unlimited(), metrics),
            guard=unguarded,
            metrics=metrics,
            measure=self._assistant.measure,
        )
        settings = self._config.current.server
        http = HttpServer(guarded_app(context), settings.host, settings.port, self._paths.runtime / NOTE)
        http.start()
        return http

    def _measured(self) -> Metrics:
        """What Prometheus is told, from the first server on."""
        from jarvis_desktop.telemetry.metrics import Metrics

        if self._metrics is None:
            self._metrics = Metrics()
            self._loop.call_soon_threadsafe(self._assistant.subscribe, self._metrics.take)
        return self._metrics


def _place(config: Config) -> tuple[bool, str, int]:
    server = config.server
    return server.enabled, server.host, server.port
