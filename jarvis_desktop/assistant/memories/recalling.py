"""Looks up what may help with a question, quickly or not at all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from jarvis_desktop.assistant.memories.facts import fact_of
from jarvis_desktop.assistant.memories.matching import asked_of_oneself
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import Category, JarvisError, StorageError
from jarvis_desktop.events import Event, Failed, MemoryItem, MemoryKind, Recalled, Recollection
from jarvis_desktop.ports import LongTermMemory

log = logging.getLogger(__name__)

RECALL_SECONDS = 0.4
"""A question waits so long for what is remembered; a pause that long is not felt beside the model's own."""

FIRST_SECONDS = 5.0
"""And so long while the memory has not answered yet: it is being opened, as a rule beside a model's load."""

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
        self._told = ""  # code of the error that the user knows of
        self._foreseen: tuple[str, MemoryScope, Notes] | None = None

    async def warm(self) -> None:
        """Have the memory opened before anybody waits for it."""
        if self._parts.memory is None or not self._parts.history.scope.stored:
            return
        try:
            await self._parts.memory.recall("jarvis", owner=self._parts.history.scope.owner, limit=1)
            self._answered = True
        except JarvisError as error:
            log.warning("the memory could not be opened: %s", error.code)  # the first question tells

    async def foresee(self, question: str) -> Notes:
        """What the turn itself will find, should the question be this one."""
        notes = await self._search(question)
        self._foreseen = question, self._parts.history.scope, notes
        return notes

    async def recall(self, question: str) -> Notes:
        """What is remembered that may help; what was foreseen for the same question is used up."""
        foreseen, self._foreseen = self._foreseen, None
        if foreseen is not None and foreseen[:2] == (question, self._parts.history.scope):
            return foreseen[2]
        return await self._search(question)

    async def _search(self, question: str) -> Notes:
        memory, scope = self._parts.memory, self._parts.history.scope
        if memory is None or not scope.stored:
            return Notes()
        try:
            async with asyncio.timeout(RECALL_SECONDS if self._answered else FIRST_SECONDS):
                found = await memory.recall(question, owner=scope.owner, limit=LIMIT)
                facts = await _facts(memory, scope.owner, question)
        except TimeoutError:
            return Notes(skipped={"recall": "over_budget"})
        except JarvisError as error:
            self.fail(error)
            return Notes(skipped={"recall": error.code})
        self._answered, self._told = True, ""
        return Notes(_once([*facts, *_worth_reading(found)]), dict(found.skipped))

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
