"""Microphone, loudspeaker and what listens, without devices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import numpy as np

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import EarMode, EchoMeasured, SoundDevice, SoundDevicesListed, SystemMicrophone
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    SpeechClip,
    TurnJudged,
    UtteranceEnded,
    VoiceContinued,
    VoiceDismissed,
    VoiceEvent,
    VoiceNoticed,
    VoiceStarted,
    VoiceStopped,
    WakeHeard,
)

VOICE = np.full(SAMPLE_RATE // 50, 0.5, np.float32)
HEY_JARVIS = np.full(SAMPLE_RATE // 50, 0.9, np.float32)
CLICK = np.full(SAMPLE_RATE // 50, 0.2, np.float32)
SILENCE = np.zeros(SAMPLE_RATE // 50, np.float32)


class FakeMicrophone:
    """Yields what the test says with `hear`; ends with `end`, fails with `fail`."""

    def __init__(self) -> None:
        self.name = "fake microphone"
        self.live = True
        self.endless = False  # unless a test says that it is a microphone whose system default changes
        self.open_error: JarvisError | None = None
        self.is_open = False
        self._time = 0.0
        self._queue: asyncio.Queue[AudioBlock | JarvisError | None] = asyncio.Queue()

    async def start(self) -> None:
        if self.open_error is not None:
            raise self.open_error
        self.is_open = True

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        while (item := await self._queue.get()) is not None:
            if isinstance(item, JarvisError):
                raise item
            yield item

    async def stop(self) -> None:
        self.is_open = False

    def hear(self, *pieces: Samples) -> None:
        for samples in pieces:
            self._queue.put_nowait(AudioBlock(samples, self._time))
            self._time += len(samples) / SAMPLE_RATE

    def end(self) -> None:
        self._queue.put_nowait(None)

    def fail(self, error: JarvisError) -> None:
        self._queue.put_nowait(error)


class FakeDetector:
    """Knows its sounds by their loudness, one block each: `VOICE`, `CLICK`, `SILENCE` and `HEY_JARVIS`.

    One silent block after voice ends the utterance. Held: all of it is voice. Asleep: only the call counts.
    """

    def __init__(self, mode: EarMode) -> None:
        self._mode = mode
        self._started = False
        self._end = 0.0

    async def feed(self, block: AudioBlock) -> Sequence[VoiceEvent]:
        loudness = block.samples.max()
        if self._mode is EarMode.WAKE:
            return [WakeHeard(0.9, block.end)] if np.isclose(loudness, HEY_JARVIS.max(), atol=1e-4) else []
        if loudness == CLICK.max() and not self._started:
            return [VoiceNoticed(block.start), VoiceDismissed()]
        if self._mode is EarMode.HELD or loudness > CLICK.max():
            self._end = block.end
            if self._started:
                return [VoiceContinued(block.samples)]
            self._started = True
            return [VoiceNoticed(block.start), VoiceStarted(block.start, block.samples)]
        return self._close("silence") if self._started else []

    def reads(self, text: str) -> None: ...

    async def finish(self) -> Sequence[VoiceEvent]:
        return self._close("source-ended") if self._started else []

    def _close(self, reason: str) -> list[VoiceEvent]:
        self._started = False
        over = [TurnJudged(1.0, over=True)] if self._mode is not EarMode.HELD else []
        return [VoiceStopped(self._end), *over, UtteranceEnded(self._end, reason)]  # type: ignore[arg-type]


class FakeLoudspeaker:
    """Plays on a clock the test advances with `advance`; with `instant` everything is heard at once."""

    def __init__(self, *, instant: bool = True) -> None:
        self.name = "fake loudspeaker"
        self.instant = instant
        self.clips: list[SpeechClip] = []
        self.stopped = False
        self.paused = False
        self._heard = 0.0
        self._changed = asyncio.Condition()

    async def start(self) -> None:
        pass

    async def play(self, clip: SpeechClip) -> None:
        self.clips.append(clip)
        if self.instant:
            await self.advance(clip.seconds)

    async def advance(self, seconds: float) -> None:
        async with self._changed:
            self._heard += seconds
            self._changed.notify_all()

    @property
    def heard_seconds(self) -> float:
        return self._heard

    async def wait_audible(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._heard > 0)

    async def drain(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self._heard >= sum(c.seconds for c in self.clips) - 1e-6)

    async def pause(self) -> None:
        self.paused = True

    async def resume(self) -> None:
        self.paused = False

    async def stop(self) -> None:
        self.stopped = True


class FakeSound:
    """A sound system with one device of each kind; `measured` is the echo there is."""

    def __init__(self) -> None:
        self.inputs = (SoundDevice("fake microphone", 48_000, is_default=True),)
        self.microphone = "Fake microphone"  # as the sound service calls it
        self.muted = False
        self.measured = EchoMeasured(heard=True, delay_ms=90.0, removed_db=25.0)

    async def devices(self) -> SoundDevicesListed:
        outputs = (SoundDevice("fake loudspeaker", 48_000, is_default=True),)
        return SoundDevicesListed(self.inputs, outputs, await self.microphones())

    async def microphones(self) -> tuple[SystemMicrophone, ...]:
        return (SystemMicrophone(self.microphone, 48_000, in_use=True, muted=self.muted),)

    async def unmute(self) -> None:
        self.muted = False

    async def measure_echo(self) -> EchoMeasured:
        return self.measured

    def melody(self) -> SpeechClip:
        return SpeechClip(np.zeros(1600, np.float32), SAMPLE_RATE, "la")

    def clipped(self, samples: Samples) -> bool:
        return float(np.mean(np.abs(samples) >= 1.0)) > 0.1
