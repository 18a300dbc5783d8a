"""What memory does for the turns: recalls before an answer, names what it rests on, keeps what was told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from jarvis_desktop.assistant.memories.citing import citation, rests_on
from jarvis_desktop.assistant.memories.framing import from_outside
from jarvis_desktop.assistant.memories.obeying import Answer, Obedience
from jarvis_desktop.assistant.memories.reading_facts import FactReader
from jarvis_desktop.assistant.memories.recalling import RECALL_SECONDS, Notes, Recaller
from jarvis_desktop.assistant.memories.remembering import Said, keep
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Citation, Event, MemoriesChanged, Message, Recalled
from jarvis_desktop.ports import LongTermMemory

STOP_SECONDS = 5.0
"""What was told last is waited for so long when the program ends."""


class Memories:
    """Long-term memory as the assistant uses it. All methods run on the core thread."""

    def __init__(self, parts: Parts, emit: Callable[[Event], None], fact_reader: FactReader) -> None:
        self._parts = parts
        self._emit = emit
        self._fact_reader = fact_reader
        self._recaller = Recaller(parts, emit)
        self._obedience = Obedience(parts, emit)
        self._order = asyncio.Lock()  # what was told first is kept first
        self._working: set[asyncio.Task[Any]] = set()

    @property
    def active(self) -> bool:
        """Whether there is a memory, and the profile in use has one."""
        return self._parts.memory is not None and self._parts.history.scope.stored

    async def warm(self) -> None:
        """Open the memory, so that no question has to wait for that."""
        await self._recaller.warm()

    async def foresee(self, question: str) -> Notes:
        """What a turn will recall, should this be its question."""
        return await self._recaller.foresee(question)

    @property
    def patience_s(self) -> float:
        """How long a turn waits for `recall`, once it is ready for the answer."""
        return self._recaller.patience_s

    @property
    def late(self) -> Notes:
        """What a turn goes on with that has waited for `recall` for long enough."""
        return self._recaller.late

    async def recall(self, question: str) -> Notes:
        """What is remembered that may help with a question, what was told just before included."""
        if self._working:
            await asyncio.wait(self._working, timeout=RECALL_SECONDS)
        return await self._recaller.recall(question)

    def concerns(self, question: str, conversation_id: str) -> bool:
        """Whether the memory itself is to answer this."""
        return self._obedience.concerns(question, conversation_id)

    async def answer(self, said: Said, earlier: Sequence[Message]) -> Answer:
        """Its answer to what it `concerns`, once all that was told before is kept. Raises `StorageError`.

        What was begun is done also where nobody waits for the answer any more: half forgotten is remembered.
        """
        if self._working:
            await asyncio.wait(self._working)
        obeying = asyncio.create_task(self._obey(said, earlier), name="memory")
        self._working.add(obeying)
        obeying.add_done_callback(self._working.discard)
        try:
            return await asyncio.shield(obeying)
        except asyncio.CancelledError:  # a question that nobody heard is answered by no later yes
            obeying.add_done_callback(lambda _: self._obedience.drop_doubt(said.conversation_id))
            raise

    async def _obey(self, said: Said, earlier: Sequence[Message]) -> Answer:
        try:
            return await self._obedience.answer(said, earlier)
        finally:
            self._emit(MemoriesChanged())

    def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """Remember, in the background, what an answer rests on."""
        if used and (memory := self._parts.memory) is not None:
            self._work(memory.note_use(turn_id, used), "use of memory")

    def keep(self, said: Said) -> None:
        """Remember, in the background, what was told."""
        self._obedience.drop_doubt(said.conversation_id)
        if (memory := self._parts.memory) is not None:
            self._work(self._keep(memory, said), "what was told")

    async def _keep(self, memory: LongTermMemory, said: Said) -> None:
        await keep(memory, said)
        self._fact_reader.take(said)
        self._emit(MemoriesChanged())

    async def stop(self) -> None:
        """Finish what is under way, within a time."""
        if self._working:
            await asyncio.wait(self._working, timeout=STOP_SECONDS)
        for task in self._working:
            task.cancel()
        await self._recaller.stop()

    def _work(self, work: Coroutine[Any, Any, None], name: str) -> None:
        async def run() -> None:
            try:
                async with self._order:
                    await work
            except JarvisError as error:
                self._recaller.fail(error)
            finally:
                work.close()  # it was never begun, where the program ended first

        task = spawn(run(), name, self._emit)
        self._working.add(task)
        task.add_done_callback(self._working.discard)


class TurnMemory:
    """What one turn recalls, cites and keeps; nothing, where it belongs to no conversation."""

    def __init__(self, memories: Memories, said: Said) -> None:
        self._memories = memories
        self._said = said
        self._recalling: asyncio.Task[Notes] | None = None
        self._given: tuple[Recalled, ...] = ()
        self.notes = Notes()
        self.answers = memories.concerns(said.text, said.conversation_id)
        """Whether the memory itself answers: the user wants something of it."""

        self.recalls = bool(said.conversation_id) and memories.active and not self.answers

    def begin(self, over: Callable[[], None]) -> None:
        """Begin to recall, beside whatever else comes before the answer; `over` is called when that ends."""
        if self.recalls:
            self._recalling = asyncio.create_task(self._memories.recall(self._said.text), name="recall")
            self._recalling.add_done_callback(lambda _: over())

    async def answer(self, earlier: Sequence[Message]) -> Answer:
        """What the memory answers, having done what was wished. Raises `StorageError`."""
        return await self._memories.answer(self._said, earlier)

    async def recalled(self) -> Notes:
        """What was found, once it is, or nothing where that takes too long."""
        if self._recalling is not None:
            done, _ = await asyncio.wait((self._recalling,), timeout=self._memories.patience_s)
            self.notes = self._recalling.result() if done else self._memories.late
            await cancel(self._recalling)
        return self.notes

    def give(self, passages: tuple[Recalled, ...]) -> None:
        """The model is given these to read."""
        self._given = passages

    @property
    def quotes(self) -> bool:
        """Whether the model was given what others may have written."""
        return any(map(from_outside, self._given))

    def citations(self, answer: str) -> tuple[Citation, ...]:
        """What an answer rests on of that, which is noted."""
        used = rests_on(self._said.text, answer, self._given)
        self._memories.note_use(self._said.turn_id, used)
        return tuple(map(citation, used))

    def end(self, *, told: bool) -> None:
        """The turn is over, however it ended: what the user `told` in it, for the first time, is kept."""
        if self._recalling is not None:
            self._recalling.cancel()
        if self.recalls and told:
            self._memories.keep(self._said)
