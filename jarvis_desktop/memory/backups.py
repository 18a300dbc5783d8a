"""Copies of the memory store, made now and then, the last few kept; and what they hold taken in again."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.database import system_translated
from jarvis_desktop.memory.store import MemoryStore

KEPT = 3
DAY_S = 86_400.0

_NAME = "memory-%Y%m%dT%H%M%S%f.sqlite3"


class Backups:
    """Copies in `folder`; `copy` writes one, complete or not at all. All methods raise `StorageError`."""

    def __init__(
        self, folder: Path, copy: Callable[[Path], object], now: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._copy = copy
        self._now = now
        self._wanted = False  # one in the place of those that were dropped

    def there(self) -> tuple[Path, ...]:
        """Those there are, the newest first."""
        with system_translated(self._folder):
            return tuple(sorted(self._folder.glob("memory-*.sqlite3"), reverse=True))

    def due(self, days: int) -> bool:
        """Whether one is to be made now; `days` from one to the next, 0 for none by themselves."""
        if self._wanted:
            return True
        newest = next((when for file in self.there() if (when := _when(file)) is not None), 0.0)
        age = self._now() - newest
        return days > 0 and not 0 <= age < days * DAY_S  # one from the future: the clock was wrong

    def make(self) -> Path:
        """Make one now; the oldest beyond the last `KEPT` are deleted."""
        with system_translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        moment = datetime.fromtimestamp(self._now(), UTC)
        file = self._folder / moment.strftime(_NAME)
        self._copy(file)
        self._wanted = False
        with system_translated(self._folder):
            for old in self.there()[KEPT:]:
                old.unlink(missing_ok=True)
        return file

    def drop(self) -> None:
        """Delete all, because they hold what was forgotten; one that does not is due at once."""
        self._wanted = self._wanted or bool(self.there())
        with system_translated(self._folder):
            for file in self._folder.glob("memory-*"):  # what a copy that was cut off left, too
                file.unlink(missing_ok=True)


def restore(store: MemoryStore, backup: Path, folder: Path, key: str) -> int:
    """Take in what a backup holds and `store` does not; returns how many items are new.

    `key` opens it, `folder` is where it is copied to meanwhile: opening changes it. Raises `StorageError`.
    """
    copy = folder / "restoring.sqlite3"
    other = MemoryStore(copy, key)
    try:
        with system_translated(backup):
            shutil.copyfile(backup, copy)
        other.open()
        if other.recovered is not None:
            raise StorageError(
                "memory.damaged_backup",
                "The backup {file} is damaged.",
                "Take another one; list them with: jarvis memory backups",
                file=backup,
            )
        return store.restore_from(other)
    finally:
        other.close()
        for left in folder.glob(f"{copy.stem}*"):
            left.unlink(missing_ok=True)


def _when(file: Path) -> float | None:
    with contextlib.suppress(ValueError):
        return datetime.strptime(file.name, _NAME).replace(tzinfo=UTC).timestamp()
    return None
