"""The servers beside a session: started and stopped as the settings say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jarvis_desktop.app.queueing import Front
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Decided, Event, Part, PartChanged, Remark, ServerChanged
from jarvis_desktop.server.admission import Admission
from jarvis_desktop.server.listening import check_seal, opens_to_network

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.ports import Samples
    from jarvis_desktop.server.gate import Gate
    from jarvis_desktop.server.http_server import HttpServer
    from jarvis_desktop.telemetry.metrics import Metrics

_LOG = logging.getLogger(__name__)

NOTE = "server.json"
"""File in the runtime folder that tells where the server listens."""


LONGEST_RECORDING_HOURS = 1
"""It takes 230 MB in memory, and once more on its way."""


@asynccontextmanager
async def serving(
    paths: Paths, config: ConfigStore, assistant: Assistant | Front, *, asks: bool = False
) -> AsyncIterator[Serving]:
    """The servers of an assistant, following the settings until the end.

    With `asks` the user answers, in a window, whether a new client may use them.
    """
    servers = Serving(paths, config, assistant, asks=asks)
    unfollow = config.follow(servers.follow)
    unsubscribe = _reviving(assistant, servers)
    await servers.apply()
    try:
        yield servers
    finally:
        unsubscribe()
        unfollow()
        await servers.stop()


class Serving:
    """Serves `assistant` to other programs. All methods but `follow` belong to its loop."""

    def __init__(
        self, paths: Paths, config: ConfigStore, assistant: Assistant | Front, *, asks: bool
    ) -> None:
        self._paths = paths
        self._config = config
        self._assistant = assistant
        self._asks = asks
        self._loop = asyncio.get_running_loop()
        self._change = asyncio.Lock()
        self._http: HttpServer | None = None
        self._gate: Gate | None = None
        self._metrics: Metrics | None = None  # counts go on when the server is started anew
        self.admission = Admission(lambda: config.current.server, self._queue_changed, self._refused)
        """The places at the models, for every server beside the session."""
        self.error: JarvisError | None = None

    @property
    def address(self) -> str:
        """Where other programs find Jarvis; "" where they do not, `error` tells why."""
        return self._http.address if self._http is not None else ""

    @property
    def open_to_network(self) -> bool:
        """Whether other computers can reach it, where it listens."""
        return self._http is not None and opens_to_network(self._config.current.server.host)

    def follow(self, old: Config, new: Config) -> None:
        """A follower of the configuration; called on the thread that changed it."""
        if _place(old) != _place(new):
            self._loop.call_soon_threadsafe(self._apply_soon)

    def _apply_soon(self) -> None:
        from jarvis_desktop.assistant.tasks import spawn

        spawn(self.apply(), "server", self._assistant.emit)

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
            if self.open_to_network:
                _LOG.warning("other computers can reach the server")
                self._assistant.emit(Decided(open_to_network(self.address)))

    async def stop(self) -> None:
        """End all of them."""
        async with self._change:
            await self._stop()

    async def _stop(self) -> None:
        http, self._http, self.error = self._http, None, None
        if http is not None:
            await asyncio.to_thread(http.stop)
        if self._gate is not None:
            await asyncio.to_thread(self._gate.close)
            self._gate = None

    def _tell(self, event: Event) -> None:
        """Tell of an event from the server's thread."""
        self._loop.call_soon_threadsafe(self._assistant.emit, event)

    def _started(self) -> HttpServer:
        """A server that listens. In a thread, as its packages take a while to load."""
        from jarvis_desktop.app.clients import token_store
        from jarvis_desktop.server.app import guarded_app
        from jarvis_desktop.server.context import ServerContext
        from jarvis_desktop.server.core_link import CoreLink
        from jarvis_desktop.server.gate import Gate, check_address
        from jarvis_desktop.server.http_server import HttpServer
        from jarvis_desktop.server.measuring import MeasuredService

        config = self._config.current
        check_seal(config.server.host, offline=config.privacy.offline)
        check_address(config.server)
        self._gate = gate = Gate(
            token_store(self._paths),
            self._paths.audit,
            lambda: self._config.current.server,
            self._tell if self._asks else None,
        )
        metrics = self._measured()
        context = ServerContext(
            service=MeasuredService(self._assistant.service, metrics, lambda: self._assistant.answered_by),
            link=CoreLink(self._loop),
            settings=lambda: self._config.current.server,
            admission=self.admission,
            guard=gate.around,
            read_recording=_read_recording,
            metrics=metrics,
            measure=self._assistant.measure,
        )
        settings = self._config.current.server
        http = HttpServer(guarded_app(context), settings.host, settings.port, self._paths.runtime / NOTE)
        http.start()
        return http

    def _queue_changed(self, waiting: int, running: int) -> None:
        if self._metrics is not None:
            self._metrics.queue(waiting, running)

    def _refused(self, code: str) -> None:
        if self._metrics is not None:
            self._metrics.refused(code)

    def _measured(self) -> Metrics:
        """What Prometheus is told, from the first server on."""
        from jarvis_desktop.telemetry.metrics import Metrics

        if self._metrics is None:
            self._metrics = Metrics()
            self._loop.call_soon_threadsafe(self._assistant.subscribe, self._metrics.take)
        return self._metrics


def _reviving(assistant: Assistant | Front, servers: Serving) -> Callable[[], None]:
    """Have an engine that died start again while others wait for it; call the result to end that."""
    if isinstance(assistant, Front):
        return lambda: None
    loader = assistant.loader

    def note(event: Event) -> None:
        match event:
            case PartChanged(Part.ENGINE, error=JarvisError(code="engine.died")) if servers.address:
                loader.load(Part.ENGINE)  # which knows when to give up

    return assistant.subscribe(note)


def _read_recording(name: str, content: BinaryIO) -> Samples:
    from jarvis_desktop.audio.files import read_audio

    return read_audio(Path(name), content, LONGEST_RECORDING_HOURS)


def _place(config: Config) -> tuple[object, ...]:
    """Where it listens, and what decides whether it may."""
    server = config.server
    let = opens_to_network(server.host) and (bool(server.allowed_names), config.privacy.offline)
    return server.enabled, server.host, server.port, let


def open_to_network(address: str) -> Remark:
    """What is said of a server that listens beyond this computer."""
    return Remark(
        "Other computers can reach Jarvis at {address}, and what goes there is not encrypted.",
        {"address": address},
    )
