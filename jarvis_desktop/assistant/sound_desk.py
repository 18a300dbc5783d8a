"""Carries out the examination of the sound devices. What is recorded is in memory only, and dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np

from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.sound_findings import SoundFindings
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import AudioError, JarvisError
from jarvis_desktop.events import (
    EarMode,
    Event,
    ExamineSound,
    LookForDevices,
    MeasureEcho,
    Part,
    RecordSample,
    SampleTranscribed,
    SoundChecked,
    SoundDevicesListed,
    SoundFailed,
    SoundHeard,
    SoundIntent,
    SoundTest,
    SoundTestChanged,
    StepFound,
    TryLoudspeaker,
    UnmuteMicrophone,
)
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    AudioIn,
    Samples,
    SpeechClip,
    UtteranceEnded,
    VoiceDetector,
    VoiceStarted,
    VoiceStopped,
)

SAMPLE_SECONDS = 3.0
"""Length of a recording that is played again."""

LEVEL_EVERY_BLOCKS = 3
"""Blocks of 20 ms between two levels told."""

LOOK_SECONDS = 2.0
"""Between two looks at what is plugged in and muted, and until a lost microphone is tried again."""


class SoundDesk:
    """Watches the microphone while it is examined; one test at a time. All methods run on the core thread."""

    def __init__(
        self, parts: Parts, loader: Loader, config: Callable[[], Config], emit: Callable[[Event], None]
    ) -> None:
        self._parts = parts
        self._loader = loader
        self._config = config
        self._emit = emit
        self._found = SoundFindings(parts.sound.clipped)
        self._listed: SoundDevicesListed | None = None
        self._told: tuple[StepFound, ...] = ()
        self._sample: list[Samples] | None = None  # being recorded
        self._recorded = asyncio.Event()
        self._opening = asyncio.Lock()  # of the microphone, by whoever wants it opened anew
        self._watch: asyncio.Task[None] | None = None
        self._look: asyncio.Task[None] | None = None
        self._test: asyncio.Task[None] | None = None

    async def take(self, wish: SoundIntent) -> None:
        """Carry out a wish, or begin to."""
        match wish:
            case ExamineSound(on):
                await (self._begin() if on else self.stop())
            case LookForDevices():
                spawn(self._reopen(), "sound devices", self._emit)
            case UnmuteMicrophone():
                spawn(self._unmute(), "unmute", self._emit)
            case RecordSample() if self._watch is not None:
                self._start(SoundTest.RECORDING, self._record)
            case TryLoudspeaker():
                self._start(SoundTest.LOUDSPEAKER, lambda: self._play(self._parts.sound.melody()))
            case MeasureEcho():
                self._start(SoundTest.ECHO, self._measure_echo)

    async def stop(self) -> None:
        """Close the microphone and forget what was found."""
        look, self._look = self._look, None  # from now on nobody opens the microphone again
        for task in (self._test, look):
            if task is not None:
                await cancel(task)
        async with self._opening:
            if self._watch is not None:
                await cancel(self._watch)
            self._watch = None
        self._test = None  # one that had not even begun has not done so itself
        self._sample, self._listed, self._told = None, None, ()

    # --- devices and microphone -------------------------------------------------------------------------

    async def _begin(self) -> None:
        if self._look is None:
            self._look = spawn(self._look_again(), "sound devices", self._emit)
            await self._reopen()

    async def _reopen(self) -> None:
        """Listen anew, to the microphone that is chosen now, while anybody looks on."""
        async with self._opening:
            if self._watch is not None:
                await cancel(self._watch)
            self._found = self._fresh()
            if self._look is not None:
                self._watch = spawn(self._listen(), "sound check", self._emit)

    async def _listen(self) -> None:
        """Hear the microphone, as often as it comes back."""
        while True:
            source = self._parts.audio_in()
            try:
                listed = await self._parts.sound.devices()
                if listed != self._listed:
                    self._listed = listed
                    self._emit(listed)
                self._found.microphones = listed.microphones
                await source.start()
                self._found.name, self._found.device_error = source.name, None
                await self._hear(source)
            except AudioError as error:
                self._found = self._fresh()
                self._found.device_error = error
                self._recorded.set()  # nothing more will come
            finally:
                await source.stop()
            self._tell()
            await asyncio.sleep(LOOK_SECONDS)

    async def _hear(self, source: AudioIn) -> None:
        detector, count = self._parts.detector(EarMode.HANDS_FREE), 0
        async for block in source.blocks():
            self._found.hear(block)
            if self._found.voice_error is None:
                await self._judge(detector, block)
            if self._sample is not None:
                self._sample.append(block.samples)
                if sum(map(len, self._sample)) >= SAMPLE_SECONDS * SAMPLE_RATE:
                    self._recorded.set()
            if count % LEVEL_EVERY_BLOCKS == 0:
                found = self._found
                self._emit(SoundHeard(block.rms_dbfs, block.peak_dbfs, found.loudness, found.voice))
                self._tell()
            count += 1

    async def _judge(self, detector: VoiceDetector, block: AudioBlock) -> None:
        try:
            events = await detector.feed(block)
        except JarvisError as error:
            self._found.voice, self._found.voice_error = False, error
            return
        for event in events:
            if isinstance(event, VoiceStarted):
                self._found.voice = self._found.spoken = True
            elif isinstance(event, VoiceStopped | UtteranceEnded):
                self._found.voice = False

    async def _look_again(self) -> None:
        """Notice what is plugged in, taken away or muted."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await self._take_microphones()

    async def _take_microphones(self) -> None:
        before = [(each.name, each.in_use) for each in self._found.microphones]
        now = await self._parts.sound.microphones()
        self._found.microphones = now
        if before != [(each.name, each.in_use) for each in now] and self._test is None:
            await self._reopen()
        self._tell()

    async def _unmute(self) -> None:
        await self._try(self._parts.sound.unmute())
        await self._take_microphones()

    def _tell(self) -> None:
        steps = self._found.steps(self._config(), self._loader.state(Part.TRANSCRIPTION))
        if steps != self._told:
            self._told = steps
            self._emit(SoundChecked(steps))

    def _fresh(self) -> SoundFindings:
        fresh = SoundFindings(self._parts.sound.clipped)
        fresh.microphones = self._found.microphones
        return fresh

    # --- tests ------------------------------------------------------------------------------------------

    def _start(self, test: SoundTest, work: Callable[[], Awaitable[None]]) -> None:
        if self._test is None:
            self._test = spawn(self._carry_out(test, work), "sound test", self._emit)

    async def _carry_out(self, test: SoundTest, work: Callable[[], Awaitable[None]]) -> None:
        self._emit(SoundTestChanged(test))
        try:
            await self._try(work())
        finally:
            self._sample, self._test = None, None
            self._emit(SoundTestChanged(None))

    async def _try(self, work: Awaitable[None]) -> None:
        try:
            await work
        except JarvisError as error:
            self._emit(SoundFailed(error))

    async def _record(self) -> None:
        self._recorded.clear()
        pieces: list[Samples] = []
        self._sample = pieces
        if self._found.device_error is None:
            await self._recorded.wait()
        if self._found.device_error is not None:
            raise self._found.device_error
        self._sample = None
        samples = np.concatenate(pieces)
        self._emit(SoundTestChanged(SoundTest.REPLAYING))
        replay = spawn(self._try(self._play(SpeechClip(samples, SAMPLE_RATE, ""))), "replay", self._emit)
        try:
            await self._loader.ready(Part.TRANSCRIPTION)
            transcript = await self._parts.transcriber.transcribe(
                samples, language=self._config().transcription.language
            )
            self._found.transcript = transcript
            unclear = transcript.guessed or not transcript.text
            self._emit(SampleTranscribed(transcript.text, transcript.language, unclear))
            self._tell()
            await asyncio.wait([replay])
        finally:
            await cancel(replay)

    async def _play(self, clip: SpeechClip) -> None:
        out = self._parts.audio_out()
        try:
            await out.start()
            await out.play(clip)
            await out.drain()
        finally:
            await out.stop()

    async def _measure_echo(self) -> None:
        """With devices of its own: the microphone that is watched is closed meanwhile."""
        try:
            async with self._opening:
                if self._watch is not None:
                    await cancel(self._watch)
                self._emit(await self._parts.sound.measure_echo())
        finally:
            await self._reopen()
