"""Tells what the windows want to know of the machine: devices, models, memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    CachesMeasured,
    CheckForUpdates,
    DescribeMachine,
    Event,
    ListDevices,
    ListModels,
    Part,
    PlanMemory,
    UpdatesChecked,
    WatchMachine,
)
from jarvis_desktop.telemetry import resources

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 2.0
"""How often memory use is read for the status panel."""

LookUp = ListDevices | DescribeMachine | ListModels | PlanMemory | WatchMachine | CheckForUpdates


class LookUps:
    """Each is a task of its own; an older memory plan is of no use once another was asked for."""

    def __init__(self, parts: Parts, emit: Callable[[Event], None]) -> None:
        self._parts = parts
        self._emit = emit
        self._plan_wanted: PlanMemory | None = None
        self._watched = asyncio.Event()
        self._watched.set()

    def take(self, wanted: LookUp) -> None:
        """Begin to look something up; returns at once."""
        match wanted:
            case WatchMachine(on):
                (self._watched.set if on else self._watched.clear)()
            case ListModels():
                self._emit(self._parts.models_known())
            case PlanMemory():
                self._plan_wanted = wanted
                spawn(self._plan(wanted), "memory plan", self._emit)
            case CheckForUpdates():
                spawn(self._check_for_updates(), "updates", self._emit)
            case _:
                spawn(self._look_up(wanted), "look-up", self._emit)

    async def sample(self) -> None:
        """Tell again and again how much memory is in use, and how the engine does, while somebody sees it."""
        while await self._watched.wait():
            await self.measure()
            await asyncio.sleep(SAMPLE_SECONDS)

    async def measure(self) -> None:
        """Tell how much memory is in use now, and how the engine does."""
        self._emit(await asyncio.to_thread(resources.sample, self._pids()))
        if (status := await self._parts.chat.status()) is not None:
            self._emit(status)

    def measure_caches(self) -> None:
        """Tell what the caches have saved so far; returns at once."""
        spawn(self.caches(), "caches", self._emit)

    def _pids(self) -> dict[Part, int]:
        holders = {**self._parts.models(), Part.MEMORY: self._parts.memory}
        return {part: pid for part, holder in holders.items() if holder is not None and (pid := holder.pid)}

    async def caches(self) -> None:
        """Tell what the caches have saved so far."""
        answers, memory = await self._parts.answers.counts(), self._parts.memory
        texts = read = 0
        if memory is not None and memory.pid is not None:  # else asking would start it
            try:
                stats = await memory.stats()
                texts, read = stats.cache_hits, stats.cache_hits + stats.cache_misses
            except JarvisError as error:
                log.info("the memory's cache could not be measured: %s", error.code)
        self._emit(CachesMeasured(*answers, texts, read))

    async def _look_up(self, wanted: ListDevices | DescribeMachine) -> None:
        if isinstance(wanted, DescribeMachine):
            self._emit(await asyncio.to_thread(self._parts.machine))
            return
        try:
            self._emit(await self._parts.devices())
        except JarvisError as error:
            log.warning("the sound devices could not be listed: %s", error.code)  # the settings show none

    async def _check_for_updates(self) -> None:
        try:
            self._emit(await asyncio.to_thread(self._parts.updates))
        except JarvisError as error:
            self._emit(UpdatesChecked(error=error))

    async def _plan(self, wanted: PlanMemory) -> None:
        planned = await asyncio.to_thread(self._parts.plan, wanted)
        if wanted is self._plan_wanted:
            self._emit(planned)
