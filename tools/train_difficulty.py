"""Fit what estimates the difficulty of a question: the weights in resources/difficulty.json.

    .venv/bin/python tools/train_difficulty.py [--check]

The lexicon in that file is written by hand, as family/part: a stem is the start of a word, with _ for the
gaps of a phrase and for the end of a whole word; the run only sorts it and wraps its lines. Fitted is a
multinomial logistic regression with an elastic net, on tools/data/difficulty_train.jsonl alone.

`--check` only prints the fivefold cross-validation: each fold is a stretch of the file, so the subjects of a
fold (they lie together there, in both languages) are new to what it is asked of.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.orchestrator.difficulty import Tier, features  # noqa: E402

TRAINING = ROOT / "tools" / "data" / "difficulty_train.jsonl"
RESOURCE = ROOT / "resources" / "difficulty.json"

LEAST_SEEN = 2  # questions with a feature, for it to be fitted
L1, L2, STEPS = 3e-4, 2e-3, 400  # penalties chosen by the cross-validation below
SHARPEN = 3.0  # the penalties make the model doubt too much: what undoes it, by the cross-validation
FOLDS = 5

Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Question:
    """A labelled question."""

    text: str
    language: str
    tier: Tier

    @property
    def label(self) -> int:
        return list(Tier).index(self.tier)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true", help="cross-validate only")
    only_check = parser.parse_args().check
    lines = TRAINING.read_text(encoding="utf-8").splitlines()
    questions = [Question(row["text"], row["language"], Tier(row["tier"])) for row in map(json.loads, lines)]
    sys.stdout.write(
        f"{len(questions)} questions, cross-validated accuracy {cross_validate(questions):.3f}\n"
    )
    if not only_check:
        weights = fit(questions)
        _write(tidy(json.loads(RESOURCE.read_text(encoding="utf-8"))["lexicon"]), weights)
        sys.stdout.write(f"{len(weights)} features, {RESOURCE.stat().st_size} bytes\n")
    return 0


def fit(questions: Sequence[Question]) -> dict[str, list[float]]:
    """By feature, the log-odds of technical and of reasoning over chat; nought for both is left out."""
    found = [features(question.text) for question in questions]
    counts = Counter(feature for names in found for feature in names)
    vocabulary = ["#", *sorted(name for name, count in counts.items() if count >= LEAST_SEEN and name != "#")]
    solved = _elastic_net(_matrix(found, vocabulary), np.array([question.label for question in questions]))
    weights = SHARPEN * (solved[:, 1:] - solved[:, :1])
    rounded = [[round(float(odds), 2) for odds in pair] for pair in weights]
    return {name: pair for name, pair in zip(vocabulary, rounded, strict=True) if any(pair)}


def cross_validate(questions: Sequence[Question]) -> float:
    """The share that is right in folds left out while fitting."""
    folds = _folds(questions)
    right = 0
    for fold in range(FOLDS):
        weights = fit([question for question, of in zip(questions, folds, strict=True) if of != fold])
        left_out = [question for question, of in zip(questions, folds, strict=True) if of == fold]
        right += sum(_judge(weights, question.text) == question.label for question in left_out)
    return right / len(questions)


def tidy(lexicon: dict[str, list[str]]) -> dict[str, list[str]]:
    """Stems sorted, once each, in lines that a reader can compare."""
    stems = {part: sorted(set(" ".join(lines).split())) for part, lines in lexicon.items()}
    return {part: textwrap.wrap(" ".join(found), 110) for part, found in stems.items()}


def _folds(questions: Sequence[Question]) -> list[int]:
    """Which stretch of its language and tier a question lies in."""
    kinds = [(question.language, question.tier) for question in questions]
    sizes, before = Counter(kinds), Counter[tuple[str, Tier]]()
    folds = []
    for kind in kinds:
        folds.append(before[kind] * FOLDS // sizes[kind])
        before[kind] += 1
    return folds


def _judge(weights: dict[str, list[float]], text: str) -> int:
    odds = np.sum([weights[name] for name in features(text) if name in weights], axis=0)
    chat, technical, reasoning = np.exp([0.0, *odds] - np.max([0.0, *odds]))
    return int(np.digitize((0.5 * technical + reasoning) / (chat + technical + reasoning), (1 / 3, 2 / 3)))


def _matrix(found: Sequence[set[str]], vocabulary: Sequence[str]) -> Matrix:
    column = {name: index for index, name in enumerate(vocabulary)}
    matrix = np.zeros((len(found), len(vocabulary)), np.float32)
    for row, names in enumerate(found):
        matrix[row, [column[name] for name in names if name in column]] = 1
    return matrix


def _elastic_net(x: Matrix, labels: NDArray[np.int_]) -> Matrix:
    """Weights (features, tiers) of a softmax regression; the first column of `x` is not penalised.

    FISTA: Beck and Teboulle, A fast iterative shrinkage-thresholding algorithm, 2009.
    """
    wanted = np.eye(len(Tier), dtype=np.float32)[labels]
    share = (len(labels) / len(Tier) / np.bincount(labels))[labels].astype(np.float32)[:, None] / len(labels)
    penalised = np.ones((x.shape[1], 1), np.float32)
    penalised[0] = 0
    rate = 1 / (0.6 * np.linalg.norm(x, 2) ** 2 / len(labels) + L2)  # the loss curves no more than this
    weights = ahead = np.zeros((x.shape[1], len(Tier)), np.float32)
    momentum = 1.0
    for _ in range(STEPS):
        odds = x @ ahead
        guessed = np.exp(odds - odds.max(axis=1, keepdims=True))
        guessed /= guessed.sum(axis=1, keepdims=True)
        stepped = ahead - rate * (x.T @ ((guessed - wanted) * share) + L2 * penalised * ahead)
        stepped = np.sign(stepped) * np.maximum(np.abs(stepped) - rate * L1 * penalised, 0)
        following = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = stepped + (momentum - 1) / following * (stepped - weights)
        weights, momentum = stepped, following
    return weights


def _write(lexicon: dict[str, list[str]], weights: dict[str, list[float]]) -> None:
    """One feature and one line of stems a line, so that changes can be read."""
    parts = [f'  "{part}": {json.dumps(lines, indent=3)}' for part, lines in lexicon.items()]
    rows = [f"  {json.dumps(name)}: {json.dumps(pair)}" for name, pair in weights.items()]
    written = ",\n".join([f' "lexicon": {{\n{_joined(parts)}\n }}', f' "weights": {{\n{_joined(rows)}\n }}'])
    RESOURCE.write_text(f"{{\n{written}\n}}\n", encoding="utf-8")


def _joined(rows: Sequence[str]) -> str:
    return ",\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
