"""How well questions find what answers them: LoCoMo, XQuAD and HotpotQA, stage by stage and beside others.

    .venv/bin/python benchmarks/memory/recall.py [--data ../shared/memory] [--home DIR] [--cache DIR]
        [--only locomo,xquad,hotpot] [--json]

Every corpus gets a store in a temporary folder (each LoCoMo conversation its own), with the encoder and the
re-ranker of the program. Beside it the same vectors in Chroma with its defaults, and BM25 of SQLite's FTS5
with its defaults. `--cache` keeps computed vectors for the next run. Recall of a question is the share of
what answers it that is among the first k; corrected evidence is used where the data has it. Times are without
embedding the question, which is the same for all. Confident is the share of questions for which the program
thinks it has found an answer.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from jarvis_desktop.config.schema import Memory  # noqa: E402
from jarvis_desktop.events.memories import MemoryKind  # noqa: E402
from jarvis_desktop.memory.embedding import WORKER_ENVIRONMENT, open_encoder  # noqa: E402
from jarvis_desktop.memory.embedding_cache import CachedEncoder  # noqa: E402
from jarvis_desktop.memory.evaluation import Judged, ids_of, judge  # noqa: E402
from jarvis_desktop.memory.graph import Graph  # noqa: E402
from jarvis_desktop.memory.items import NewItem, Span  # noqa: E402
from jarvis_desktop.memory.recall import STAGES, Budgets, Recall  # noqa: E402
from jarvis_desktop.memory.rerank import Reranker  # noqa: E402
from jarvis_desktop.memory.store import MemoryStore  # noqa: E402
from jarvis_desktop.memory.token_vectors import MiniLmWords  # noqa: E402
from jarvis_desktop.memory.vector_index import ExactIndex  # noqa: E402

CUTS = (1, 2, 5, 10)
CHIT_CHAT = (
    "Hello, how are you?|What's the weather like?|Tell me a joke|What is the capital of France?|Good night"
    "|Set a timer for ten minutes|How do I boil an egg?|Write a poem about the sea|What time is it?"
    "|Turn up the volume|Translate hello to Spanish|What is 12 times 14?|Who won the world cup in 2010?"
    "|Explain quantum computing in simple terms|Can you stop talking?|What can you do?|Open the settings"
    "|How far is the moon?|Give me a recipe for lasagna|Why is the sky blue?|Repeat that please|I'm bored"
).split("|")

Search = Callable[[str], Sequence[str]]


@dataclass(frozen=True)
class Text:
    """What one corpus holds."""

    id: str
    text: str
    created_at: float = 0.0


@dataclass(frozen=True)
class Corpus:
    """Texts, and the questions put to them; `unanswerable` ones have no answer there."""

    kind: MemoryKind
    texts: Sequence[Text]
    questions: Sequence[Judged]
    unanswerable: Sequence[str] = ()


@dataclass
class Tally:
    """What one way to search found, over all corpora of a row group."""

    questions: list[Judged] = field(default_factory=list)
    found: list[Sequence[str]] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)

    def ask(self, questions: Sequence[Judged], search: Callable[[Judged], Sequence[str]]) -> None:
        for judged in questions:
            started = time.perf_counter()
            self.found.append(search(judged))
            self.took_ms.append((time.perf_counter() - started) * 1000)
        self.questions += questions


def locomo(folder: Path) -> list[Corpus]:
    """The conversations, each turn as "Speaker: text [what the picture shows]"."""
    corpora = []
    for file in sorted((folder / "locomo").glob("*.json")):
        data = json.loads(file.read_text(encoding="utf-8"))
        texts = [
            Text(turn["dia_id"], _said(turn), _moment(session["date_time"]) + place)
            for session in data["sessions"]
            for place, turn in enumerate(session["turns"])
        ]
        there = {text.id for text in texts}
        questions = [
            Judged(question["question"], relevant)
            for question in data["qa"]
            if question["category"] != 5 and (relevant := _evidence(question) & there)
        ]
        unanswerable = [question["question"] for question in data["qa"] if question["category"] == 5]
        corpora.append(Corpus(MemoryKind.TURN, texts, questions, unanswerable))
    return corpora


def xquad(folder: Path, texts: str, questions: str) -> list[Corpus]:
    """Paragraphs in one language, questions in another (or the same)."""
    there, asked = (
        _paragraphs(folder / "xquad" / f"xquad.{language}.json") for language in (texts, questions)
    )
    return [
        Corpus(
            MemoryKind.DOCUMENT,
            [Text(str(number), context) for number, (context, _) in enumerate(there)],
            [
                Judged(question, frozenset({str(number)}))
                for number, (_, each) in enumerate(asked)
                for question in each
            ],
        )
    ]


def hotpot(folder: Path) -> list[Corpus]:
    """All paragraphs together; both supporting ones are relevant."""
    data = json.loads((folder / "hotpot_mini" / "hotpotqa_train_100.json").read_text(encoding="utf-8"))
    texts = {title: f"{title}. {''.join(parts)}" for one in data for title, parts in one["context"]}
    questions = [
        Judged(one["question"], frozenset(title for title, _ in one["supporting_facts"] if title in texts))
        for one in data
    ]
    return [Corpus(MemoryKind.DOCUMENT, [Text(*pair) for pair in texts.items()], questions)]


class _Ready(ExactIndex):
    ready = True


@contextlib.contextmanager
def recall_over(corpus: Corpus, encoder: CachedEncoder, words: MiniLmWords) -> Iterator[Recall]:
    """The program's own search over a corpus, everything computed."""
    with tempfile.TemporaryDirectory() as folder:
        store = MemoryStore(Path(folder) / "memory.sqlite3")
        turns = corpus.kind is MemoryKind.TURN
        items = [
            NewItem(
                one.id,
                corpus.kind,
                one.text,
                (Span(0, len(one.text)),),
                location="conversation" if turns else "",
                created_at=one.created_at,
                position=float(place),
            )
            for place, one in enumerate(corpus.texts)
        ]
        store.add(items)
        keys = store.keys_of([one.id for one in corpus.texts])
        store.set_vectors(encoder.name, keys, encoder.passages([one.text for one in corpus.texts]))
        index = _Ready(encoder.dimensions)
        index.add(*store.vectors(encoder.name))
        reranker, graph = Reranker(store, words), Graph(store)
        while reranker.catch_up() + graph.catch_up():
            pass
        # No deadline: what is measured is not to depend on what else the machine does.
        yield Recall(store, encoder, index, reranker, graph, Budgets(graph_ms=1e6, rerank_ms=1e6))
        store.close()


@contextlib.contextmanager
def chroma_over(corpus: Corpus, encoder: CachedEncoder) -> Iterator[Search]:
    """Chroma as it comes, with the same vectors."""
    import chromadb

    client = chromadb.EphemeralClient()
    collection = client.create_collection("texts", embedding_function=None)
    vectors = encoder.passages([one.text for one in corpus.texts])
    ids = [one.id for one in corpus.texts]
    for first in range(0, len(ids), 1000):
        collection.add(ids=ids[first : first + 1000], embeddings=vectors[first : first + 1000])
    yield lambda question: collection.query(
        query_embeddings=[encoder.question(question)], n_results=max(CUTS), include=[]
    )["ids"][0]
    client.delete_collection("texts")


@contextlib.contextmanager
def bm25_over(corpus: Corpus) -> Iterator[Search]:
    """SQLite's FTS5 as it comes."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE texts USING fts5 (id UNINDEXED, said)")
        connection.executemany(
            "INSERT INTO texts VALUES (?, ?)", [(one.id, one.text) for one in corpus.texts]
        )

        def search(question: str) -> list[str]:
            match = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
            sql = "SELECT id FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?"
            return [one for (one,) in connection.execute(sql, (match, max(CUTS)))]

        yield search


def measure(corpora: Sequence[Corpus], encoder: CachedEncoder, words: MiniLmWords) -> dict[str, Any]:
    """Rows of one table."""
    tallies = {name: Tally() for name in ("Chroma", "BM25", *STAGES)}
    confident: dict[str, list[bool]] = {"answerable": [], "unanswerable": [], "chit-chat": []}
    for corpus in corpora:
        for judged in corpus.questions:
            encoder.question(judged.question)
        with chroma_over(corpus, encoder) as search:
            tallies["Chroma"].ask(corpus.questions, lambda judged, search=search: search(judged.question))
        with bm25_over(corpus) as search:
            tallies["BM25"].ask(corpus.questions, lambda judged, search=search: search(judged.question))
        with recall_over(corpus, encoder, words) as recall:
            recall.warm()
            for stage in STAGES:
                tallies[stage].ask(
                    corpus.questions,
                    lambda judged, stage=stage, recall=recall: ids_of(
                        recall.search(judged.question, limit=max(CUTS), stages=(stage,)), judged.relevant
                    ),
                )
            groups = ([one.question for one in corpus.questions], corpus.unanswerable, CHIT_CHAT)
            for group, questions in zip(confident.values(), groups, strict=True):
                group += [recall.search(question).confident for question in questions]
    return {
        "rows": {
            name: judge(tally.questions, tally.found, tally.took_ms, CUTS).as_json()
            for name, tally in tallies.items()
        },
        "confident": {name: round(sum(told) / len(told), 3) for name, told in confident.items() if told},
    }


def table(title: str, data: dict[str, Any]) -> str:
    columns = [f"recall@{cut}" for cut in CUTS] + ["mrr"]
    lines = [
        f"\n### {title}, {data['rows']['dense']['questions']} questions\n",
        f"| | {' | '.join(columns)} | p50 ms | p95 ms |",
        f"|---|{'---|' * (len(columns) + 2)}",
    ]
    for name, row in data["rows"].items():
        values = " | ".join(f"{row[column]:.3f}" for column in columns)
        took = row["latency_ms"]
        lines.append(f"| {name} | {values} | {took['p50']:.1f} | {took['p95']:.1f} |")
    shares = ", ".join(f"{name} {share:.0%}" for name, share in data["confident"].items())
    return "\n".join([*lines, f"\nConfident: {shares}"])


def main() -> int:
    options = _arguments()
    os.environ.update(WORKER_ENVIRONMENT)  # before the libraries load
    if not options.data.is_dir():
        print(f"{options.data} is not there: this measurement needs the data sets.", file=sys.stderr)
        return 2
    corpora = {
        "LoCoMo": lambda: locomo(options.data),
        "XQuAD en-en": lambda: xquad(options.data, "en", "en"),
        "XQuAD es-es": lambda: xquad(options.data, "es", "es"),
        "XQuAD, Spanish questions on English": lambda: xquad(options.data, "en", "es"),
        "HotpotQA": lambda: hotpot(options.data),
    }
    with tempfile.TemporaryDirectory() as folder:
        cache = options.cache or Path(folder)
        cache.mkdir(parents=True, exist_ok=True)
        encoder = CachedEncoder(open_encoder(Memory(), lambda _: Path()), cache / "embeddings.sqlite3")
        words = MiniLmWords(options.home / "models" / "minilm-words")
        results = {}
        for title, load in corpora.items():
            if options.only and not any(title.lower().startswith(one) for one in options.only.split(",")):
                continue
            results[title] = measure(load(), encoder, words)
            if not options.json:
                print(table(title, results[title]), flush=True)
        encoder.close()
    if options.json:
        print(json.dumps(results))
    return 0


def _said(turn: dict[str, str]) -> str:
    shown = f" [{turn['blip_caption']}]" if turn.get("blip_caption") else ""
    return f"{turn['speaker']}: {turn['text']}{shown}"


def _moment(text: str) -> float:
    return datetime.strptime(text, "%I:%M %p on %d %B, %Y").timestamp()


def _evidence(question: dict[str, Any]) -> frozenset[str]:
    """Corrected where it was found wrong, else dropped; ids run together are taken apart."""
    named = question["evidence"]
    if audit := question.get("audit"):
        named = audit.get("correct_evidence") or []
    return frozenset(one for part in named for one in re.findall(r"D\d+:\d+", part))


def _paragraphs(file: Path) -> list[tuple[str, list[str]]]:
    data = json.loads(file.read_text(encoding="utf-8"))["data"]
    return [
        (paragraph["context"], [one["question"] for one in paragraph["qas"]])
        for article in data
        for paragraph in article["paragraphs"]
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "memory")
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home", help="has models/")
    parser.add_argument("--cache", type=Path, help="keeps vectors")
    parser.add_argument("--only", default="", help="beginnings of names, divided by commas")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
