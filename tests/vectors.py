"""Vectors as a store keeps them, a folder of them, and a clock that is moved by hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.memory.index import Index
from jarvis_desktop.memory.index_folder import IndexFolder
from jarvis_desktop.memory.vector_index import Keys, Vectors, unit_length

DIMENSIONS = 32
ENCODER = "encoder@1"
COUNT = 300
PATIENCE_S = 150.0


class Stored:
    """`index.VectorSource` with `count` random vectors, their keys from 1."""

    def __init__(self, count: int, seed: int = 0) -> None:
        self.rows: dict[int, Vectors] = {}
        self._numbers = np.random.default_rng(seed)
        self.more(count)

    def more(self, count: int) -> tuple[Keys, Vectors]:
        keys = np.arange(count) + max(self.rows, default=0) + 1
        vectors = unit_length(self._numbers.normal(size=(count, DIMENSIONS)).astype(np.float32))
        self.rows.update(zip(keys.tolist(), vectors, strict=True))
        return keys, vectors

    def vectors(self, model: str) -> tuple[Keys, Vectors]:
        rows = self.rows if model == ENCODER else {}
        width = DIMENSIONS if rows else 0
        matrix = np.array(list(rows.values()), np.float32).reshape(len(rows), width)
        return np.array(list(rows), np.int64), matrix

    def nearest(self, vector: Vectors, k: int) -> list[int]:
        keys, vectors = self.vectors(ENCODER)
        return [int(key) for key in keys[np.argsort(-(vectors @ vector))[:k]]]


class Clock:
    """Seconds."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def assert_complete(index: Index, stored: Stored) -> None:
    """What is stored is found, and nothing else."""
    assert len(index) == len(stored.rows)
    for key in list(stored.rows)[:: max(1, len(stored.rows) // 5)]:
        found = [hit for hit, _ in index.search(stored.rows[key], 5)]
        assert found == stored.nearest(stored.rows[key], 5)


def opened(stored: Stored, folder: Path, clock: Clock | None = None) -> Index:
    """An index that has Chroma take over more than 100 vectors."""
    index = Index(stored, ENCODER, DIMENSIONS, IndexFolder(folder, ENCODER, 100), clock or Clock())
    index.open()
    return index


def made(folder: Path) -> Path:
    """The one folder of vectors that is there."""
    (found,) = folder.glob("vectors-*")
    return found


@pytest.fixture
def stored() -> Stored:
    return Stored(COUNT)


@pytest.fixture(scope="session")
def sound_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the vectors of `stored`, as a program leaves it that ended in peace."""
    folder = tmp_path_factory.mktemp("sound")
    index = opened(Stored(COUNT), folder)
    assert index.wait(PATIENCE_S)
    index.close()
    return folder


@pytest.fixture
def index_folder(sound_index: Path, tmp_path: Path) -> Path:
    """A copy of `sound_index` of one's own."""
    return Path(shutil.copytree(sound_index, tmp_path / "index"))
