"""Vectors on a Chroma server, in one collection for this store and encoder."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jarvis_desktop.memory import chroma_index
from jarvis_desktop.memory.chroma_index import ChromaIndex
from jarvis_desktop.memory.database import translated
from jarvis_desktop.memory.index_build import Base, Build, not_built
from jarvis_desktop.memory.vector_index import Keys, Vectors

_STEP = 1000  # vectors between two looks whether to go on


class IndexServer:
    """`index.Backend` over HTTP. The server gets keys and vectors only. All methods raise `StorageError`.

    `identity` is a file with the name of this store on the server: keys of two stores are not the same.
    """

    name = "server"
    most_beside = 0
    replaces = False

    def __init__(self, url: str, key: str, identity: Path, encoder: str) -> None:
        self._url = url
        self._key = key
        self._identity = identity
        self._encoder = encoder

    def open(self) -> Base | None:
        """Nothing yet: what is there is compared in the background, so that no start waits for a network."""
        return None

    def build(self, base: Base | None, keys: Keys, vectors: Vectors) -> Build:
        """Send what is not there; without `base`, make the collection hold exactly these."""
        return Build(keys, _Upload(self._connect, base, keys, vectors))

    def adopt(self, base: Base) -> None:
        """Nothing is left over: what was sent is in the same collection."""

    def forget(self, base: Base | None, keys: frozenset[int]) -> Base | None:
        """Delete them there; what the server's files still hold then is up to who runs it."""
        if base is None:
            return None  # they go when the collection is compared
        base.index.remove(keys)
        return Base(base.index, base.keys - keys)

    def erase(self, base: Base | None) -> None:
        """Delete the collection."""
        index = base.index if base is not None else self._connect()
        index.delete()
        index.close()

    def close(self) -> None:
        """Nothing is held between the calls."""

    def _connect(self) -> ChromaIndex:
        with translated(self._identity):
            if not self._identity.exists():
                self._identity.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._identity.write_text(uuid.uuid4().hex, encoding="ascii")
            identity = self._identity.read_text(encoding="ascii").strip()
        encoder = hashlib.sha256(self._encoder.encode()).hexdigest()[:8]
        return chroma_index.connect(self._url, self._key, f"jarvis-{identity}-{encoder}")


class _Upload:
    def __init__(
        self, connect: Callable[[], ChromaIndex], base: Base | None, keys: Keys, vectors: Vectors
    ) -> None:
        self._connect = connect
        self._base = base
        self._keys = keys
        self._vectors = vectors
        self._stopped = False

    def run(self) -> Base:
        if self._base is not None:
            return self._sent(self._base)
        index = self._connect()
        try:
            return self._sent(Base(index, self._compared(index)))
        except BaseException:
            index.close()
            raise

    def interrupt(self) -> None:
        self._stopped = True

    def discard(self, base: Base) -> None:
        if self._base is None:  # else it is the connection in use
            base.index.close()

    def _sent(self, base: Base) -> Base:
        missing = np.array([key not in base.keys for key in self._keys.tolist()], bool)
        keys, vectors = self._keys[missing], self._vectors[missing]
        for start in range(0, len(keys), _STEP):
            if self._stopped:
                raise not_built("interrupted")
            base.index.add(keys[start : start + _STEP], vectors[start : start + _STEP])
        return Base(base.index, base.keys | frozenset(keys.tolist()))

    def _compared(self, index: ChromaIndex) -> frozenset[int]:
        """The keys that are there already; what is not to be there is removed."""
        wanted, there = frozenset(self._keys.tolist()), frozenset(index.keys().tolist())
        index.remove(there - wanted)
        return there & wanted
