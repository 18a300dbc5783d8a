"""Copies of the memory store, made now and then, the last few kept; and what they hold taken in again."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.database import system_translated
from jarvis_desktop.memory.encryption import replace
from jarvis_desktop.memory.store import MemoryStore

_LOG = logging.getLogger(__name__)

KEPT = 3
DAY_S = 86_400.0

_NAME = "memory-%Y%m%dT%H%M%S%f.sqlite3"
_CHANGING = "changing.sqlite3"

Change = Callable[[MemoryStore, Sequence[str]], object]
"""Does away with what items said, in a store that has all of them."""


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

    def change(self, item_ids: Sequence[str], change: Change, key: str) -> None:
        """Have `change` do away with what those of `item_ids` said that a backup holds, in each of them.

        One in which that cannot be done is deleted, since nothing of it may be left; another one is due then.
        """
        backups = self.there()
        with system_translated(self._folder):
            for left in set(self._folder.glob("memory-*")) - set(backups):  # by a copy that was cut off
                left.unlink(missing_ok=True)
            _remove_all(self._folder / _CHANGING)
        for backup in reversed(backups):  # on a full disk rather an old one is lost
            try:
                with _copied(backup, self._folder / _CHANGING, key) as store:
                    if known := store.known(item_ids):
                        change(store, known)
                        store.close()
                        with system_translated(backup):
                            replace(self._folder / _CHANGING, backup)
            except StorageError as error:
                _LOG.warning(
                    "the backup %s is deleted, nothing can be forgotten in it: %s", backup.name, error
                )
                with system_translated(backup):
                    backup.unlink(missing_ok=True)
                self._wanted = True

    def drop(self) -> None:
        """Delete all; a new one is due at once."""
        self._wanted = self._wanted or bool(self.there())
        with system_translated(self._folder):
            for file in self._folder.glob("memory-*"):  # what a copy that was cut off left, too
                file.unlink(missing_ok=True)


def restore(store: MemoryStore, backup: Path, folder: Path, key: str) -> int:
    """Take in what a backup holds and `store` does not; returns how many items are new.

    `key` opens it, `folder` is where it is copied to meanwhile: opening changes it. Raises `StorageError`.
    """
    with _copied(backup, folder / "restoring.sqlite3", key) as other:
        return store.restore_from(other)


@contextlib.contextmanager
def _copied(backup: Path, copy: Path, key: str) -> Iterator[MemoryStore]:
    """What a backup holds, opened as the file `copy`, which is gone afterwards with all beside it."""
    store = MemoryStore(copy, key)
    try:
        with system_translated(backup):
            _remove_all(copy)
            copy.touch(0o600)
            shutil.copyfile(backup, copy)
        store.open()
        if store.recovered is not None:
            raise StorageError(
                "memory.damaged_backup",
                "The backup {file} is damaged.",
                "Take another one; list them with: jarvis memory backups",
                file=backup,
            )
        yield store
    finally:
        store.close()
        with system_translated(backup):
            _remove_all(copy)


def _remove_all(copy: Path) -> None:
    for left in copy.parent.glob(f"{copy.stem}*"):
        left.unlink(missing_ok=True)


def _when(file: Path) -> float | None:
    with contextlib.suppress(ValueError):
        return datetime.strptime(file.name, _NAME).replace(tzinfo=UTC).timestamp()
    return None
