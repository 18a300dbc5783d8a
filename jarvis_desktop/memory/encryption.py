"""The memory store encrypted at rest, with SQLCipher: opening it, encrypting and decrypting it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path

from jarvis_desktop import atomic
from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.database import BUSY_SECONDS, busy, connect, damaged, sql_errors, translated

_PLAIN_HEADER = b"SQLite format 3\0"
_SAMPLE_BYTES = 64 * 1024
_RANDOM_SHARE = 0.99  # what compressing leaves of encrypted pages; a page of SQLite shrinks to less than half
_RAW_KEY = re.compile(r"[0-9a-fA-F]{64}")


def connector(key: str) -> Callable[[Path], sqlite3.Connection]:
    """What opens a file with `key` ("": plain). A key of 64 hexadecimal digits is taken as it is.

    Any other is stretched (PBKDF2, about a tenth of a second). The connection raises `StorageError`:
    ``memory.wrong_key``, ``memory.encrypted``, ``memory.not_encrypted``; the file is then left as it is.
    """
    return (lambda file: _encrypted(file, key)) if key else _plain


def convert(file: Path, old_key: str, new_key: str) -> None:
    """Encrypt a closed store, decrypt it, or change its key.

    The new file is complete on the disk before it takes the place of the old one: a crash leaves one of the
    two. Raises `StorageError`.
    """
    fresh = _converted(file)
    with translated(file):
        remove(fresh)
        connection = _any_encrypted(file, old_key)
        try:
            connection.execute("PRAGMA secure_delete = ON")
            # Nobody else may have it open: what they would write to the old file would be lost with it.
            connection.execute("PRAGMA journal_mode = DELETE")
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute(f"ATTACH ? AS fresh KEY {_literal(new_key)}", (str(fresh),))
            fresh.chmod(0o600)
            connection.execute("SELECT sqlcipher_export('fresh')").fetchall()
            connection.execute(f"PRAGMA fresh.user_version = {version}")
            connection.execute("DETACH fresh")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
        # Made anew, and not to be left as plain text beside an encrypted store.
        remove(token_file(file))
        replace(fresh, file)


def token_file(store: Path) -> Path:
    """Where the vectors of a store's tokens are."""
    return store.with_name(f"{store.stem}-tokens{store.suffix}")


def remove_unfinished(file: Path) -> None:
    """What a crash in `convert` left: it may be the plain text of an encrypted store."""
    remove(_converted(file))


def _converted(file: Path) -> Path:
    return file.with_name(f"{file.name}.converted")


def is_database(file: Path) -> bool:
    """Whether it is a store, encrypted or not, and no text."""
    with translated(file):
        return _header(file) == _PLAIN_HEADER or _looks_encrypted(file)


def is_encrypted(file: Path) -> bool:
    """Whether there is an encrypted store."""
    with translated(file):
        return _looks_encrypted(file)


def replace(fresh: Path, file: Path) -> None:
    """Put a complete database in the place of a closed one, so that a crash leaves the one or the other."""
    if (left := Path(f"{file}-wal")).exists() and left.stat().st_size:
        raise busy(file)
    atomic.sync(fresh)
    fresh.replace(file)
    for suffix in ("-wal", "-shm"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)
    atomic.sync(file.parent)


def remove(file: Path) -> None:
    """Delete a database and what belongs to it, where it is there."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{file}{suffix}").unlink(missing_ok=True)


def _plain(file: Path) -> sqlite3.Connection:
    if _looks_encrypted(file):
        raise StorageError(
            "memory.encrypted",
            "{file} is encrypted, and there is no key to open it.",
            "Turn encryption of the memory on again, or restore its key to the keyring. Nothing was changed.",
            file=file,
        )
    return connect(file)


def _encrypted(file: Path, key: str) -> sqlite3.Connection:
    if _header(file) == _PLAIN_HEADER:
        raise StorageError(
            "memory.not_encrypted",
            "{file} is not encrypted, but a key was given to open it.",
            "Encrypt it first. Nothing was changed.",
            file=file,
        )
    return _any_encrypted(file, key)


def _any_encrypted(file: Path, key: str) -> sqlite3.Connection:
    """Through SQLCipher, which opens plain files too."""
    from sqlcipher3 import dbapi2  # only where encryption is wanted

    connection: sqlite3.Connection = dbapi2.connect(str(file), timeout=BUSY_SECONDS, isolation_level=None)
    try:
        connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to the standard error
        if key:
            connection.execute(f"PRAGMA key = {_literal(key)}")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sql_errors() as error:
        connection.close()
        if not damaged(error):
            raise
        raise StorageError(
            "memory.wrong_key",
            "{file} cannot be opened with this key.",
            "Restore the key it was encrypted with to the keyring. Nothing was changed.",
            file=file,
        ) from error
    return connection


def _literal(key: str) -> str:
    """As SQL wants it: pragmas and ATTACH take no parameters for keys."""
    return f"\"x'{key}'\"" if _RAW_KEY.fullmatch(key) else "'" + key.replace("'", "''") + "'"


def _header(file: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError), file.open("rb") as stream:
        return stream.read(len(_PLAIN_HEADER))
    return b""


def _looks_encrypted(file: Path) -> bool:
    """Told from a damaged plain file by all of it being like noise."""
    if _header(file) in (b"", _PLAIN_HEADER):
        return False
    with file.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    return len(zlib.compress(sample, 1)) >= _RANDOM_SHARE * len(sample)
