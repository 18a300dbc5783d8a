"""Timers that run while the program does; none outlives it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

LONGEST_S = 24 * 3600.0
MOST = 20
"""Timers side by side: a model that loops must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer under way; `ends_at` is the loop's clock in s."""

    number: int
    label: str
    ends_at: float
    handle: asyncio.TimerHandle


class Timers:
    """Set, listed and cancelled by number; `ended` is told the label of each that runs out."""

    def __init__(self, ended: Callable[[str], None]) -> None:
        self._ended = ended
        self._timers: dict[int, Timer] = {}
        self._count = 0

    def set(self, seconds: float, label: str) -> Timer | None:
        """Begin a timer; None when there are too many already."""
        if len(self._timers) >= MOST:
            return None
        loop = asyncio.get_running_loop()
        self._count += 1
        number = self._count
        handle = loop.call_later(seconds, self._end, number)
        self._timers[number] = Timer(number, label, loop.time() + seconds, handle)
        return self._timers[number]

    def running(self) -> list[tuple[Timer, float]]:
        """What is under way, soonest first, with the seconds left."""
        now = asyncio.get_running_loop().time()
        timers = sorted(self._timers.values(), key=lambda timer: timer.ends_at)
        return [(timer, max(0.0, timer.ends_at - now)) for timer in timers]

    def cancel(self, number: int) -> bool:
        """Forget a timer; False when there is none of that number."""
        timer = self._timers.pop(number, None)
        if timer is not None:
            timer.handle.cancel()
        return timer is not None

    def close(self) -> None:
        """Forget all of them."""
        for number in tuple(self._timers):
            self.cancel(number)

    def _end(self, number: int) -> None:
        self._ended(self._timers.pop(number).label)
