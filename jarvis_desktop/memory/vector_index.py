"""Finding the vectors nearest to another one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]
Hit = tuple[int, float]

_WIDEN = 4
"""A filtered search looks at so many times more until enough have passed the filter."""


class VectorIndex(Protocol):
    """Vectors [n, dimensions] by key; cosine similarity, the nearest first.

    `allowed` limits a search to these keys; a set is fastest.
    """

    def add(self, keys: Keys, vectors: Vectors) -> None:
        """A key that is there already gets the new vector."""
        ...

    def remove(self, keys: Collection[int]) -> None:
        """Unknown keys are passed over."""
        ...

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]: ...

    def __len__(self) -> int: ...

    def close(self) -> None: ...


class ExactIndex:
    """Compares with every vector: right by construction, and fast while there are few.

    Lives in memory only, so nothing of it is ever on a disk.
    """

    def __init__(self, dimensions: int) -> None:
        self._matrix = np.empty((0, dimensions), np.float32)  # rows beyond the count are spare
        self._keys = np.empty(0, np.int64)
        self._rows: dict[int, int] = {}

    def add(self, keys: Keys, vectors: Vectors) -> None:
        if not len(keys):
            return
        self.remove([key for key in keys.tolist() if key in self._rows])
        count, wanted = len(self), len(self) + len(keys)
        if wanted > len(self._matrix):
            self._reserve(max(wanted, 2 * count))
        self._matrix[count:wanted] = unit_length(vectors)
        self._keys[count:wanted] = keys
        self._rows.update(zip(keys.tolist(), range(count, wanted), strict=True))

    def remove(self, keys: Collection[int]) -> None:
        rows = [row for key in keys if (row := self._rows.pop(key, None)) is not None]
        if not rows:
            return
        kept = np.ones(len(self) + len(rows), bool)
        kept[rows] = False
        if len(rows) * 8 > len(kept):  # many at once: what stays is copied, and the memory given back
            self._matrix, self._keys = self._matrix[: len(kept)][kept], self._keys[: len(kept)][kept]
            self._rows = dict(zip(self._keys.tolist(), range(len(self._keys)), strict=True))
            return
        # Few: the last rows move into the gaps.
        count = len(self)
        gaps = np.flatnonzero(~kept[:count])
        movers = count + np.flatnonzero(kept[count:])
        self._matrix[gaps], self._keys[gaps] = self._matrix[movers], self._keys[movers]
        self._rows.update(zip(self._keys[gaps].tolist(), gaps.tolist(), strict=True))
        self._matrix[count : len(kept)] = 0

    def clear(self) -> None:
        self._matrix, self._keys, self._rows = self._matrix[:0].copy(), self._keys[:0].copy(), {}

    def items(self) -> tuple[Keys, Vectors]:
        """Copies of all keys and vectors, in the same order."""
        return self._keys[: len(self)].copy(), self._matrix[: len(self)].copy()

    def search(self, vector: Vectors, k: int, allowed: Collection[int] | None = None) -> list[Hit]:
        count = len(self)
        if k < 1 or not count:
            return []
        wanted = unit_length(vector)
        if allowed is not None and len(allowed) * _WIDEN < count:
            rows = np.array([self._rows[key] for key in allowed if key in self._rows], np.int64)
            scores = self._matrix[rows] @ wanted
            return _hits(self._keys[rows], scores, best(scores, k))
        scores = self._matrix[:count] @ wanted
        looked_at = k if allowed is None else _WIDEN * k
        while True:
            order = best(scores, looked_at)
            found = _hits(self._keys, scores, order)
            if allowed is not None:
                found = [hit for hit in found if hit[0] in allowed]
            if len(found) >= k or looked_at >= count:
                return found[:k]
            looked_at *= _WIDEN

    def __len__(self) -> int:
        return len(self._rows)

    def close(self) -> None:
        self.clear()

    def _reserve(self, rows: int) -> None:
        count = len(self)
        matrix = np.zeros((rows, self._matrix.shape[1]), np.float32)
        keys = np.zeros(rows, np.int64)
        matrix[:count], keys[:count] = self._matrix[:count], self._keys[:count]
        self._matrix, self._keys = matrix, keys


def unit_length(vectors: Vectors) -> Vectors:
    """Each vector (the last axis) scaled to length 1, float32; zeros stay zeros."""
    numbers = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(numbers, axis=-1, keepdims=True)
    scaled: Vectors = numbers / np.maximum(lengths, np.finfo(np.float32).tiny)
    return scaled


def best(scores: npt.NDArray[np.float32], k: int) -> npt.NDArray[np.intp]:
    """Where the `k` highest scores are, the highest first."""
    if k < len(scores):
        top = np.argpartition(scores, len(scores) - k)[len(scores) - k :]
    else:
        top = np.arange(len(scores))
    order: npt.NDArray[np.intp] = top[np.argsort(-scores[top], kind="stable")]
    return order


def merged(parts: Sequence[Sequence[Hit]], k: int) -> list[Hit]:
    """The best of several searches; a key that is found twice counts once."""
    found: dict[int, float] = {}
    for key, cosine in (hit for part in parts for hit in part):
        found[key] = max(cosine, found.get(key, cosine))
    return sorted(found.items(), key=lambda hit: -hit[1])[:k]


def _hits(keys: Keys, scores: npt.NDArray[np.float32], order: npt.NDArray[np.intp]) -> list[Hit]:
    return list(zip(keys[order].tolist(), scores[order].tolist(), strict=True))
