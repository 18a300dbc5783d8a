"""What memory does for the turns: recalls before an answer, names what it rests on, keeps what was told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from jarvis_desktop.assistant.memories.citing import citation, rests_on
from jarvis_desktop.assistant.memories.framing import from_outside
from jarvis_desktop.assistant.memories.recalling import Notes, Recaller
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Citation, Event, Recalled

log = logging.getLogger(__name__)

STOP_SECONDS = 5.0
"""What was told last is waited for so long when the program ends."""


class Memories:
    """Long-term memory as the assistant uses it. All methods run on the core thread."""

    def __init__(self, parts: Parts, emit: Callable[[Event], None]) -> None:
        self._parts = parts
        self._emit = emit
        self._recaller = Recaller(parts, emit)
        self._working: set[asyncio.Task[None]] = set()

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

    async def recall(self, question: str) -> Notes:
        """What is remembered that may help with a question, within its time."""
        return await self._recaller.recall(question)

    def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """Remember, in the background, what an answer rests on."""
        if used and (memory := self._parts.memory) is not None:
            self._work(memory.note_use(turn_id, used), "use of memory")

    async def stop(self) -> None:
        """Finish what is under way, within a time."""
        if self._working:
            await asyncio.wait(self._working, timeout=STOP_SECONDS)
        for task in self._working:
            task.cancel()

    def _work(self, work: Coroutine[Any, Any, None], name: str) -> None:
        async def run() -> None:
            try:
                await work
            except JarvisError as error:
                log.warning("%s: %s", name, error.code)

        task = spawn(run(), name, self._emit)
        self._working.add(task)
        task.add_done_callback(self._working.discard)


class TurnMemory:
    """What one turn recalls and cites. Without `kept` (nothing of the turn is to be) it does nothing."""

    def __init__(self, memories: Memories, turn_id: str, question: str, *, kept: bool) -> None:
        self._memories = memories
        self._turn_id = turn_id
        self._question = question
        self.active = kept and memories.active
        self._recalling: asyncio.Task[Notes] | None = None
        self._given: tuple[Recalled, ...] = ()
        self.notes = Notes()

    def begin(self) -> None:
        """Begin to recall, beside whatever else comes before the answer."""
        if self.active:
            self._recalling = asyncio.create_task(self._memories.recall(self._question), name="recall")

    async def recalled(self) -> Notes:
        """What was found, once it is."""
        if self._recalling is not None:
            self.notes = await self._recalling
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
        used = rests_on(self._question, answer, self._given)
        self._memories.note_use(self._turn_id, used)
        return tuple(map(citation, used))

    def end(self) -> None:
        """The turn is over, however it ended."""
        if self._recalling is not None:
            self._recalling.cancel()
