"""The asyncio runner behind the facade: one inbox, one dialogue state, tasks for whatever is under way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from jarvis_desktop.assistant import revising
from jarvis_desktop.assistant.announcer import Announcer
from jarvis_desktop.assistant.conversation_desk import ConversationDesk
from jarvis_desktop.assistant.ears import Ears
from jarvis_desktop.assistant.follow_ups import FollowUps
from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.memories.reading_facts import FactReader
from jarvis_desktop.assistant.memories.turn_memory import Memories
from jarvis_desktop.assistant.memory_desk import MemoryDesk
from jarvis_desktop.assistant.model_desk import ModelDesk
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.prompt import Recall, build_prompt, noted
from jarvis_desktop.assistant.revising import Revision
from jarvis_desktop.assistant.sound_desk import SoundDesk
from jarvis_desktop.assistant.speculation import Draft, Prompt, Speculator
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.assistant.tool_use import Consent, Offer
from jarvis_desktop.assistant.turn import Question, Turn
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.config.schema import Config
from jarvis_desktop.dialogue import (
    AbortTurn,
    Acknowledge,
    CloseEars,
    Command,
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
    ConversationIntent,
    ConversationOpened,
    ConversationsListed,
    DescribeMachine,
    EarMode,
    Event,
    ExamineSound,
    Failed,
    IngestFiles,
    Intent,
    Interrupt,
    ListDevices,
    ListModels,
    MemoriesChanged,
    MemoryIntent,
    ModelIntent,
    NewConversation,
    OpenConversation,
    Part,
    PhaseChanged,
    PlanMemory,
    PressTalk,
    ReadAloud,
    RetryPart,
    SetHandsFree,
    SetMuted,
    SetWakeWord,
    ShowVersion,
    SoundIntent,
    Speculation,
    TurnFinished,
)
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import AudioOut, ChatOptions, PartialTranscript, Samples, Transcript
from jarvis_desktop.telemetry import resources

log = logging.getLogger(__name__)

SAMPLE_SECONDS = 2.0
"""How often memory use is read for the status panel."""

RETRY_SECONDS = 2.0
"""How often a lost microphone is looked for."""


class Assistant:
    """Listens, answers and speaks. Runs on one event loop; only `post` may be called from elsewhere.

    `config` gives the settings as they are now. With `answers` off, what is heard is transcribed and not
    answered. `loader` has the heavy parts in its charge.
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
        self._announcer = Announcer(
            self.say, self._ears, lambda: self._turn[1] if self._turn else None, self.emit
        )
        self._consent = Consent(lambda: config().tools, self.emit)
        self._offer = Offer(parts.tools, self.emit)
        self._desk = MemoryDesk(parts, lambda: parts.history.scope, self.emit)
        self._sound = SoundDesk(parts, self.loader, config, self.emit)
        self._lent: tuple[Intent, ...] = ()  # what opens the ears again after the sound was examined
        self._models = ModelDesk(parts.shelf, self.emit, self.loader.load_failed)
        self._conversations = ConversationDesk(
            parts, self.emit, self._close_conversation, self._reopen_conversation, self._list_conversations
        )
        self._fact_reader = FactReader(
            parts,
            lambda: self.loader.is_ready(Part.ENGINE),
            lambda: config().memory.read_facts,
            self.emit,
        )
        self._follow_ups = FollowUps(
            parts,
            lambda: self.loader.is_ready(Part.ENGINE),
            lambda: config().conversation.follow_ups,
            self.emit,
        )
        self._memories = Memories(parts, self.emit, self._fact_reader)
        self._speculator = Speculator(parts, self._make_prompt, self._can_think_ahead)
        self._searching: asyncio.Task[None] | None = None  # for the microphone that was lost
        self._acknowledging: asyncio.Task[None] | None = None
        self._turn: tuple[Turn, asyncio.Task[None]] | None = None
        self._conversation_id = ""
        self._running: list[asyncio.Task[Any]] = []
        self._plan_wanted: PlanMemory | None = None

    # --- life -------------------------------------------------------------------------------------------

    async def start(self, *, preload: bool = True, resume: bool = False) -> None:
        """Begin to work; with `preload` models load, and read what prompts begin with. Returns at once.

        With `resume` the conversation last talked in is shown, and what was left to be erased is erased.
        """
        self._loop = asyncio.get_running_loop()
        self._running.append(spawn(self._run(), "assistant", self.emit))
        self._running.append(spawn(self._sample_resources(), "resources", self.emit))
        self._emit_phase()
        await self._list_conversations()
        if resume:
            await self._resume()
            self._conversations.erase_deleted()
        if preload:
            self.loader.preload()
            self._running.append(spawn(self._parts.tools.specs(), "tools", self.emit))
            self._running.append(spawn(self._memories.warm(), "memory", self.emit))
            self._models.offer()

    async def stop(self) -> None:
        """End whatever is under way, close the devices, release all models."""
        await self._ears.close(keep_microphone=False)
        await self._announcer.stop()
        await self._desk.stop()
        await self._sound.stop()
        await self._models.stop()
        await self._end_answer()
        await self._speculator.stop()
        await self._memories.stop()
        await self._conversations.settle()  # after what was told last is kept: it may have to go too
        await self._fact_reader.stop()
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
        await self._desk.stop(IngestFiles)

    async def wake_up(self) -> None:
        """The computer has slept: devices may be dead without a word, processes gone."""
        await self._ears.restart()
        await self.loader.restore()

    async def _sample_resources(self) -> None:
        while True:
            pids = {part: pid for part, model in self._parts.models().items() if (pid := model.pid)}
            self.emit(await asyncio.to_thread(resources.sample, pids))
            if (status := await self._parts.chat.status()) is not None:
                self.emit(status)
            await asyncio.sleep(SAMPLE_SECONDS)

    # --- the dialogue -----------------------------------------------------------------------------------

    async def _run(self) -> None:
        while True:
            message = await self._inbox.get()
            match message:
                case MemoryScope():
                    await self._change_memory(message)
                case NewConversation() | OpenConversation() | ShowVersion() | ConversationIntent():
                    await self._take_conversation_wish(message)
                case ListDevices() | DescribeMachine():
                    spawn(self._look_up(message), "look-up", self.emit)
                case ListModels():
                    self.emit(self._parts.models_known())
                case MemoryIntent() | ModelIntent() | SoundIntent() | ReadAloud():
                    await self._hand_over(message)
                case AllowTool():
                    self._consent.take(message)
                case PlanMemory():
                    self._plan_wanted = message
                    spawn(self._plan_memory(message), "memory plan", self.emit)
                case RetryPart(part):
                    await self._retry(part)
                case _:
                    await self._advance(message)

    async def _hand_over(self, wish: MemoryIntent | ModelIntent | SoundIntent | ReadAloud) -> None:
        """To whoever carries out wishes of its kind."""
        match wish:
            case MemoryIntent():
                self._desk.take(wish)
            case ModelIntent():
                self._models.take(wish)
            case SoundIntent():
                await self._examine_sound(wish)
            case ReadAloud(turn_id, text):
                await self._announcer.read(turn_id, text)

    async def _examine_sound(self, wish: SoundIntent) -> None:
        """What is said while the microphone is examined is no question: the ears are closed meanwhile."""
        if wish == ExamineSound(True) and not self._lent:
            open_for = SetHandsFree(self._state.hands_free), SetWakeWord(self._state.wake_word)
            self._lent = tuple(intent for intent in open_for if intent.on)
            await self._advance(SetHandsFree(False))
            await self._advance(SetWakeWord(False))
        await self._sound.take(wish)
        if wish == ExamineSound(False):
            lent, self._lent = self._lent, ()
            for intent in lent:
                await self._advance(intent)

    async def _take_conversation_wish(
        self, wish: NewConversation | OpenConversation | ShowVersion | ConversationIntent
    ) -> None:
        match wish:
            case NewConversation(private):
                await self._open("", private=private)
            case OpenConversation(conversation_id, message_id):
                await self._open(conversation_id, message_id)
            case ShowVersion(message_id):
                await self._show_version(message_id)
            case ConversationIntent():
                self._conversations.take(wish)

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
            return PhaseChanged(state.phase, state.hands_free, state.muted, state.wake_word, state.open_ears)

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
                await self._ensure_conversation()
                self._start_turn(command, await self._place(command))
            case AbortTurn() if self._turn is not None:
                self._ears.answer_ends()
                await self._end_answer()
            case Hush() if self._turn is not None:
                self._turn[0].hush()
            case PauseSpeech() if self._turn is not None:
                await self._turn[0].pause()
            case ResumeSpeech() if self._turn is not None:
                await self._turn[0].resume()
            case Acknowledge():
                self._acknowledging = spawn(self._acknowledge(), "acknowledgement", self.emit)

    async def _open_ears(self, mode: EarMode) -> None:
        """Listen; whoever is about to ask finds loaded again what was released."""
        if mode is not EarMode.WAKE:
            self.loader.load_released()
        await self._ears.open(mode)

    async def _acknowledge(self) -> None:
        if (clip := self._parts.wake_sound()) is None:
            return
        out = self._parts.audio_out()
        try:
            await out.start()
            await out.play(clip)
            await out.drain()
        except JarvisError as error:
            log.warning("the acknowledging sound failed: %s", error.code)  # the window shows it as well
        finally:
            await out.stop()

    async def _place(self, command: StartTurn) -> Revision | None:
        """Where a question stands that comes instead of a turn; None: at the end."""
        if not command.instead_of:
            return None
        return await revising.revision(
            self._parts.history, self._conversation_id, command.instead_of, command.text
        )

    def _start_turn(self, command: StartTurn, place: Revision | None) -> None:
        self._ears.answer_begins()
        self._engine_wanted()
        now = asyncio.get_running_loop().time()
        question = Question(
            number=command.turn,
            text=command.text,
            conversation_id=self._conversation_id,
            asked_at=command.heard.ended_at if command.heard else now,
            transcribed_at=now if command.heard else None,
            language=command.heard.language if command.heard else "",
            speak=command.speak,
            revision=place,
        )
        turn = self._new_turn(question, self._parts.audio_out)
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
                self._speculator.take if question.number else _no_draft,
                self._consent,
                self._offer,
                self._memories,
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
        await self._fact_reader.stop()
        await self._follow_ups.stop()

    def _engine_wanted(self) -> None:
        """Somebody asks, or is about to: the engine drops what it does for itself."""
        self.loader.beginnings.hold()
        self._fact_reader.hold()
        self._follow_ups.hold()

    def _engine_free(self) -> None:
        self.loader.beginnings.go_on()
        self._fact_reader.go_on()

    async def _take_turn(self, turn: Turn, question: Question) -> None:
        try:
            with suppress(JarvisError):  # the turn has told everybody
                await turn.run()
                if turn.answered is not None:
                    self._follow_ups.take(turn.answered)
        finally:
            self._report(TurnDone(question.number))
            if self._turn is not None and self._turn[0] is turn:
                self._ears.answer_ends()
                self._engine_free()
            if turn.forgot and question.conversation_id == self._conversation_id:
                await self._open(self._conversation_id)  # the words are still on the screen
            elif question.revision is not None and question.conversation_id == self._conversation_id:
                await revising.list_versions(self._parts.history, question.conversation_id, self.emit)
        await self._list_conversations()

    # --- thinking ahead ---------------------------------------------------------------------------------

    def _foresee(self, partial: PartialTranscript | None, complete: bool) -> None:
        if partial is not None:
            self._engine_wanted()
        elif not self._state.answering:
            self._engine_free()
        if self._answers and self._config().conversation.think_ahead and not self._state.answering:
            self._speculator.foresee(partial, complete=complete)

    async def _make_prompt(self, text: str, language: str) -> tuple[Prompt, ChatOptions]:
        approach, conversation = self._parts.approach(text), self._conversation_id
        earlier = await self._parts.history.messages(conversation) if conversation else ()
        options, recall, _ = await self._offer.made(approach.options, self._recall())
        with self._parts.history.bound(conversation):
            notes = noted((await self._memories.foresee(text)).passages, recall)
        prompt = build_prompt(approach.instructions, recall, earlier, text, language, datetime.now(), notes)
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

    async def say(self, text: str, out: AudioOut | None = None) -> float:
        """Speak a text on `out` (default: the loudspeaker) to its end; returns the seconds spoken."""
        await self.loader.ready(Part.SPEECH)
        chunker = self._parts.chunker()
        sink = out if out is not None else self._parts.audio_out()
        await sink.start()
        seconds = 0.0
        try:
            for chunk in (*chunker.push(text), *chunker.flush()):
                clip = await self._parts.synthesizer.synthesize(chunk, guess_language(chunk))
                seconds += clip.seconds
                await sink.play(clip)
            await sink.drain()
        finally:
            await sink.stop()
        return seconds

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

    def announce(self, text: str) -> None:
        """Speak a text of Jarvis' own, after the answer under way."""
        self._announcer.announce(text)

    async def _look_up(self, wanted: ListDevices | DescribeMachine) -> None:
        if isinstance(wanted, DescribeMachine):
            self.emit(await asyncio.to_thread(self._parts.machine))
            return
        try:
            self.emit(await self._parts.devices())
        except JarvisError as error:
            log.warning("the sound devices could not be listed: %s", error.code)  # the settings show none

    async def _plan_memory(self, wanted: PlanMemory) -> None:
        planned = await asyncio.to_thread(self._parts.plan, wanted)
        if wanted is self._plan_wanted:  # an older plan is of no use once another was asked for
            self.emit(planned)

    # --- conversations ----------------------------------------------------------------------------------

    async def _ensure_conversation(self) -> None:
        if self._conversation_id:
            return
        try:
            self._conversation_id = (await self._parts.history.new_conversation()).id
        except JarvisError as error:
            self.emit(Failed(error))  # the answer matters more than its record

    async def _open(self, conversation_id: str, message_id: str = "", *, private: bool = False) -> None:
        """Show a stored conversation, or an empty page for ""; its row is made with the first question."""
        history = self._parts.history
        try:
            if private:
                conversation_id = (await history.new_conversation(private=True)).id
            elif message_id:  # it may be in a version that is not on show
                await history.show_version(message_id)
            messages = await history.messages(conversation_id) if conversation_id else ()
            versions = await history.versions(conversation_id) if conversation_id else ()
        except JarvisError as error:
            self.emit(Failed(error))
            return
        left, self._conversation_id = self._conversation_id, conversation_id
        shown_privately = history.is_private(conversation_id)
        self.emit(ConversationOpened(conversation_id, messages, message_id, shown_privately, versions))
        if left != conversation_id and history.is_private(left):
            history.leave(left)
            await self._advance(MemoryChanged())  # what waits to be asked was for that one

    async def _show_version(self, message_id: str) -> None:
        try:
            await self._parts.history.show_version(message_id)
        except JarvisError as error:
            self.emit(Failed(error))
        await self._open(self._conversation_id)

    async def _resume(self) -> None:
        with suppress(JarvisError):  # whoever listed them has told
            if conversations := await self._parts.history.conversations():
                await self._open(conversations[0].id)

    async def _close_conversation(self, conversation_id: str) -> bool:
        """End the answer under way in a conversation, and show an empty page where it was on show."""
        if self._turn is not None and self._turn[0].conversation_id == conversation_id:
            await cancel(self._turn[1])
        shown = conversation_id == self._conversation_id
        if shown:
            await self._open("")
        return shown

    async def _reopen_conversation(self, conversation_id: str) -> None:
        if not self._conversation_id:
            await self._open(conversation_id)

    async def _change_memory(self, scope: MemoryScope) -> None:
        await self._conversations.settle()
        self._parts.history.use(scope)
        await self._open("")
        await self._advance(MemoryChanged())
        await self._list_conversations()
        self.emit(MemoriesChanged())

    async def _list_conversations(self) -> None:
        try:
            self.emit(ConversationsListed(await self._parts.history.conversations()))
        except JarvisError as error:
            self.emit(Failed(error))


async def _no_draft(_: Prompt, __: ChatOptions) -> tuple[Draft | None, Speculation]:
    """For questions that are not spoken into the microphone."""
    return None, Speculation()
