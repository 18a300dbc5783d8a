"""Searching among vectors: the same promises for the exact index and for Chroma in a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.memory.chroma_index import create_in_folder, open_folder
from jarvis_desktop.memory.vector_index import ExactIndex, Keys, VectorIndex, Vectors, merged, unit_length

DIMENSIONS = 16


def some_vectors(count: int, seed: int = 0) -> Vectors:
    return unit_length(np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32))


def numbered(count: int, first: int = 1) -> Keys:
    return np.arange(first, first + count)


@pytest.fixture(params=["exact", "chroma"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorIndex]:
    made = ExactIndex(DIMENSIONS) if request.param == "exact" else create_in_folder(tmp_path / "index", 1000)
    yield made
    made.close()


def test_an_empty_index_finds_nothing(index: VectorIndex) -> None:
    assert len(index) == 0
    assert index.search(some_vectors(1)[0], 5) == []


def test_the_nearest_come_first_with_their_cosine(index: VectorIndex) -> None:
    vectors = some_vectors(200)
    index.add(numbered(200), vectors)
    wanted = some_vectors(1, seed=1)[0]
    found = index.search(wanted * 7, 5)  # the length of the question does not matter
    cosines = vectors @ wanted
    expected = np.argsort(-cosines)[:5]
    assert [key for key, _ in found] == (expected + 1).tolist()
    assert [cosine for _, cosine in found] == pytest.approx(cosines[expected].tolist(), abs=1e-5)


def test_more_than_there_are_gives_all(index: VectorIndex) -> None:
    index.add(numbered(3), some_vectors(3))
    assert {key for key, _ in index.search(some_vectors(1)[0], 10)} == {1, 2, 3}


def test_what_was_removed_is_not_found_and_what_stays_is(index: VectorIndex) -> None:
    vectors = some_vectors(50)
    index.add(numbered(50), vectors)
    index.remove({7, 8, 50, 999})
    assert len(index) == 47
    for key in (7, 8, 50):
        assert key not in {found for found, _ in index.search(vectors[key - 1], 47)}
    for key in (1, 9, 49):
        assert index.search(vectors[key - 1], 1)[0] == (key, pytest.approx(1, abs=1e-5))


def test_a_key_that_is_there_gets_the_new_vector(index: VectorIndex) -> None:
    vectors = some_vectors(10)
    index.add(numbered(10), vectors)
    newer = some_vectors(1, seed=5)
    index.add(np.array([4]), newer)
    assert len(index) == 10
    assert index.search(newer[0], 1)[0] == (4, pytest.approx(1, abs=1e-5))


@pytest.mark.parametrize("share", [0.5, 0.02], ids=["many allowed", "few allowed"])
def test_only_what_is_allowed_is_found(index: VectorIndex, share: float) -> None:
    vectors = some_vectors(500)
    index.add(numbered(500), vectors)
    wanted = some_vectors(1, seed=2)[0]
    order = np.argsort(vectors @ wanted)  # the farthest ones are the hardest to reach
    allowed = set((order[: int(500 * share)] + 1).tolist())
    expected = [int(row) + 1 for row in order[::-1] if int(row) + 1 in allowed][:5]
    assert [key for key, _ in index.search(wanted, 5, allowed)] == expected


def test_nothing_allowed_and_strangers_allowed_find_nothing(index: VectorIndex) -> None:
    index.add(numbered(50), some_vectors(50))
    assert index.search(some_vectors(1)[0], 5, set()) == []
    assert index.search(some_vectors(1)[0], 5, {1000, 1001}) == []


def test_exact_search_stays_right_over_many_additions_and_removals() -> None:
    index, truth = ExactIndex(DIMENSIONS), dict[int, Vectors]()
    numbers = np.random.default_rng(3)
    for step in range(30):
        keys, vectors = numbered(40, first=1 + 40 * step), some_vectors(40, seed=10 + step)
        index.add(keys, vectors)
        truth.update(zip(keys.tolist(), vectors, strict=True))
        gone = numbers.choice(list(truth), size=[1, 5, 60][step % 3] if step else 1, replace=False).tolist()
        index.remove(gone)
        for key in gone:
            del truth[key]
    assert len(index) == len(truth)
    keys, vectors = index.items()
    np.testing.assert_allclose(vectors, [truth[key] for key in keys.tolist()], atol=1e-6)
    wanted = some_vectors(1, seed=99)[0]
    expected = sorted(truth, key=lambda key: -float(truth[key] @ wanted))[:10]
    assert [key for key, _ in index.search(wanted, 10)] == expected


def test_results_of_several_indexes_become_one_list() -> None:
    assert merged([[(1, 0.9), (2, 0.5)], [(1, 0.9), (3, 0.7)], []], 2) == [(1, 0.9), (3, 0.7)]


def test_vectors_in_a_folder_are_there_again(tmp_path: Path) -> None:
    index, vectors = create_in_folder(tmp_path / "index", 1000), some_vectors(30)
    index.add(numbered(30), vectors)
    index.close()
    index = open_folder(tmp_path / "index")
    assert sorted(index.keys().tolist()) == list(range(1, 31))
    assert index.search(vectors[11], 1)[0][0] == 12
    index.close()
