"""What leaves the computer and what is kept on it: what the window asks for, and what it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from jarvis_desktop.events.base import Event, Intent


class Reason(StrEnum):
    """Why a connection was opened."""

    MODEL_DOWNLOAD = "model download"
    PACKAGE_INDEX = "package index"  # asked where the archives of a model lie
    REMOTE_ENGINE = "remote engine"
    TOOL_SERVER = "tool server"
    VECTOR_SERVER = "vector server"  # of the memory
    QUEUE = "queue"  # of work that is shared with other machines
    UPDATES = "updates"  # the user asked for the newest version
    UNEXPECTED = "unexpected"  # nobody said that it would be


class Seal(StrEnum):
    """Who keeps child processes from the network while the user works offline."""

    SYSTEM = "system"  # its kernel asks Jarvis before each connection
    PROGRAM = "program"  # Jarvis' own code only


@dataclass(frozen=True, slots=True)
class Connection:
    """One attempt to reach another computer.

    `at` is seconds since the epoch; `who` the part of Jarvis or the process; `detail` what it was about (a
    model, a tool server). `received` is bytes, None where nobody counted them.
    """

    id: str
    at: float
    host: str
    port: int
    who: str
    reason: Reason
    allowed: bool
    detail: str = ""
    received: int | None = None


@dataclass(frozen=True, slots=True)
class ConnectionNoted(Event):
    """Jarvis reached, or tried to reach, another computer."""

    name: ClassVar[str] = "connection_noted"
    connection: Connection


class StoredKind(StrEnum):
    """What the program keeps on the disk."""

    CONVERSATIONS = "conversations"
    MEMORY = "memory"
    SETTINGS = "settings"
    CACHE = "cache"
    LOGS = "logs"
    MODELS = "models"


@dataclass(frozen=True, slots=True)
class Stored:
    """All of one kind: `size` in bytes, `count` in conversations, remembered items, models, else files."""

    kind: StoredKind
    path: Path
    size: int
    count: int


@dataclass(frozen=True, slots=True)
class PrivacyShown(Event):
    """The connections, newest first; what is stored; and who holds the seal."""

    name: ClassVar[str] = "privacy_shown"
    connections: tuple[Connection, ...]
    stored: tuple[Stored, ...]
    seal: Seal


@dataclass(frozen=True, slots=True)
class LedgerExported(Event):
    """The list of connections is in the file."""

    name: ClassVar[str] = "ledger_exported"
    path: Path


@dataclass(frozen=True, slots=True)
class ErasingBegun(Event):
    """All is to be deleted, which is done when the program has ended, or at the next start."""

    name: ClassVar[str] = "erasing_begun"


@dataclass(frozen=True, slots=True)
class PrivacyIntent(Intent):
    """A wish that concerns what leaves the computer, or what is kept."""


@dataclass(frozen=True, slots=True)
class ShowPrivacy(PrivacyIntent):
    """What was connected, and what is stored? `PrivacyShown` answers."""


@dataclass(frozen=True, slots=True)
class ClearLedger(PrivacyIntent):
    """Delete the list of connections."""


@dataclass(frozen=True, slots=True)
class ExportLedger(PrivacyIntent):
    """Write the list of connections to a file, JSON lines."""

    path: Path


@dataclass(frozen=True, slots=True)
class DeleteEverything(PrivacyIntent):
    """Delete all that is stored, and the models where `models` says so; the program ends for it."""

    models: bool
