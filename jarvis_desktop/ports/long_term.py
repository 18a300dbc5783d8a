"""What Jarvis remembers beyond one conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.events import (
    Citation,
    Forgotten,
    Ingested,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryStats,
    Recalled,
    Recollection,
)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """`vectors` [texts, dimensions] of unit length, by the `model`; `tokens` it read, about."""

    vectors: NDArray[np.float32]
    model: str
    tokens: int


class Embedder(Protocol):
    """The encoder that the memory searches with."""

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """Vectors of texts, also where nothing is remembered. Raises `StorageError`."""
        ...


class LongTermMemory(Protocol):
    """Items on disk and a search over their meaning and words. A write that returned survives kill -9.

    `owner` is the profile whose items are meant ("" those that all share; one sees only its own). All methods
    raise `StorageError`; an unknown id is ``memory.unknown_item``.
    """

    @property
    def pid(self) -> int | None:
        """Process that holds it, None while none runs."""
        ...

    async def recall(
        self, question: str, *, owner: str = "", limit: int = 10, stages: Sequence[str] = ()
    ) -> Recollection:
        """Passages that may answer the question; `stages` limits the search to these (empty: all)."""
        ...

    async def remember(
        self,
        text: str,
        *,
        kind: MemoryKind = MemoryKind.NOTE,
        item_id: str = "",
        source: str = "",
        location: str = "",
        created_at: float | None = None,
        owner: str = "",
        metadata: Mapping[str, str | int | float | bool] | None = None,
    ) -> MemoryItem:
        """Keep a text. One that says the same as an item there is not kept twice: that item is returned.

        An id that is there already gets the new text. A fact (metadata ``subject`` and ``slot``) supersedes
        the one of the same subject and slot.
        """
        ...

    def ingest(self, paths: Sequence[Path], *, owner: str = "") -> AsyncIterator[Ingested]:
        """Take in files and folders; what is unchanged is skipped, one bad file does not stop the others."""
        ...

    async def listed(
        self, *, owner: str = "", kind: MemoryKind | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[MemoryItem, ...]:
        """Items, pinned ones first, then the newest first; superseded facts too."""
        ...

    async def show(self, item_id: str, *, owner: str = "") -> MemoryItem:
        """One item; `item_id` may name a passage of it."""
        ...

    async def edit(
        self, item_id: str, text: str, *, owner: str = "", traces: Sequence[str] = ()
    ) -> MemoryItem:
        """Change what an item says. A fact loses the ``value`` it was told with, and keeps its slot.

        `traces` are ids of the messages that hold the words it had so far; its metadata has them from then
        on as ``traces``, with spaces between.
        """
        ...

    async def pin(self, item_id: str, pinned: bool, *, owner: str = "") -> MemoryItem: ...

    async def forget(self, item_ids: Sequence[str], *, owner: str = "") -> Forgotten:
        """Delete items from every file, so that no search, export or look into the files finds them."""
        ...

    async def forget_conversation(self, conversation_id: str, *, owner: str = "") -> Forgotten:
        """Delete what was remembered of one conversation."""
        ...

    async def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        """An answer used these passages."""
        ...

    async def why(self, turn_id: str, *, owner: str = "") -> tuple[Citation, ...]:
        """What the answer of a turn was given to read."""
        ...

    async def stats(self, *, owner: str | None = None) -> MemoryStats:
        """Of one owner, or (None) of everything."""
        ...

    async def export(self, file: Path) -> int:
        """Write everything in an open format (JSON lines); returns the number of items."""
        ...

    async def backups(self) -> Sequence[MemoryBackup]:
        """Copies of everything, made now and then, the newest first."""
        ...

    async def restore(self, file: Path) -> Sequence[str]:
        """Take in what `export` or a backup wrote; returns the ids of the items that are new.

        Items that are there stay as they are, forgotten ones stay forgotten. A backup is made before.
        """
        ...

    async def undo_restore(self, item_ids: Sequence[str]) -> None:
        """Take out what was new; it stays in backups and may be restored again."""
        ...

    async def rebuild(self) -> int:
        """Make the vector index anew from the stored texts; returns the number of vectors."""
        ...
