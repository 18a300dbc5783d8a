"""Vectors on this machine's disk: a Chroma folder that is made once, checked, and never written again.

A fresh child process makes it (`index_builder`): no byte in it can come from a vector it was not given. What
changes later is not changed in it: `index.Index` holds what is newer in memory, and has it made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import shutil
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.memory.chroma_index import open_folder
from jarvis_desktop.memory.database import translated
from jarvis_desktop.memory.index_build import Base, Build, erase_folder, not_built
from jarvis_desktop.memory.vector_index import Keys, Vectors
from jarvis_desktop.processes.worker import child_environment

_LOG = logging.getLogger(__name__)

EXACT_MOST = 8000
"""Up to so many vectors an exact search is as fast as Chroma's (docs/decisions/0021-vector-index.md)."""

FORMAT = 1
"""Of what is beside Chroma's files; counts up when an older folder must not be read."""

CHROMA, DATABASE, KEYS, MANIFEST = "chroma", "database", "keys.npy", "manifest.json"
"""Names in a folder of vectors. `DATABASE` is Chroma's SQLite file as it was made: Chroma writes into it."""

_IN_USE = "in-use"  # there only while Chroma's code runs: found at a start, it has ended the process
_LOCK = "lock"
_MADE, _BEING_MADE = "vectors-", "making-"
_CHROMA_DATABASE = "chroma.sqlite3"
_BLOCK = 1 << 20


class IndexFolder:
    """`index.Backend` in a folder that one process at a time may use. All methods raise `StorageError`."""

    name = "chroma"
    replaces = True

    def __init__(self, folder: Path, encoder: str, most_beside: int = EXACT_MOST) -> None:
        self.most_beside = most_beside
        self._folder = folder
        self._encoder = encoder
        self._lock = filelock.FileLock(folder / _LOCK, timeout=0)

    def open(self) -> Base | None:
        """What was made last and is sound; everything else is removed. ``memory.index_busy``: locked."""
        self._take()
        found: Base | None = None
        for made in sorted(self._made(), key=lambda folder: folder.stat().st_mtime, reverse=True):
            if found is None and (problem := flaw(made, self._encoder)) is None:
                with contextlib.suppress(StorageError):
                    found = open_made(made)
                    continue
                problem = "Chroma cannot open it"
            if found is None:
                _LOG.warning("the vector index is made anew: %s", problem)
            erase_folder(made)
        for rest in self._being_made():
            erase_folder(rest)
        return found

    def build(self, base: Base | None, keys: Keys, vectors: Vectors) -> Build:
        """Make all of it anew, beside the one in use."""
        self._take()
        return Build(keys, _Making(self._folder, self._encoder, keys, vectors))

    def adopt(self, base: Base) -> None:
        """`base` takes the place of every other folder; those must have been closed."""
        for made in self._made():
            if made != base.folder:
                erase_folder(made)

    def forget(self, base: Base | None, keys: frozenset[int]) -> Base | None:
        """Removes all files, because Chroma's keep what is deleted from them. What stays is made anew."""
        self.erase(base)
        return None

    def erase(self, base: Base | None) -> None:
        """Close `base` and remove every vector from the disk; ``memory.not_erased`` where that fails."""
        if base is not None:
            with contextlib.suppress(StorageError):
                base.index.close()
        if left := self._made() + self._being_made():
            self._take()
        for one in left:
            erase_folder(one)

    def close(self) -> None:
        self._lock.release()

    def _made(self) -> list[Path]:
        with translated(self._folder):
            return list(self._folder.glob(f"{_MADE}*"))

    def _being_made(self) -> list[Path]:
        with translated(self._folder):
            return list(self._folder.glob(f"{_BEING_MADE}*"))

    def _take(self) -> None:
        if self._lock.is_locked:
            return
        with translated(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._lock.acquire()
        except filelock.Timeout as error:
            raise StorageError(
                "memory.index_busy",
                "Another program is using the vector index in {folder}.",
                "Close other copies of Jarvis. Meanwhile memories are searched without it.",
                Category.DEGRADED,
                folder=self._folder,
            ) from error
        except OSError as error:
            with translated(self._folder):
                raise error


def write_manifest(made: Path, encoder: str) -> None:
    """Note what every file in `made` holds."""
    import chromadb

    manifest = {
        "format": FORMAT,
        "chroma": chromadb.__version__,
        "encoder": encoder,
        "files": {name: _digest(made / name) for name in _checked(made)},
    }
    (made / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")


def flaw(made: Path, encoder: str) -> str | None:
    """Why a folder must not be opened: Chroma reads damaged files without checks, and may crash."""
    import chromadb

    if (made / _IN_USE).exists():
        return "the process ended while Chroma used it"
    try:
        manifest: Any = json.loads((made / MANIFEST).read_text(encoding="utf-8"))
        if (manifest["format"], manifest["chroma"]) != (FORMAT, chromadb.__version__):
            return "another version made it"
        if manifest["encoder"] != encoder:
            return "it holds vectors of another encoder"
        found = {name: _digest(made / name) for name in _checked(made)}
        return None if found == manifest["files"] else "its files have changed"
    except (OSError, ValueError, KeyError, TypeError) as error:
        return f"it cannot be read ({type(error).__name__})"


def open_made(made: Path) -> Base:
    """The index in a sound folder, with its files as they were made."""
    with translated(made):
        keys: Keys = np.load(made / KEYS)
        shutil.copyfile(made / DATABASE, made / CHROMA / _CHROMA_DATABASE)
    index = open_folder(made / CHROMA, made / _IN_USE)
    return Base(index, frozenset(keys.tolist()), made)


def keep_database(made: Path) -> None:
    """Set Chroma's SQLite file aside, without the pages it does not use any more."""
    import sqlite3

    file = made / CHROMA / _CHROMA_DATABASE
    connection = sqlite3.connect(file)
    connection.execute("VACUUM")
    connection.close()
    shutil.copyfile(file, made / DATABASE)


class _Making:
    """One run of the child that makes a folder."""

    def __init__(self, folder: Path, encoder: str, keys: Keys, vectors: Vectors) -> None:
        self._making = folder / f"{_BEING_MADE}{uuid.uuid4().hex[:12]}"
        self._made = folder / self._making.name.replace(_BEING_MADE, _MADE)
        self._encoder = encoder
        self._keys = keys
        self._vectors = vectors
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self) -> Base:
        """In a thread of its own, which waits for nearly all of the time."""
        try:
            with translated(self._making):
                self._making.mkdir(parents=True)
                self._make()
                self._making.replace(self._made)
            base = open_made(self._made)
            base.index.search(self._vectors[0], 1)  # reads the graph into memory
            return base
        except BaseException:
            shutil.rmtree(self._making, ignore_errors=True)
            shutil.rmtree(self._made, ignore_errors=True)
            raise

    def interrupt(self) -> None:
        self._stopped = True
        if self._process is not None:
            self._process.kill()

    def discard(self, base: Base) -> None:
        base.index.close()
        erase_folder(self._made)

    def _make(self) -> None:
        order = {
            "folder": str(self._making),
            "encoder": self._encoder,
            "count": len(self._keys),
            "dimensions": self._vectors.shape[1],
        }
        with subprocess.Popen(
            [sys.executable, "-P", "-m", "jarvis_desktop.memory.index_builder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=child_environment(),
            cwd=self._making,
        ) as process:
            self._process = process
            if self._stopped:
                process.kill()
            self._feed(process, json.dumps(order).encode() + b"\n")
            assert process.stderr is not None
            complaint = process.stderr.read().decode(errors="replace").strip()  # until the child ends
        if process.returncode != 0:
            raise not_built(complaint.rpartition("\n")[2] or f"status {process.returncode}")

    def _feed(self, process: subprocess.Popen[bytes], order: bytes) -> None:
        """The pipe stays open: its end would tell the child that this process has gone."""
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # its status tells why
            process.stdin.write(order)
            process.stdin.write(np.ascontiguousarray(self._keys, "<i8").data)
            process.stdin.write(np.ascontiguousarray(self._vectors, "<f4").data)
            process.stdin.flush()


def _checked(made: Path) -> list[str]:
    """Names of all files whose content must not change."""
    free = {MANIFEST, f"{CHROMA}/{_CHROMA_DATABASE}", _IN_USE}
    names = (file.relative_to(made).as_posix() for file in made.rglob("*") if file.is_file())
    return sorted(name for name in names if name not in free)


def _digest(file: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
