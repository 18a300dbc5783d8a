"""The loudspeaker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from jarvis_desktop.audio.devices import Devices, OpenStream
from jarvis_desktop.audio.echo_source import EchoReference
from jarvis_desktop.audio.watchdog import Watchdog
from jarvis_desktop.errors import AudioError, Category
from jarvis_desktop.ports import SAMPLE_RATE, Samples, SpeechClip

logger = logging.getLogger(__name__)

_LATENCY_S = 0.1
"""Buffer asked of the device. With every core busy (a model answers while it speaks) 35 and 60 ms left gaps,
100 ms did not; `stop` and `pause` drop the buffer, so it does not lengthen an interruption."""

_QUEUED_S = 3.0
"""`play` waits while more speech than this is queued."""

_TICK_S = 0.01


class Loudspeaker:
    """An output device as `ports.AudioOut`; `device` is its name, empty for the system's default.

    What it plays is written to `reference`, from which the microphone's echo is told.
    Raises `audio.output_hung` or `audio.output_lost` from `play` and `drain` when the device fails, and
    `audio.output_lost` from `resume`.
    """

    def __init__(self, devices: Devices, device: str = "", reference: EchoReference | None = None) -> None:
        self._devices = devices
        self._wanted = device
        self._reference = reference or EchoReference()
        self._reel: _Reel | None = None
        self._opened: OpenStream | None = None
        self._turning = asyncio.Lock()  # `pause` and `resume` follow each other

    @property
    def name(self) -> str:
        """The device's name once it was opened, the wanted one before."""
        return self._opened.device.name if self._opened else self._wanted

    async def start(self) -> None:
        """Open the device; it plays silence until the first clip."""
        reel = _Reel(self._reference)
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
        samples = np.clip(clip.samples, -1.0, 1.0)
        reel.queue(
            _at_rate(samples, clip.sample_rate, reel.rate),
            _at_rate(samples, clip.sample_rate, SAMPLE_RATE),
        )

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

    async def pause(self) -> None:
        """Fall silent, dropping what the device has buffered; it is played again by `resume`."""
        reel, opened = self._reel, self._opened
        if reel is None or opened is None:
            return
        reel.pause()
        async with self._turning:
            if reel.paused and not (reel.halted or reel.stopped):
                reel.halted = True
                await self._devices.halt(opened)

    async def resume(self) -> None:
        """Go on at the sample at which `pause` was called."""
        reel, opened = self._reel, self._opened
        if reel is None or opened is None:
            return
        async with self._turning:
            if not reel.paused or reel.stopped:
                return
            reel.resume()
            try:
                await self._devices.go_on(opened)
            except AudioError as error:
                raise self._lost() from error

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
        watchdog = reel.watchdog
        hung = await watchdog.hung()
        if reel.stopped or reel.paused or watchdog is not reel.watchdog:  # paused in the meantime
            return
        if reel.finished:
            raise self._lost()
        if hung:
            raise AudioError(
                "audio.output_hung",
                'The loudspeaker "{name}" does not play any more.',
                "Unplug and connect it again, or choose another one. Answers are shown as text.",
                Category.TRANSIENT,
                name=self.name,
            )

    def _lost(self) -> AudioError:
        return AudioError(
            "audio.output_lost",
            'The loudspeaker "{name}" is gone.',
            "Connect it again or choose another one. Answers are shown as text.",
            Category.TRANSIENT,
            name=self.name,
        )


def _at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    if rate == wanted:
        return samples
    resampled: Samples = np.clip(soxr.resample(samples, rate, wanted, quality="HQ"), -1.0, 1.0)
    return resampled


@dataclass(frozen=True, slots=True)
class _Clip:
    """Queued speech; `first` is the number of its first frame in all speech of the reply."""

    first: int
    samples: Samples  # at the device's rate
    echo: Samples  # the same at 16 kHz

    def echo_of(self, first: int, after: int) -> Samples:
        """Frames `first` to `after` of the clip, at 16 kHz."""
        ratio = len(self.echo) / len(self.samples)
        return self.echo[round(first * ratio) : round(after * ratio)]


class _Reel:
    """What passes between the loop and the device's thread while one reply is played.

    The callback only copies, from the clips it finds when it begins: the loop replaces that tuple and never
    changes it. A clip stays until it was heard, because a pause drops what the device has buffered and goes
    back to what was heard. Frames are counted rather than timed, and `_marks` notes when each callback's
    speech reaches the ear.
    """

    def __init__(self, reference: EchoReference) -> None:
        self.rate = 0  # Hz, known once the device is open
        self.latency = 0.0  # seconds, likewise
        self.stopped = False  # by `stop`
        self.paused = False  # by `pause`
        self.halted = False  # and the device has followed
        self.finished = False  # the stream has ended, for whatever reason
        self.underruns = 0
        self._reference = reference
        self._tap = reference.tap()
        self._clips: tuple[_Clip, ...] = ()
        self._queued = 0  # frames, ever
        self._copied = 0  # frames handed to the device, less those a pause took back
        self._heard = 0  # frames, as of the last look
        self._marks: deque[tuple[float, int, int]] = deque(maxlen=1024)  # (heard from, first frame, count)
        self.watchdog = Watchdog()

    def queue(self, samples: Samples, echo: Samples) -> None:
        """Append samples at the device's rate, and the same at 16 kHz."""
        self._look()
        if len(samples):
            unheard = (clip for clip in self._clips if clip.first + len(clip.samples) > self._heard)
            self._clips = (*unheard, _Clip(self._queued, samples, echo))
            self._queued += len(samples)

    def pause(self) -> None:
        """Hand over silence from now on; what was heard until now stays."""
        self._look()
        self.paused = True

    def resume(self) -> None:
        """Go on behind what was heard; only while the device's thread is halted."""
        self._marks.clear()
        self._copied = self._heard
        self._tap = self._reference.tap()
        self.watchdog = Watchdog()
        self.paused = self.halted = self.finished = False

    def stop(self) -> None:
        """Hand over silence from now on; what was heard until now stays."""
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
        first = self._copied
        echo = [] if self.stopped or self.paused else self._copy(out)
        filled = self._copied - first
        out[filled:] = 0.0
        # Some host APIs report no time of conversion; the stream's own figure is the next best.
        ahead = times.outputBufferDacTime - times.currentTime
        audible = now + (ahead if ahead > 0 else self.latency)
        if filled:
            self._marks.append((audible, first, filled))
        if self.rate:
            self._tap.handed_over(echo, count / self.rate, audible)

    def on_finished(self) -> None:
        """The stream ended (the device's thread): halted, closed, or the device is gone."""
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

    def _copy(self, out: NDArray[np.float32]) -> list[Samples]:
        """Fill `out` as far as there is speech; returns what the microphone will hear of it."""
        echo, filled = [], 0
        for clip in self._clips:
            at = self._copied - clip.first
            piece = clip.samples[at : at + len(out) - filled]
            if len(piece):
                out[filled : filled + len(piece)] = piece[:, None]
                echo.append(clip.echo_of(at, at + len(piece)))
                filled += len(piece)
                self._copied += len(piece)
        return echo

    def _look(self) -> None:
        """Take in the marks whose time has come."""
        if self.stopped or self.paused:
            return
        now = time.monotonic()
        while self._marks and self._marks[0][0] <= now:
            heard_from, first, count = self._marks[0]
            into = int((now - heard_from) * self.rate)
            self._heard = max(self._heard, first + min(count, into))
            if into < count:
                return
            self._marks.popleft()
