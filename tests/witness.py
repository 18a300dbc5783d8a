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
        self._seen = 0

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._arrived.set()

    async def next(self, kind: type[E], since: int | None = None) -> E:
        """The first event of that kind from number `since` on; without it, after the one last waited for."""
        first = self._seen if since is None else since
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for number, event in enumerate(self.events[first:], first + 1):
                    if isinstance(event, kind):
                        self._seen = number
                        return event
                self._arrived.clear()
                await self._arrived.wait()

    async def phase(self, phase: Phase) -> None:
        """Wait until the assistant says it is in that phase."""
        while (await self.next(PhaseChanged)).phase is not phase:
            pass

    def of(self, *kinds: type[E]) -> list[E]:
        """All events of these kinds."""
        return [event for event in self.events if isinstance(event, kinds)]
