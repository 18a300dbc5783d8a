"""A vector index that is made in the background."""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.memory.chroma_index import ChromaIndex
from jarvis_desktop.memory.vector_index import Keys


@dataclass(frozen=True, slots=True)
class Base:
    """An index that is in use, and the keys that are in it; `folder` is where its files are, if here."""

    index: ChromaIndex
    keys: frozenset[int]
    folder: Path | None = None


class Work(Protocol):
    """What makes a base; `interrupt`, from another thread, makes `run` end soon."""

    def run(self) -> Base: ...

    def interrupt(self) -> None: ...

    def discard(self, base: Base) -> None:
        """Of a base that `run` has made and nobody wants any more."""
        ...


class Build:
    """Runs `work` in a thread of its own."""

    def __init__(self, keys: Keys, work: Work) -> None:
        self.keys = frozenset(keys.tolist())
        self._work = work
        self._base: Base | None = None
        self._error: StorageError | None = None
        self._thread = threading.Thread(target=self._go, name="vector index", daemon=True)

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def wait(self, seconds: float | None = None) -> None:
        self._thread.join(seconds)

    def result(self) -> Base:
        """Of a build that is done; raises `StorageError` when it failed."""
        if self._error is not None:
            raise self._error
        assert self._base is not None
        return self._base

    def abort(self) -> None:
        """End it and discard what it has made, even if that was just finished."""
        self._work.interrupt()
        self._thread.join()
        if self._base is not None:
            self._work.discard(self._base)

    def _go(self) -> None:
        try:
            self._base = self._work.run()
        except StorageError as error:
            self._error = error
        except Exception as error:
            self._error = not_built(type(error).__name__)


def not_built(reason: str) -> StorageError:
    return StorageError(
        "memory.index_not_built",
        "The vector index could not be made ({reason}).",
        "Memories are searched without it, which takes a little longer. It is tried again later.",
        Category.DEGRADED,
        reason=reason,
    )


def erase_folder(folder: Path) -> None:
    """Remove a folder of vectors; raises `StorageError` ``memory.not_erased``."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StorageError(
            "memory.not_erased",
            "The vector index in {folder} could not be deleted ({reason}).",
            "Delete this folder by hand: it may hold vectors of what was forgotten. It is made anew.",
            folder=folder,
            reason=error.strerror or type(error).__name__,
        ) from error
