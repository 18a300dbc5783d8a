"""The vector index as the store has it now, whoever changed the store: this process or another one."""

from __future__ import annotations

from collections.abc import Callable, Collection

from jarvis_desktop.memory.embedding import Encoder
from jarvis_desktop.memory.index import Backend, Index, IndexState
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.vector_index import Hit, Vectors


class LiveIndex:
    """`Index` that is opened when it is first needed, and takes over the store's changes before each use.

    `backend` keeps vectors on the disk (None: nothing is). Raises `StorageError`, ``memory.no_encoder`` too.
    """

    def __init__(
        self, store: MemoryStore, encoder: Encoder, backend: Callable[[str], Backend | None]
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._backend = backend
        self._index: Index | None = None
        self._revision = 0  # of the store, taken over

    @property
    def state(self) -> IndexState | None:
        """None before it is opened."""
        return None if self._index is None else self._index.state

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        return self.current().search(vector, k, allowed)

    def current(self) -> Index:
        """The index, with everything in it that the store has."""
        revision = self._store.revision()
        if revision < self._revision:  # a fresh store in the place of a damaged one: its keys begin anew
            self.close()
        if self._index is None:
            name = self._encoder.name
            index = Index(self._store, name, self._encoder.dimensions, self._backend(name))
            index.open()
            self._index, self._revision = index, revision
        elif revision != self._revision:
            self._take_over(self._index)
            self._revision = revision
        return self._index

    def follow(self) -> None:
        """Where it is open, take over what has changed, and go on with what it does in the background."""
        if self._index is not None:
            self.current().tend()

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None

    def _take_over(self, index: Index) -> None:
        changes = self._store.changes_since(self._revision)
        index.forget([change.key for change in changes if change.gone])
        there = [change.key for change in changes if not change.gone]
        index.add(*self._store.vectors(self._encoder.name, there))
