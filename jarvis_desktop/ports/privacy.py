"""What leaves the computer, and what is kept on it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from jarvis_desktop.events import PrivacyShown


class Privacy(Protocol):
    """Every method blocks."""

    def shown(self) -> PrivacyShown:
        """The connections, what is stored, and who holds the seal."""
        ...

    def clear(self) -> None:
        """Delete the list of connections."""
        ...

    def export(self, target: Path) -> None:
        """Write the list of connections to a file; raises `StorageError`."""
        ...

    def begin_erasing(self, *, models: bool) -> None:
        """Mark all that is stored for deletion when the program has ended; raises `StorageError`."""
        ...
