"""Files that belong to a conversation: its answers may rest on what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event, Intent
from jarvis_desktop.events.memories import MemoryKind, Recalled


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a file said when it was read. `passages` are its parts: start and end in characters, headings.

    `location` is the path it was read from, "" for a text that was pasted.
    """

    id: str
    name: str
    size: int  # bytes of the file
    text: str
    passages: tuple[tuple[int, int, str], ...]
    added_at: float  # seconds since the epoch
    location: str = ""

    def passage(self, number: int) -> Recalled:
        """One of its passages, counted from 0, as a search of the memory would give it."""
        start, end, _ = self.passages[number]
        return Recalled(
            f"{self.id}#{number + 1}",
            self.id,
            MemoryKind.DOCUMENT,
            self.text[start:end],
            self.name,
            1.0,
            location=self.location,
            created_at=self.added_at,
        )


class AttachmentState(StrEnum):
    """What the model is given of a file."""

    READING = "reading"
    WHOLE = "whole"
    PARTS = "parts"  # for each question the passages that fit it: the whole does not fit into the context
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AttachmentListed:
    """A file as the window shows it; one that could not be read has an `error`."""

    id: str
    name: str
    size: int  # bytes; 0 while it is not known
    location: str
    state: AttachmentState
    error: JarvisError | None = None


@dataclass(frozen=True, slots=True)
class AttachmentsListed(Event):
    """The files of the conversation on show, in the order in which they came."""

    name: ClassVar[str] = "attachments"
    attachments: tuple[AttachmentListed, ...]


@dataclass(frozen=True, slots=True)
class AttachmentShown(Event):
    """What a file says; answers `OpenAttachment`. `quote` is a part of it to bring into view."""

    name: ClassVar[str] = "attachment"
    attachment: Attachment
    quote: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentIntent(Intent):
    """A wish that concerns the files of the conversation on show; `AttachmentsListed` tells how they are."""


@dataclass(frozen=True, slots=True)
class ListAttachments(AttachmentIntent):
    """Which files does the conversation on show have?"""


@dataclass(frozen=True, slots=True)
class AttachFiles(AttachmentIntent):
    """Read these files for the conversation on show, which begins with them where there is none yet."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class AttachText(AttachmentIntent):
    """The same for a long text that was pasted."""

    text: str


@dataclass(frozen=True, slots=True)
class RemoveAttachment(AttachmentIntent):
    """Take a file out of its conversation; no file of the program holds anything of it afterwards."""

    attachment_id: str


@dataclass(frozen=True, slots=True)
class OpenAttachment(AttachmentIntent):
    """Show what a file says, named by its id or by that of a passage of it."""

    attachment_id: str
    quote: str = ""
