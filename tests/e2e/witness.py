"""What an assistant told, and a way to wait for what it tells next."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from jarvis_desktop.events import Event, Phase, PhaseChanged

E = TypeVar("E", bound=Event)

PATIENCE_SECONDS = 60.0


class Witness:
    """All events, and a way to wait for the next of a kind."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._arrived = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._arrived.set()

    async def next(self, kind: type[E], since: int = 0) -> E:
        """The first event of that kind from number `since` on."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for event in self.events[since:]:
                    if isinstance(event, kind):
                        return event
                self._arrived.clear()
                await self._arrived.wait()

    async def phase(self, phase: Phase) -> None:
        """Wait until the assistant is in that phase."""
        since = 0
        while (await self.next(PhaseChanged, since)).phase is not phase:
            since = len(self.events)

    def of(self, *kinds: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kinds)]
