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
    if os.name == "posix":  # the rename itself is durable once the folder is
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
