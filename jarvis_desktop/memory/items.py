"""What goes into the store of memories, and the passages that come out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jarvis_desktop.events.memories import MemoryKind

STORE = "memory.sqlite3"
"""Name of the file with everything that is remembered."""

Metadata = Mapping[str, str | int | float | bool]


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a text: `start` up to, not including, `end`, in characters.

    `context` says what the passage alone does not (the headings above it, who speaks): it is searched with
    the passage, never quoted.
    """

    start: int
    end: int
    context: str = ""


@dataclass(frozen=True, slots=True)
class NewItem:
    """One thing to remember, divided into passages; see `MemoryItem` for what the words mean.

    `content_hash` is of what the item was made from (a file's bytes), so that it is known when it comes
    again. `position` orders the items of one `location` (the turns of a conversation). `metadata` of a fact
    has ``subject`` and ``slot``.
    """

    id: str
    kind: MemoryKind
    text: str
    spans: tuple[Span, ...]
    source: str = ""
    location: str = ""
    created_at: float = 0.0
    owner: str = ""
    metadata: Metadata = field(default_factory=dict)
    content_hash: str = ""
    position: float = 0.0


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored passage. `key` names it in every index, and is never given to another one.

    `id` is what citations show: the item's own where that is one passage, ``item#2`` for the second passage
    of a document. `superseded` tells a fact that a newer one contradicts.
    """

    key: int
    id: str
    item: str
    kind: MemoryKind
    text: str
    context: str
    source: str
    location: str
    owner: str
    created_at: float
    number: int  # 0 for the first one of the item
    language: str  # "" where it cannot be told
    superseded: bool = False

    @property
    def embedded(self) -> str:
        """What encoders and the word index see."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Change:
    """What the indexes beside the store have to take over: `revision` counts up with each one.

    Only the latest change of a passage is told: whether it is there now, or gone.
    """

    revision: int
    key: int
    gone: bool


@dataclass(frozen=True, slots=True)
class Held:
    """How much the store holds, of one owner or of all: `items` by kind, `vectors` of one model."""

    items: Mapping[str, int]
    passages: int
    vectors: int
    waiting: int  # passages without one
    entities: int
    bytes_on_disk: int  # of the whole file, whoever owns what
