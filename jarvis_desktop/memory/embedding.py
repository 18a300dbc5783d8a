"""Texts as vectors: texts that mean the same lie near each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Encoder(Protocol):
    """One embedding model. Vectors of encoders with another `name` cannot be compared.

    All vectors are float32 of unit length, so that their dot product is the cosine. Raises `StorageError`.
    """

    @property
    def name(self) -> str:
        """Model and revision."""
        ...

    @property
    def dimensions(self) -> int: ...

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors [n, dimensions] of texts to be found, in the order given."""
        ...

    def question(self, text: str) -> np.ndarray:
        """The vector [dimensions] of a text to search with."""
        ...
