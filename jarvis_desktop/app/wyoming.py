"""The Wyoming server beside a session: started and stopped as the settings say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Decided, Failed, ModelState, Remark
from jarvis_desktop.server.listening import check_seal, opens_to_network

if TYPE_CHECKING:
    from jarvis_desktop.assistant import Assistant
    from jarvis_desktop.models.store import ModelStore
    from jarvis_desktop.server.admission import Admission
    from jarvis_desktop.server.wyoming.info import Offer, Offered
    from jarvis_desktop.server.wyoming.server import WyomingServer

log = logging.getLogger(__name__)


@asynccontextmanager
async def wyoming_serving(
    paths: Paths, config: ConfigStore, assistant: Assistant, admission: Admission
) -> AsyncIterator[WyomingServing]:
    """The Wyoming server of an assistant, following the settings until the end.

    `admission` gives places at the models to its clients, and to those of other servers.
    """
    serving = WyomingServing(paths, config, assistant, admission)
    unfollow = config.follow(serving.follow)
    await serving.apply()
    try:
        yield serving
    finally:
        unfollow()
        await serving.stop()


class WyomingServing:
    """Lends ears and voice of `assistant`. All methods but `follow` belong to its loop."""

    def __init__(self, paths: Paths, config: ConfigStore, assistant: Assistant, admission: Admission) -> None:
        self._paths = paths
        self._config = config
        self._assistant = assistant
        self._admission = admission
        self._loop = asyncio.get_running_loop()
        self._change = asyncio.Lock()
        self._server: WyomingServer | None = None
        self.error: JarvisError | None = None

    @property
    def address(self) -> str:
        """Where Home Assistant finds Jarvis; "" where it does not."""
        return self._server.address if self._server is not None else ""

    def follow(self, old: Config, new: Config) -> None:
        """A follower of the configuration; called on the thread that changed it."""
        if _place(old) != _place(new):
            self._loop.call_soon_threadsafe(self._apply_soon)

    def _apply_soon(self) -> None:
        from jarvis_desktop.assistant.tasks import spawn

        spawn(self.apply(), "wyoming", self._assistant.emit)

    async def apply(self) -> None:
        """Listen where the settings say, or no more."""
        async with self._change:
            await self._stop()
            if not self._config.current.server.wyoming:
                return
            try:
                self._server = await asyncio.to_thread(self._started)
            except JarvisError as error:
                self.error = error
                self._assistant.emit(Failed(error))
            else:
                if (remark := self._remark(self._server)) is not None:
                    log.warning("%s", remark)
                    self._assistant.emit(Decided(remark))

    async def stop(self) -> None:
        async with self._change:
            await self._stop()

    async def _stop(self) -> None:
        server, self._server, self.error = self._server, None, None
        if server is not None:
            await asyncio.to_thread(server.stop)

    def _remark(self, server: WyomingServer) -> Remark | None:
        """What the user would not expect."""
        settings, where = self._config.current.server, {"address": server.address}
        if opens_to_network(settings.wyoming_host):
            return Remark("Everybody in your network can use Jarvis' ears and voice at {address}.", where)
        if server.port != settings.wyoming_port:
            return Remark("The port for Home Assistant is taken: it finds Jarvis at {address}.", where)
        return None

    def _started(self) -> WyomingServer:
        """A server that listens. In a thread, as its packages take a while to load."""
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
            service=self._assistant.service,
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


def _place(config: Config) -> tuple[object, ...]:
    """Where it listens, and what decides whether it may."""
    server = config.server
    sealed = opens_to_network(server.wyoming_host) and config.privacy.offline
    return server.wyoming, server.wyoming_host, server.wyoming_port, sealed
