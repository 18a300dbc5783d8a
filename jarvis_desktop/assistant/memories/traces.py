"""Where the words of a remembered item stand in the stored conversations: what has to go with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jarvis_desktop.assistant.memories.facts import fact_of
from jarvis_desktop.assistant.memories.telling import facts_in
from jarvis_desktop.assistant.memories.words import content_words, folded
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import MemoryItem, MemoryKind, Message, Role
from jarvis_desktop.ports import History, LongTermMemory

_MOST_WORDS = 6
_MOST_MESSAGES = 200


async def traces(
    items: Sequence[MemoryItem], memory: LongTermMemory, history: History, owner: str
) -> list[str]:
    """Ids of the messages that told these items, and of those that repeat them in turns that used them.

    A turn that told a fact again used it too. To be asked before the items are forgotten: their use is
    forgotten with them.
    """
    found = {message.id: None for item in items for message in await _told(item, history)}
    ids = {item.id for item in items}
    used: dict[str, bool] = {}
    for item in items:
        repeating = {
            message.id: message
            for word in telling_words(item)
            for message in await history.search(word, _MOST_MESSAGES)
        }
        again = {message.turn_id for message in repeating.values() if _tells_again(message, item)}
        for message in repeating.values():
            turn = message.turn_id
            if turn not in used:
                cited = await memory.why(turn, owner=owner)
                used[turn] = any(citation.id.split("#")[0] in ids for citation in cited)
            if used[turn] or turn in again:
                found[message.id] = None
    return list(found)


def _tells_again(message: Message, item: MemoryItem) -> bool:
    """Whether the user says a fact there, which is kept only once."""
    fact = fact_of(item)
    if fact is None or message.role is not Role.USER:
        return False
    told = ((each.slot, folded(each.value)) for each in facts_in(message.text))
    return (fact.slot, folded(fact.value)) in told


async def _told(item: MemoryItem, history: History) -> Iterable[Message]:
    """The question and the answers of the turn in which an item was told."""
    turn = item.metadata.get("turn")
    if not turn or not item.location or item.kind is MemoryKind.DOCUMENT:
        return ()
    try:
        return await history.turn(item.location, str(turn))
    except JarvisError:  # the conversation is not there any more
        return ()


def telling_words(item: MemoryItem) -> list[str]:
    """The words by which an answer that repeats the item can be found, the rarest (longest) first."""
    value = item.metadata.get("value")
    text = folded(value if isinstance(value, str) else item.text)
    words = {word for word in re.findall(r"\w+", text) if content_words(word)}
    return sorted(words, key=len, reverse=True)[:_MOST_WORDS]
