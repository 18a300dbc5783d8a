"""One exchange: a question in; tokens, sentences, speech and a stored answer out."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime

from jarvis_desktop.assistant import attached
from jarvis_desktop.assistant.attached import Attached
from jarvis_desktop.assistant.attachment_desk import AttachmentDesk
from jarvis_desktop.assistant.energy import EnergyGauge
from jarvis_desktop.assistant.follow_ups import Answered
from jarvis_desktop.assistant.memories.remembering import Said
from jarvis_desktop.assistant.memories.turn_memory import Memories, TurnMemory
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.prompt import Recall, build_prompt, noted
from jarvis_desktop.assistant.question import Question
from jarvis_desktop.assistant.speaking import Captions
from jarvis_desktop.assistant.speculation import Draft, Prompt
from jarvis_desktop.assistant.tool_use import Consent, Offer, ToolRounds
from jarvis_desktop.dialogue import Fact, Hush, PauseSpeech, ReplyStarted, ResumeSpeech, SpeechStartedPlaying
from jarvis_desktop.errors import EngineError, JarvisError
from jarvis_desktop.events import (
    ConversationOpened,
    Energy,
    Event,
    Failed,
    Interrupted,
    Message,
    Part,
    PartChanged,
    PartState,
    PlaybackEnded,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    ReplySentence,
    ReplyToken,
    Role,
    Speculation,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import Asked, AudioOut, ChatDelta, ChatOptions, SpeechClip
from jarvis_desktop.telemetry import logs
from jarvis_desktop.telemetry.turns import TurnClock

log = logging.getLogger(__name__)

SNAPSHOT_SECONDS = 2.0
"""How often a growing answer is stored, so that a crash loses at most this much of it."""

NOTICED_SECONDS = 0.05
"""A model that was ready takes less to say so."""


class Turn:
    """Runs one question to its end; cancelling `run` interrupts it and keeps what was heard or shown."""

    def __init__(
        self,
        question: Question,
        parts: Parts,
        audio_out: Callable[[], AudioOut],
        ready: Callable[[Part], Awaitable[None]],
        recall: Recall,
        emit: Callable[[Event], None],
        report: Callable[[Fact], None],
        take_draft: Callable[[Prompt, ChatOptions], Awaitable[tuple[Draft | None, Speculation]]],
        consent: Consent,
        offer: Offer,
        memories: Memories,
        files: AttachmentDesk,
    ) -> None:
        self._again = question.revision.asked if question.revision is not None else None
        self.id = self._again.turn_id if self._again is not None else uuid.uuid4().hex
        self.forgot = False
        """Whether it took words out of stored conversations."""

        self._question = question
        self._parts, self._history = parts, parts.history
        self._bound = parts.history.bound(question.conversation_id)
        self._synthesizer, self._new_chunker = parts.synthesizer, parts.chunker
        self._open_output = audio_out
        self._ready = ready
        self._approach = parts.approach(question.text)
        self._answers = parts.answers
        self._offer = offer
        self._rounds = ToolRounds(self.id, parts.tools, consent, lambda: parts.chat, emit)
        self._recall = recall
        self._emit = emit
        self._report = report
        self._take_draft = take_draft
        self.answered: Answered | None = None
        """What the model was given and wrote, where nothing else came between."""

        self._draft: Draft | None = None
        self._speculation = Speculation()
        self._language = question.language or guess_language(question.text)
        self._question_id = self._again.id if self._again is not None else uuid.uuid4().hex
        self._reply_id = uuid.uuid4().hex
        said = question.text, self._language, self._question_id, self.id, question.conversation_id
        self._files, self._attached = files, Attached()
        self._memory = TurnMemory(memories, Said(*said, parts.history.scope.owner))
        spoken_ms = None if question.spoken_s is None else 1000 * question.spoken_s
        self._clock = TurnClock(question.asked_at, _now, spoken_ms)
        self._gauge = EnergyGauge()
        self._chunks: asyncio.Queue[str | None] = asyncio.Queue()  # bounded by the length of one answer
        self._speaking: asyncio.Task[None] | None = None
        self._text = ""
        self._heard = ""
        self._hushed = False
        self._paused = False
        self._out: AudioOut | None = None  # once it is open
        self._storage_failed = False
        self._usage = Usage()
        self._route = self._approach.route
        self._answered_by = parts.chat.model, parts.chat.engine
        self._stored_at: float | None = None

    @property
    def text(self) -> str:
        """The answer so far, as it was generated."""
        return self._text

    @property
    def conversation_id(self) -> str:
        return self._question.conversation_id

    async def run(self) -> TurnFinished:
        """The finished turn. Raises the `JarvisError` of a failed answer, after `Failed` was emitted."""
        with logs.bound(turn_id=self.id), self._bound:
            return await self._run()

    async def _run(self) -> TurnFinished:
        question = self._question
        self._gauge.begin()
        if question.closed_at is not None:
            self._clock.mark("turn_end", question.closed_at)
        if question.transcribed_at is not None:
            self._clock.mark("transcript", question.transcribed_at)
        self._memory.begin(lambda: self._clock.mark("recall"))
        try:
            return await self._answer()
        finally:
            await self._gauge.stop()
            self._memory.end(told=self._again is None)

    async def _answer(self) -> TurnFinished:
        question = self._question
        earlier = await self._accept()
        try:
            async with asyncio.TaskGroup() as group:
                if question.speak:
                    self._speaking = group.create_task(self._speak(), name="speak")
                await (self._obey(earlier) if self._memory.answers else self._generate(earlier))
        except asyncio.CancelledError:
            # Where nothing was spoken yet the user has read the answer, and keeps what was shown.
            kept = self._text if self._hushed else self._heard or self._text
            self._emit(Interrupted(self.id, kept))
            await self._finish(kept, interrupted=True)
            raise
        except BaseExceptionGroup as group_error:
            error = _first_error(group_error)
            log.warning("the turn failed: %s", error.code)
            await self._store(self._text, error_code=error.code)
            self._emit(Failed(error, self.id, self._text))
            raise error from group_error
        return await self._finish(self._text, interrupted=False)

    async def steer(self, command: Hush | PauseSpeech | ResumeSpeech) -> None:
        """Stop speaking, fall silent for now, or speak on; the answer goes on in writing."""
        match command:
            case Hush():
                self._hushed = True
                if self._speaking is not None:
                    self._speaking.cancel()
            case PauseSpeech():
                self._paused = True
                if self._out is not None:
                    await self._out.pause()
                    self._emit(PlaybackPaused(self.id))
            case ResumeSpeech():
                self._paused = False
                if self._out is not None:
                    await self._out.resume()
                    self._emit(PlaybackResumed(self.id))

    async def _accept(self) -> Sequence[Message]:
        """Store the question, so that it outlives any crash, and fetch what was said before it."""
        question = self._question
        earlier: Sequence[Message] = ()
        if question.conversation_id:
            if question.revision is not None:
                earlier = question.revision.earlier
            else:
                earlier = await self._history.messages(question.conversation_id)
            if self._again is None:
                asked = self._message(self._question_id, Role.USER, question.text)
                await self._keep(asked, new=True, after=earlier[-1].id if earlier else "")
        if (place := question.revision) is not None:  # what was there is no longer on show
            private = self._history.is_private(question.conversation_id)
            self._emit(
                ConversationOpened(
                    question.conversation_id, place.earlier, private=private, versions=place.versions
                )
            )
        spoken = question.transcribed_at is not None
        self._emit(TurnStarted(self.id, question.conversation_id, question.text, spoken))
        return earlier

    async def _obey(self, earlier: Sequence[Message]) -> None:
        """Have the memory do what the user wants of it, and answer; no model is asked."""
        self._answered_by = "", "memory"
        _, self._speculation = await self._take_draft((), ChatOptions())  # what was begun is dropped
        answer, chunker = await self._memory.answer(earlier), self._new_chunker()
        self._clock.mark("recall")
        self.forgot = answer.forgot
        await self._grow(answer.text)
        self._hand_over([*chunker.push(answer.text), *chunker.flush()])
        self._chunks.put_nowait(None)

    async def _generate(self, earlier: Sequence[Message]) -> None:
        text = self._question.text
        remembers = bool(self._question.conversation_id)
        options, recall, room = await self._offer.made(
            self._approach.options, self._recall, remembers=remembers
        )
        if not options.model:  # another one loads when it is asked
            await self._load_engine()
        chat = self._parts.chat  # not before: another one may have taken its place meanwhile
        notes = noted((await self._memory.recalled()).passages, recall)
        self._memory.give(notes)
        files = await self._files.given(self._question.conversation_id, text, recall.characters)
        self._attached = files
        instructions, now = self._approach.instructions, datetime.now()
        prompt = build_prompt(instructions, recall, earlier, text, self._language, now, notes, files)
        asked = Asked(text, self._language, self._approach, options.model or chat.model, tuple(prompt[1:-1]))
        chunker = self._new_chunker()
        self._draft, self._speculation = await self._take_draft(prompt, options)
        if self._draft is not None:
            stream = self._draft.deltas()
        else:  # what memory and files add is nobody else's, and may be forgotten
            stream = self._stream(None if notes or files or self._again else asked, prompt, options)
        if options.tools:
            quoted = bool(files) or self._memory.quotes
            stream = self._rounds.answer(stream, prompt, options, room, quoted=quoted)
        async with aclosing(stream) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                if delta.usage is not None:
                    self._usage = delta.usage
                    self._answered_by = delta.model or chat.model, delta.engine or chat.engine
                if delta.text:
                    await self._grow(delta.text)
                    self._hand_over(chunker.push(delta.text))
        self._hand_over(chunker.flush())
        self._chunks.put_nowait(None)
        if not (options.model or options.tools or self._route.reused):
            self.answered = Answered(self.id, text, prompt, self._text, self._language)
        whole = self._usage.completion_tokens < options.max_tokens  # else it was cut
        if self._text.strip() and whole and not notes and not files and not self._rounds.uses:
            await self._answers.keep(asked, self._text)
        if not self._text.strip():
            raise EngineError(
                "engine.empty_answer",
                "The model {model} gave an empty answer.",
                "Ask again, or choose another model in the settings.",
                model=chat.model,
            )

    async def _load_engine(self) -> None:
        """Wait for the language model; a wait that the user notices counts as a stage of its own."""
        began = _now()
        await self._ready(Part.ENGINE)
        if _now() - began > NOTICED_SECONDS:
            self._clock.mark("loaded")

    async def _stream(
        self, asked: Asked | None, prompt: Prompt, options: ChatOptions
    ) -> AsyncIterator[ChatDelta]:
        """The answer given before to the same, where there is one, else the model's."""
        known = await self._answers.find(asked) if asked is not None else None
        if asked is not None and known is not None:
            self._route = replace(self._route, reused=True)
            yield ChatDelta(known, Usage(), asked.model, self._parts.chat.engine)
            return
        async with aclosing(self._parts.chat.stream(prompt, options)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                yield delta

    async def _grow(self, text: str) -> None:
        if not self._text:
            self._clock.mark("first_token")
            self._report(ReplyStarted(self._question.number))
        self._text += text
        self._emit(ReplyToken(self.id, text))
        if self._stored_at is None or _now() - self._stored_at >= SNAPSHOT_SECONDS:
            await self._store(self._text)

    def _hand_over(self, chunks: Sequence[str]) -> None:
        for chunk in chunks:
            self._clock.mark("first_sentence")
            self._emit(ReplySentence(self.id, chunk))
            self._chunks.put_nowait(chunk)

    async def _speak(self) -> None:
        """Speak the chunks in order; failing speech leaves the written answer alone."""
        out = self._open_output()
        clips: list[SpeechClip] = []
        captions = Captions(out, clips, self._emit, self.id)
        listener: asyncio.Task[None] | None = None
        try:
            await self._ready(Part.SPEECH)
            while (chunk := await self._chunks.get()) is not None:
                clip = await self._synthesize(chunk)
                if not len(clip.samples):
                    continue
                if not clips:
                    await self._start_speaking(out)
                    listener = asyncio.create_task(self._notice_first_sound(out), name="first sound")
                    captions.begin()
                clips.append(clip)
                await out.play(clip)
            if listener is not None:
                await out.drain()
                await listener
        except JarvisError as error:
            self._emit(Failed(error))
        finally:
            self._out = None
            self._heard = heard_text(clips, out.heard_seconds)
            if listener is not None:
                listener.cancel()
            captions.end()
            if self._draft is not None:
                await self._draft.drop()
            await out.stop()
            if clips:
                self._emit(PlaybackEnded(self.id, self._heard))

    async def _synthesize(self, chunk: str) -> SpeechClip:
        """Speech of a chunk, which may be there already; each in the language it is written in."""
        clip = await self._draft.clip(chunk) if self._draft is not None else None
        return clip or await self._synthesizer.synthesize(chunk, guess_language(chunk) or self._language)

    async def _start_speaking(self, out: AudioOut) -> None:
        await out.start()
        self._out = out
        if self._paused:  # the user speaks already
            await out.pause()
        self._emit(PartChanged(Part.LOUDSPEAKER, PartState.READY, out.name))

    async def _notice_first_sound(self, out: AudioOut) -> None:
        await out.wait_audible()
        self._clock.mark("first_audio")
        self._emit(PlaybackStarted(self.id))
        self._report(SpeechStartedPlaying(self._question.number))

    async def _finish(self, reply: str, *, interrupted: bool) -> TurnFinished:
        self._clock.mark("total")
        if reply or self._stored_at is not None:
            await self._store(reply, interrupted=interrupted)
        cited = self._attached.cited(self._question.text, reply)
        if cited:
            await self._files.note_use(self.id, cited)
        done = TurnFinished(
            self.id,
            reply,
            *self._answered_by,
            self._clock.timings(),
            self._usage,
            interrupted,
            self._speculation,
            self._route,
            tuple(self._rounds.uses),
            (*attached.citations(cited), *self._memory.citations(reply)),
            self._memory.notes.skipped,
            Energy() if interrupted else await self._gauge.end(),  # who interrupts does not wait for it
        )
        self._emit(done)
        log.info("turn done, interrupted: %s, timings: %s, usage: %s", interrupted, done.timings, done.usage)
        return done

    async def _store(self, text: str, *, interrupted: bool = False, error_code: str = "") -> None:
        if not self._question.conversation_id:
            return
        message = replace(
            self._message(self._reply_id, Role.ASSISTANT, text),
            interrupted=interrupted,
            error_code=error_code,
        )
        new, self._stored_at = self._stored_at is None, _now()
        await self._keep(message, new=new, after=self._question_id)

    async def _keep(self, message: Message, *, new: bool, after: str) -> None:
        """Store a message; a disk that refuses is reported once and does not cost the user the answer."""
        try:
            await (self._history.append(message, after) if new else self._history.replace(message))
        except JarvisError as error:
            if not self._storage_failed:
                self._storage_failed = True
                self._emit(Failed(error))

    def _message(self, message_id: str, role: Role, text: str) -> Message:
        return Message(message_id, self._question.conversation_id, self.id, role, text, time.time())


def heard_text(clips: Sequence[SpeechClip], seconds: float) -> str:
    """The words of `clips` that `seconds` of playback made audible; a cut clip counts by whole words."""
    heard: list[str] = []
    for clip in clips:
        if seconds >= clip.seconds:
            heard.append(clip.text)
        elif seconds > 0:
            heard.append(_said(clip, seconds))
        seconds -= clip.seconds
    return " ".join(part.strip() for part in heard if part.strip())


def _said(clip: SpeechClip, seconds: float) -> str:
    """What of a clip's text was said after `seconds`: by its marks, else in proportion."""
    if clip.marks:
        return clip.text[: max((mark.end for mark in clip.marks if mark.seconds <= seconds), default=0)]
    words = clip.text.split()
    return " ".join(words[: int(len(words) * seconds / clip.seconds)])


def _now() -> float:
    return asyncio.get_running_loop().time()


def _first_error(group: BaseExceptionGroup[BaseException]) -> JarvisError:
    """The cause of a failed turn; anything but a `JarvisError` is a defect and goes on as it is."""
    for error in group.exceptions:
        if isinstance(error, JarvisError):
            return error
    raise group
