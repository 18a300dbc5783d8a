"""What `jarvis bench memory` measures, with few vectors and without a model."""

from __future__ import annotations

from pathlib import Path

from jarvis_desktop.bench import embedding, recall, vectors
from tests.unit.memory.fakes import FakeEncoder


def test_texts_to_measure_with_are_all_different_and_always_the_same() -> None:
    lines = embedding.sentences(2_000)
    assert len(set(lines)) == 2_000
    assert lines == embedding.sentences(2_000)


def test_a_repeated_workload_is_found_also_after_a_restart(tmp_path: Path) -> None:
    data = embedding.measure(FakeEncoder(), rounds=1)
    data["cache"] = embedding.cache(FakeEncoder(), tmp_path / "embeddings.sqlite3")
    assert data["cache"]["hit_rate"] == 1
    assert data["cache"]["hit_rate_after_restart"] == 1
    assert "100.0% hits" in embedding.table(data)


def test_the_exact_search_is_the_measure_of_the_others(tmp_path: Path) -> None:
    data = vectors.measure(tmp_path, dimensions=64, count=400)
    assert data["exact"]["recall_at_10"] == 1
    assert data["chroma_tuned"]["recall_at_10"] >= 0.99
    assert "Chroma, tuned" in vectors.table(data)


def test_whole_searches_are_measured_with_their_parts(tmp_path: Path) -> None:
    data = recall.measure(tmp_path / "recall", FakeEncoder(), tmp_path, count=300)
    assert data["index"] == "exact"
    assert set(data["sparse"]) >= {"sparse", "total"}
    assert set(data["hybrid"]) >= {"embed", "dense", "sparse", "total"}
    assert data["hybrid"]["total"]["p95"] >= data["hybrid"]["dense"]["p50"] > 0
    assert "rerank" not in data
    assert "words and meaning" in recall.table(data)
