"""What is remembered beyond a conversation: items, what a question recalls of them, citations, receipts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event


class MemoryKind(StrEnum):
    """What an item is made of."""

    NOTE = "note"  # what the user asked to keep, or imported as a record
    DOCUMENT = "document"  # a file
    TURN = "turn"  # something said in a conversation
    FACT = "fact"  # something about the user, drawn from what was said


@dataclass(frozen=True, slots=True)
class MemoryItem:
    """One thing remembered. `text` is all of it.

    `source` is what the user knows its origin by (a file's name, a conversation's title; "" typed in),
    `location` where that can be opened (a path, a conversation's id). Times are seconds since the epoch.
    A fact that a newer one contradicts stays, and names it in `superseded_by`.
    """

    id: str
    kind: MemoryKind
    text: str
    source: str = ""
    location: str = ""
    created_at: float = 0.0
    owner: str = ""  # the profile that keeps it to itself; "" for all that share
    pinned: bool = False
    passages: int = 1
    uses: int = 0  # answers that used it
    used_at: float | None = None
    superseded_by: str = ""
    metadata: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recalled:
    """One passage that a search found; `id` names the item, or a passage of it (``item#3``).

    `score` is comparable within one search only; `stages` holds the score of each stage that saw the passage
    (dense, sparse, graph, rerank). `around` is the text just before and after it, for the model to read.
    """

    id: str
    item: str
    kind: MemoryKind
    text: str
    source: str
    score: float
    stages: Mapping[str, float] = field(default_factory=dict)
    location: str = ""
    created_at: float = 0.0
    around: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Recollection:
    """What a search found, best first, and what it took.

    `timings_ms` has embed, dense, sparse, graph, rerank and total; `skipped` names the stages that were left
    out and why (``over_budget``, ``rebuilding``, ``no_encoder``). `confident` is False where nothing found is
    likely to answer the question.
    """

    results: tuple[Recalled, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    confident: bool = False


@dataclass(frozen=True, slots=True)
class Citation:
    """What an answer was given to read. `quote` is the passage, `id` opens it.

    `attached` tells a file of the conversation from what is remembered.
    """

    id: str
    source: str
    quote: str
    kind: MemoryKind = MemoryKind.NOTE
    location: str = ""
    created_at: float = 0.0
    attached: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Receipt of what was forgotten: how much of what kind is gone from every file, and when."""

    receipt: str
    at: float  # seconds since the epoch
    items: tuple[str, ...]  # ids; never what they said
    passages: int
    vectors: int


@dataclass(frozen=True, slots=True)
class Ingested:
    """Progress of taking in files: after each of them, and a last time with `file` empty.

    `problem` says in English why a file was not taken in, `error` is the same for windows of any language.
    """

    done: int
    total: int
    file: str = ""
    passages: int = 0
    skipped: bool = False  # unchanged since it was taken in before
    problem: str = ""
    error: JarvisError | None = None


@dataclass(frozen=True, slots=True)
class MemoryStats:
    """How much is remembered, and how it is searched."""

    items: Mapping[str, int]  # by kind
    passages: int
    vectors: int
    waiting: int  # passages whose vectors are still to be computed
    entities: int
    encoder: str
    index: str  # exact, chroma, server
    cache_hits: int
    cache_misses: int
    bytes_on_disk: int


@dataclass(frozen=True, slots=True)
class MemoryBackup:
    """A copy of the whole memory; `at` is seconds since the epoch, `items` None where it cannot be read."""

    file: Path
    at: float
    items: int | None


@dataclass(frozen=True, slots=True)
class MemoryListed(Event):
    """One page of what is remembered, pinned items first, then the newest; answers `ListMemory`.

    `more`: there is another page after it.
    """

    name: ClassVar[str] = "memory_listed"
    kind: MemoryKind | None
    offset: int
    items: tuple[MemoryItem, ...]
    more: bool = False


@dataclass(frozen=True, slots=True)
class MemoryFound(Event):
    """What a search found; answers the `SearchMemory` of these words and kind, if it is still the newest."""

    name: ClassVar[str] = "memory_found"
    query: str
    kind: MemoryKind | None
    found: Recollection


@dataclass(frozen=True, slots=True)
class MemoryShown(Event):
    """One item as it is now; `replaced_by` is the fact that took its place, `earlier` those before it."""

    name: ClassVar[str] = "memory_shown"
    item: MemoryItem
    replaced_by: MemoryItem | None = None
    earlier: tuple[MemoryItem, ...] = ()


@dataclass(frozen=True, slots=True)
class MemoryForgotten(Event):
    """Items are gone from every file; `messages` of the conversations, which said the same, were blanked."""

    name: ClassVar[str] = "memory_forgotten"
    receipt: Forgotten
    messages: int = 0


@dataclass(frozen=True, slots=True)
class MemoryIngested(Event):
    """How far the taking in of files is; the last one has an empty `file`, also when it was stopped."""

    name: ClassVar[str] = "memory_ingested"
    progress: Ingested


@dataclass(frozen=True, slots=True)
class MemoryExported(Event):
    name: ClassVar[str] = "memory_exported"
    file: Path
    items: int


@dataclass(frozen=True, slots=True)
class BackupsListed(Event):
    """The newest first; answers `ListBackups`."""

    name: ClassVar[str] = "backups_listed"
    backups: tuple[MemoryBackup, ...]


@dataclass(frozen=True, slots=True)
class MemoryRestored(Event):
    """`items` are the ids of what is new, of any profile."""

    name: ClassVar[str] = "memory_restored"
    file: Path
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestoreUndone(Event):
    name: ClassVar[str] = "restore_undone"
    items: int


@dataclass(frozen=True, slots=True)
class MemoryCounted(Event):
    """How much is remembered; follows the first page of a list."""

    name: ClassVar[str] = "memory_counted"
    stats: MemoryStats


@dataclass(frozen=True, slots=True)
class MemoriesChanged(Event):
    """Something was remembered, edited or pinned, or other memories are in force: lists are out of date."""

    name: ClassVar[str] = "memories_changed"


@dataclass(frozen=True, slots=True)
class MemoryFailed(Event):
    """A wish that concerns the memory was not carried out; shown where it was asked for, unlike `Failed`."""

    name: ClassVar[str] = "memory_failed"
    error: JarvisError


@dataclass(frozen=True, slots=True)
class AnswerExplained(Event):
    """What an answer of an opened conversation had been given to read; answers `ExplainAnswers`."""

    name: ClassVar[str] = "answer_explained"
    turn_id: str
    citations: tuple[Citation, ...]
