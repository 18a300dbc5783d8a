"""Searching 10,000 vectors: Chroma as it comes, Chroma as it is set here, and comparing with every one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop.bench.embedding import both, percentiles
from jarvis_desktop.memory.chroma_index import ChromaIndex, create_in_folder
from jarvis_desktop.memory.vector_index import ExactIndex, VectorIndex, Vectors, unit_length

COUNT = 10_000
SEARCHES = 300
RESULTS = 10

_TOPICS, _LATENT = 200, 32
_OF_OWN, _NOISE = 2.0, 0.05
"""Made-up vectors lie in topics and in few of the directions there are, as those of texts do.

With these, Chroma as it comes finds about as many of the nearest ones as it does among real conversations.
"""


def clustered(count: int, dimensions: int, seed: int = 0) -> Vectors:
    """[count, dimensions] float32 of unit length."""
    shape, dice = np.random.default_rng(0), np.random.default_rng((1, seed))
    directions = shape.standard_normal((_LATENT, dimensions)) / np.sqrt(dimensions)
    topics = shape.standard_normal((_TOPICS, _LATENT))
    latent = topics[dice.integers(_TOPICS, size=count)] + _OF_OWN * dice.standard_normal((count, _LATENT))
    return unit_length(latent @ directions + _NOISE * dice.standard_normal((count, dimensions)))


def measure(folder: Path, dimensions: int, count: int = COUNT) -> dict[str, Any]:
    """Milliseconds and recall@10 against the exact search of each; they are asked by turns."""
    keys, vectors = np.arange(count, dtype=np.int64), clustered(count, dimensions)
    indexes: dict[str, VectorIndex] = {
        "exact": ExactIndex(dimensions),
        "chroma_default": _as_it_comes(folder / "default"),
        "chroma_tuned": create_in_folder(_made(folder / "tuned"), count),
    }
    build_s = {}
    for name, index in indexes.items():
        begun = time.perf_counter()
        index.add(keys, vectors)
        build_s[name] = time.perf_counter() - begun
    times: dict[str, list[float]] = {name: [] for name in indexes}
    recalls: dict[str, list[float]] = {name: [] for name in indexes}
    order = list(indexes)
    for question in clustered(SEARCHES, dimensions, seed=1):
        found = {}
        for name in order:
            begun = time.perf_counter()
            hits = indexes[name].search(question, RESULTS)
            times[name].append(1000 * (time.perf_counter() - begun))
            found[name] = {key for key, _ in hits}
        for name in order:
            recalls[name].append(len(found[name] & found["exact"]) / RESULTS)
        order.append(order.pop(0))
    for index in indexes.values():
        index.close()
    return {
        "vectors": count,
        "searches": SEARCHES,
        **{
            name: {
                "ms": percentiles(times[name]),
                "recall_at_10": round(float(np.mean(recalls[name])), 4),
                "build_s": round(build_s[name], 2),
            }
            for name in indexes
        },
    }


def table(data: dict[str, Any]) -> str:
    """What `measure` gave, for people."""
    rows = [f"{data['vectors']} vectors, nearest 10 (p50/p95)"]
    for name, title in (
        ("exact", "every one"),
        ("chroma_default", "Chroma, default"),
        ("chroma_tuned", "Chroma, tuned"),
    ):
        ms, recall, build_s = data[name]["ms"], data[name]["recall_at_10"], data[name]["build_s"]
        rows.append(f"  {title:17} {both(ms)} ms, recall@10 {recall:.4f}, made in {build_s} s")
    return "\n".join(rows)


def _as_it_comes(folder: Path) -> ChromaIndex:
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(_made(folder), Settings(_env_file=None, anonymized_telemetry=False))
    # Cosine, as nothing else would find the same vectors; all other settings are Chroma's own.
    collection = client.create_collection(
        "vectors", configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
    )
    return ChromaIndex(client, collection)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
