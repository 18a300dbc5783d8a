"""Runs an assistant on fakes and lets a test wait for what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import Event, Phase, PhaseChanged

E = TypeVar("E", bound=Event)

PATIENCE_SECONDS = 5.0


class Witness:
    """Every event so far, and a way to wait for the next of a kind."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._arrived = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen = 0

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        task = asyncio.get_running_loop().create_task(self._tell())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell(self) -> None:
        async with self._arrived:
            self._arrived.notify_all()

    async def next(self, kind: type[E]) -> E:
        """The first event of that kind after the one last waited for."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            while True:
                for index in range(self._seen, len(self.events)):
                    event = self.events[index]
                    if isinstance(event, kind):
                        self._seen = index + 1
                        return event
                await self._arrived.wait()

    async def phase(self, phase: Phase) -> None:
        """Wait until the assistant says it is in that phase."""
        while (await self.next(PhaseChanged)).phase is not phase:
            pass

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def running(
    parts: Parts, *, config: Config | None = None, answers: bool = True
) -> AsyncIterator[tuple[Assistant, Witness]]:
    settings = config or Config()
    assistant = Assistant(parts, lambda: settings, lambda: "Be brief.", answers=answers)
    witness = Witness()
    assistant.subscribe(witness)
    await assistant.start(preload=False)
    try:
        yield assistant, witness
    finally:
        await assistant.stop()
