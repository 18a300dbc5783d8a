"""How often somebody may ask: a bucket that tokens drip into, one for each request."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Rate:
    """Lets `per_minute` requests through, of which a tenth (at least `BURST`) may come at once."""

    BURST = 10

    def __init__(self, per_minute: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._left: float | None = None
        self._at = clock()

    def wait(self) -> int:
        """Take one request from the bucket; 0, or the seconds until there is one again."""
        now, per_second = self._clock(), self._per_minute() / 60
        room = float(max(self.BURST, self._per_minute() // 10))
        left = room if self._left is None else min(room, self._left + (now - self._at) * per_second)
        self._at = now
        self._left = left - 1 if left >= 1 else left
        return 0 if left >= 1 else math.ceil((1 - left) / per_second)
