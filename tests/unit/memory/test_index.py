"""The index over all stored vectors while they are few, and what ends before Chroma has begun."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.vectors import DIMENSIONS, Stored, assert_complete, opened


def test_few_vectors_never_touch_the_disk(tmp_path: Path) -> None:
    stored = Stored(100)
    index = opened(stored, tmp_path)
    assert index.ready
    assert_complete(index, stored)
    assert index.state.name == "exact"
    index.close()
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]


@pytest.mark.parametrize("count", [0, 1])
def test_an_empty_store_and_its_first_vector(tmp_path: Path, count: int) -> None:
    stored = Stored(count)
    index = opened(stored, tmp_path)
    assert len(index.search(np.ones(DIMENSIONS, np.float32), 5)) == count
    index.add(*stored.more(1))
    assert_complete(index, stored)
    index.close()


def test_forgetting_ends_a_build_that_was_given_the_vector(tmp_path: Path) -> None:
    stored = Stored(300)
    index = opened(stored, tmp_path)
    assert index.state.building
    assert_complete(index, stored)
    del stored.rows[7]
    index.forget({7})
    assert not index.state.building
    assert [file.name for file in tmp_path.iterdir()] == ["lock"]
    assert_complete(index, stored)
    index.close()


def test_a_vector_that_is_told_twice_is_found_once(tmp_path: Path) -> None:
    stored = Stored(10)
    index = opened(stored, tmp_path)
    index.add(*stored.vectors("encoder@1"))
    assert_complete(index, stored)
    index.close()
