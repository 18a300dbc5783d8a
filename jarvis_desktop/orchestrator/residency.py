"""Which models are in memory: the least recently used makes room, what is in use stays.

A model that is not used for a while is released, and so is one whose memory another program takes; it loads
again when it is next asked for, or sooner when somebody is about to ask.
"""

from __future__ import annotations

import asyncio
import logging
import math
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol, TypeVar

from jarvis_desktop.errors import Category, ModelError
from jarvis_desktop.orchestrator.plan import DEVICES, RESERVE_MIB, Device, Machine, PlanPart
from jarvis_desktop.ports import ManagedModel

_log = logging.getLogger(__name__)

LOOK_S = 5.0
"""How often idle models and the memory others take are looked at."""

CORES_A_LOAD = 4
"""Models load with so many threads. More at once than there are cores for take as long, and the window was
seen to wait 0.1 s for a core."""

TURN_S = 3.0
"""A model waits no longer than this for others that load: vLLM takes a minute, mostly waiting itself."""

Need = Callable[[Machine], PlanPart | None]
"""Tells (blocking) what a model takes of a machine's memory; None: nothing on this machine."""


class Held(Protocol):
    """One loaded model as the policy sees it; `last_used` in seconds of any clock."""

    @property
    def mib(self) -> float: ...

    @property
    def last_used(self) -> float: ...

    @property
    def in_use(self) -> bool: ...


AnyHeld = TypeVar("AnyHeld", bound=Held)


def to_release(held: Sequence[AnyHeld], need_mib: float, budget_mib: float) -> tuple[list[AnyHeld], float]:
    """Whom to release so that `need_mib` more fit into `budget_mib`, the least recently used first.

    The second value is what is missing all the same (MiB), because the rest is in use or too large.
    """
    excess = sum(model.mib for model in held) + need_mib - budget_mib
    released: list[AnyHeld] = []
    for model in sorted((model for model in held if not model.in_use), key=lambda model: model.last_used):
        if excess <= 0:
            break
        excess -= model.mib
        released.append(model)
    return released, max(0.0, excess)


class Resident:
    """A model in charge; `part` is its share of the plan, None when it takes nothing on this machine."""

    def __init__(self, name: str, model: ManagedModel, need: Need, now: float) -> None:
        self.name = name
        self.model = model
        self.need = need
        self.loaded = False
        self.part: PlanPart | None = None
        self.last_used = now
        self.users = 0
        self.changing = asyncio.Lock()

    @property
    def in_use(self) -> bool:
        return self.users > 0 or self.changing.locked()

    @property
    def mib(self) -> float:
        return self.part.total_mib if self.part is not None else 0.0


class Residency:
    """Loads and releases the models added to it. Its methods run on one event loop.

    `machine` reads the memory there is (blocking), `idle_s` tells how long a model may lie idle, and
    `on_release` hears the name of each model released without having been asked for. At most `at_once` load
    at the same time, unless one has waited `turn_s` seconds for its turn.
    """

    def __init__(
        self,
        machine: Callable[[], Machine],
        *,
        idle_s: Callable[[], float] = lambda: float("inf"),
        on_release: Callable[[str], None] = lambda _: None,
        now: Callable[[], float] = time.monotonic,
        at_once: int = max(1, (os.cpu_count() or 1) // CORES_A_LOAD),
        turn_s: float = TURN_S,
    ) -> None:
        self._machine = machine
        self._idle_s = idle_s
        self._on_release = on_release
        self._now = now
        self._residents: list[Resident] = []
        self._planning = asyncio.Lock()
        self._turns = asyncio.Semaphore(at_once)
        self._turn_s = turn_s

    def add(self, name: str, model: ManagedModel, need: Need) -> Resident:
        """Take charge of a model; others of that name that are not in memory are forgotten."""
        resident = Resident(name, model, need, self._now())
        self._residents = [other for other in self._residents if other.loaded or other.name != name]
        self._residents.append(resident)
        return resident

    def pids(self) -> frozenset[int]:
        """Processes of the models in memory."""
        return frozenset(pid for resident in self._residents if (pid := resident.model.pid))

    async def load(self, resident: Resident) -> bool:
        """Make ready, releasing others where there is no room; False, at once, when it was in memory already.

        Raises what the model's `load` raises, and `ModelError` (`model.no_room`).
        """
        async with resident.changing:
            resident.last_used = self._now()
            fresh = not resident.loaded
            if fresh:
                async with self._planning:
                    resident.part = await self._make_room(resident)
                    resident.loaded = True  # its memory is taken from now on
            try:
                async with self._turn():
                    await resident.model.load()
            except BaseException:
                resident.loaded = False
                raise
            return fresh

    async def unload(self, resident: Resident) -> None:
        """Release a model, also one that is in use: somebody asked for it."""
        # One on its way in is not waited for: its own `unload` ends the start.
        await resident.model.unload()
        async with resident.changing:
            await resident.model.unload()
            resident.loaded = False

    @contextmanager
    def using(self, resident: Resident) -> Iterator[None]:
        """Keep a model from being released without being asked for."""
        resident.users += 1
        try:
            yield
        finally:
            resident.users -= 1
            resident.last_used = self._now()

    async def watch(self) -> None:
        """Release what is idle and what others need the memory of, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_S)
            await self.tidy()

    async def tidy(self) -> None:
        """Release now what has been idle for too long, or no longer fits beside other programs."""
        idle = self._now() - self._idle_s()
        for resident in tuple(self._residents):
            if resident.loaded and not resident.in_use and resident.last_used < idle:
                await self._release(resident, "it was idle")
        machine = await asyncio.to_thread(self._machine)
        for device in DEVICES:
            leaving, _ = to_release(self._held(device), 0.0, _budget(machine, device))
            for resident in leaving:
                await self._release(resident, "others need the memory")

    async def _make_room(self, resident: Resident) -> PlanPart | None:
        """Release what has to go for `resident`; its part of the plan."""
        machine = await asyncio.to_thread(self._machine)
        part = await asyncio.to_thread(resident.need, machine)
        if part is None:
            return None
        budget = _budget(machine, part.device)
        while True:  # one may come into use while another is being released
            leaving, missing = to_release(self._held(part.device), part.total_mib, budget)
            if missing:
                raise _no_room(part, missing)
            if not leaving:
                return part
            await self._release(leaving[0], f"{part.name} needs the memory")

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until few enough load, within reason."""
        waited = False
        try:
            async with asyncio.timeout(self._turn_s):
                await self._turns.acquire()
                waited = True
        except TimeoutError:
            pass
        try:
            yield
        finally:
            if waited:
                self._turns.release()

    def _held(self, device: Device) -> list[Resident]:
        return [
            resident
            for resident in self._residents
            if resident.loaded and resident.part is not None and resident.part.device == device
        ]

    async def _release(self, resident: Resident, reason: str) -> None:
        if resident.in_use:  # by now
            return
        async with resident.changing:
            resident.loaded = False
            _log.info("%s is released: %s", resident.name, reason)
            self._on_release(resident.name)
            await resident.model.unload()


def _budget(machine: Machine, device: Device) -> float:
    """MiB that all models together may take; those in memory now are counted in."""
    memory = machine.ram if device == "cpu" else machine.gpu
    return memory.free_mib - RESERVE_MIB[device] if memory is not None else 0.0


def _no_room(part: PlanPart, missing_mib: float) -> ModelError:
    return ModelError(
        "model.no_room",
        "There is no room for {model}: it takes {mib} MiB, and {missing} MiB are missing.",
        "See what would help with: jarvis models plan",
        Category.DEGRADED,
        model=part.name,
        mib=round(part.total_mib),
        missing=math.ceil(missing_mib),
    )
