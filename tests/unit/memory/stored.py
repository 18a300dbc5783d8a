"""Items for the memory store, and a look into all of its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jarvis_desktop.events.memories import MemoryKind
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.store import MemoryStore


def note(item_id: str, text: str, **more: Any) -> NewItem:
    """One passage, all of the text."""
    more.setdefault("kind", MemoryKind.NOTE)
    return NewItem(id=item_id, text=text, spans=(Span(0, len(text)),), **more)


def turn(item_id: str, text: str, position: float, location: str = "talk", **more: Any) -> NewItem:
    return note(item_id, text, kind=MemoryKind.TURN, position=position, location=location, **more)


def document(item_id: str, parts: Sequence[str], context: str = "", **more: Any) -> NewItem:
    """A passage for each part."""
    spans, text = [], ""
    for part in parts:
        spans.append(Span(len(text), len(text) + len(part), context))
        text += part + "\n"
    return NewItem(id=item_id, kind=MemoryKind.DOCUMENT, text=text, spans=tuple(spans), **more)


def found(store: MemoryStore, question: str, owner: str = "", limit: int = 10, **more: Any) -> list[str]:
    """Ids of the passages that share words with the question, best first."""
    hits = store.sparse(question, owner=owner, limit=limit, **more)
    return [passage.id for passage in store.passages(key for key, _ in hits).values()]


def all_bytes(folder: Path) -> bytes:
    """Of every file in a folder, in small letters: so the word index keeps them."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()).lower()
