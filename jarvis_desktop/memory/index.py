"""The vectors of the stored passages, searchable at any moment.

Most are in the *base*: a Chroma index in a folder or on a server, made in the background. What is not in it,
newer vectors and all of them while there is no base, is searched exactly in memory. So a lost, damaged or
unreachable base costs time, never an answer, and the store can be compared with the base by keys alone: a key
is never given to another vector.
"""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.index_build import Base, Build
from jarvis_desktop.memory.index_folder import IndexFolder
from jarvis_desktop.memory.index_server import IndexServer
from jarvis_desktop.memory.vector_index import ExactIndex, Hit, Keys, Vectors, merged

_LOG = logging.getLogger(__name__)

QUIET_S = 30.0
"""Seconds without forgetting before an index is made anew: a folder of changed documents is one rebuild."""

RETRY_S = 300.0
"""Seconds after a failure before the next try."""

_GROWN = 4
"""A base is made anew when a quarter as many vectors as it holds have come since."""


class VectorSource(Protocol):
    """Where the vectors are kept: the truth for every index."""

    def vectors(self, model: str) -> tuple[Keys, Vectors]:
        """Keys [n] and vectors [n, dimensions] of an encoder."""
        ...


class Backend(Protocol):
    """Keeps a base. All methods raise `StorageError`."""

    name: str
    most_beside: int
    """So many vectors may be outside the base."""
    replaces: bool
    """Whether a new base needs all vectors, not only those that are not in the one in use."""

    def open(self) -> Base | None: ...

    def build(self, base: Base | None, keys: Keys, vectors: Vectors) -> Build: ...

    def adopt(self, base: Base) -> None: ...

    def forget(self, base: Base | None, keys: frozenset[int]) -> Base | None: ...

    def erase(self, base: Base | None) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class IndexState:
    """`name`: most vectors are searched by ``exact``, ``chroma`` or ``server``; `problem` is the last one."""

    name: str
    vectors: int
    building: bool
    problem: StorageError | None = None


class Index:
    """All vectors of one encoder; used by one thread.

    A failing index never fails a search: `state` tells of it. Without a backend nothing is ever on a disk,
    as an encrypted store needs it.
    """

    def __init__(
        self,
        source: VectorSource,
        encoder: str,
        dimensions: int,
        backend: Backend | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._encoder = encoder
        self._backend = backend
        self._clock = clock
        self._exact = ExactIndex(dimensions)
        self._base: Base | None = None
        self._build: Build | None = None
        self._problem: StorageError | None = None
        self._not_before = 0.0
        self._losses = 0
        self._opened = False

    @property
    def ready(self) -> bool:
        """Whether a search finds everything; after `open` always."""
        return self._opened

    @property
    def state(self) -> IndexState:
        name = self._backend.name if self._backend is not None and self._base is not None else "exact"
        return IndexState(name, len(self), self._build is not None, self._problem)

    def __len__(self) -> int:
        return len(self._exact) + self._held

    def open(self) -> None:
        """Bring the index up to what is in the store, whatever happened since it was closed."""
        keys, vectors = self._source.vectors(self._encoder)
        if self._backend is not None:
            try:
                base = self._backend.open()
                if base is not None and (gone := base.keys - frozenset(keys.tolist())):
                    base = self._backend.forget(base, gone)
                self._base = base
            except StorageError as error:
                self._failed(error)
        self._load(keys, vectors)
        self._opened = True
        self._tend()

    def close(self) -> None:
        """End a build that is under way and let go of the files."""
        with contextlib.suppress(StorageError):
            self._abort_build()
        if self._base is not None:
            _close(self._base)
            self._base = None
        if self._backend is not None:
            self._backend.close()
        self._exact.close()
        self._opened = False

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """Vectors that the store has got."""
        self._load(keys, vectors)
        self._tend()

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        """The `k` nearest keys with their cosine, the nearest first; `allowed` is best a set."""
        self._tend()
        found: list[Hit] = []
        if self._base is not None:
            try:
                found = self._base.index.search(vector, k, allowed)
            except StorageError as error:
                self._lose_base(error)
        return merged([found, self._exact.search(vector, k, allowed)], k)

    def forget(self, keys: Collection[int]) -> None:
        """After the store has forgotten them: from now on no search finds them and no file holds them.

        Raises `StorageError` where a folder or a server may still hold them; it is tried again by itself.
        """
        forgotten = frozenset(keys)
        self._tend()
        self._exact.remove(forgotten)
        given = self._base.keys if self._base is not None else forgotten
        if self._build is not None and self._build.keys & forgotten:
            self._not_before = self._clock() + QUIET_S
            self._abort_build()
            if self._backend is not None and not self._backend.replaces:
                given |= forgotten  # the base may have got them already
        if self._backend is None or not given & forgotten:
            return
        before, self._base = self._base, None
        try:
            self._base = self._backend.forget(before, forgotten)
        except StorageError as error:
            self._failed(error)
            if before is not None:
                _close(before)
            raise
        finally:
            if before is not None and self._base is None:
                self._not_before = max(self._not_before, self._clock() + QUIET_S)
                self._load(*self._source.vectors(self._encoder))

    def rebuild(self) -> int:
        """Make everything anew from the store, in the background; returns the number of vectors.

        Raises `StorageError` where the old files or the server's collection cannot be removed.
        """
        self._abort_build()
        base, self._base = self._base, None
        self._exact.clear()
        self._load(*self._source.vectors(self._encoder))
        if self._backend is not None:
            self._backend.erase(base)
        self._not_before = 0.0
        self._tend()
        return len(self)

    def wait(self, seconds: float) -> bool:
        """Until a build under way is done and taken over; whether nothing is left to be built."""
        if self._build is not None:
            self._build.wait(seconds)
        self._tend()
        return self._build is None

    @property
    def _held(self) -> int:
        return len(self._base.keys) if self._base is not None else 0

    def _load(self, keys: Keys, vectors: Vectors) -> None:
        """Take into memory what is not in the base."""
        if self._base is not None and len(keys):
            missing = np.array([key not in self._base.keys for key in keys.tolist()], bool)
            keys, vectors = keys[missing], vectors[missing]
        self._exact.add(keys, vectors)

    def _tend(self) -> None:
        """Take over what was built, begin what is due."""
        if self._backend is None:
            return
        try:
            if self._build is not None and self._build.done:
                build, self._build = self._build, None
                self._take_over(self._backend, build.result())
            if self._build is None and self._clock() >= self._not_before and self._due(self._backend):
                self._begin(self._backend)
        except StorageError as error:
            self._failed(error)

    def _due(self, backend: Backend) -> bool:
        if self._base is None and not backend.replaces:
            return True  # what is there has yet to be compared
        return len(self._exact) > max(backend.most_beside, self._held // _GROWN if backend.replaces else 0)

    def _begin(self, backend: Backend) -> None:
        whole = backend.replaces or self._base is None
        keys, vectors = self._source.vectors(self._encoder) if whole else self._exact.items()
        build = backend.build(self._base, keys, vectors)
        build.start()
        self._build = build

    def _take_over(self, backend: Backend, base: Base) -> None:
        before, self._base = self._base, base
        self._exact.remove(base.keys)
        self._problem = None
        if before is not None and before.index is not base.index:
            _close(before)
        backend.adopt(base)

    def _abort_build(self) -> None:
        build, self._build = self._build, None
        if build is not None:
            build.abort()

    def _lose_base(self, error: StorageError) -> None:
        """Go on without a base that fails, and have it made anew."""
        assert self._backend is not None
        base, self._base = self._base, None
        self._failed(error)
        if self._losses == 0:
            self._not_before = 0.0  # at once, but a base that keeps failing only now and then
        self._losses += 1
        assert base is not None
        _close(base)
        self._load(*self._source.vectors(self._encoder))

    def _failed(self, error: StorageError) -> None:
        self._problem = error
        self._not_before = self._clock() + RETRY_S
        _LOG.warning("vector index: %s: %s", error.code, error.message)


def _close(base: Base) -> None:
    """A connection or file that is broken already is closed, too."""
    with contextlib.suppress(StorageError):
        base.index.close()


def make_index(
    source: VectorSource,
    encoder: str,
    dimensions: int,
    folder: Path,
    *,
    in_memory: bool = False,
    server_url: str = "",
    server_key: str = "",
) -> Index:
    """An index that is not open yet: in `folder`, on a server, or `in_memory`, for an encrypted store.

    Vectors that an earlier choice left in `folder` are removed. Raises `StorageError`.
    """
    here = IndexFolder(folder, encoder)
    if not in_memory and not server_url:
        return Index(source, encoder, dimensions, here)
    if folder.exists():
        here.erase(None)
        here.close()
    backend = None if in_memory else IndexServer(server_url, server_key, folder / "server-name", encoder)
    return Index(source, encoder, dimensions, backend)
