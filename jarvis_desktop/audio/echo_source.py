"""The microphone without the program's own voice: what the loudspeakers play, and a source free of it.

Both sides are placed on the monotonic clock. A played sample counts from when it was handed to the device, a
recorded one from when it arrived, so the echo always comes after its cause; the canceller finds the rest of
the delay. Rows of samples stay continuous, and are moved only where a device stalled or clocks drifted apart.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence

import numpy as np

from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, AudioIn, Samples

logger = logging.getLogger(__name__)

_ECHO_S = 1.0
"""Echo may come this long after the last sample was handed over: buffers and a room's reverberation."""

_OFF_BY_S = 0.02
"""Both sides may be apart this much before they are moved; the canceller follows smaller changes itself."""

_EARLY_S = 0.05
"""Played samples are placed this long before the device says they are heard, should it be wrong."""

_DRIFT = 0.001
"""Share by which two clocks may drift apart; real sound cards stay below a tenth of it."""

_FRAME = SAMPLE_RATE // 100  # the canceller takes whole frames of 10 ms


class EchoReference:
    """What all loudspeakers of the program play, by time. One per program.

    Device threads write through a `tap` each; the loop reads. Appending to a deque is the whole hand-over.
    """

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, Samples]] = deque(maxlen=4096)  # (time of the first sample, 16 kHz)
        self._last = -np.inf  # time at which the last sample handed over ends

    def tap(self) -> EchoTap:
        """A way in for one output stream."""
        return EchoTap(self.add)

    def add(self, start: float, samples: Samples) -> None:
        """`samples` (16 kHz) are played from `start` on, or a little later (any thread)."""
        self._pieces.append((start, samples))
        self._last = max(self._last, start + len(samples) / SAMPLE_RATE)

    def echoes_at(self, moment: float) -> bool:
        """Whether something played may still be heard at this monotonic time."""
        return moment < self._last + _ECHO_S

    def read(self, start: float, count: int) -> Samples:
        """What was played in the `count` samples from `start` on, zeros where nothing was; forgets older."""
        far = np.zeros(count, np.float32)
        for begin, samples in tuple(self._pieces):
            at = round((begin - start) * SAMPLE_RATE)
            first, after = max(at, 0), min(at + len(samples), count)
            if first < after:
                far[first:after] += samples[first - at : after - at]
        while self._pieces and self._ended(self._pieces[0]) < start - _ECHO_S:
            self._pieces.popleft()
        return far

    @staticmethod
    def _ended(piece: tuple[float, Samples]) -> float:
        return piece[0] + len(piece[1]) / SAMPLE_RATE


class EchoTap:
    """Places the frames of one output stream on the monotonic clock, however unevenly they are asked for."""

    def __init__(self, add: Callable[[float, Samples], None]) -> None:
        self._add = add
        self._next = -np.inf  # time of the next frame

    def handed_over(self, speech: Sequence[Samples], seconds: float, audible: float) -> None:
        """The device took `seconds` of sound: the pieces of `speech` (16 kHz), then silence.

        `audible` is the monotonic time at which the first of it leaves the loudspeaker, as the device says.
        """
        start = max(audible - _EARLY_S, time.monotonic())
        if abs(self._next - start) <= _OFF_BY_S:
            start = self._next
        self._next = start + seconds
        for piece in speech:
            self._add(start, piece)
            start += len(piece) / SAMPLE_RATE


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
        clock, fresh = _Arrival(), True
        async for block in self._source.blocks():
            moment = clock.moment(block)
            if not (self._enabled() and self._reference.echoes_at(moment)):
                clock.let_go()
                self._failed = False
                yield block
            elif self._failed:
                yield block
            else:
                yield await self._cleaned(block, clock.hold(moment, block), fresh)
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


class _Arrival:
    """When a source's samples arrived on the monotonic clock, evened out."""

    def __init__(self) -> None:
        self._offset = np.inf  # from the source's clock to the monotonic one, of the promptest block
        self._seen = 0.0  # the source's time of the last block
        self._held = -np.inf  # the moment that follows the last block; unknown at first

    def moment(self, block: AudioBlock) -> float:
        """When the block's first sample arrived, had all come as promptly as the promptest one."""
        self._offset += _DRIFT * (block.end - self._seen)
        self._seen = block.end
        self._offset = min(self._offset, time.monotonic() - block.end)
        return block.start + self._offset

    def hold(self, moment: float, block: AudioBlock) -> float:
        """`moment`, or what follows the last block without a jump when that is near enough."""
        held = self._held if abs(self._held - moment) <= _OFF_BY_S else moment
        self._held = held + len(block.samples) / SAMPLE_RATE
        return held

    def let_go(self) -> None:
        """The row of samples is interrupted: the next one may begin anywhere."""
        self._held = -np.inf
