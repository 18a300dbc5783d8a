"""The microphone without the program's own voice: what the loudspeakers play, and a source free of it.

Both sides are placed on the monotonic clock: a played sample a little before the device says it is heard, a
recorded one when it arrived. So an echo always comes after its cause; the canceller finds the rest of the
delay. Rows of samples stay continuous, and are moved only where a device stalled or clocks drifted apart.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, AudioIn, Samples

logger = logging.getLogger(__name__)

_ECHO_S = 1.0
"""Echo may come this long after the last sample was handed over: buffers and a room's reverberation."""

_OFF_BY_S = 0.04
"""Both sides may be apart this much before they are moved; the canceller follows smaller changes itself."""

EARLY_S = 0.08
"""Played samples are placed this long before the device says they are heard, should it be wrong."""

_PROMPTEST_OF_S = 2.0
"""The promptest block of so long tells how late the others came; earlier ones count no more, as clocks drift
and devices lose sound."""

_FORGOTTEN_S = 2.0
"""What was played is kept this long; no canceller looks farther back."""

_FRAME = SAMPLE_RATE // 100  # the canceller takes whole frames of 10 ms


class EchoReference:
    """What all loudspeakers of the program play, by time. One per program.

    Each output stream writes through a `tap` of its own, from its device's thread; the loop reads.
    """

    def __init__(self) -> None:
        self._taps: deque[EchoTap] = deque()

    def tap(self) -> EchoTap:
        """A way in for one output stream."""
        tap = EchoTap()
        self._taps.append(tap)
        return tap

    def echoes_at(self, moment: float) -> bool:
        """Whether something played may still be heard at this monotonic time; forgets what is over."""
        while len(self._taps) > 1 and self._taps[0].ends < moment - _FORGOTTEN_S:
            self._taps.popleft()
        return any(moment < tap.ends + _ECHO_S for tap in tuple(self._taps))

    def read(self, start: float, count: int) -> Samples:
        """What was played in the `count` samples from `start` on, zeros where nothing was."""
        far = np.zeros(count, np.float32)
        for tap in tuple(self._taps):
            tap.mix_into(far, start)
        return far


class EchoTap:
    """What one output stream plays.

    Its frames are counted, and the device says with each request when they are heard. It says so badly while
    it fills its buffer, so the count is placed on the clock as late as possible: when it is first read.
    """

    def __init__(self) -> None:
        self._pieces: deque[_Piece] = deque(maxlen=4096)
        self._counted = 0.0  # seconds handed over
        self._origin = -np.inf  # monotonic time of the stream's begin, as the device said last
        self._placed: float | None = None  # as it is used
        self.ends = -np.inf  # monotonic time at which the last sample handed over is heard

    def handed_over(self, speech: Sequence[Samples], seconds: float, audible: float) -> None:
        """The device took `seconds` of sound: the pieces of `speech` (16 kHz), then silence.

        `audible` is the monotonic time at which the first of it leaves the loudspeaker, as the device says.
        """
        self._origin = audible - self._counted
        at = self._counted
        for piece in speech:
            self._pieces.append(_Piece(at, piece))
            at += len(piece) / SAMPLE_RATE
        if speech:
            self.ends = self._origin + at
        self._counted += seconds

    def mix_into(self, far: Samples, start: float) -> None:
        """Add what is heard from the monotonic time `start` on; forgets what is before it."""
        if self._placed is None or abs(self._placed - self._origin) > _OFF_BY_S:  # begun, or stalled
            self._placed = self._origin
        for piece in tuple(self._pieces):
            if piece.begins > start:  # none of it was read
                piece.begins = self._placed + piece.at - EARLY_S
            at = round((piece.begins - start) * SAMPLE_RATE)
            first, after = max(at, 0), min(at + len(piece.samples), len(far))
            if first < after:
                far[first:after] += piece.samples[first - at : after - at]
        while self._pieces and self._pieces[0].begins < start - _FORGOTTEN_S:
            self._pieces.popleft()


@dataclass(slots=True)
class _Piece:
    at: float  # seconds of the stream
    samples: Samples
    begins: float = np.inf  # monotonic time at which it counts as heard; fixed once it was read


class EchoFree:
    """A source as `ports.AudioIn`, without what `reference` says was played.

    While nothing plays, or `enabled` says no, blocks pass untouched. When the hearing process fails, they
    pass uncancelled until the next reply: sound with echo is better than none.
    """

    def __init__(
        self, source: AudioIn, reference: EchoReference, hearing: Hearing, enabled: Callable[[], bool]
    ) -> None:
        self._source = source
        self._reference = reference
        self._hearing = hearing
        self._enabled = enabled
        self._failed = False

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def live(self) -> bool:
        return self._source.live

    @property
    def endless(self) -> bool:
        return self._source.endless

    async def start(self) -> None:
        """Open the source."""
        await self._source.start()

    async def stop(self) -> None:
        """Close the source."""
        await self._source.stop()

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        """The source's blocks with their own times."""
        clock, fresh = Arrival(), True
        async for block in self._source.blocks():
            moment = clock.moment(block)
            if not (self._enabled() and self._reference.echoes_at(moment)):
                clock.settle()
                self._failed = False
                yield block
            elif self._failed:
                yield block
            else:
                yield await self._cleaned(block, moment, fresh)
                fresh = self._failed  # a new process knows nothing either

    async def _cleaned(self, block: AudioBlock, moment: float, fresh: bool) -> AudioBlock:
        count = len(block.samples)
        near = np.zeros(-(-count // _FRAME) * _FRAME, np.float32)
        near[:count] = block.samples
        far = self._reference.read(moment, len(near))
        try:
            clean = await self._hearing.without_echo(near, far, fresh=fresh)
        except JarvisError as error:
            self._failed = True
            logger.warning("the microphone goes on with echo: %s", error.code)
            return block
        return AudioBlock(clean[:count], block.start)


class Arrival:
    """When a source's samples arrived on the monotonic clock, evened out.

    Blocks come late by tens of milliseconds, the first ones most of all. A better guess is taken over where
    nobody minds (`settle`); within a reply the canceller would have to find the echo again.
    """

    def __init__(self) -> None:
        self._late = [np.inf, np.inf]  # promptest offset to the monotonic clock, this while and the last
        self._turned = 0.0  # the source's time at which this while began
        self._used = np.inf  # the offset that is used

    def moment(self, block: AudioBlock) -> float:
        """When the block's first sample arrived, had all come as promptly as the promptest one."""
        if block.end - self._turned > _PROMPTEST_OF_S:
            self._late = [np.inf, self._late[0]]
            self._turned = block.end
        self._late[0] = min(self._late[0], time.monotonic() - block.end)
        if not abs(self._used - min(self._late)) <= _OFF_BY_S:
            self.settle()
        return block.start + self._used

    def settle(self) -> None:
        """Use the best guess there is."""
        self._used = min(self._late)
