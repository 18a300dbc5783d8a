"""Looks up what may help with a question, quickly or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from jarvis_desktop.assistant.memories.facts import fact_of
from jarvis_desktop.assistant.memories.matching import asked_of_oneself
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import Category, JarvisError, StorageError
from jarvis_desktop.events import Event, Failed, MemoryItem, MemoryKind, Recalled, Recollection
from jarvis_desktop.ports import LongTermMemory

log = logging.getLogger(__name__)

RECALL_SECONDS = 0.4
"""A question for which all else is ready waits so long for what is remembered.

A pause that long is not felt beside the model's own.
"""

OPENING_SECONDS = 5.0
"""What is asked while the memory opens for the first time, waits until it has had so long."""

UNUSED = "memory.unused"

LIMIT = 8
"""Passages asked for; those that fit go into the prompt."""

WORTH = 0.5
"""What scores less than this share of the best find is left out: it costs the model time and leads it astray.

On LoCoMo the five best hold as much of what answers a question as without it (.767; with 0.7 .723).
"""

MOST_FACTS = 300
"""The newest facts, among which those that a question names are looked for."""


@dataclass(frozen=True, slots=True)
class Notes:
    """What was found for a question, best first; `skipped` tells what was left out of the search, and why."""

    passages: tuple[Recalled, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict)


class Recaller:
    """Asks the memory, if there is one and the profile in use has one. What fails is told once, by `emit`."""

    def __init__(self, parts: Parts, emit: Callable[[Event], None]) -> None:
        self._parts = parts
        self._emit = emit
        self._answered = False
        self._opening: asyncio.Task[None] | None = None
        self._opens_until: float | None = None  # on the loop's clock
        self._told = ""  # code of the error that the user knows of
        self._foreseen: tuple[str, MemoryScope, Notes] | None = None

    @property
    def patience_s(self) -> float:
        """How long a question that is ready waits from now on."""
        if self._answered or self._opens_until is None:
            return RECALL_SECONDS
        return max(RECALL_SECONDS, self._opens_until - asyncio.get_running_loop().time())

    @property
    def late(self) -> Notes:
        """What a question goes on with that waits no longer."""
        return Notes(skipped={"recall": "over_budget" if self._answered else "opening"})

    async def warm(self) -> None:
        """Have the memory opened before anybody waits for it."""
        memory, scope = self._parts.memory, self._parts.history.scope
        if memory is None or not scope.stored:
            return
        try:
            with suppress(JarvisError):  # which is told
                await self._opened(memory, scope.owner)
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Give up opening the memory, if that is under way."""
        if self._opening is not None:
            await cancel(self._opening)

    async def foresee(self, question: str) -> Notes:
        """What the turn itself will find, should this be its question; nothing where that takes too long."""
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                notes = await self._search(question)
        except TimeoutError:
            return Notes()
        self._foreseen = question, self._parts.history.scope, notes
        return notes

    async def recall(self, question: str) -> Notes:
        """What is remembered that may help; what was foreseen for the same question is used up.

        Takes as long as it takes, `late` is for whoever waits no longer.
        """
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None and foreseen[:2] == (question, self._parts.history.scope):
            return foreseen[2]
        return await self._search(question)

    async def _search(self, question: str) -> Notes:
        memory, scope = self._parts.memory, self._parts.history.scope
        if memory is None or not scope.stored:
            return Notes()
        try:
            await self._opened(memory, scope.owner)
            found, facts = await asyncio.gather(
                memory.recall(question, owner=scope.owner, limit=LIMIT),
                _facts(memory, scope.owner, question),
            )
        except asyncio.CancelledError:
            self._answered = False  # it may have been closed, and this search have been opening it again
            raise
        except JarvisError as error:
            self.fail(error)
            return Notes(skipped={"recall": error.code})
        self._told = ""
        return Notes(_once([*facts, *_worth_reading(found)]), dict(found.skipped))

    async def _opened(self, memory: LongTermMemory, owner: str) -> None:
        """Wait until the memory has answered; it goes on being opened where nobody waits any more."""
        if self._answered:
            return
        if self._opening is None or self._opening.done():
            if self._opens_until is None:
                self._opens_until = asyncio.get_running_loop().time() + OPENING_SECONDS
            self._opening = asyncio.create_task(self._open(memory, owner), name="opening the memory")
        await asyncio.shield(self._opening)

    async def _open(self, memory: LongTermMemory, owner: str) -> None:
        try:
            await memory.recall("jarvis", owner=owner, limit=1)
        except JarvisError as error:
            self.fail(error)  # here, as nobody may wait any more
            raise
        self._answered = True

    def fail(self, error: JarvisError) -> None:
        """Tell, once, that a turn goes on without its memory."""
        log.warning("the memory could not be used: %s", error.code)
        if error.code != self._told:
            self._told = error.code
            self._emit(Failed(unused(error)))


def unused(error: JarvisError) -> StorageError:
    """The error of a memory that a turn had to do without; the answer is given all the same."""
    return StorageError(
        UNUSED,
        "Jarvis goes on without its memory: {reason}",
        "Nothing that is remembered is lost by that. Try again, or start Jarvis again.",
        Category.DEGRADED,
        reason=error.message,
    )


def _worth_reading(found: Recollection) -> list[Recalled]:
    if not found.confident:
        return []
    least = WORTH * found.results[0].score
    return [each for each in found.results if each.score >= least]


async def _facts(memory: LongTermMemory, owner: str, question: str) -> list[Recalled]:
    """The facts that a question names, in whatever language they were told: their slots are the same in both.

    Searches compare sentences of different languages badly, and short ones worst.
    """
    if (subject := asked_of_oneself(question)) is None:
        return []
    items = await memory.listed(owner=owner, kind=MemoryKind.FACT, limit=MOST_FACTS)
    return [
        recalled(item)
        for item in items
        if not item.superseded_by and (fact := fact_of(item)) and subject.fits(fact)
    ]


def recalled(item: MemoryItem) -> Recalled:
    """An item as a search would give it."""
    return Recalled(
        item.id,
        item.id,
        item.kind,
        item.text,
        item.source,
        1.0,
        location=item.location,
        created_at=item.created_at,
    )


def _once(passages: Sequence[Recalled]) -> tuple[Recalled, ...]:
    """Each text once, where it comes first."""
    best: dict[str, Recalled] = {}
    for passage in passages:
        best.setdefault(passage.text, passage)
    return tuple(best.values())
