"""Tells when the computer falls asleep and wakes up.

logind announces both on Linux's system bus. Where there is none, the system's clocks tell of the waking: one
of them goes on while the computer sleeps, the other stands still.
"""

from __future__ import annotations

import asyncio
import ctypes
import logging
import sys
import time
from collections.abc import AsyncGenerator, Callable
from enum import StrEnum

if sys.platform == "linux":
    from dbus_fast import BusType, DBusFastError, Message
    from dbus_fast.aio import MessageBus

_log = logging.getLogger(__name__)

_LOOK_S = 2.0
_NAP_S = 1.0
"""Time asleep that counts; the two clocks are read one after the other, a moment apart."""

_RULE = (
    "type='signal',sender='org.freedesktop.login1',path='/org/freedesktop/login1',"
    "interface='org.freedesktop.login1.Manager',member='PrepareForSleep'"
)


class Power(StrEnum):
    """What the computer does."""

    SLEEPS = "sleeps"  # about to; only where the system announces it
    WOKE = "woke"


async def watch(asleep_s: Callable[[], float] | None = None) -> AsyncGenerator[Power, None]:
    """Each sleep and waking, without end; a waking is told once, whoever notices it first.

    `asleep_s` gives the seconds slept since the start of the computer (default: as the system counts them).
    """
    told: asyncio.Queue[Power] = asyncio.Queue()
    clocks = _Clocks(asleep_s or time_asleep, told)
    watchers = [asyncio.create_task(clocks.watch(), name="sleep by the clocks")]
    if sys.platform == "linux":
        watchers.append(asyncio.create_task(_watch_logind(clocks, told), name="sleep by logind"))
    try:
        while True:
            yield await told.get()
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.wait(watchers)


class _Clocks:
    """Notices that time was slept away."""

    def __init__(self, asleep_s: Callable[[], float], told: asyncio.Queue[Power]) -> None:
        self._asleep_s = asleep_s
        self._told = told
        self._known = asleep_s()
        self.told_first = False  # the last waking; to be reset by who else tells of it

    async def watch(self) -> None:
        """Tell of each waking that nobody told of before."""
        while True:
            await asyncio.sleep(_LOOK_S)
            if self.slept():
                self.told_first = True
                self._told.put_nowait(Power.WOKE)

    def slept(self) -> bool:
        """Whether the computer slept since the last call."""
        before, self._known = self._known, self._asleep_s()
        return self._known - before > _NAP_S


async def _watch_logind(clocks: _Clocks, told: asyncio.Queue[Power]) -> None:
    """Pass on logind's signals until the bus goes away; returns at once where there is none."""

    def take(message: Message) -> None:
        if message.member != "PrepareForSleep" or message.signature != "b":
            return
        if message.body[0]:
            told.put_nowait(Power.SLEEPS)
        elif not clocks.told_first:
            clocks.slept()  # which they need not tell any more
            told.put_nowait(Power.WOKE)
        clocks.told_first = False

    try:
        bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
        try:
            bus.add_message_handler(take)
            await bus.call(
                Message(
                    destination="org.freedesktop.DBus",
                    path="/org/freedesktop/DBus",
                    interface="org.freedesktop.DBus",
                    member="AddMatch",
                    signature="s",
                    body=[_RULE],
                )
            )
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        finally:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
    except (OSError, EOFError, DBusFastError) as error:
        _log.info("the system bus does not tell of sleep (%s); the clocks do", type(error).__name__)


if sys.platform == "win32":

    def time_asleep() -> float:
        """Seconds since the start of the computer in which it slept."""
        awake = ctypes.c_uint64()  # 100 ns each
        ctypes.WinDLL("kernel32").QueryUnbiasedInterruptTime(ctypes.byref(awake))
        return time.monotonic() - awake.value / 1e7

elif sys.platform == "darwin":

    def time_asleep() -> float:
        """Seconds since the start of the computer in which it slept."""
        return time.clock_gettime(time.CLOCK_MONOTONIC) - time.clock_gettime(time.CLOCK_UPTIME_RAW)

else:

    def time_asleep() -> float:
        """Seconds since the start of the computer in which it slept."""
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
