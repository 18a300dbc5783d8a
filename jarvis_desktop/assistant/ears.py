"""From audio blocks to words: pumps one source through a voice detector into transcription sessions."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.dialogue import EarsClosed, Fact, NothingHeard, UtteranceClosed, WordsHeard
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    Discarded,
    Event,
    Failed,
    LevelMeasured,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    SpeechEnded,
    SpeechStarted,
    Transcribed,
    TurnEnded,
)
from jarvis_desktop.ports import (
    AudioBlock,
    AudioIn,
    TranscriptionSession,
    UtteranceEnded,
    VoiceContinued,
    VoiceDetector,
    VoiceEvent,
    VoiceStarted,
    VoiceStopped,
)

log = logging.getLogger(__name__)

LEVEL_EVERY_BLOCKS = 3
"""Blocks of 20 ms between two level events: about 16 a second, smooth for the eye."""

CATCH_UP_SECONDS = 0.3
"""Longest wait for the last sound after the key went up; devices deliver it within 40 to 200 ms."""


class Ears:
    """Listens to one source at a time. All methods run on the core thread.

    `emit` takes events for the world, `report` takes facts for the dialogue.
    """

    def __init__(
        self,
        parts: Parts,
        ready: Callable[[Part], Awaitable[None]],
        emit: Callable[[Event], None],
        report: Callable[[Fact], None],
    ) -> None:
        self._parts = parts
        self._ready = ready
        self._emit = emit
        self._report = report
        self._source: AudioIn | None = None
        self._pump: asyncio.Task[None] | None = None
        self._detector: VoiceDetector | None = None
        self._held = False
        self._hearing = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._catch_until = math.inf
        self._utterance_over = False  # since the ears were opened
        self._session: TranscriptionSession | None = None
        self._partials: asyncio.Task[None] | None = None
        self._last_final: asyncio.Task[None] | None = None
        self._voice_end = 0.0
        self._heard_until = 0.0
        self._offset = math.inf  # of the loop's clock against the source's, the smallest delay seen

    async def open(self, *, held: bool) -> None:
        """Start hearing; a source that cannot be opened is reported as `Failed` and `EarsClosed`."""
        if self._detector is not None and self._held == held:
            return
        await self._drop_utterance()
        self._detector, self._held = self._parts.detector(held), held
        self._utterance_over = False
        if self._source is None:
            self._source = await self._start_source()
            if self._source is None:
                self._detector = None
                self._report(EarsClosed())
                return
            self._offset = math.inf
            self._pump = spawn(self._run(self._source), "microphone", self._emit)
        self._hearing.set()

    async def probe(self) -> None:
        """Tell whether the microphone can be opened now."""
        if self._source is None and (source := await self._start_source()) is not None:
            await source.stop()

    async def _start_source(self) -> AudioIn | None:
        """The opened source; None after telling why there is none."""
        source = self._parts.audio_in()
        try:
            await source.start()
        except JarvisError as error:
            self._microphone_failed(source, error)
            return None
        self._emit(PartChanged(Part.MICROPHONE, PartState.READY, source.name))
        return source

    async def finish(self, *, keep_microphone: bool) -> None:
        """The talk key went up: close the utterance and transcribe it."""
        await self._catch_up()
        detector = self._stop_hearing()
        closing = await detector.finish() if detector is not None else ()
        await self._take(closing)
        if not keep_microphone:
            await self._release_source()
        if detector is None:
            return
        if not self._utterance_over:
            await self._drop_utterance()
            self._emit(Discarded("too-short", self._voice_end))
            self._report(NothingHeard())

    async def _catch_up(self) -> None:
        """Wait for the sound that was made before now and is still on its way from the device."""
        if self._source is None or not self._source.live or not math.isfinite(self._offset):
            return
        self._caught_up = asyncio.Event()
        self._catch_until = asyncio.get_running_loop().time() - self._offset
        with suppress(TimeoutError):
            async with asyncio.timeout(CATCH_UP_SECONDS):
                await self._caught_up.wait()
        self._catch_until = math.inf

    async def close(self, *, keep_microphone: bool) -> None:
        """Stop hearing and forget what is not text yet."""
        self._stop_hearing()
        if not keep_microphone:
            await self._release_source()
        await self._drop_utterance()
        if self._last_final is not None:
            await cancel(self._last_final)
            self._last_final = None

    def _stop_hearing(self) -> VoiceDetector | None:
        detector, self._detector = self._detector, None
        self._hearing.clear()
        return detector

    async def _release_source(self) -> None:
        source, pump = self._source, self._pump
        self._source = self._pump = None
        if pump is not None and pump is not asyncio.current_task():
            await cancel(pump)
        if source is not None:
            await source.stop()

    async def _run(self, source: AudioIn) -> None:
        """Pump blocks until the source ends or fails; an utterance under way is then finished, not lost."""
        try:
            count = 0
            async for block in source.blocks():
                if not source.live:
                    await self._hearing.wait()
                if count % LEVEL_EVERY_BLOCKS == 0:
                    self._emit(LevelMeasured(block.rms_dbfs, block.peak_dbfs))
                count += 1
                await self._hear(block)
        except JarvisError as error:
            self._microphone_failed(source, error)
        detector = self._stop_hearing()
        if detector is not None:
            await self._take(await detector.finish())
        await self._release_source()
        if self._last_final is not None:
            await asyncio.wait([self._last_final])
        self._report(EarsClosed())

    def _microphone_failed(self, source: AudioIn, error: JarvisError) -> None:
        self._emit(PartChanged(Part.MICROPHONE, PartState.FAILED, source.name, error=error))
        self._emit(Failed(error))

    async def _hear(self, block: AudioBlock) -> None:
        self._heard_until = block.end
        self._offset = min(self._offset, asyncio.get_running_loop().time() - block.end)
        detector = self._detector
        if detector is None:
            return
        events = await detector.feed(block)
        if detector is self._detector:  # else closed meanwhile
            await self._take(events)
        if block.end >= self._catch_until:
            self._caught_up.set()

    async def _take(self, events: Sequence[VoiceEvent]) -> None:
        for event in events:
            match event:
                case VoiceStarted():
                    self._begin(event)
                case VoiceContinued() if self._session is not None:
                    self._session.feed(event.samples)
                case VoiceStopped():
                    self._voice_end = event.end
                    self._emit(SpeechEnded(event.end))
                case UtteranceEnded():
                    self._end(event)

    def _begin(self, event: VoiceStarted) -> None:
        self._emit(SpeechStarted(event.start))
        self._session = self._parts.transcriber.session()
        self._session.feed(event.samples)
        self._partials = spawn(self._show_partials(self._session), "live text", self._emit)

    async def _show_partials(self, session: TranscriptionSession) -> None:
        try:
            await self._ready(Part.TRANSCRIPTION)
            async for partial in session.partials():
                self._emit(PartialTranscribed(partial.stable, partial.unstable, self._heard_until))
        except JarvisError as error:
            # The final decode of the same audio reports it to the user; twice would only confuse.
            log.warning("live text stopped", extra={"code": error.code})

    def _end(self, event: UtteranceEnded) -> None:
        if self._session is None:
            return
        self._voice_end = event.end
        self._utterance_over = True
        reason = "released" if self._held and event.reason == "source-ended" else event.reason
        self._emit(TurnEnded(event.end, reason))
        self._report(UtteranceClosed())
        session, partials = self._session, self._partials
        self._session = self._partials = None
        ended_at = self._loop_time(event.end)
        self._last_final = spawn(
            self._finalise(session, partials, event.end, ended_at, self._last_final),
            "transcription",
            self._emit,
        )

    def _loop_time(self, audio_time: float) -> float:
        """When the sound of `audio_time` reached the program, on the loop's clock.

        A file read faster than real time has no such moment: there the turn's end is now.
        """
        now = asyncio.get_running_loop().time()
        live = self._source is not None and self._source.live
        return min(now, audio_time + self._offset) if live and math.isfinite(self._offset) else now

    async def _finalise(
        self,
        session: TranscriptionSession,
        partials: asyncio.Task[None] | None,
        end: float,
        ended_at: float,
        before: asyncio.Task[None] | None,
    ) -> None:
        """The final text, in the order the utterances were spoken."""
        if before is not None:
            await asyncio.wait([before])
        try:
            await self._ready(Part.TRANSCRIPTION)
            transcript = await session.finish()
            if partials is not None:
                await asyncio.wait([partials])
        except asyncio.CancelledError:
            await session.cancel()
            raise
        except JarvisError as error:
            self._emit(Failed(error))
            self._report(NothingHeard())
            return
        if transcript.text:
            self._emit(Transcribed(transcript.text, transcript.language, end))
            self._report(WordsHeard(transcript.text, transcript.language, ended_at))
        else:
            self._emit(Discarded("no-words", end))
            self._report(NothingHeard())

    async def _drop_utterance(self) -> None:
        session, partials = self._session, self._partials
        self._session = self._partials = None
        if session is not None:
            await session.cancel()
        if partials is not None:
            await cancel(partials)
