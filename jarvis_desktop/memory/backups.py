"""Copies of the memory store, made now and then, the last few kept; and what they hold taken in again."""

from __future__ import annotations

import contextlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.events.memories import MemoryBackup
from jarvis_desktop.memory.database import system_translated, translated
from jarvis_desktop.memory.encryption import (
    connector,
    convert,
    is_database,
    is_encrypted,
    remove,
    remove_unfinished,
    replace,
)
from jarvis_desktop.memory.store import MemoryStore

_LOG = logging.getLogger(__name__)

KEPT = 3
DAY_S = 86_400.0

_NAME = "memory-%Y%m%dT%H%M%S%f.sqlite3"
_CHANGING, _RESTORING = "changing.sqlite3", "restoring.sqlite3"
_PASSING = {"storage.disk_full", "storage.busy", "storage.read_only"}  # another time it can be done

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
        self._wanted = False  # one in the place of those that were lost

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

    def listed(self, key: str) -> list[MemoryBackup]:
        """What they hold, the newest first; `key` opens those that are encrypted."""
        return [MemoryBackup(file, _when(file) or 0.0, _items(file, key)) for file in self.there()]

    def make(self) -> Path:
        """Make one now; the oldest beyond the last `KEPT` are deleted."""
        file = self._made()
        self._wanted = False
        with system_translated(self._folder):
            for old in self.there()[KEPT:]:
                old.unlink(missing_ok=True)
        return file

    def _made(self) -> Path:
        with system_translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._folder / datetime.fromtimestamp(self._now(), UTC).strftime(_NAME)
        self._copy(file)
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

    def convert(self, encrypted: bool, key: str) -> list[StorageError]:
        """Encrypt or decrypt with `key` those that are not as wanted; what a crash cut short is done again.

        Returns what is wrong with those in which it cannot be done. Plain ones are deleted then, and another
        one is due; encrypted ones stay as they are.
        """
        old, new = ("", key) if encrypted else (key, "")
        problems: list[StorageError] = []
        with system_translated(self._folder):
            for name in ("memory-*.sqlite3.*", _CHANGING, _RESTORING):
                for left in self._folder.glob(name):  # by work that was cut off
                    if is_encrypted(left) != encrypted:
                        remove(left)
        for backup in self.there():
            try:
                if is_encrypted(backup) != encrypted:
                    convert(backup, old, new)
            except StorageError as error:
                with system_translated(backup):
                    remove_unfinished(backup)
                    if error.code in _PASSING:
                        raise
                    if encrypted:
                        self._wanted = True
                        remove(backup)
                problems.append(_not_encrypted(backup) if encrypted else _not_decrypted(backup))
        return problems

    def restore(self, store: MemoryStore, file: Path, key: str) -> list[str]:
        """Take in what a backup or an export holds and `store` does not; returns the ids of what is new.

        `key` opens a backup. One of `store` is made before, unless that is empty or nothing is new; none is
        deleted for it, as it may be the one that is wanted.
        """
        before = self._made() if store.keys() else None
        new: list[str] = []
        try:
            new = self._taken_in(store, file, key)
        finally:
            if before is not None and not new:
                with system_translated(before):
                    before.unlink(missing_ok=True)
        return new

    def _taken_in(self, store: MemoryStore, file: Path, key: str) -> list[str]:
        if not is_database(file):
            return store.restore(file)
        with system_translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Opening changes it.
        with _copied(file, self._folder / _RESTORING, key if is_encrypted(file) else "") as other:
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


def _items(backup: Path, key: str) -> int | None:
    try:
        connect = connector(key if is_encrypted(backup) else "")
        with translated(backup), contextlib.closing(connect(backup)) as connection:
            return int(connection.execute("SELECT count(*) FROM items").fetchone()[0])
    except StorageError:
        return None


def _not_encrypted(file: Path) -> StorageError:
    return StorageError(
        "memory.backup_not_encrypted",
        "The backup {file} is damaged: it could not be encrypted and was deleted.",
        "Nothing has to be done: a new backup is made by itself.",
        Category.DEGRADED,
        file=file,
    )


def _not_decrypted(file: Path) -> StorageError:
    return StorageError(
        "memory.backup_not_decrypted",
        "The backup {file} cannot be opened with the key of the memory. It stays encrypted.",
        "Restore the key it was encrypted with to the keyring, or delete the file.",
        Category.DEGRADED,
        file=file,
    )


def _when(file: Path) -> float | None:
    with contextlib.suppress(ValueError):
        return datetime.strptime(file.name, _NAME).replace(tzinfo=UTC).timestamp()
    return None
