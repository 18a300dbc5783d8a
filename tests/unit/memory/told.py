"""A memory with fewer words to write."""

from __future__ import annotations

from itertools import count

from jarvis_desktop.events import MemoryItem, MemoryKind
from jarvis_desktop.memory.long_term import LongTerm

NUMBERS = count(1)


class Told(LongTerm):
    """With fewer words to write."""

    def note(self, text: str, kind: MemoryKind = MemoryKind.NOTE, **values: object) -> MemoryItem:
        number = next(NUMBERS)
        about = {"new_id": f"new-{number}", "created_at": float(number), **values}
        return self.remember(text, kind=kind, **about)  # type: ignore[arg-type]

    def fact(self, text: str, slot: str, owner: str = "") -> MemoryItem:
        return self.note(text, MemoryKind.FACT, metadata={"subject": "user", "slot": slot}, owner=owner)

    def finish(self) -> None:
        while self.work(1000):
            pass

    def found(self, question: str, owner: str = "") -> list[str]:
        return [result.text for result in self.recall(question, owner=owner).results]
