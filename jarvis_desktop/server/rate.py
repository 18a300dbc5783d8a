"""How often somebody may ask: a bucket that tokens drip into, one for each request."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Rate:
    """Lets `per_minute` requests through: at once those of a minute, then as time brings them back."""

    def __init__(self, per_minute: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._used = 0.0
        self._at = clock()

    def wait(self) -> int:
        """Take one request from the bucket; 0, or the seconds until there is one again."""
        now, room = self._clock(), self._per_minute()
        self._used = max(0.0, self._used - (now - self._at) * room / 60)
        self._at = now
        missing = self._used + 1 - room
        if missing > 0:
            return math.ceil(missing * 60 / room)
        self._used += 1
        return 0
