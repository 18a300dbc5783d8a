"""Forgetting for good: items, what was told with them, their words in chats and in kept answers.

Also editing, which must not lose sight of the words that an item had before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jarvis_desktop.assistant.memories.remembering import every
from jarvis_desktop.assistant.memories.traces import telling_words, traces
from jarvis_desktop.assistant.memories.words import folded
from jarvis_desktop.events import Forgotten, MemoryItem, MemoryKind
from jarvis_desktop.ports import Answers, History, LongTermMemory

OWN = (MemoryKind.FACT, MemoryKind.TURN, MemoryKind.NOTE)
"""Kinds of what the user told."""


async def forget_everywhere(
    items: Sequence[MemoryItem],
    memory: LongTermMemory,
    history: History,
    answers: Answers,
    owner: str,
    asked: Collection[str] = (),
) -> tuple[Forgotten, int]:
    """Forget items and what tells the same, and blank what the chats say of them.

    The turns that `asked` for it are looked through, too. Returns the receipt and how many messages are blank
    now. Raises `StorageError`.
    """
    if any(item.metadata.get("turn") for item in items):
        items = [*items, *_told_with(items, await every(memory, owner, *OWN))]
    messages = await traces(items, memory, history, owner, asked)
    await history.blank(messages)
    await answers.clear()
    return await memory.forget([item.id for item in items], owner=owner), len(messages)


async def edit(item_id: str, text: str, memory: LongTermMemory, history: History, owner: str) -> MemoryItem:
    """Give an item another text. The chats keep the words it had: where they stand is noted with it.

    So these go too when it is forgotten. Raises `StorageError`.
    """
    item = await memory.show(item_id, owner=owner)
    noted = await traces([item], memory, history, owner)
    return await memory.edit(item_id, text, owner=owner, traces=noted)


def _told_with(items: Sequence[MemoryItem], own: Sequence[MemoryItem]) -> list[MemoryItem]:
    """The sentences that told facts among items, and the facts that were drawn from sentences among them.

    Where a fact of a message was chosen, its others are not meant.
    """
    chosen = {item.id for item in items}
    facts = {item.metadata.get("turn") for item in items if item.kind is MemoryKind.FACT}
    told = {item.metadata.get("turn"): folded(item.text) for item in items if item.kind in OWN}
    return [
        item
        for item in own
        if item.id not in chosen
        and (turn := item.metadata.get("turn"))
        and turn in told
        and (
            item.kind is not MemoryKind.FACT
            or (turn not in facts and any(word in told[turn] for word in telling_words(item)))
        )
    ]
