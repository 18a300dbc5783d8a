"""The index over all stored vectors: complete at every moment, whatever is under way on the disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.memory.index import QUIET_S, Index, make_index
from jarvis_desktop.memory.index_folder import IndexFolder
from jarvis_desktop.memory.vector_index import Keys, Vectors, unit_length

DIMENSIONS = 32
ENCODER = "encoder@1"
PATIENCE_S = 60.0


class Stored:
    """Vectors as the store keeps them."""

    def __init__(self, count: int, seed: int = 0) -> None:
        self.rows: dict[int, Vectors] = {}
        self.numbers = np.random.default_rng(seed)
        self.more(count)

    def more(self, count: int) -> tuple[Keys, Vectors]:
        keys = np.arange(count) + max(self.rows, default=0) + 1
        vectors = unit_length(self.numbers.normal(size=(count, DIMENSIONS)).astype(np.float32))
        self.rows.update(zip(keys.tolist(), vectors, strict=True))
        return keys, vectors

    def vectors(self, model: str) -> tuple[Keys, Vectors]:
        rows = self.rows if model == ENCODER else {}
        width = DIMENSIONS if rows else 0
        matrix = np.array(list(rows.values()), np.float32).reshape(len(rows), width)
        return np.array(list(rows), np.int64), matrix

    def nearest(self, vector: Vectors, k: int) -> list[int]:
        return sorted(self.rows, key=lambda key: -float(self.rows[key] @ vector))[:k]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def an_index(stored: Stored, folder: Path, *, most_beside: int = 100, clock: Clock | None = None) -> Index:
    index = Index(stored, ENCODER, DIMENSIONS, IndexFolder(folder, ENCODER, most_beside), clock or Clock())
    index.open()
    return index


def assert_complete(index: Index, stored: Stored) -> None:
    assert len(index) == len(stored.rows)
    for key in list(stored.rows)[:: max(1, len(stored.rows) // 5)]:
        found = [hit for hit, _ in index.search(stored.rows[key], 5)]
        assert found == stored.nearest(stored.rows[key], 5)


def test_few_vectors_never_touch_the_disk(tmp_path: Path) -> None:
    stored = Stored(100)
    index = an_index(stored, tmp_path / "index")
    assert index.ready
    assert_complete(index, stored)
    assert index.state.name == "exact"
    index.close()
    assert [file.name for file in (tmp_path / "index").iterdir()] == ["lock"]


def test_many_vectors_move_to_chroma_and_every_search_before_and_after_is_complete(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    assert index.state.building
    assert_complete(index, stored)
    assert index.wait(PATIENCE_S)
    assert (index.state.name, index.state.building, index.state.problem) == ("chroma", False, None)
    assert_complete(index, stored)
    index.add(*stored.more(50))
    assert_complete(index, stored)
    index.close()


def test_at_the_next_start_chroma_is_used_at_once_and_what_changed_meanwhile_is_known(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    index.wait(PATIENCE_S)
    index.close()
    stored.more(20)
    index = an_index(stored, tmp_path)
    assert (index.state.name, index.state.building) == ("chroma", False)
    assert_complete(index, stored)
    index.close()
    del stored.rows[7]  # forgotten by the store; the program ended before the index knew
    index = an_index(stored, tmp_path)
    assert 7 not in {key for key, _ in index.search(stored.rows[8], 320)}
    assert_complete(index, stored)
    index.close()


def test_a_grown_index_is_made_anew(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    index.wait(PATIENCE_S)
    index.add(*stored.more(101))
    assert index.state.building
    index.wait(PATIENCE_S)
    assert_complete(index, stored)
    assert len(list(tmp_path.glob("vectors-*"))) == 1
    index.close()


def test_what_is_forgotten_is_gone_at_once_and_the_rest_made_anew_when_it_is_quiet(tmp_path: Path) -> None:
    stored, clock = Stored(300), Clock()
    index = an_index(stored, tmp_path, clock=clock)
    index.wait(PATIENCE_S)
    wanted = stored.rows.pop(7)
    index.forget({7})
    assert not list(tmp_path.glob("vectors-*"))
    assert not index.state.building
    assert 7 not in {key for key, _ in index.search(wanted, 300)}
    assert_complete(index, stored)
    clock.now += QUIET_S
    index.search(wanted, 1)
    assert index.wait(PATIENCE_S)
    assert index.state.name == "chroma"
    assert_complete(index, stored)
    index.close()


def test_forgetting_ends_a_build_that_was_given_the_vector(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    assert index.state.building
    del stored.rows[7]
    index.forget({7})
    assert not index.state.building
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
    assert_complete(index, stored)
    index.close()


def test_rebuilding_starts_from_the_store(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    index.wait(PATIENCE_S)
    assert index.rebuild() == 300
    assert index.state.building
    assert_complete(index, stored)
    index.wait(PATIENCE_S)
    assert_complete(index, stored)
    index.close()


def test_only_what_is_allowed_is_found_in_chroma_and_beside_it(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    index.wait(PATIENCE_S)
    index.add(*stored.more(50))
    allowed = {1, 100, 299, 320, 350}
    assert {key for key, _ in index.search(stored.rows[9], 10, allowed)} == allowed
    index.close()


def test_another_encoder_does_not_get_the_vectors_of_the_first(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    index.wait(PATIENCE_S)
    index.close()
    other = Index(stored, "other@1", DIMENSIONS, IndexFolder(tmp_path, "other@1", 100))
    other.open()
    assert other.search(stored.rows[1], 5) == []
    other.close()
    assert not list(tmp_path.glob("vectors-*"))


def test_in_an_encrypted_store_no_vector_is_on_the_disk(tmp_path: Path) -> None:
    stored = Stored(300)
    index = an_index(stored, tmp_path)
    index.wait(PATIENCE_S)
    index.close()
    index = make_index(stored, ENCODER, DIMENSIONS, tmp_path, in_memory=True)
    index.open()
    assert_complete(index, stored)
    assert (index.state.name, index.state.building) == ("exact", False)
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
    index.close()


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_store_and_its_first_vector(tmp_path: Path, count: int) -> None:
    stored = Stored(count)
    index = an_index(stored, tmp_path)
    assert len(index.search(np.ones(DIMENSIONS, np.float32), 5)) == count
    index.add(*stored.more(1))
    assert_complete(index, stored)
    index.close()
