"""Where the words of remembered items stand in the stored conversations: what has to go with them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Sequence

from jarvis_desktop.assistant.memories import wishes
from jarvis_desktop.assistant.memories.facts import fact_of
from jarvis_desktop.assistant.memories.telling import facts_in
from jarvis_desktop.assistant.memories.words import content_words, folded
from jarvis_desktop.events import MemoryItem, MemoryKind, Message, Role
from jarvis_desktop.ports import History, LongTermMemory

_MOST_WORDS = 6

Told = tuple[str, str]
"""Slot and value of a fact; for a note "" and its text."""


async def traces(
    items: Sequence[MemoryItem],
    memory: LongTermMemory,
    history: History,
    owner: str,
    asked: Collection[str] = (),
) -> list[str]:
    """Ids of the messages that told these items, and of those that repeat them in turns that used them.

    A turn that told an item again used it too, and so did those that `asked` to forget it. To be asked before
    the items are forgotten or edited: their use is forgotten with their words.
    """
    messages = await history.all_messages()
    turns = {item.metadata.get("turn") for item in items if item.kind is not MemoryKind.DOCUMENT}
    noted = {trace for item in items for trace in str(item.metadata.get("traces", "")).split()}
    found = [each.id for each in messages if each.turn_id in turns or each.id in noted]
    others = [each for each in messages if each.turn_id not in turns and each.id not in noted]
    # Of thousands of items and messages this takes seconds.
    repeating, again = await asyncio.to_thread(_repeating, items, others)
    ids = {item.id for item in items}
    used = dict.fromkeys([*asked, *again], True)
    for message in repeating:
        turn = message.turn_id
        if turn not in used:
            cited = await memory.why(turn, owner=owner)
            used[turn] = any(citation.id.split("#")[0] in ids for citation in cited)
        if used[turn]:
            found.append(message.id)
    return found


def told_in(message: Message) -> set[Told]:
    """What the user says there that is kept only once: facts, and what is to be remembered."""
    if message.role is not Role.USER:
        return set()
    wish = wishes.read(message.text)
    text = wish.text if isinstance(wish, wishes.Keep) else message.text
    told = {(fact.slot, folded(fact.value)) for fact in facts_in(text)}
    return told if text is message.text else told | {("", folded(text))}


def told_as(item: MemoryItem) -> Told | None:
    """What `told_in` gives of a message that tells the item again; None for what is kept each time."""
    if (fact := fact_of(item)) is not None:
        return fact.slot, folded(fact.value)
    return ("", folded(item.text)) if item.kind is MemoryKind.NOTE else None


def telling_words(item: MemoryItem) -> list[str]:
    """The words by which an answer that repeats the item can be found, the rarest (longest) first."""
    value = item.metadata.get("value")
    text = folded(value if isinstance(value, str) else item.text)
    words = {word for word in re.findall(r"\w+", text) if content_words(word)}
    return sorted(words, key=len, reverse=True)[:_MOST_WORDS]


def _repeating(items: Sequence[MemoryItem], messages: Sequence[Message]) -> tuple[list[Message], list[str]]:
    """The messages that hold a word of an item, and the turns in which one tells an item again."""
    words = {word for item in items for word in telling_words(item)}
    told = {told_as(item) for item in items}
    repeating = []
    for message in messages:
        text = folded(message.text)
        if any(word in text for word in words):
            repeating.append(message)
    return repeating, [message.turn_id for message in repeating if not told.isdisjoint(told_in(message))]
