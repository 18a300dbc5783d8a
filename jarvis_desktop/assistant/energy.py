"""Measures what an answer takes, beside it: the counters are read in threads."""

from __future__ import annotations

import asyncio

from jarvis_desktop.assistant.tasks import cancel
from jarvis_desktop.events import Energy
from jarvis_desktop.telemetry.energy import LOOK_SECONDS, EnergyMeter


class EnergyGauge:
    """Counts from `begin` to `end`; `stop` gives up what was begun, and may be called twice."""

    def __init__(self) -> None:
        self._meter = EnergyMeter()
        self._beginning: asyncio.Task[None] | None = None
        self._looking: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Count from now on; returns at once."""
        self._beginning = asyncio.create_task(asyncio.to_thread(self._meter.begin), name="energy")
        self._looking = asyncio.create_task(self._look(self._beginning), name="power")

    async def end(self) -> Energy:
        """What was taken since it began."""
        if self._beginning is None:
            return Energy()
        await self._beginning
        await self.stop()
        return await asyncio.to_thread(self._meter.taken)

    async def stop(self) -> None:
        if self._looking is not None:
            await cancel(self._looking)

    async def _look(self, beginning: asyncio.Task[None]) -> None:
        await asyncio.wait([beginning])
        while await asyncio.to_thread(self._meter.look):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_SECONDS)
