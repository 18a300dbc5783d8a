"""Putting what was found in order, word by word: MaxSim over the vectors of tokens.

Each word of the question looks for the most similar word of the passage; the score is their weighted mean.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from jarvis_desktop.memory.fusion import Neighbours
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.token_vectors import SCALE, QuestionVectors, TokenEncoder, TokenVectors

BEFORE, AFTER = 0.85, 0.8
"""What a word counts that stands in the turn before or after: "Which team?" "The Wolves!" belong together."""

_MOST_TOKENS = 4_000  # looked at, the best candidates first: 100 turns with their neighbours, 40 long texts
_BLOCK = 32  # candidates between two looks at the clock
_CATCH_UP_BATCH = 32

Words = npt.NDArray[np.float32]
"""For each word of the question, how similar the most similar word of a passage is."""


@dataclass(frozen=True, slots=True)
class Reranked:
    """Similarity by key, -1 to 1. `own` is without the neighbours; `cut` where the time was too short."""

    scores: Mapping[int, float]
    own: Mapping[int, float]
    cut: bool = False


class Reranker:
    """Scores passages by the token vectors that the store holds of them. English only."""

    def __init__(self, store: MemoryStore, encoder: TokenEncoder) -> None:
        self._store = store
        self._encoder = encoder

    def scores(
        self, question: str, keys: Sequence[int], neighbours: Neighbours, budget_ms: float
    ) -> Reranked:
        """Of `keys`, best candidates first, those that have token vectors, as far as the time allows.

        A passage in `neighbours` is helped by what those beside it say. Raises `StorageError` where the model
        does not work.
        """
        asked = self._encoder.question(question)
        deadline = time.monotonic() + budget_ms / 1000
        if not len(asked.vectors):
            return Reranked({}, {})
        scores: dict[int, float] = {}
        own: dict[int, float] = {}
        words: dict[int, Words] = {}
        tokens = 0
        for first in range(0, len(keys), _BLOCK):
            if time.monotonic() > deadline or tokens > _MOST_TOKENS:
                return Reranked(scores, own, time.monotonic() > deadline)
            block = keys[first : first + _BLOCK]
            tokens += self._look_at(asked, _with_neighbours(block, neighbours), words)
            for key in block:
                if key in words:
                    own[key] = float(asked.weights @ words[key])
                    scores[key] = float(asked.weights @ _helped(key, words, neighbours))
        return Reranked(scores, own)

    def catch_up(self, limit: int = _CATCH_UP_BATCH) -> int:
        """Compute the token vectors of some passages that have none; returns how many were looked at."""
        waiting = self._store.without_token_vectors(self._encoder.name, limit)
        english = [passage for passage in waiting if passage.language != "es"]
        vectors = self._encoder.passages([passage.embedded for passage in english])
        # The others get none, which is noted, too: they are not to come up again.
        found: dict[int, TokenVectors] = {passage.key: np.empty((0, 0), np.int8) for passage in waiting}
        found.update({passage.key: matrix for passage, matrix in zip(english, vectors, strict=True)})
        if found:
            self._store.set_token_vectors(self._encoder.name, found)
        return len(waiting)

    def _look_at(self, asked: QuestionVectors, keys: Iterable[int], words: dict[int, Words]) -> int:
        """Fill in `words` for passages that are not there yet; returns their number of tokens."""
        stored = self._store.token_vectors(self._encoder.name, [key for key in keys if key not in words])
        there = {key: matrix for key, matrix in stored.items() if len(matrix)}
        if not there:
            return 0
        tokens = np.concatenate(list(there.values())).astype(np.float32)
        similar = (asked.vectors @ tokens.T) / SCALE
        starts = np.cumsum([0, *(len(matrix) for matrix in there.values())])[:-1]
        most = np.maximum.reduceat(similar, starts, axis=1)
        words.update(zip(there, most.T, strict=True))
        return len(tokens)


def _with_neighbours(keys: Iterable[int], neighbours: Neighbours) -> dict[int, None]:
    found = dict.fromkeys(keys)
    for key in list(found):
        found.update(dict.fromkeys(other for other in neighbours.get(key, ()) if other is not None))
    return found


def _helped(key: int, words: Mapping[int, Words], neighbours: Neighbours) -> Words:
    helped = words[key]
    for other, share in zip(neighbours.get(key, ()), (BEFORE, AFTER), strict=False):
        if other is not None and other in words:
            helped = np.maximum(helped, share * words[other])
    return helped
