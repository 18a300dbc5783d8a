"""The vector index as the store has it now, whoever changed the store: this process or another one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.embedding import Encoder
from jarvis_desktop.memory.index import Index
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.vector_index import Hit, Vectors

_LOG = logging.getLogger(__name__)


class LiveIndex:
    """`Index` that is opened when it is first needed, and takes over the store's changes before each use.

    `make` makes one, not open yet, of an encoder's name and dimensions.
    """

    ready = True  # a search opens it

    def __init__(self, store: MemoryStore, encoder: Encoder, make: Callable[[str, int], Index]) -> None:
        self._store = store
        self._encoder = encoder
        self._make = make
        self._index: Index | None = None
        self._revision = 0  # of the store, taken over

    @property
    def name(self) -> str:
        """What it searches with, see `IndexState`; opens it."""
        return self._opened().state.name

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        index = self._opened()
        try:
            self._take_over(index)
        except StorageError as error:  # gone from what is searched, if not from the disk: tried again later
            _LOG.warning("forgotten vectors may still be on the disk: %s", error.code)
        return index.search(vector, k, allowed)

    def follow(self) -> None:
        """Take over what has changed; go on with what is done in the background, where it is open.

        Raises `StorageError` where what was forgotten may still be on the disk.
        """
        if self._index is not None:
            self._take_over(self._index)
            self._index.wait(0)

    def wait(self, seconds: float) -> bool:
        """For one that is being made in the background; whether none is any more."""
        return self._index is None or self._index.wait(seconds)

    def forget(self) -> None:
        """As `follow`, opening it where it is not open: it may have files."""
        self._opened()
        self.follow()

    def rebuild(self) -> int:
        """Make it anew from the store, in the background; returns the number of vectors."""
        return self._opened().rebuild()

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None

    def _opened(self) -> Index:
        revision = self._store.revision()
        if revision < self._revision:  # a fresh store in the place of a damaged one: its keys begin anew
            self.close()
        if self._index is None:
            self._revision = revision
            index = self._make(self._encoder.name, self._encoder.dimensions)
            index.open()
            self._index = index
        return self._index

    def _take_over(self, index: Index) -> None:
        revision = self._store.revision()
        if revision == self._revision:
            return
        changes = self._store.changes_since(self._revision)
        index.add(*self._store.vectors(self._encoder.name, [each.key for each in changes if not each.gone]))
        self._revision = revision  # also where what follows fails: the index tries that again by itself
        try:
            index.forget([each.key for each in changes if each.gone])
        except StorageError as error:
            if error.code != "memory.index_busy":  # the program that has the files does it
                raise
