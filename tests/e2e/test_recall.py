"""The re-ranker's real model, on a real conversation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks.memory import recall as benchmark
from jarvis_desktop.events.memories import MemoryKind
from jarvis_desktop.memory.evaluation import Judged, judge
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.recall import Budgets, Recall
from jarvis_desktop.memory.rerank import Reranker
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.token_vectors import SCALE, MiniLmWords
from jarvis_desktop.memory.vector_index import ExactIndex
from tests.unit.memory.fakes import FakeEncoder

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "memory"
TURNS, QUESTIONS = 200, 30


@pytest.fixture(scope="module")
def words(models_home: Path) -> MiniLmWords:
    folder = models_home / "models" / "minilm-words"
    if not (folder / "model.onnx").exists():
        pytest.skip("the model minilm-words is not there: jarvis models get minilm-words")
    return MiniLmWords(folder)


def test_vectors_of_words_tell_what_words_mean_in_their_place(words: MiniLmWords) -> None:
    texts = [
        "He sat on the bank of the river.",
        "She took money from the bank.",
        "El banco, ¡qué día! 🙂",
        "",
    ]
    river, money, other, nothing = words.passages(texts)
    assert river.dtype == np.int8
    assert len(nothing) == 0
    assert len(other) > 0
    asked = words.question("Where is the bank that lends money?")
    assert asked.weights.sum() == pytest.approx(1, abs=1e-5)

    def score(vectors: np.ndarray) -> float:
        return float(asked.weights @ (asked.vectors @ vectors.T.astype(np.float32) / SCALE).max(axis=1))

    assert score(money) > score(river)


class _NotReady(ExactIndex):
    ready = False


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    opened = MemoryStore(tmp_path / "memory.sqlite3")
    yield opened
    opened.close()


def test_re_ranking_finds_more_of_a_conversation_than_its_words(
    words: MiniLmWords, store: MemoryStore
) -> None:
    if not DATA.is_dir():
        pytest.skip(f"the data set is not there: {DATA}")
    corpus = benchmark.locomo(DATA)[0]
    store.add(
        [
            NewItem(
                one.id, MemoryKind.TURN, one.text, (Span(0, len(one.text)),), location="c", position=place
            )
            for place, one in enumerate(corpus.texts[:TURNS])
        ]
    )
    reranker = Reranker(store, words)
    while reranker.catch_up():
        pass
    recall = Recall(store, FakeEncoder(), _NotReady(64), reranker, None, Budgets(rerank_ms=1e6))
    there = {one.id for one in corpus.texts[:TURNS]}
    questions = [one for one in corpus.questions if one.relevant <= there][:QUESTIONS]
    by_words, ordered = (_recall_at_5(recall, questions, stage) for stage in ("sparse", "rerank"))
    assert ordered > by_words + 0.08


def _recall_at_5(recall: Recall, questions: list[Judged], stage: str) -> float:
    found = [recall.search(one.question, limit=5, stages=(stage,)).results for one in questions]
    ids = [[one.id for one in results] for results in found]
    return judge(questions, ids, [0.0] * len(ids), (5,)).recall[5]
