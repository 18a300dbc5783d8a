"""The asyncio runner behind the facade: one inbox, one dialogue state, tasks for whatever is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from jarvis_desktop.assistant import revising, speaking
from jarvis_desktop.assistant.announcer import Announcer
from jarvis_desktop.assistant.conversation_page import ConversationPage
from jarvis_desktop.assistant.desks import Desks, Wish
from jarvis_desktop.assistant.dictation import with_line_breaks
from jarvis_desktop.assistant.ears import Ears
from jarvis_desktop.assistant.idle_work import IdleWork
from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.memories.turn_memory import Memories
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.prompt import Recall, build_prompt, noted
from jarvis_desktop.assistant.question import Question
from jarvis_desktop.assistant.recordings import Recordings
from jarvis_desktop.assistant.revising import Revision
from jarvis_desktop.assistant.service import AssistantService
from jarvis_desktop.assistant.speculation import Prompt, Speculator, no_draft
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.assistant.tool_use import Consent, Offer
from jarvis_desktop.assistant.turn import Turn
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.config.schema import Config
from jarvis_desktop.dialogue import (
    AbortTurn,
    Acknowledge,
    CloseEars,
    Command,
    Dictate,
    EarsBack,
    Fact,
    FinishEars,
    Hush,
    MemoryChanged,
    NothingHeard,
    OpenEars,
    PauseSpeech,
    ResumeSpeech,
    StartTurn,
    State,
    TurnDone,
    WordsHeard,
    step,
)
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    AllowTool,
    Dictated,
    EarMode,
    Event,
    ExamineSound,
    IngestFiles,
    Intent,
    Interrupt,
    MemoriesChanged,
    NewConversation,
    OpenConversation,
    Part,
    PhaseChanged,
    PlayRecording,
    PressTalk,
    ReadAloud,
    RetryPart,
    SetHandsFree,
    SetMuted,
    SetWakeWord,
    ShowVersion,
    SoundIntent,
    TurnFinished,
)
from jarvis_desktop.ports import AudioOut, ChatOptions, PartialTranscript, Samples, SpeechClip, Transcript

RETRY_SECONDS = 2.0
"""How often a lost microphone is looked for."""


class Assistant:
    """Listens, answers and speaks. Runs on one event loop; only `post` may be called from elsewhere.

    `config` gives the settings as they are now. With `answers` off, what is heard is transcribed and not
    answered. `loader` has the heavy parts in its charge, `service` is what other programs may ask for.
    """

    def __init__(
        self,
        parts: Parts,
        config: Callable[[], Config],
        *,
        answers: bool = True,
    ) -> None:
        self._parts = parts
        self._config = config
        self._answers = answers
        self._listeners: tuple[Callable[[Event], None], ...] = ()
        self._inbox: asyncio.Queue[Intent | Fact | MemoryScope] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._state = State(muted=config().speech.muted, barge_in=config().listening.barge_in)
        self.loader = Loader(parts, self.emit, self._end_answer)
        self._ears = Ears(
            parts,
            self.loader.ready,
            self.emit,
            self._report,
            self._foresee,
            sleep_seconds=lambda: config().wake.sleep_s,
            answer=lambda: self._announcer.text or (self._turn[0].text if self._turn else ""),
        )
        self._recordings = Recordings(parts.history, self.emit)
        self.subscribe(self._recordings.take)
        self._announcer = Announcer(
            self._make_heard,
            self._recordings.clip,
            self._ears,
            lambda: self._turn[1] if self._turn else None,
            self.emit,
        )
        self._consent = Consent(lambda: config().tools, self.emit)
        self._offer = Offer(parts.tools, self.emit)
        self._page = ConversationPage(parts, self.emit, self._drop_waiting)
        self._desks = Desks(
            parts,
            self.loader,
            config,
            self.emit,
            self._page,
            self._close_conversation,
            lambda: self._recall().characters,
        )
        self.subscribe(self._desks.profile.note)
        self._lent: tuple[Intent, ...] = ()  # what opens the ears again after the sound was examined
        self._idle = IdleWork(parts, self.loader, config, self.emit)
        self._memories = Memories(parts, self.emit, self._idle.facts)
        self._speculator = Speculator(parts, self._make_prompt, self._can_think_ahead)
        self.service = AssistantService(parts, self.loader, config, self._memories, self._idle, self._recall)
        self._searching: asyncio.Task[None] | None = None  # for the microphone that was lost
        self._acknowledging: asyncio.Task[None] | None = None
        self._turn: tuple[Turn, asyncio.Task[None]] | None = None
        self._running: list[asyncio.Task[Any]] = []

    # --- life -------------------------------------------------------------------------------------------

    async def start(self, *, preload: bool = True, resume: bool = False) -> None:
        """Begin to work; with `preload` models load, and read what prompts begin with. Returns at once.

        With `resume` the conversation last talked in is shown, and what was left to be erased is erased.
        """
        self._loop = asyncio.get_running_loop()
        self._running.append(spawn(self._run(), "assistant", self.emit))
        self._running.append(spawn(self._desks.look_ups.sample(), "resources", self.emit))
        self._emit_phase()
        await self._page.list_all()
        if resume:
            await self._page.open_latest()
            self._desks.conversations.erase_deleted()
        if preload:
            self.loader.preload()
            self._running.append(spawn(self._parts.tools.specs(), "tools", self.emit))
            self._running.append(spawn(self._memories.warm(), "memory", self.emit))
            self._desks.models.offer()

    async def stop(self) -> None:
        """End whatever is under way, close the devices, release all models."""
        await self._ears.close(keep_microphone=False)
        await self._announcer.stop()
        await self._desks.stop()
        await self._end_answer()
        await self._speculator.stop()
        await self._memories.stop()
        await self._desks.conversations.settle()  # after what was told last is kept: it may have to go too
        await self._idle.stop()
        others = (self._searching, self._acknowledging)
        for task in (*self._running, *(task for task in others if task)):
            await cancel(task)
        await self.loader.stop()

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Have every event delivered on the core thread, in order; call the result to end it."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return unsubscribe

    def emit(self, event: Event) -> None:
        """Tell every listener."""
        for listener in self._listeners:
            listener(event)

    def post(self, intent: Intent) -> None:
        """Hand in a wish of the user; may be called from any thread. Wishes after `stop` are dropped."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._inbox.put_nowait, intent)

    def use_memory(self, scope: MemoryScope) -> None:
        """What is asked from now on is remembered there, and begins an empty page."""
        self._inbox.put_nowait(scope)

    async def stop_ingesting(self) -> None:
        """End taking in files, at once."""
        await self._desks.memory.stop(IngestFiles)

    @property
    def answered_by(self) -> tuple[str, str]:
        """The language model that answers now, and its kind of engine."""
        return self._parts.chat.model, self._parts.chat.engine

    async def measure(self) -> None:
        """Have the machine, the engine and the caches measured now, for the listeners."""
        await self._desks.look_ups.measure()
        await self._desks.look_ups.caches()

    async def wake_up(self) -> None:
        """The computer has slept: devices may be dead without a word, processes gone."""
        await self._ears.restart()
        await self.loader.restore()

    # --- the dialogue -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            message = await self._inbox.get()
            match message:
                case MemoryScope():
                    await self._change_memory(message)
                case NewConversation() | OpenConversation() | ShowVersion():
                    await self._page.take(message)
                case SoundIntent():
                    await self._examine_sound(message)
                case ReadAloud() | PlayRecording():
                    await self._announcer.take(message)
                case AllowTool():
                    self._consent.take(message)
                case RetryPart(part):
                    await self._retry(part)
                case _ if isinstance(message, Wish):
                    self._desks.take(message)
                case _:
                    await self._advance(message)

    async def _examine_sound(self, wish: SoundIntent) -> None:
        """What is said while the microphone is examined is no question: the ears are closed meanwhile."""
        if wish == ExamineSound(True) and not self._lent:
            open_for = SetHandsFree(self._state.hands_free), SetWakeWord(self._state.wake_word)
            self._lent = tuple(intent for intent in open_for if intent.on)
            await self._advance(SetHandsFree(False))
            await self._advance(SetWakeWord(False))
        await self._desks.sound.take(wish)
        if wish == ExamineSound(False):
            lent, self._lent = self._lent, ()
            for intent in lent:
                await self._advance(intent)

    async def _retry(self, part: Part) -> None:
        if part is Part.MICROPHONE:
            await self._ears.probe()
        elif part in self._parts.models():
            self.loader.reload(part)

    def _report(self, fact: Fact) -> None:
        if not self._answers and isinstance(fact, WordsHeard):
            fact = NothingHeard()
        self._inbox.put_nowait(fact)

    async def _advance(self, message: Intent | Fact) -> None:
        if isinstance(message, Interrupt) and await self._announcer.stop_reading():
            return  # it is what the user wants to end, and nothing else
        if isinstance(message, Interrupt | PressTalk) or message == SetMuted(True):
            await self._announcer.hush()
        before = self._state
        self._state, commands = step(before, message)
        for command in commands:
            await self._execute(command)
        if self._state.deaf and (self._searching is None or self._searching.done()):
            self._searching = spawn(self._search_microphone(), "microphone search", self.emit)
        # Told last: "listening" is shown when the microphone is open, "idle" when it is closed.
        self._emit_phase(before)

    async def _search_microphone(self) -> None:
        """Wait until a microphone that was lost, or never there, can be opened."""
        while self._state.deaf:
            await asyncio.sleep(RETRY_SECONDS)
            if self._state.deaf and await self._ears.probe(quietly=True):
                self._report(EarsBack())
                return

    def _emit_phase(self, before: State | None = None) -> None:
        def shown(state: State) -> PhaseChanged:
            modes = state.hands_free, state.muted, state.wake_word
            return PhaseChanged(state.phase, *modes, state.open_ears, state.dictating)

        if before is None or shown(before) != shown(self._state):
            self.emit(shown(self._state))

    async def _execute(self, command: Command) -> None:
        match command:
            case OpenEars(mode):
                await self._open_ears(mode)
            case FinishEars(keep):
                await self._ears.finish(keep_microphone=keep)
            case CloseEars(keep):
                await self._ears.close(keep_microphone=keep)
            case StartTurn():
                await self._announcer.hush()
                await self._page.begin()
                self._start_turn(command, await self._place(command))
            case AbortTurn() if self._turn is not None:
                self._ears.answer_ends()
                await self._end_answer()
            case Hush() | PauseSpeech() | ResumeSpeech() if self._turn is not None:
                await self._turn[0].steer(command)
            case Dictate(text):
                self.emit(Dictated(with_line_breaks(text)))
            case Acknowledge():
                self._acknowledging = spawn(speaking.acknowledge(self._parts), "acknowledgement", self.emit)

    async def _open_ears(self, mode: EarMode) -> None:
        """Listen; whoever is about to ask finds loaded again what was released."""
        if mode is not EarMode.WAKE:
            self.loader.load_released()
        await self._ears.open(mode)

    async def _place(self, command: StartTurn) -> Revision | None:
        """Where a question stands that comes instead of a turn; None: at the end."""
        if not command.instead_of:
            return None
        return await revising.revision(self._parts.history, self._page.id, command.instead_of, command.text)

    def _start_turn(self, command: StartTurn, place: Revision | None) -> None:
        self._ears.answer_begins()
        self._idle.hold()
        question = Question.asked(command, self._page.id, place)
        turn = self._new_turn(question, self._parts.audio_out)
        before = self._turn[0].id if self._turn is not None else ""
        self._recordings.keep(command, turn.id, question.conversation_id, before)
        self._turn = (turn, spawn(self._take_turn(turn, question), "turn", self.emit))

    def _new_turn(self, question: Question, audio_out: Callable[[], AudioOut]) -> Turn:
        with self._parts.history.bound(question.conversation_id):
            return Turn(
                question,
                self._parts,
                audio_out,
                self.loader.ready,
                self._recall(),
                self.emit,
                self._report,
                self._speculator.take if question.number else no_draft,
                self._consent,
                self._offer,
                self._memories,
                self._desks.attachments,
            )

    def _recall(self) -> Recall:
        config = self._config()
        return Recall(
            config.conversation.history_turns,
            config.engine.context_tokens - config.engine.max_tokens,
        )

    async def _end_answer(self) -> None:
        if self._turn is not None:
            await cancel(self._turn[1])
        await self._idle.stop()

    async def _take_turn(self, turn: Turn, question: Question) -> None:
        try:
            with suppress(JarvisError):  # the turn has told everybody
                await turn.run()
                self._desks.look_ups.measure_caches()
                if turn.answered is not None:
                    self._idle.follow_ups.take(turn.answered)
        finally:
            self._report(TurnDone(question.number))
            if self._turn is not None and self._turn[0] is turn:
                self._ears.answer_ends()
                self._idle.go_on()
            if turn.forgot and question.conversation_id == self._page.id:
                await self._page.open(self._page.id)  # the words are still on the screen
            elif question.revision is not None and question.conversation_id == self._page.id:
                await revising.list_versions(self._parts.history, question.conversation_id, self.emit)
        await self._page.list_all()

    # --- thinking ahead ---------------------------------------------------------------------------------

    def _foresee(self, partial: PartialTranscript | None, complete: bool) -> None:
        if partial is not None:
            self._idle.hold()
        elif not self._state.answering:
            self._idle.go_on()
        is_question = self._answers and not self._state.dictating and not self._state.answering
        if is_question and self._config().conversation.think_ahead:
            self._speculator.foresee(partial, complete=complete)

    async def _make_prompt(self, text: str, language: str) -> tuple[Prompt, ChatOptions]:
        approach, conversation = self._parts.approach(text), self._page.id
        earlier = await self._parts.history.messages(conversation) if conversation else ()
        options, recall, _ = await self._offer.made(approach.options, self._recall())
        with self._parts.history.bound(conversation):
            notes = noted((await self._memories.foresee(text)).passages, recall)
        files = await self._desks.attachments.given(conversation, text, recall.characters)
        now = datetime.now()
        prompt = build_prompt(approach.instructions, recall, earlier, text, language, now, notes, files)
        return prompt, options

    def _can_think_ahead(self) -> bool:
        return self.loader.is_ready(Part.ENGINE) and self.loader.is_ready(Part.SPEECH)

    # --- single stages, for the command line and the server ---------------------------------------------

    async def prepare(self, *parts: Part, memory: bool = False) -> None:
        """Load these parts side by side, and open the memory; raises the first error."""
        opening = asyncio.create_task(self._memories.warm() if memory else asyncio.sleep(0), name="memory")
        try:
            await asyncio.gather(*(self.loader.ready(part) for part in parts))
            await opening
        finally:  # nobody waits for it when a part failed
            await cancel(opening)

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        """Final text of a whole recording (16 kHz)."""
        await self.loader.ready(Part.TRANSCRIPTION)
        return await self._parts.transcriber.transcribe(samples, language=language)

    async def say(self, text: str, out: AudioOut | None = None, *, turn_id: str = "") -> float:
        """Speak a text, perhaps of a turn, on `out` (default: the loudspeaker); returns its seconds."""
        await self.loader.ready(Part.SPEECH)
        to = out if out is not None else self._parts.audio_out()
        return await speaking.speak(self._parts, text, to, self.emit, turn_id)

    async def ask(
        self,
        text: str,
        *,
        asked_at: float,
        transcribed_at: float | None = None,
        language: str = "",
        speak_to: AudioOut | None = None,
        remember: bool = True,
    ) -> TurnFinished:
        """One turn on its own, beside the dialogue; times are the loop's clock in s.

        `speak_to` takes the spoken answer; without `remember` nothing is stored. Raises `JarvisError`.
        """
        conversation = (await self._parts.history.new_conversation()).id if remember else ""
        question = Question(
            0, text, conversation, asked_at, transcribed_at, language, speak=speak_to is not None
        )
        turn = self._new_turn(question, self._parts.audio_out if speak_to is None else lambda: speak_to)
        return await turn.run()

    async def _make_heard(self, what: str | SpeechClip, turn_id: str) -> float:
        if isinstance(what, SpeechClip):
            return await speaking.replay(what, self._parts.audio_out(), self.emit, turn_id)
        return await self.say(what, turn_id=turn_id)

    def announce(self, text: str) -> None:
        """Speak a text of Jarvis' own, after the answer under way."""
        self._announcer.announce(text)

    # --- conversations ----------------------------------------------------------------------------------

    async def _close_conversation(self, conversation_id: str) -> bool:
        """End the answer under way in a conversation, and show an empty page where it was on show."""
        if self._turn is not None and self._turn[0].conversation_id == conversation_id:
            await cancel(self._turn[1])
        return await self._page.close(conversation_id)

    async def _drop_waiting(self) -> None:
        """What waits to be asked was for another conversation."""
        await self._advance(MemoryChanged())

    async def _change_memory(self, scope: MemoryScope) -> None:
        await self._desks.conversations.settle()
        self._recordings.clear()
        self._parts.history.use(scope)
        await self._page.open("")
        await self._drop_waiting()
        await self._page.list_all()
        self.emit(MemoriesChanged())
