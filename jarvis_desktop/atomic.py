"""Replaces a file as a whole: after a crash the old text is there or the new one, never a piece."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

_NEW_FILE_MODE = 0o600  # what the user wrote is nobody else's business


@contextlib.contextmanager
def staged(file: Path, text: str) -> Iterator[Callable[[], None]]:
    """Write `text` beside `file` and yield what puts it in place; without that call nothing changed.

    The file's mode is kept, and a link stays a link. Raises OSError, and PermissionError for a file that is
    marked read-only, which a rename would otherwise get around.
    """
    target = file.resolve()
    mode = _mode(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        yield lambda: _replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def write(file: Path, text: str) -> None:
    """As `staged`, at once."""
    with staged(file, text) as put_in_place:
        put_in_place()


def sync(path: Path) -> None:
    """Have the bytes of a file, or the names in a folder, on the disk. Raises OSError."""
    if path.is_dir() and os.name != "posix":
        return  # it cannot be opened there
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _mode(target: Path) -> int:
    try:
        mode = stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        return _NEW_FILE_MODE
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise PermissionError(f"{target} is marked read-only")
    return mode


def _replace(temporary: Path, target: Path) -> None:
    temporary.replace(target)
    sync(target.parent)  # the rename itself is durable once the folder is
