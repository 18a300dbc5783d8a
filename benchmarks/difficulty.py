"""How often the estimated difficulty of a question is right, and how long it takes.

    .venv/bin/python benchmarks/difficulty.py [--questions FILE] [--repeats N] [--wrong]

The questions of tests/data were not used for fitting (tools/train_difficulty.py). Each is asked as written
and as a recogniser may hear it, without punctuation, accents and capitals. A question's time is the median
of its repeats; the worst is that of all single calls, and a text of 100,000 characters is timed besides.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.orchestrator.difficulty import Tier, difficulty  # noqa: E402

Row = dict[str, str]


def main() -> int:
    options = _arguments()
    rows: list[Row] = [
        json.loads(line) for line in options.questions.read_text(encoding="utf-8").splitlines()
    ]
    began = time.perf_counter()
    difficulty("warm up")
    print(f"first call, with reading the weights: {1000 * (time.perf_counter() - began):.1f} ms\n")
    print_accuracy(rows)
    print_confusion(rows)
    print_times(rows, options.repeats)
    for row in rows if options.wrong else ():
        found = difficulty(row["text"])
        if found.tier != row["tier"]:
            print(f"{row['tier']} taken for {found.tier} ({found.score}): {row['text']}")
    return 0


def print_accuracy(rows: Sequence[Row]) -> None:
    """Shares that are right: all, by language, by tier, and what one constant answer would reach."""
    print(f"{'':24}{'n':>5}{'written':>10}{'bare':>8}{'constant':>10}")
    groups = [("all", rows)]
    groups += [(language, [row for row in rows if row["language"] == language]) for language in ("en", "es")]
    groups += [(tier.value, [row for row in rows if row["tier"] == tier]) for tier in Tier]
    groups += [
        (f"{tier} {language}", [row for row in rows if (row["tier"], row["language"]) == (tier, language)])
        for tier in Tier
        for language in ("en", "es")
    ]
    commonest = Counter(row["tier"] for row in rows).most_common(1)[0][0]
    for name, group in groups:
        if not group:
            continue
        written = statistics.fmean(difficulty(row["text"]).tier == row["tier"] for row in group)
        heard = statistics.fmean(difficulty(bare(row["text"])).tier == row["tier"] for row in group)
        constant = statistics.fmean(row["tier"] == commonest for row in group)
        print(f"{name:24}{len(group):5}{written:10.3f}{heard:8.3f}{constant:10.3f}")


def print_confusion(rows: Sequence[Row]) -> None:
    """What each tier was taken for, and its mean score."""
    print(f"\n{'labelled, taken for':24}" + "".join(f"{tier:>11}" for tier in Tier) + f"{'mean score':>12}")
    for tier in Tier:
        found = [difficulty(row["text"]) for row in rows if row["tier"] == tier]
        taken = Counter(one.tier for one in found)
        mean = statistics.fmean(one.score for one in found) if found else 0
        print(f"{tier:24}" + "".join(f"{taken[other]:11}" for other in Tier) + f"{mean:12.1f}")


def print_times(rows: Sequence[Row], repeats: int) -> None:
    """Milliseconds a question."""
    every = [[_timed(row["text"]) for _ in range(repeats)] for row in rows]
    medians = sorted(map(statistics.median, every))
    p50, p95 = statistics.median(medians), medians[int(0.95 * len(medians))]
    worst = max(map(max, every))
    long = statistics.median(_timed("why would the server fail " * 4000) for _ in range(repeats))
    print(
        f"\nms a question: p50 {p50:.3f}, p95 {p95:.3f}, "
        f"worst call {worst:.3f}; 100,000 characters {long:.3f}"
    )


def bare(text: str) -> str:
    """Lower case, without accents and punctuation."""
    return re.sub(r"[^\w\s]|[\u0300-\u036f]", "", unicodedata.normalize("NFD", text.lower()))


def _timed(text: str) -> float:
    began = time.perf_counter()
    difficulty(text)
    return 1000 * (time.perf_counter() - began)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--questions", type=Path, default=ROOT / "tests" / "data" / "difficulty.jsonl")
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--wrong", action="store_true", help="list what was wrong")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
