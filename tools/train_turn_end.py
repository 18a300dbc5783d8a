"""Fit the classifier that tells a pause within a sentence from the end of a turn: resources/turn_end.npy.

    .venv/bin/python tools/train_turn_end.py [--audio DIR] [--models DIR] [--seeds 6] [--to FILE]

Smart Turn's network is left as it is; a logistic regression is put on what it gathers of the last 8 s. Ends
are those of the recordings and of sentences within them; against them stand inserted pauses and the speakers'
own pauses within sentences. Cuts, room noise and the moment of asking vary, so that the way a pause was made
is not what is learnt. A second classifier is fitted without every third speaker, reported on, and kept beside
for benchmarks/turn_end.py --head .cache/turns/apart.npy.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.spoken_turns import Clip, Join, clips, held_out, turns  # noqa: E402
from jarvis_desktop.audio.silero import FRAME, SileroVad  # noqa: E402
from jarvis_desktop.audio.smart_turn import SmartTurn  # noqa: E402
from jarvis_desktop.ports import SAMPLE_RATE, Samples  # noqa: E402

JOINS = (Join(0.005, 0.1), Join(0.03, 0.0), Join(0.08, 0.04))
ASKED_S = (0.22, 0.36)  # after the last speech sample
COMPONENTS, PENALTY = 60, 3.0  # chosen by eightfold cross-validation over speakers


@dataclass(frozen=True)
class Example:
    """What the network gathered where a voice had fallen silent."""

    speaker: str
    lang: str
    made: bool  # an inserted pause or the end of a recording, not found in it
    over: bool
    pooled: NDArray[np.float32]


def main() -> int:
    options = _arguments()
    found = clips(options.audio, options.models / "whisper-base", ROOT / ".cache" / "turns" / "words.json")
    smart_turn = SmartTurn(options.models / "smart-turn-v3.2")
    examples = [*_own_pauses(found, smart_turn)]
    for seed in range(options.seeds):
        examples += _made(found, smart_turn, seed)
    apart = held_out(found)
    head = fit([example for example in examples if example.speaker not in apart])
    report(examples, apart, head)
    np.save(options.to_apart, head)
    np.save(options.to, fit(examples))
    return 0


def _made(found: Sequence[Clip], smart_turn: SmartTurn, seed: int) -> Iterator[Example]:
    random = np.random.default_rng(seed)
    for turn in turns(found, seed, JOINS[seed % len(JOINS)]):
        for at, over in (*((start, False) for start, _ in turn.pauses), (turn.end, True)):
            until = round((at + random.uniform(*ASKED_S)) * SAMPLE_RATE)
            heard = turn.samples[round(0.6 * SAMPLE_RATE) : until]
            yield Example(turn.clip.speaker, turn.clip.lang, True, over, smart_turn.pooled(heard))


def _own_pauses(found: Sequence[Clip], smart_turn: SmartTurn) -> Iterator[Example]:
    vad, random = SileroVad(), np.random.default_rng(0)
    for clip in found:
        began = max(0.0, clip.words[0].start - 0.4)
        for start in _silences(vad, clip.samples):
            before = [word for word in clip.words[:-1] if word.start + 0.1 < start]
            if not before or start < began + 0.8:
                continue
            until = round((start + random.uniform(0.15, 0.25)) * SAMPLE_RATE)
            heard = clip.samples[round(began * SAMPLE_RATE) : until]
            over = before[-1].ends_sentence
            yield Example(clip.speaker, clip.lang, False, over, smart_turn.pooled(heard))


def _silences(vad: SileroVad, samples: Samples) -> Iterator[float]:
    """Where the voice falls silent for 0.25 s or more, and goes on later."""
    vad.reset()
    voiced = np.flatnonzero(np.array(vad.probabilities(samples)) >= 0.4)
    for last, following in pairwise(voiced):
        if (following - last - 1) * FRAME / SAMPLE_RATE >= 0.25:
            yield float((last + 1) * FRAME / SAMPLE_RATE)


def fit(examples: Sequence[Example]) -> NDArray[np.float32]:
    """Weights and bias of a logistic regression on the principal components, classes of equal weight."""
    pooled = np.array([example.pooled for example in examples], dtype=np.float64)
    over = np.array([example.over for example in examples], dtype=np.float64)
    mean, spread = pooled.mean(axis=0), pooled.std(axis=0) + 1e-6
    even = (pooled - mean) / spread
    axes = np.linalg.svd(even, full_matrices=False)[2][:COMPONENTS].T
    scale = (even @ axes)[:, 0].std()
    inputs = np.column_stack([np.ones(len(even)), even @ axes / scale])
    weight = np.where(over == 1, 0.5 / over.mean(), 0.5 / (1 - over.mean()))
    penalty = PENALTY * np.diag([1e-6, *np.ones(COMPONENTS)])
    found = np.zeros(COMPONENTS + 1)
    for _ in range(30):  # Newton's method
        guess = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (weight * (guess - over)) + penalty @ found
        found -= np.linalg.solve((inputs.T * (weight * guess * (1 - guess))) @ inputs + penalty, slope)
    weights = axes @ found[1:] / scale / spread
    return np.append(weights, found[0] - mean @ weights).astype(np.float32)


def report(examples: Sequence[Example], apart: set[str], head: NDArray[np.float32]) -> None:
    """Share of ends and of pauses at or above each threshold."""
    for speakers in ("fitted", "apart"):
        for lang in ("en", "es"):
            for made in (True, False):
                of = [e for e in examples if (e.speaker in apart) == (speakers == "apart")]
                of = [e for e in of if e.lang == lang and e.made == made]
                score = np.array([1 / (1 + np.exp(-(e.pooled @ head[:-1] + head[-1]))) for e in of])
                over = np.array([e.over for e in of])
                row = " ".join(
                    f"{t}: {np.mean(score[over] >= t):.2f}/{np.mean(score[~over] >= t):.2f}"
                    for t in (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
                )
                kind = "made" if made else "own"
                sys.stdout.write(
                    f"{speakers} {lang} {kind}, {over.sum()} ends/{(~over).sum()} pauses: {row}\n"
                )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--audio", type=Path, default=ROOT.parent / "shared" / "audio")
    parser.add_argument("--models", type=Path, default=ROOT / ".cache" / "jarvis-home" / "models")
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--to-apart", type=Path, default=ROOT / ".cache" / "turns" / "apart.npy")
    parser.add_argument("--to", type=Path, default=ROOT / "resources" / "turn_end.npy")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
