"""From audio blocks to words: pumps one source through a voice detector into transcription sessions."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.dialogue import (
    Called,
    EarsClosed,
    Fact,
    FellAsleep,
    NothingHeard,
    UtteranceClosed,
    VoiceDropped,
    VoiceRaised,
    WordsHeard,
    WordsNoticed,
)
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    Discarded,
    EarMode,
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
    WakeWordHeard,
)
from jarvis_desktop.language import holds_order, only_murmurs, repeats
from jarvis_desktop.ports import (
    AudioBlock,
    AudioIn,
    PartialTranscript,
    Samples,
    Transcript,
    TranscriptionSession,
    TurnJudged,
    UtteranceEnded,
    VoiceContinued,
    VoiceDetector,
    VoiceDismissed,
    VoiceEvent,
    VoiceNoticed,
    VoiceStarted,
    VoiceStopped,
    WakeHeard,
)

log = logging.getLogger(__name__)

LEVEL_EVERY_BLOCKS = 3
"""Blocks of 20 ms between two level events: about 16 a second, smooth for the eye."""

CATCH_UP_SECONDS = 0.3
"""Longest wait for the last sound after the key went up; devices deliver it within 40 to 200 ms."""

WORDS_WITHIN_SECONDS = 2.0
"""A voice during an answer that makes no words for so long was none: a cough, a radio in the next room."""

REPLAY_SECONDS = 3.0
"""Sound kept while the wake word is awaited: a command in the same breath is heard from its first word."""


@dataclass(slots=True)
class _Utterance:
    """What is being said. `over`: the answer under way when it began, None where there was none."""

    session: TranscriptionSession
    over: str | None
    pieces: list[Samples] = field(default_factory=list)

    def feed(self, samples: Samples) -> None:
        self.pieces.append(samples)
        self.session.feed(samples)


class Ears:
    """Listens to one source at a time. All methods run on the core thread.

    `emit` takes events for the world, `report` takes facts for the dialogue. `foresee` is told how the
    utterance under way will probably read (None: not any more), and whether it sounds complete.
    `sleep_seconds` is the silence after which awake ears report that they fell asleep, `answer` what is being
    answered, or was last.
    """

    def __init__(
        self,
        parts: Parts,
        ready: Callable[[Part], Awaitable[None]],
        emit: Callable[[Event], None],
        report: Callable[[Fact], None],
        foresee: Callable[[PartialTranscript | None, bool], None],
        sleep_seconds: Callable[[], float],
        answer: Callable[[], str],
    ) -> None:
        self._parts = parts
        self._ready = ready
        self._emit = emit
        self._report = report
        self._foresee = foresee
        self._sleep_seconds = sleep_seconds
        self._answer = answer
        self._source: AudioIn | None = None
        self._pump: asyncio.Task[None] | None = None
        self._detector: VoiceDetector | None = None
        self._mode = EarMode.HANDS_FREE
        self._recent: deque[AudioBlock] = deque()  # of the last `REPLAY_SECONDS`
        self._called_at = math.inf  # end of the wake word: what follows is for the next detector
        self._awake_since = math.inf
        self._answering = False
        self._replaying = False
        self._listen_on = asyncio.Event()  # nothing is being answered that a file has to wait for
        self._listen_on.set()
        self._raised_at = math.inf  # begin of the voice that may be an interruption
        self._noticed = False  # words were found in the utterance under way
        self._complete = False  # it sounds complete
        self._partial: PartialTranscript | None = None
        self._hearing = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._catch_until = math.inf
        self._utterance_over = False  # since the ears were opened
        self._utterance: _Utterance | None = None
        self._partials: asyncio.Task[None] | None = None
        self._last_final: asyncio.Task[None] | None = None
        self._voice_start = self._voice_end = 0.0
        self._heard_until = 0.0
        self._offset = math.inf  # of the loop's clock against the source's, the smallest delay seen

    async def open(self, mode: EarMode) -> None:
        """Start hearing; a source that cannot be opened is reported as `Failed` and `EarsClosed`."""
        self._awake_since = self._heard_until if mode is EarMode.AWAKE else math.inf
        if not self._answering:
            self._listen_on.set()
        if self._detector is not None and self._mode is mode:
            return
        await self._drop_utterance()
        self._detector, self._mode = self._parts.detector(mode), mode
        self._utterance_over = False
        if self._source is None:
            self._source = await self._start_source()
            if self._source is None:
                self._detector = None
                self._report(EarsClosed(lost=True))
                return
            self._offset = math.inf
            self._heard_until = 0.0
            self._recent.clear()
            self._pump = spawn(self._run(self._source), "microphone", self._emit)
        replayed = [block for block in self._recent if block.start >= self._called_at]
        self._called_at = math.inf
        self._hearing.set()
        for block in replayed:
            await self._detect(block)

    def answer_begins(self, *, replay: bool = False) -> None:
        """An answer is under way: what is heard may be an interruption, and files wait.

        With `replay` it is what the user said before, and no utterance begins: it would be that.
        """
        self._answering, self._replaying = True, replay
        self._listen_on.clear()

    def answer_ends(self) -> None:
        """No answer is under way any more."""
        self._answering = self._replaying = False
        self._listen_on.set()
        self._raised_at = math.inf

    async def restart(self) -> None:
        """Open the source anew; what was said until now is not lost."""
        if self._source is None:
            return
        mode, detector = self._mode, self._stop_hearing()
        if detector is not None:
            await self._take(await detector.finish())
        await self._release_source()
        if detector is not None:
            await self.open(mode)

    async def probe(self, *, quietly: bool = False) -> bool:
        """Whether the microphone can be opened now; unless `quietly`, why it cannot is told."""
        if self._source is None:
            source = await self._start_source(quietly=quietly)
            if source is None:
                return False
            await source.stop()
        return True

    async def _start_source(self, *, quietly: bool = False) -> AudioIn | None:
        """The opened source; None where there is none."""
        source = self._parts.audio_in()
        try:
            await source.start()
        except JarvisError as error:
            if not quietly:
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
        lost = False
        try:
            count = 0
            async for block in source.blocks():
                if not source.live:
                    await self._hearing.wait()
                    await self._listen_on.wait()
                if count % LEVEL_EVERY_BLOCKS == 0:
                    self._emit(LevelMeasured(block.rms_dbfs, block.peak_dbfs))
                count += 1
                await self._hear(block)
        except JarvisError as error:
            lost = True
            self._microphone_failed(source, error)
        else:
            if source.endless and source is self._source and self._detector is not None:
                await self.restart()  # the system has another default microphone now
                return
        detector = self._stop_hearing()
        if detector is not None:
            await self._take(await detector.finish())
        await self._release_source()
        if self._last_final is not None:
            await asyncio.wait([self._last_final])
        self._report(EarsClosed(lost))

    def _microphone_failed(self, source: AudioIn, error: JarvisError) -> None:
        self._emit(PartChanged(Part.MICROPHONE, PartState.FAILED, source.name, error=error))
        self._emit(Failed(error))

    async def _hear(self, block: AudioBlock) -> None:
        self._heard_until = block.end
        self._offset = min(self._offset, asyncio.get_running_loop().time() - block.end)
        self._recent.append(block)
        while block.end - self._recent[0].end > REPLAY_SECONDS:
            self._recent.popleft()
        await self._detect(block)
        self._watch_time(block.end)
        if block.end >= self._catch_until:
            self._caught_up.set()

    async def _detect(self, block: AudioBlock) -> None:
        detector = self._detector
        if detector is None or self._called_at < math.inf:
            return
        events = await detector.feed(block)
        if detector is self._detector:  # else closed meanwhile
            await self._take(events)

    def _watch_time(self, now: float) -> None:
        """Tell what only the passing of time shows."""
        if now - self._raised_at > WORDS_WITHIN_SECONDS and not self._noticed:
            self._raised_at = math.inf
            self._report(VoiceDropped())
        if self._utterance is not None or self._answering:
            self._awake_since = max(self._awake_since, now) if self._awake_since < math.inf else math.inf
        elif now - self._awake_since > self._sleep_seconds():
            self._awake_since = math.inf
            self._report(FellAsleep())

    async def _take(self, events: Sequence[VoiceEvent]) -> None:
        for event in events:
            match event:
                case WakeHeard() if not self._replaying:
                    self._called_at = event.end
                    self._emit(WakeWordHeard(event.score, event.end))
                    self._report(Called())
                case VoiceNoticed():
                    self._raised_at = self._heard_until
                    self._report(VoiceRaised())
                case VoiceDismissed():
                    self._raised_at = math.inf
                    self._report(VoiceDropped())
                case VoiceStarted() if not self._replaying:
                    self._begin(event)
                case VoiceContinued() if self._utterance is not None:
                    self._utterance.feed(event.samples)
                case VoiceStopped() if self._utterance is not None:
                    self._voice_end = event.end
                    self._complete = False
                    self._utterance.session.settle()
                    self._emit(SpeechEnded(event.end))
                case TurnJudged() if self._utterance is not None:
                    self._complete = event.over
                    self._foresee(self._partial, self._complete)
                case UtteranceEnded():
                    self._end(event)

    def _begin(self, event: VoiceStarted) -> None:
        self._emit(SpeechStarted(event.start))
        self._voice_start = event.start
        self._noticed = self._complete = False
        self._partial = None
        over = self._answer() if self._answering else None
        utterance = self._utterance = _Utterance(self._parts.transcriber.session(), over)
        utterance.feed(event.samples)
        self._partials = spawn(self._show_partials(utterance), "live text", self._emit)

    async def _show_partials(self, utterance: _Utterance) -> None:
        try:
            await self._ready(Part.TRANSCRIPTION)
            async for partial in utterance.session.partials():
                self._emit(PartialTranscribed(partial.stable, partial.unstable, self._heard_until))
                self._notice_words(partial, utterance)
        except JarvisError as error:
            # The final decode of the same audio reports it to the user; twice would only confuse.
            log.warning("live text stopped", extra={"code": error.code})

    def _notice_words(self, partial: PartialTranscript, utterance: _Utterance) -> None:
        self._partial = partial
        if partial.final is not None and self._detector is not None:
            self._detector.reads(partial.final.text)
        sure = partial.final.text if partial.final is not None else partial.stable
        unclear = partial.final is not None and _unclear(partial.final)
        echo = utterance.over is not None and (unclear or self._echoes(sure, utterance))
        if sure and not self._noticed and not echo and not only_murmurs(sure):
            self._noticed = True
            self._report(WordsNoticed())
        self._foresee(partial, self._complete)

    def _echoes(self, text: str, utterance: _Utterance) -> bool:
        """Whether it is what Jarvis said when the utterance began, or says now."""
        over = utterance.over
        return over is not None and (repeats(text, over) or repeats(text, self._answer()))

    def _end(self, event: UtteranceEnded) -> None:
        utterance = self._utterance
        if utterance is None:
            return
        self._voice_end = event.end
        self._utterance_over = True
        reason = "released" if self._mode is EarMode.HELD and event.reason == "source-ended" else event.reason
        self._emit(TurnEnded(event.end, reason))
        self._listen_on.clear()  # until it is known whether an answer follows
        self._report(UtteranceClosed())
        partials = self._partials
        self._utterance = self._partials = None
        heard = WordsHeard(
            "",
            "",
            self._loop_time(event.end),
            closed_at=asyncio.get_running_loop().time(),
            spoken_s=event.end - self._voice_start,
        )
        self._last_final = spawn(
            self._finalise(utterance, partials, event.end, heard, self._last_final),
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
        utterance: _Utterance,
        partials: asyncio.Task[None] | None,
        end: float,
        heard: WordsHeard,
        before: asyncio.Task[None] | None,
    ) -> None:
        """The final text of what was `heard`, in the order the utterances were spoken."""
        if before is not None:
            await asyncio.wait([before])
        try:
            await self._ready(Part.TRANSCRIPTION)
            transcript = await utterance.session.finish()
            if partials is not None:
                await asyncio.wait([partials])
        except asyncio.CancelledError:
            await utterance.session.cancel()
            raise
        except JarvisError as error:
            self._emit(Failed(error))
            self._report(NothingHeard())
            return
        nothing = "" if transcript.text else "no-words"
        if self._answering and only_murmurs(transcript.text):
            nothing = "murmur"
        elif self._echoes(transcript.text, utterance):
            nothing = "echo"
        elif utterance.over is not None and _unclear(transcript):
            nothing = "unclear"
        if not nothing:
            self._emit(Transcribed(transcript.text, transcript.language, end))
            recording = np.concatenate(utterance.pieces)
            words = replace(heard, text=transcript.text, language=transcript.language, recording=recording)
            self._report(words)
        else:
            self._foresee(None, False)
            self._emit(Discarded(nothing, end))
            self._report(NothingHeard())

    async def _drop_utterance(self) -> None:
        utterance, partials = self._utterance, self._partials
        self._utterance = self._partials = None
        self._raised_at = math.inf
        if utterance is not None:
            self._foresee(None, False)
            await utterance.session.cancel()
        if partials is not None:
            await cancel(partials)


def _unclear(transcript: Transcript) -> bool:
    """What a recogniser makes of a cough with a rest of Jarvis' own voice in it."""
    return transcript.guessed and not holds_order(transcript.text)
