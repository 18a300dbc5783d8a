"""Tells a device that hangs from one that works."""

from __future__ import annotations

import asyncio
import time

_HANG_S = 0.5
"""A working device calls back every few ms; PortAudio's `active` stays true when it hangs, so only this
tells."""

_FIRST_S = 3.0
"""A Bluetooth headset needs about 2 s before its first callback."""

_SECOND_LOOK_S = 0.15
"""When the whole program was stalled the callback needs a moment before the device may be blamed."""


class Watchdog:
    """Notes a device's callbacks on the monotonic clock; one instance per open stream."""

    def __init__(self) -> None:
        self._last_call = time.monotonic() + _FIRST_S - _HANG_S

    def called(self) -> None:
        """The device called back (its own thread)."""
        self._last_call = time.monotonic()

    @property
    def patience(self) -> float:
        """Seconds until the device is overdue; not positive when it is."""
        return self._last_call + _HANG_S - time.monotonic()

    async def hung(self) -> bool:
        """Whether the device is overdue, and still is after a moment."""
        if self.patience > 0:
            return False
        await asyncio.sleep(_SECOND_LOOK_S)
        return self.patience <= 0
