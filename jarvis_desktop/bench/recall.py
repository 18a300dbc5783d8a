"""Whole searches among 10,000 memories: by words alone, by words and meaning, and put in order as well."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop.bench.embedding import both, percentiles, sentences
from jarvis_desktop.bench.vectors import COUNT, clustered
from jarvis_desktop.events import MemoryKind
from jarvis_desktop.memory.embedding import Encoder
from jarvis_desktop.memory.index import make_index
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.process import WORDS_MODEL
from jarvis_desktop.memory.recall import Recall
from jarvis_desktop.memory.rerank import Reranker
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.token_vectors import MiniLmWords

SEARCHES = 60
"""Of each kind, by turns; each with a question of its own, so that nothing comes from a cache."""

_INDEX_PATIENCE_S = 300.0
_TOKENS = 10  # words of a sentence that the re-ranker keeps
_STAGES = {"sparse": "words alone", "hybrid": "words and meaning", "rerank": "and put in order"}


def measure(folder: Path, encoder: Encoder, models: Path, count: int = COUNT) -> dict[str, Any]:
    """Milliseconds of whole searches and of their parts, with the question's embedding.

    The vectors of the memories are made up: to compute them all would take minutes, and the time of a search
    is the same. Raises `StorageError`.
    """
    store = MemoryStore(folder / "memory.sqlite3")
    index = make_index(store, encoder.name, encoder.dimensions, folder / "index")
    reranker = None
    if (models / WORDS_MODEL).is_dir():
        reranker = Reranker(store, MiniLmWords(models / WORDS_MODEL))
    try:
        begun = time.perf_counter()
        _fill(store, encoder, count)
        filled_s = time.perf_counter() - begun
        index.open()
        index.wait(_INDEX_PATIENCE_S)
        recall = Recall(store, encoder, index, reranker)
        recall.warm()
        stages = [stage for stage in _STAGES if stage != "rerank" or reranker is not None]
        data: dict[str, Any] = {
            "memories": count,
            "index": index.state.name,
            "ms_per_memory_stored": round(1000 * filled_s / count, 3),
        }
        return data | _searches(recall, stages)
    finally:
        index.close()
        store.close()


def table(data: dict[str, Any]) -> str:
    """What `measure` gave, for people."""
    rows = [f"{data['memories']} memories, whole searches (p50/p95), index: {data['index']}"]
    for stage, title in _STAGES.items():
        if stage in data:
            parts = ", ".join(f"{name} {both(ms)}" for name, ms in data[stage].items() if name != "total")
            rows.append(f"  {title:17} {both(data[stage]['total'])} ms ({parts})")
    return "\n".join(rows)


def _searches(recall: Recall, stages: list[str]) -> dict[str, Any]:
    times: dict[str, dict[str, list[float]]] = {stage: {} for stage in stages}
    for number, question in enumerate(sentences(SEARCHES * len(stages), seed=-4)):
        # English and Spanish questions come by turns: each stage gets both.
        stage = stages[(number // 2) % len(stages)]
        for name, ms in recall.search(question, stages=(stage,)).timings_ms.items():
            times[stage].setdefault(name, []).append(ms)
    return {
        stage: {name: percentiles(values) for name, values in parts.items()} for stage, parts in times.items()
    }


def _fill(store: MemoryStore, encoder: Encoder, count: int) -> None:
    texts = sentences(count)
    for start in range(0, count, 1000):
        some = texts[start : start + 1000]
        store.add([NewItem(text, MemoryKind.NOTE, text, (Span(0, len(text)),)) for text in some])
    keys = store.keys()
    store.set_vectors(encoder.name, keys, clustered(count, encoder.dimensions))
    dice = np.random.default_rng(2)
    words = dice.integers(-40, 40, (_TOKENS, encoder.dimensions), np.int8)
    store.set_token_vectors(MiniLmWords.name, dict.fromkeys(keys, words))
