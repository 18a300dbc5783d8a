"""How fast and how right a search among vectors is: exact, Chroma as it comes, Chroma as it is set here.

    .venv/bin/python benchmarks/memory/index.py [--counts 10000 100000] [--queries N]

The vectors are made up like those of sentences: topics with subtopics, few directions with most of the
variance, all of them on one side of the sphere. A question is a vector near a stored one. Recall is the part
of the ten nearest of the exact search that is found. The last row is what the program uses: `memory.index`,
with an index that its child process makes and five hundred newer vectors beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as in the program: threads that wait for each other are slower

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from jarvis_desktop.memory.chroma_index import COLLECTION, HNSW, ChromaIndex  # noqa: E402
from jarvis_desktop.memory.index import make_index  # noqa: E402
from jarvis_desktop.memory.vector_index import ExactIndex, Hit, Keys, Vectors, unit_length  # noqa: E402

DIMENSIONS = 384
K = 10
BESIDE = 500
WAIT_S = 3600.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--queries", type=int, default=300)
    options = parser.parse_args()
    for count in options.counts:
        compare(count, options.queries)
    return 0


def compare(count: int, queries: int) -> None:
    vectors = like_sentences(count)
    keys = np.arange(1, count + 1)
    questions = near(vectors, queries)
    print(f"\n{count:,} vectors of {DIMENSIONS} dimensions, {queries} questions")
    print(f"{'':20}{'build s':>9}{'p50 ms':>9}{'p95 ms':>9}{'recall@10':>11}{'MB':>7}")

    began = time.perf_counter()
    exact = ExactIndex(DIMENSIONS)
    exact.add(keys, vectors)
    truth = report("exact", time.perf_counter() - began, exact.search, questions, [], 0)
    for name, settings in (("Chroma, defaults", {}), ("Chroma, as set here", HNSW)):
        with tempfile.TemporaryDirectory() as folder:
            index, seconds = built(Path(folder), settings, keys, vectors)
            report(name, seconds, index.search, questions, truth, size_of(Path(folder)))
            index.close()
    with tempfile.TemporaryDirectory() as folder:
        in_the_program(Path(folder), keys, vectors, questions, truth)


def in_the_program(
    folder: Path, keys: Keys, vectors: Vectors, questions: Vectors, truth: list[set[int]]
) -> None:
    source = Some(keys[:-BESIDE], vectors[:-BESIDE])
    index = make_index(source, "benchmark", DIMENSIONS, folder)
    began = time.perf_counter()
    index.open()
    index.wait(WAIT_S)
    seconds = time.perf_counter() - began
    index.add(keys[-BESIDE:], vectors[-BESIDE:])
    report(f"program, {index.state.name}", seconds, index.search, questions, truth, size_of(folder))
    index.close()


class Some:
    """`index.VectorSource` with what it is given."""

    def __init__(self, keys: Keys, vectors: Vectors) -> None:
        self._all = keys, vectors

    def vectors(self, model: str) -> tuple[Keys, Vectors]:
        return self._all


def built(
    folder: Path, settings: dict[str, object], keys: Keys, vectors: Vectors
) -> tuple[ChromaIndex, float]:
    import chromadb

    began = time.perf_counter()
    client = chromadb.PersistentClient(folder)
    collection = client.create_collection(
        COLLECTION, configuration={"hnsw": {"space": "cosine"} | settings}, embedding_function=None
    )
    index = ChromaIndex(client, collection)
    index.add(keys, vectors)
    return index, time.perf_counter() - began


def report(
    name: str,
    seconds: float,
    search: Callable[[Vectors, int], list[Hit]],
    questions: Vectors,
    truth: list[set[int]],
    size: int,
) -> list[set[int]]:
    """One row; returns the keys found for each question."""
    search(questions[0], K)
    times, found = [], []
    for question in questions:
        began = time.perf_counter()
        hits = search(question, K)
        times.append(1000 * (time.perf_counter() - began))
        found.append({key for key, _ in hits})
    recall = np.mean([len(a & b) / K for a, b in zip(found, truth or found, strict=True)])
    p50, p95 = np.percentile(times, [50, 95])
    print(f"{name:20}{seconds:9.1f}{p50:9.2f}{p95:9.2f}{recall:11.4f}{size / 1e6:7.0f}", flush=True)
    return found


def like_sentences(count: int) -> Vectors:
    """[count, DIMENSIONS], unit length; of two of them the cosine is .1 to .6."""
    numbers = np.random.default_rng(1)
    spread = (1 / np.sqrt(1 + np.arange(DIMENSIONS) / 100)).astype(np.float32)

    def drawn(many: int, size: float) -> Vectors:
        made: Vectors = size * spread * numbers.normal(size=(many, DIMENSIONS)).astype(np.float32)
        return made

    topics, subtopics = drawn(max(1, count // 500), 0.4), drawn(max(1, count // 25), 0.3)
    parents = numbers.integers(len(topics), size=len(subtopics))
    group = numbers.integers(len(subtopics), size=count)
    return unit_length(0.5 + topics[parents[group]] + subtopics[group] + drawn(count, 1))


def near(vectors: Vectors, count: int) -> Vectors:
    """Questions with a cosine of about .8 to one of the vectors."""
    numbers = np.random.default_rng(2)
    chosen = vectors[numbers.choice(len(vectors), count, replace=False)]
    noise = numbers.normal(size=chosen.shape).astype(np.float32)
    return unit_length(chosen + 0.8 * unit_length(noise))


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


if __name__ == "__main__":
    sys.exit(main())
