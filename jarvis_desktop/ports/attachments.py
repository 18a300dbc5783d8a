"""Reading of files for one conversation, and finding in them what fits a question."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from jarvis_desktop.events import Attachment, Recalled


class AttachmentReader(Protocol):
    """Files are read in a child process of little memory and time."""

    async def read(self, file: Path) -> Attachment:
        """What a file says; raises `StorageError` for one that cannot be read, is too large or empty."""
        ...

    async def divide(self, name: str, text: str) -> Attachment:
        """The same for a text that is there already."""
        ...

    async def find(self, question: str, attachments: Sequence[Attachment]) -> Sequence[Recalled]:
        """Passages that hold words of the question, best first."""
        ...

    async def close(self) -> None:
        """End the child process, if there is one."""
        ...
