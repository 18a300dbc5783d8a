"""Where time goes inside the program."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Recorder(Protocol):
    """Records once in which functions a thread spends its time, and nothing of what they work on."""

    def start(self) -> None:
        """Record the calling thread from now on."""
        ...

    def stop(self) -> None:
        """Record no more; to be called on the same thread."""
        ...

    def save(self) -> Path:
        """Write what was recorded, and tell where. Blocks; raises `StorageError`."""
        ...
