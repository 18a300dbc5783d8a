"""What is stored where, and the deletion of all of it.

A mark on the disk comes first and goes last: whatever interrupts the deletion, the next start completes it.
Files are deleted when nothing of the program has them open any more.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

from jarvis_desktop import atomic
from jarvis_desktop.app.autostart import Autostart
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Stored, StoredKind
from jarvis_desktop.network.gate import GATE

_WINDOW = "window.ini"


def stored(paths: Paths) -> tuple[Stored, ...]:
    """Everything that the program keeps, by kind. Blocks: it looks at every file."""
    settings = {paths.data / _WINDOW, paths.server_token, paths.clients, paths.clients.with_suffix(".lock")}
    others = {paths.memory, paths.models, paths.runtime, paths.ledger, *settings}
    said = [each for each in _inside(paths.data) if each not in others and each != paths.erasing]
    found = (
        (StoredKind.CONVERSATIONS, paths.data, said),
        (StoredKind.MEMORY, paths.memory, [paths.memory]),
        (StoredKind.SETTINGS, paths.config, [paths.config, *settings]),
        (StoredKind.CACHE, paths.cache, [paths.cache]),
        (StoredKind.LOGS, paths.logs, [paths.logs, paths.ledger]),
        (StoredKind.MODELS, paths.models, [paths.models]),
    )
    return tuple(_measured(paths, kind, path, parts) for kind, path, parts in found)


def begin(paths: Paths, *, models: bool, encrypted: bool) -> None:
    """Mark everything for deletion, the models too where `models` says so.

    `encrypted` tells that a keyring has the key of the memory. Raises `StorageError`.
    """
    note = {"models": models, "encrypted": encrypted, "pid": os.getpid()}
    with _translated(paths.erasing):
        atomic.write(paths.erasing, json.dumps(note))


def complete(paths: Paths) -> bool:
    """Delete what was marked, and then the mark; False where nothing was, or another process is at it.

    Raises `StorageError` for what cannot be deleted; the mark stays for another try.
    """
    try:
        note = json.loads(paths.erasing.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        note = {}
    if note.get("pid") != os.getpid() and psutil.pid_exists(note.get("pid", -1)):
        return False  # it does so when it ends
    GATE.close()  # it would begin a new list
    if note.get("encrypted"):
        from jarvis_desktop.memory.memory_key import forget_key

        forget_key(paths.memory)
    Autostart(paths).switch(False)
    keep = {paths.erasing} | (set() if note.get("models") else {paths.models})
    for root in (paths.data, paths.cache, paths.logs, paths.config, paths.runtime, paths.models):
        with _translated(root):
            _delete(root, keep)
    with _translated(paths.erasing):
        paths.erasing.unlink()
    for root in (paths.runtime, paths.data):
        with contextlib.suppress(OSError):
            root.rmdir()
    return True


def _delete(path: Path, keep: set[Path]) -> None:
    """Delete a file or a folder, but for what is kept; what a link leads to stays."""
    if path in keep:
        return
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif any(path in each.parents for each in keep):
        for each in _inside(path):
            _delete(each, keep)
    elif path.exists():
        shutil.rmtree(path)


def _inside(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _measured(paths: Paths, kind: StoredKind, path: Path, parts: Iterable[Path]) -> Stored:
    sizes = [size for part in parts for size in _sizes(part)]
    count = len(sizes)
    if kind is StoredKind.CONVERSATIONS:
        count = _conversations(paths.database)
    elif kind is StoredKind.MODELS:
        count = sum(each.is_dir() for each in _inside(path))
    return Stored(kind, path, sum(sizes), count)


def _sizes(path: Path) -> Iterator[int]:
    """Bytes of each file."""
    with contextlib.suppress(OSError):
        if path.is_file():
            yield path.stat().st_size
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                yield (Path(folder) / name).lstat().st_size


def _conversations(database: Path) -> int:
    if not database.exists():
        return 0
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as opened,
    ):
        return int(opened.execute("SELECT count(*) FROM conversations").fetchone()[0])
    return 0


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageError(
            "storage.not_erased",
            "{path} could not be deleted: {reason}.",
            "See who may write there. The next start of Jarvis tries again.",
            path=error.filename or path,
            reason=error.strerror or type(error).__name__,
        ) from error
