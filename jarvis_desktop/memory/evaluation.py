"""How well questions find what answers them."""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import Recollection

CUTS = (1, 5, 10)
"""Recall is counted among so many of the best finds."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A question and the ids of all that answers it."""

    question: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means over the questions.

    `recall` is by cut the share of what is relevant among so many; `mrr` the mean of 1/rank of the first
    relevant one, 0 where none was found; latencies in milliseconds.
    """

    questions: int
    recall: dict[int, float]
    mrr: float
    p50_ms: float
    p95_ms: float

    def as_json(self) -> dict[str, object]:
        return {
            "questions": self.questions,
            **{f"recall@{cut}": round(value, 4) for cut, value in self.recall.items()},
            "mrr": round(self.mrr, 4),
            "latency_ms": {"p50": round(self.p50_ms, 2), "p95": round(self.p95_ms, 2)},
        }


def read_questions(file: Path) -> list[Judged]:
    """Lines ``{"question", "relevant": [ids]}``; raises `StorageError` ``memory.questions``."""
    judged: list[Judged] = []
    line = 0
    try:
        for text in file.read_text(encoding="utf-8").splitlines():
            line += 1
            if text.strip():
                judged.append(_question(json.loads(text)))
        if not judged:
            raise ValueError("there is none")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            "memory.questions",
            "Line {line} of {file} is not a question with its answers: {reason}.",
            'Each line is {{"question": "...", "relevant": ["id", ...]}}.',
            file=file,
            line=line,
            reason=error,
        ) from error
    return judged


def judge(
    questions: Sequence[Judged],
    found: Sequence[Sequence[str]],
    took_ms: Sequence[float],
    cuts: Sequence[int] = CUTS,
) -> Evaluation:
    """`found` has the ids that were found for each question, best first."""
    shares: dict[int, list[float]] = {cut: [] for cut in cuts}
    ranks = []
    for judged, ids in zip(questions, found, strict=True):
        ids = list(dict.fromkeys(ids))
        for cut in cuts:
            shares[cut].append(len(judged.relevant.intersection(ids[:cut])) / len(judged.relevant))
        places = (place for place, one in enumerate(ids, start=1) if one in judged.relevant)
        ranks.append(1 / next(places, float("inf")))
    return Evaluation(
        len(questions),
        {cut: statistics.fmean(share) for cut, share in shares.items()},
        statistics.fmean(ranks),
        statistics.median(took_ms),
        percentile(took_ms, 95),
    )


def ids_of(found: Recollection, relevant: Iterable[str]) -> list[str]:
    """Ids of what was found; a passage counts as its item where the question names the item."""
    wanted = frozenset(relevant)
    return [one.item if one.item in wanted else one.id for one in found.results]


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def _question(record: dict[str, object]) -> Judged:
    relevant = record["relevant"]
    if not isinstance(relevant, list) or not relevant:
        raise ValueError("it needs at least one relevant id")
    return Judged(str(record["question"]), frozenset(map(str, relevant)))
