"""The Wyoming server beside a session."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from jarvis_desktop.app.following import FollowingServer
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Decided, Failed, ModelState, Remark
from jarvis_desktop.server.listening import check_seal, opens_to_network

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.models.store import ModelStore
    from jarvis_desktop.server.admission import Admission
    from jarvis_desktop.server.wyoming.info import Offer, Offered
    from jarvis_desktop.server.wyoming.server import WyomingServer

log = logging.getLogger(__name__)


class WyomingServing(FollowingServer["WyomingServer"]):
    """Lends ears and voice of `assistant`; `admission` gives places at the models, also to other servers."""

    name = "wyoming"

    def __init__(self, paths: Paths, config: ConfigStore, assistant: Assistant, admission: Admission) -> None:
        super().__init__(config, assistant)
        self._paths = paths
        self._admission = admission
        self._service = assistant.service

    def _place(self, config: Config) -> object:
        server = config.server
        if not server.wyoming:
            return None
        sealed = opens_to_network(server.wyoming_host) and config.privacy.offline
        return server.wyoming_host, server.wyoming_port, sealed

    def _tell(self) -> None:
        if self.error is not None:
            self._assistant.emit(Failed(self.error))
        elif self._server is not None and (remark := self._remark(self._server)) is not None:
            log.warning("%s", remark)
            self._assistant.emit(Decided(remark))

    def _remark(self, server: WyomingServer) -> Remark | None:
        """What the user would not expect."""
        settings, where = self._config.current.server, {"address": server.address}
        if opens_to_network(settings.wyoming_host):
            return Remark("Everybody in your network can use Jarvis' ears and voice at {address}.", where)
        if server.port != settings.wyoming_port:
            return Remark("The port for Home Assistant is taken: it finds Jarvis at {address}.", where)
        return None

    def _started(self) -> WyomingServer:
        from jarvis_desktop.audio.convert import BlockCutter
        from jarvis_desktop.models.catalogue import Catalogue
        from jarvis_desktop.models.store import ModelStore
        from jarvis_desktop.server.core_link import CoreLink
        from jarvis_desktop.server.wyoming.backend import Backend
        from jarvis_desktop.server.wyoming.server import WyomingServer
        from jarvis_desktop.speech.chunking import ReplyChunker

        config = self._config.current
        check_seal(config.server.wyoming_host, offline=config.privacy.offline)
        store = ModelStore(self._paths.models, self._paths.cache, Catalogue.load())
        backend = Backend(
            service=self._service,
            link=CoreLink(self._loop),
            admission=self._admission,
            offer=lambda: offered(store, self._config.current),
            cutter=BlockCutter,
            chunker=ReplyChunker,
        )
        server = WyomingServer(backend, config.server.wyoming_host, config.server.wyoming_port)
        server.start()
        return server


def offered(store: ModelStore, config: Config) -> Offer:
    """The models of the settings that are on the disk."""
    from jarvis_desktop.audio.hearing import WAKE_MODEL
    from jarvis_desktop.server.wyoming.info import Offer, Offered

    def there(name: str) -> Offered | None:
        model = store.catalogue.models.get(name)
        if model is None or store.state(name) is not ModelState.PRESENT:
            return None
        return Offered(model.name, model.title, model.languages)

    names = dict.fromkeys((config.speech.voice, config.speech.spanish_voice))
    voices = tuple(voice for name in names if (voice := there(name)) is not None)
    return Offer(there(config.transcription.model), voices, there(WAKE_MODEL))
