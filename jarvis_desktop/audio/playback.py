"""The loudspeaker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from jarvis_desktop.audio.devices import Devices, OpenStream
from jarvis_desktop.audio.watchdog import Watchdog
from jarvis_desktop.errors import AudioError, Category
from jarvis_desktop.ports import Samples, SpeechClip

logger = logging.getLogger(__name__)

_LATENCY_S = 0.1
"""Buffer asked of the device. With every core busy (a model answers while it speaks) 35 and 60 ms left gaps,
100 ms did not; `stop` drops the buffer, so it does not lengthen an interruption."""

_QUEUED_S = 3.0
"""`play` waits while more speech than this is queued."""

_TICK_S = 0.01


class Loudspeaker:
    """An output device as `ports.AudioOut`; `device` is its name, empty for the system's default.

    Raises `audio.output_hung` or `audio.output_lost` from `play` and `drain` when the device fails.
    """

    def __init__(self, devices: Devices, device: str = "") -> None:
        self._devices = devices
        self._wanted = device
        self._reel: _Reel | None = None
        self._opened: OpenStream | None = None

    @property
    def name(self) -> str:
        """The device's name once it was opened, the wanted one before."""
        return self._opened.device.name if self._opened else self._wanted

    async def start(self) -> None:
        """Open the device; it plays silence until the first clip."""
        reel = _Reel()
        self._opened = await self._devices.open(
            "output",
            self._wanted,
            latency=_LATENCY_S,
            callback=reel.on_wanted,
            finished_callback=reel.on_finished,
        )
        reel.rate = round(self._opened.stream.samplerate)
        reel.latency = float(self._opened.stream.latency)
        self._reel = reel

    async def play(self, clip: SpeechClip) -> None:
        """Queue a clip at the device's rate; returns at once after `stop`."""
        reel = self._running()
        await self._check(reel)
        while not reel.stopped and reel.waiting_seconds > _QUEUED_S:
            await reel.tick()
            await self._check(reel)
        if reel.stopped:
            return
        samples = clip.samples
        if clip.sample_rate != reel.rate:
            samples = soxr.resample(samples, clip.sample_rate, reel.rate, quality="HQ")
        reel.queue(np.clip(samples, -1.0, 1.0))

    @property
    def heard_seconds(self) -> float:
        """Seconds of queued speech heard since `start`; stays readable after `stop`."""
        return self._reel.heard_seconds if self._reel else 0.0

    async def wait_audible(self) -> None:
        """Wait until the first queued sample was heard, or `stop`; a failing device is told by the others."""
        reel = self._running()
        while not reel.stopped and reel.heard_seconds == 0.0:
            await reel.tick()

    async def drain(self) -> None:
        """Wait until everything queued was heard, or `stop`."""
        reel = self._running()
        while not reel.stopped and not reel.all_heard:
            await self._check(reel)
            await reel.tick()

    async def stop(self) -> None:
        """Cut off, dropping even what the device has buffered, and close. Safe to call twice."""
        reel, opened = self._reel, self._opened
        if reel is None or opened is None or reel.stopped:
            return
        reel.stop()
        await self._devices.close(opened, at_once=True)
        if reel.underruns:
            logger.info("the output device ran dry %d times", reel.underruns)

    def _running(self) -> _Reel:
        if self._reel is None:
            raise RuntimeError("start the loudspeaker first")
        return self._reel

    async def _check(self, reel: _Reel) -> None:
        hung = await reel.watchdog.hung()
        if reel.stopped:
            return
        if reel.finished:
            raise AudioError(
                "audio.output_lost",
                'The loudspeaker "{name}" is gone.',
                "Connect it again or choose another one. Answers are shown as text.",
                Category.TRANSIENT,
                name=self.name,
            )
        if hung:
            raise AudioError(
                "audio.output_hung",
                'The loudspeaker "{name}" does not play any more.',
                "Unplug and connect it again, or choose another one. Answers are shown as text.",
                Category.TRANSIENT,
                name=self.name,
            )


class _Reel:
    """What passes between the loop and the device's thread while one reply is played.

    The callback only copies: queued chunks are popped by it alone, and appending to a deque is atomic.
    Frames are counted rather than timed, and `_marks` notes when each callback's speech reaches the ear.
    """

    def __init__(self) -> None:
        self.rate = 1  # Hz, known once the device is open
        self.latency = 0.0  # seconds, likewise
        self.stopped = False  # by `stop`
        self.finished = False  # the stream has ended, for whatever reason
        self.underruns = 0
        self._chunks: deque[Samples] = deque()
        self._offset = 0  # into the first chunk
        self._queued = 0  # frames, ever
        self._copied = 0  # frames handed to the device, ever
        self._heard = 0  # frames, as of the last look
        self._marks: deque[tuple[float, int, int]] = deque(maxlen=1024)  # (heard from, first frame, count)
        self.watchdog = Watchdog()

    def queue(self, samples: Samples) -> None:
        """Append samples at the device's rate."""
        if len(samples):
            self._queued += len(samples)
            self._chunks.append(samples)

    def stop(self) -> None:
        """Play silence from now on; what was heard until now stays."""
        self._look()
        self.stopped = True

    async def tick(self) -> None:
        """Let the device play on for a moment; polling keeps its thread free of wake-up calls."""
        await asyncio.sleep(_TICK_S)

    def on_wanted(self, out: NDArray[np.float32], count: int, times: Any, status: Any) -> None:
        """The device's callback (its own thread): fill `out` (count, channels) with speech, then silence."""
        now = time.monotonic()
        self.watchdog.called()
        self.underruns += bool(status.output_underflow)
        filled = 0 if self.stopped else self._copy(out)
        out[filled:] = 0.0
        if filled:
            # Some host APIs report no time of conversion; the stream's own figure is the next best.
            ahead = times.outputBufferDacTime - times.currentTime
            self._marks.append((now + (ahead if ahead > 0 else self.latency), self._copied - filled, filled))

    def on_finished(self) -> None:
        """The stream ended (the device's thread): closed, or the device is gone."""
        self.finished = True

    @property
    def waiting_seconds(self) -> float:
        return (self._queued - self._copied) / self.rate

    @property
    def heard_seconds(self) -> float:
        self._look()
        return self._heard / self.rate

    @property
    def all_heard(self) -> bool:
        self._look()
        return self._heard >= self._queued

    def _copy(self, out: NDArray[np.float32]) -> int:
        filled = 0
        while filled < len(out) and self._chunks:
            chunk = self._chunks[0]
            piece = chunk[self._offset : self._offset + len(out) - filled]
            out[filled : filled + len(piece)] = piece[:, None]
            filled += len(piece)
            self._offset += len(piece)
            if self._offset == len(chunk):
                self._chunks.popleft()
                self._offset = 0
        self._copied += filled
        return filled

    def _look(self) -> None:
        """Take in the marks whose time has come."""
        if self.stopped:
            return
        now = time.monotonic()
        while self._marks and self._marks[0][0] <= now:
            heard_from, first, count = self._marks[0]
            into = int((now - heard_from) * self.rate)
            self._heard = max(self._heard, first + min(count, into))
            if into < count:
                return
            self._marks.popleft()
