"""Forgetting for good: items, what was told with them, and their words in the stored conversations."""

from __future__ import annotations

from collections.abc import Sequence

from jarvis_desktop.assistant.memories.remembering import every
from jarvis_desktop.assistant.memories.traces import traces
from jarvis_desktop.events import Forgotten, MemoryKind
from jarvis_desktop.ports import History, LongTermMemory


async def forget_everywhere(
    item_ids: Sequence[str], memory: LongTermMemory, history: History, owner: str
) -> tuple[Forgotten, int]:
    """Forget items and what else was told in the same messages, and blank what the conversations say of them.

    Returns the receipt and how many messages are blank now. Raises `StorageError`; an unknown id leaves
    everything as it was.
    """
    shown = [await memory.show(item_id, owner=owner) for item_id in item_ids]
    items = {item.id: item for item in shown}
    turns = {item.metadata["turn"] for item in items.values() if item.metadata.get("turn")}
    if turns:
        told = await every(memory, owner, MemoryKind.FACT, MemoryKind.TURN, MemoryKind.NOTE)
        items |= {item.id: item for item in told if item.metadata.get("turn") in turns}
    messages = await traces(list(items.values()), memory, history, owner)
    await history.blank(messages)
    return await memory.forget(list(items), owner=owner), len(messages)
