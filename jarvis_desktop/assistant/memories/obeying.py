"""Carries out what a user wants of the memory, and says what was done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from jarvis_desktop.assistant.memories import wishes
from jarvis_desktop.assistant.memories.facts import fact_of, label, to_user
from jarvis_desktop.assistant.memories.forgetting import OWN, forget_everywhere
from jarvis_desktop.assistant.memories.matching import is_about
from jarvis_desktop.assistant.memories.recalling import recalled
from jarvis_desktop.assistant.memories.remembering import Said, every, keep_fact
from jarvis_desktop.assistant.memories.replies import count_of, listed, quoted, reply
from jarvis_desktop.assistant.memories.telling import facts_in
from jarvis_desktop.assistant.memories.traces import told_as, told_in
from jarvis_desktop.assistant.memories.words import content_words
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.events import Event, MemoryForgotten, MemoryItem, MemoryKind, Message, Recalled, Role
from jarvis_desktop.ports import LongTermMemory

FOUND = 20
"""Passages looked at for something that is to be forgotten."""

MOST_GUESSED = 3
"""Passages that are offered to be forgotten though they do not hold the words that were said."""

_RECEIPT = 8  # characters of a receipt that are told


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What would be forgotten, and the turn that asked whether it shall be; `all` of it was meant."""

    items: tuple[MemoryItem, ...]
    turn_id: str
    language: str
    all: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and whether stored words were taken away."""

    text: str
    forgot: bool = False


class Obedience:
    """Answers wishes without a model. All methods run on the core thread and raise `StorageError`."""

    def __init__(self, parts: Parts, emit: Callable[[Event], None]) -> None:
        self._parts = parts
        self._emit = emit
        self._doubts: dict[str, _Doubt] = {}  # by conversation, until its next turn

    def concerns(self, text: str, conversation_id: str) -> bool:
        """Whether a text is to be answered here."""
        doubted = conversation_id in self._doubts and wishes.agrees(text) is not None
        return doubted or wishes.read(text) is not None

    async def answer(self, said: Said, earlier: Sequence[Message]) -> Answer:
        """Do what is wished, and tell it. `earlier` are the messages before it in its conversation."""
        memory, doubt = self._parts.memory, self._doubts.pop(said.conversation_id, None)
        language = said.language or (doubt.language if doubt else wishes.language_of(said.text))
        if memory is None or not said.conversation_id or not self._parts.history.scope.stored:
            return Answer(reply(language, "no_memory"))
        agreed = wishes.agrees(said.text)
        if doubt is not None and agreed is not None:
            if not agreed:
                return Answer(reply(language, "left"))
            return await self._forget(memory, said, doubt.items, language, doubt)
        match wishes.read(said.text):
            case wishes.Keep(text):
                return Answer(await self._keep(memory, said, text, language))
            case wishes.TellKnown():
                return Answer(await self._tell_known(memory, said, language))
            case wishes.TellWhy():
                return Answer(await self._tell_why(memory, said, earlier, language))
            case wishes.ForgetThat():
                return await self._forget_last(memory, said, earlier, language)
            case wishes.ForgetAbout(about):
                return await self._forget_about(memory, said, about, language)
            case None:  # a yes to a question that was dropped meanwhile
                return Answer(reply(language, "left"))

    def drop_doubt(self, conversation_id: str) -> None:
        """Another subject was taken up: nothing will be forgotten by a later yes."""
        self._doubts.pop(conversation_id, None)

    async def _keep(self, memory: LongTermMemory, said: Said, text: str, language: str) -> str:
        facts = facts_in(text)
        for fact in facts:
            await keep_fact(memory, said, fact)
        if facts:
            return reply(language, "kept", text=" ".join(to_user(fact, language) for fact in facts))
        text = text[:1].upper() + text[1:]
        await memory.remember(
            text,
            location=said.conversation_id,
            owner=said.owner,
            metadata={"turn": said.turn_id, "language": language},
        )
        return reply(language, "kept", text=text)

    async def _tell_known(self, memory: LongTermMemory, said: Said, language: str) -> str:
        known = [
            (item, fact)
            for item in await every(memory, said.owner, MemoryKind.FACT)
            if not item.superseded_by and (fact := fact_of(item)) is not None
        ]
        if not known:
            return reply(language, "nothing_known")
        await memory.note_use(said.turn_id, [recalled(item) for item, _ in known])
        return reply(
            language, "known", listed=listed(language, [to_user(fact, language) for _, fact in known])
        )

    async def _tell_why(
        self, memory: LongTermMemory, said: Said, earlier: Sequence[Message], language: str
    ) -> str:
        answers = [message.turn_id for message in earlier if message.role is Role.ASSISTANT]
        cited = await memory.why(answers[-1], owner=said.owner) if answers else ()
        if not cited:
            return reply(language, "no_reason")
        used = [
            Recalled(each.id, each.id.split("#")[0], each.kind, each.quote, each.source, 0.0)
            for each in cited
        ]
        await memory.note_use(said.turn_id, used)  # the words are repeated here
        lines = [
            quoted(
                language,
                "document" if each.kind is MemoryKind.DOCUMENT else "told",
                each.quote,
                each.source,
                each.created_at,
            )
            for each in cited
        ]
        return reply(language, "because", listed=listed(language, lines))

    async def _forget_last(
        self, memory: LongTermMemory, said: Said, earlier: Sequence[Message], language: str
    ) -> Answer:
        """What the last message told that told something, be it for the first time or again."""
        own = await every(memory, said.owner, *OWN)
        for message in reversed(earlier):
            again = told_in(message)
            told = [
                item for item in own if item.metadata.get("turn") == message.turn_id or told_as(item) in again
            ]
            if told:
                return await self._forget(memory, said, told, language)
        return Answer(reply(language, "nothing_here"))

    async def _forget_about(self, memory: LongTermMemory, said: Said, about: str, language: str) -> Answer:
        own = await every(memory, said.owner, *OWN)
        if not about:
            if not own:
                return Answer(reply(language, "nothing_known"))
            self._doubts[said.conversation_id] = _Doubt(tuple(own), said.turn_id, language, all=True)
            return Answer(reply(language, "sure_all", items=count_of(language, "item", len(own))))
        items, subjects = _told_of(about, own)
        clear = len(subjects) == 1
        if not clear or not items:
            likely = await self._likely(memory, said, about, known={item.id for item in items})
            clear, items, subjects = clear and not likely, [*items, *likely], [*subjects, *likely]
        if not items:
            return Answer(reply(language, "nothing_about"))
        if clear:
            return await self._forget(memory, said, items, language)
        self._doubts[said.conversation_id] = _Doubt(tuple(items), said.turn_id, language, all=False)
        await memory.note_use(said.turn_id, [recalled(item) for item in items])
        return Answer(
            reply(language, "sure", listed=listed(language, [_line(item, language) for item in subjects]))
        )

    async def _likely(
        self, memory: LongTermMemory, said: Said, about: str, known: Collection[str]
    ) -> list[MemoryItem]:
        """What else a search takes for it: all that holds its words, else the best that is found."""
        found = await memory.recall(about, owner=said.owner, limit=FOUND)
        wanted = content_words(about)
        holding = [each for each in found.results if wanted and wanted <= content_words(each.text)]
        best = holding if holding or known or not found.confident else found.results[:MOST_GUESSED]
        ids = dict.fromkeys(each.item for each in best if each.item not in known)
        return [await memory.show(item_id, owner=said.owner) for item_id in ids]

    async def _forget(
        self,
        memory: LongTermMemory,
        said: Said,
        items: Sequence[MemoryItem],
        language: str,
        doubt: _Doubt | None = None,
    ) -> Answer:
        """Forget items and their words in the conversations, those of this exchange included."""
        turns = {said.turn_id, *([doubt.turn_id] if doubt is not None else [])}
        receipt, messages = await forget_everywhere(
            items, memory, self._parts.history, self._parts.answers, said.owner, turns
        )
        self._emit(MemoryForgotten(receipt, messages))
        facts = [fact for item in items if (fact := fact_of(item)) is not None]
        labels = list(dict.fromkeys(label(fact, language) for fact in facts))[:3]
        text = reply(
            language,
            "forgot_all" if doubt is not None and doubt.all else "forgot",
            what=", ".join(labels) or reply(language, "something"),
            items=count_of(language, "item", len(receipt.items)),
            messages=count_of(language, "message", messages),
            receipt=receipt.receipt[:_RECEIPT],
        )
        return Answer(text, forgot=True)


def _told_of(about: str, own: Sequence[MemoryItem]) -> tuple[list[MemoryItem], list[MemoryItem]]:
    """What is remembered of a thing: facts, what told them, what holds its words; an item of each subject."""
    facts = [item for item in own if (fact := fact_of(item)) and is_about(fact, about)]
    turns, slots = {item.metadata.get("turn") for item in facts}, {item.metadata["slot"] for item in facts}
    wanted = content_words(about)
    items, subjects = list(facts), {item.metadata["slot"]: item for item in facts if not item.superseded_by}
    for item in own:
        if item.kind is MemoryKind.FACT:
            continue
        if item.metadata.get("turn") in turns - {None}:
            items.append(item)
        elif wanted and wanted <= content_words(item.text):
            items.append(item)
            subjects[item.id] = item
    if slots and not subjects:
        subjects = {item.metadata["slot"]: item for item in facts}
    return items, list(subjects.values())


def _line(item: MemoryItem, language: str) -> str:
    """An item as the user is asked about it."""
    fact = fact_of(item)
    if fact is not None:
        return to_user(fact, language)
    if item.kind is MemoryKind.DOCUMENT:
        return item.source or item.text
    return quoted(language, "told", item.text, item.source, item.created_at)
