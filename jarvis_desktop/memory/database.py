"""A SQLite file that is opened, brought up to date, or put aside when it is damaged."""

from __future__ import annotations

import contextlib
import errno
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jarvis_desktop.errors import Category, StorageError

Migrations = Sequence[Sequence[str]]
"""Statements that lead from each schema version (the index) to the next."""

BUSY_SECONDS = 5.0
"""Wait for another process (a command beside the window) that is writing."""

_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NO_ROOM_BYTES = 256 * 1024  # SQLite reports some failures for want of space as plain input/output errors


@dataclass(frozen=True, slots=True)
class Opened:
    """A usable connection, in autocommit; `recovered` is where a damaged file was put, else None."""

    connection: sqlite3.Connection
    recovered: Path | None = None


def connect(file: Path) -> sqlite3.Connection:
    """A connection in autocommit."""
    return sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)


def open_database(
    file: Path,
    migrations: Migrations,
    connect: Callable[[Path], sqlite3.Connection] = connect,
    checked_bytes: int | None = None,
) -> Opened:
    """Open or create `file` (mode 0600); a damaged one is put aside and a fresh one begun.

    A commit that returned is on the disk (``synchronous=FULL``), not only safe from a crash of this program.
    A file of more than `checked_bytes` is not read through for damage: that would take seconds.
    Raises `StorageError`: ``storage.newer`` (nothing was changed), ``storage.disk_full``, ...
    """
    with translated(file):
        try:
            return Opened(_opened(file, migrations, connect, checked_bytes))
        except sql_errors() as error:
            if not damaged(error):
                raise
        aside = put_aside(file)
        return Opened(_opened(file, migrations, connect, checked_bytes), aside)


def put_aside(file: Path) -> Path:
    """Rename a damaged database and what belongs to it to ``NAME.corrupt.TIME``; returns the new name."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    aside = file.with_name(f"{file.name}.corrupt.{moment}")
    number = 1
    while aside.exists():
        number += 1
        aside = file.with_name(f"{file.name}.corrupt.{moment}-{number}")
    for suffix in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            Path(f"{file}{suffix}").replace(f"{aside}{suffix}")
    return aside


def migrate(connection: sqlite3.Connection, migrations: Migrations) -> None:
    """Bring the schema up to date in one transaction: a crash leaves the old or the new one, never half.

    Raises `StorageError` ``storage.newer`` for a schema this program does not know.
    """
    if _version(connection, migrations) == len(migrations):
        return
    with transaction(connection):
        # Asked again: another process may have migrated while this one waited for the lock.
        for step in migrations[_version(connection, migrations) :]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything in the block or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has already rolled back after some errors
            connection.execute("ROLLBACK")
        raise


def empty_log(connection: sqlite3.Connection, file: Path) -> None:
    """Take the log of `file` into it, so that nothing stands in the log any more; raises ``storage.busy``."""
    waiting, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if int(waiting):  # somebody reads what was there before
        raise busy(file)


@contextlib.contextmanager
def translated(file: Path) -> Iterator[None]:
    """Turn what SQLite and the system raise in the block into `StorageError`."""
    try:
        with system_translated(file):
            yield
    except sql_errors() as error:
        raise _storage_error(error, file) from error


@contextlib.contextmanager
def system_translated(file: Path) -> Iterator[None]:
    """The same for what the system raises alone: for a file that is no database."""
    try:
        yield
    except OSError as error:
        raise _system_error(error, file) from error


def sql_errors() -> tuple[type[Exception], ...]:
    """What SQLite raises, and what SQLCipher does where it is in use: its module has classes of its own."""
    cipher = sys.modules.get("sqlcipher3.dbapi2")
    return (sqlite3.Error,) if cipher is None else (sqlite3.Error, cipher.Error)


def damaged(error: Exception) -> bool:
    """Whether SQLite says that the file is damaged, or no database at all."""
    return _code(error) in _DAMAGED


def _opened(
    file: Path,
    migrations: Migrations,
    connect: Callable[[Path], sqlite3.Connection],
    checked_bytes: int | None,
) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    # Made here, because SQLite would give a new file the mode of the process, readable by others.
    # An existing file is not opened: to close it again would drop the locks of every connection to it.
    file.touch(0o600)
    checked = checked_bytes is None or file.stat().st_size <= checked_bytes
    connection = connect(file)
    try:
        _version(connection, migrations)  # before anything is written: a newer file stays as it is
        file.chmod(0o600)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        if checked and (report := connection.execute("PRAGMA quick_check(1)").fetchone()) != ("ok",):
            raise _Damaged(report)
        migrate(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return connection


class _Damaged(sqlite3.DatabaseError):
    """The check found what no statement has stumbled over yet."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def _version(connection: sqlite3.Connection, migrations: Migrations) -> int:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(migrations):
        raise StorageError(
            "storage.newer",
            "What is stored was written by a newer Jarvis (version {version}; this one knows {known}).",
            "Update Jarvis. Nothing was changed.",
            version=version,
            known=len(migrations),
        )
    return version


def _code(error: Exception) -> int:
    """Primary result code; https://sqlite.org/rescode.html. -1 for errors of the Python module itself."""
    return getattr(error, "sqlite_errorcode", -1) & 0xFF


def _storage_error(error: Exception, file: Path) -> StorageError:
    code = _code(error)
    if code in _DAMAGED:
        return StorageError(
            "storage.corrupt",
            "What is stored in {file} is damaged.",
            "It is put aside and a fresh store is begun; restore a backup if you have one.",
            Category.DEGRADED,
            file=file,
        )
    if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _no_room(file)):
        return _disk_full(file)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return busy(file)
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return _read_only(file)
    reason = getattr(error, "sqlite_errorname", type(error).__name__)
    return _failed(file, reason)


def _system_error(error: OSError, file: Path) -> StorageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _disk_full(file)
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return _read_only(file)
    return _failed(file, error.strerror or type(error).__name__)


def busy(file: Path) -> StorageError:
    """The error of a file that somebody else is using."""
    return StorageError(
        "storage.busy",
        "Another program is holding {file}.",
        "Close other copies of Jarvis and try again.",
        Category.TRANSIENT,
        file=file,
    )


def _no_room(file: Path) -> bool:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(file.parent).free < _NO_ROOM_BYTES
    return False


def _disk_full(file: Path) -> StorageError:
    return StorageError(
        "storage.disk_full",
        "The disk is full: nothing more can be stored in {file}.",
        "Free some space. Jarvis goes on, but keeps nothing new until then.",
        Category.DEGRADED,
        file=file,
    )


def _read_only(file: Path) -> StorageError:
    return StorageError(
        "storage.read_only",
        "{file} cannot be written.",
        "Make the file and its folder writable. Jarvis goes on, but keeps nothing new until then.",
        Category.DEGRADED,
        file=file,
    )


def _failed(file: Path, reason: str) -> StorageError:
    return StorageError(
        "storage.failed",
        "What is stored in {file} cannot be used ({reason}).",
        "Check the disk and the folder.",
        Category.DEGRADED,
        file=file,
        reason=reason,
    )
