"""Stand-ins of the memory room that need no model."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from jarvis_desktop.memory.token_vectors import QuestionVectors


class FakeEncoder:
    """Bags of words hashed into 64 dimensions: texts that share words are near, the others are not.

    `asked` lists every text that was computed, in order.
    """

    dimensions = 64

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.asked: list[str] = []

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, 64), np.float32)

    def question(self, text: str) -> np.ndarray:
        self.asked.append(text)
        return self._vector(text)

    def _vector(self, text: str) -> np.ndarray:
        vector = np.zeros(self.dimensions, np.float32)
        for word in re.findall(r"\w+", text.lower()) or [text]:
            seed = int.from_bytes(hashlib.sha256(f"{self.name} {word}".encode()).digest()[:8], "big")
            vector += np.random.default_rng(seed).standard_normal(self.dimensions).astype(np.float32)
        return vector / np.linalg.norm(vector)


class FakeWords:
    """A vector for each word: two words are the same or have nothing in common."""

    name = "fake-words"

    def passages(self, texts: Sequence[str]) -> list[np.ndarray]:
        return [np.clip(np.rint(self._vectors(text) * 254), -127, 127).astype(np.int8) for text in texts]

    def question(self, text: str) -> QuestionVectors:
        vectors = self._vectors(text)
        return QuestionVectors(vectors, np.full(len(vectors), 1 / max(len(vectors), 1), np.float32))

    def _vectors(self, text: str) -> np.ndarray:
        words = re.findall(r"\w{4,}", text.lower())
        seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big") for word in words]
        vectors = [np.random.default_rng(seed).standard_normal(64) for seed in seeds]
        matrix = np.array(vectors, np.float32).reshape(-1, 64)
        unit: np.ndarray = matrix / np.linalg.norm(matrix, axis=1, keepdims=True)
        return unit
