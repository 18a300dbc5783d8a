"""The API for other programs, beside a session or a queue."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from jarvis_desktop.app.following import FollowingServer
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


class Serving(FollowingServer["HttpServer"]):
    """Serves `assistant` to other programs; with `asks` the user says, in a window, which new ones may."""

    name = "server"

    def __init__(
        self, paths: Paths, config: ConfigStore, assistant: Assistant | Front, *, asks: bool = False
    ) -> None:
        super().__init__(config, assistant)
        self._paths = paths
        self._asks = asks
        self._gate: Gate | None = None
        self._metrics: Metrics | None = None  # counts go on when the server is started anew
        self.admission = Admission(lambda: config.current.server, self._queue_changed, self._refused)
        """The places at the models, for every server beside the session."""
        assistant.subscribe(self._revive)

    @property
    def open_to_network(self) -> bool:
        """Whether other computers can reach it, where it listens."""
        return bool(self.address) and opens_to_network(self._config.current.server.host)

    def _place(self, config: Config) -> object:
        server = config.server
        if not server.enabled:
            return None
        let = opens_to_network(server.host) and (bool(server.allowed_names), config.privacy.offline)
        return server.host, server.port, let

    def _tell(self) -> None:
        self._assistant.emit(ServerChanged(self.address, self.error))
        if self.open_to_network:
            _LOG.warning("other computers can reach the server")
            self._assistant.emit(Decided(open_to_network(self.address)))

    def _revive(self, event: Event) -> None:
        """Have an engine that died start again while others wait for it."""
        if isinstance(self._assistant, Front) or not self.address:
            return
        match event:
            case PartChanged(Part.ENGINE, error=JarvisError(code="engine.died")):
                self._assistant.loader.load(Part.ENGINE)  # which knows when to give up

    async def _stop(self) -> None:
        await super()._stop()
        if self._gate is not None:
            await asyncio.to_thread(self._gate.close)
            self._gate = None

    def _emit_soon(self, event: Event) -> None:
        """Tell of an event from the server's thread."""
        self._loop.call_soon_threadsafe(self._assistant.emit, event)

    def _started(self) -> HttpServer:
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
            self._emit_soon if self._asks else None,
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


def _read_recording(name: str, content: BinaryIO) -> Samples:
    from jarvis_desktop.audio.files import read_audio

    return read_audio(Path(name), content, LONGEST_RECORDING_HOURS)


def open_to_network(address: str) -> Remark:
    """What is said of a server that listens beyond this computer."""
    return Remark(
        "Other computers can reach Jarvis at {address}, and what goes there is not encrypted.",
        {"address": address},
    )
