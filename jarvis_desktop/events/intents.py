"""What a user interface asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from jarvis_desktop.events.base import Intent
from jarvis_desktop.events.machine import Part
from jarvis_desktop.events.memories import MemoryKind


@dataclass(frozen=True, slots=True)
class SubmitText(Intent):
    """A typed question; `speak` reads the reply aloud.

    It may come `instead_of` a turn (its id), whose versions stay: the same text asks for another answer to
    its question, another text for another question in its place.
    """

    text: str
    speak: bool = False
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class PressTalk(Intent):
    """The push-to-talk key or button went down; to `dictate`, its own key: what is said is no question."""

    dictate: bool = False


@dataclass(frozen=True, slots=True)
class ReleaseTalk(Intent):
    """The push-to-talk key or button went up, or that of dictation."""

    dictate: bool = False


@dataclass(frozen=True, slots=True)
class SetHandsFree(Intent):
    on: bool


@dataclass(frozen=True, slots=True)
class SetWakeWord(Intent):
    """Sleep until the wake word is heard, whenever nothing else is under way."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetBargeIn(Intent):
    """Whether speaking interrupts an answer while hands-free or awake."""

    on: bool


@dataclass(frozen=True, slots=True)
class SetMuted(Intent):
    on: bool


@dataclass(frozen=True, slots=True)
class Interrupt(Intent):
    """Stop the answer under way."""


@dataclass(frozen=True, slots=True)
class ReadAloud(Intent):
    """Read an answer aloud after the one under way, muted or not; `Interrupt` ends it."""

    turn_id: str
    text: str


@dataclass(frozen=True, slots=True)
class PlayRecording(Intent):
    """Play what was said in a turn, after the answer under way; `Interrupt` ends it."""

    turn_id: str


@dataclass(frozen=True, slots=True)
class AllowTool(Intent):
    """The answer to `ToolAsked`."""

    call_id: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class NewConversation(Intent):
    """Begin an empty page. Of a `private` conversation nothing is kept; it is gone when it is left."""

    private: bool = False


@dataclass(frozen=True, slots=True)
class OpenConversation(Intent):
    """Show a conversation, and in it the message of that id."""

    conversation_id: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class ShowVersion(Intent):
    """Show this version of a question or an answer, and what follows it."""

    message_id: str


@dataclass(frozen=True, slots=True)
class RetryPart(Intent):
    """Load a failed or absent part again."""

    part: Part = field(default=Part.ENGINE)


@dataclass(frozen=True, slots=True)
class ListDevices(Intent):
    """Which microphones and loudspeakers are there? `DevicesListed` answers."""


@dataclass(frozen=True, slots=True)
class ListModels(Intent):
    """Which models are there to choose from? `ModelsListed` answers."""


@dataclass(frozen=True, slots=True)
class DescribeMachine(Intent):
    """What is this machine, and which models suit it? `MachineDescribed` answers."""


@dataclass(frozen=True, slots=True)
class WatchMachine(Intent):
    """Whether somebody sees what the machine and the engine are doing; else they are not asked."""

    on: bool


@dataclass(frozen=True, slots=True)
class PlanMemory(Intent):
    """What would the settings take, changed like this (values by dotted key)? `MemoryPlanned` answers.

    Only the newest question is sure to be answered.
    """

    number: int
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MemoryIntent(Intent):
    """A wish that concerns what is remembered; `MemoryFailed` tells why one was not carried out."""


@dataclass(frozen=True, slots=True)
class ListMemory(MemoryIntent):
    """What is remembered, of one kind or (None) of all? `MemoryListed` answers with a page of it."""

    kind: MemoryKind | None = None
    offset: int = 0


@dataclass(frozen=True, slots=True)
class SearchMemory(MemoryIntent):
    """What is like these words or means the same? `MemoryFound` answers the newest question only."""

    query: str
    kind: MemoryKind | None = None


@dataclass(frozen=True, slots=True)
class OpenMemory(MemoryIntent):
    """Show an item, named by its id or by that of a passage of it; `MemoryShown` answers."""

    item_id: str


@dataclass(frozen=True, slots=True)
class AddNote(MemoryIntent):
    """Keep a text; `MemoryShown` has the note."""

    text: str


@dataclass(frozen=True, slots=True)
class EditMemory(MemoryIntent):
    item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class PinMemory(MemoryIntent):
    """Whether an item stands before all others."""

    item_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class ForgetMemory(MemoryIntent):
    """Delete items for good; `MemoryForgotten` brings the receipt."""

    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IngestFiles(MemoryIntent):
    """Take in files and folders, after those under way; `MemoryIngested` tells how far it is."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class StopIngesting(MemoryIntent):
    """Take in nothing more; what was taken in stays."""


@dataclass(frozen=True, slots=True)
class ExportMemory(MemoryIntent):
    """Write everything to a file in an open format; `MemoryExported` answers."""

    file: Path


@dataclass(frozen=True, slots=True)
class ListBackups(MemoryIntent):
    """Which backups are there? `BackupsListed` answers."""


@dataclass(frozen=True, slots=True)
class RestoreMemory(MemoryIntent):
    """Take in what a backup or an export holds and the memory does not; `MemoryRestored` answers."""

    file: Path


@dataclass(frozen=True, slots=True)
class UndoRestore(MemoryIntent):
    """Take out again what `MemoryRestored` named; `RestoreUndone` answers."""

    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainAnswers(MemoryIntent):
    """What do these answers of a conversation rest on? `AnswerExplained` answers for each that was given
    something of the memory or of its files to read."""

    turn_ids: tuple[str, ...]
    conversation_id: str = ""
