"""What one language model takes and gives: memory, speed, and how well it foretells a text.

Perplexity is measured on two short texts written for this program, so that no model has learnt them. It says
nothing about which of two different models is better, but much about two versions of one.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from jarvis_desktop.bench.engine import answer
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.ports import ChatMessage
from jarvis_desktop.resources import resource
from jarvis_desktop.telemetry.resources import resident_mib

LANGUAGES = ("en", "es")
_TOKENS = 240
"""Of each text; 0.5 billion weights on one core take half a minute for both."""

_ANSWERS = 3
_TWO_SIDED = 1.96
"""Standard errors on either side of a mean that hold it in 95 of 100 cases."""

NOTICEABLE = 0.03
HEAVY = 0.1
"""Growth of perplexity. llama.cpp's own table for Llama 3 8B (tools/perplexity/README.md, without an
importance matrix) has 0.001 for Q8_0, 0.01 for Q5_K_M, 0.029 for Q4_K_M, 0.078 for Q4_0, 0.10 for Q3_K_M
and 0.57 for Q2_K."""


class Verdict(StrEnum):
    """How much a model lost."""

    GOOD = "good"
    NOTICEABLE = "noticeable"
    HEAVY = "heavy"


@dataclass(frozen=True)
class Figures:
    """One model: sizes in MiB, times in ms or a second; natural logarithms of each token's probability."""

    size_mib: float
    planned_mib: float
    resident_mib: float
    load_s: float
    first_token_ms: float
    tokens_per_second: float
    log_probabilities: Mapping[str, tuple[float, ...]]

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Figures:
        """The figures that `as_json` gave; raises KeyError or TypeError for others."""
        scores = {language: tuple(values) for language, values in data["log_probabilities"].items()}
        return cls(**{**data, "log_probabilities": scores})

    def as_json(self) -> dict[str, Any]:
        """All of them, to be kept."""
        return asdict(self)

    @property
    def perplexity(self) -> float:
        """Of both texts together."""
        return math.exp(-statistics.fmean(self.scores))

    @property
    def scores(self) -> list[float]:
        """Of all tokens, whatever their language."""
        return [score for language in LANGUAGES for score in self.log_probabilities[language]]

    def summary(self) -> dict[str, Any]:
        """What is shown."""
        by_language = {
            f"perplexity_{language}": round(math.exp(-statistics.fmean(scores)), 3)
            for language, scores in self.log_probabilities.items()
        }
        shown = {name: value for name, value in asdict(self).items() if name != "log_probabilities"}
        rounded = {name: round(value, 1) for name, value in shown.items()}
        return {**rounded, "perplexity": round(self.perplexity, 3), **by_language}


@dataclass(frozen=True, slots=True)
class Loss:
    """Growth of perplexity (0.02: by 2 %), and how far chance may have moved that (95 %)."""

    growth: float
    margin: float

    @property
    def verdict(self) -> Verdict:
        """By the growth alone: a margin as wide as it says that the difference is small."""
        if self.growth < NOTICEABLE:
            return Verdict.GOOD
        return Verdict.NOTICEABLE if self.growth < HEAVY else Verdict.HEAVY


def loss(before: Figures, after: Figures) -> Loss:
    """Token by token, so that what is hard for both does not count.

    Both have to be of one model, whose tokens are the same; raises ValueError where they are not.
    """
    differences = [old - new for old, new in zip(before.scores, after.scores, strict=True)]
    growth = math.exp(statistics.fmean(differences))
    error = statistics.stdev(differences) / math.sqrt(len(differences))
    return Loss(growth - 1.0, _TWO_SIDED * error * growth)


async def measure(
    chat: ManagedChatModel,
    size_mib: float,
    planned_mib: float,
    instructions: str,
    progress: Callable[[str], None] = lambda _: None,
) -> Figures:
    """Load `chat`, ask it behind `instructions`, and unload it; raises `JarvisError`."""
    beginning = ChatMessage("system", instructions)
    begun = time.perf_counter()
    try:
        progress("loading")
        await chat.load()
        load_s = time.perf_counter() - begun
        assert chat.pid is not None
        resident = resident_mib(chat.pid)
        progress("measuring the speed")
        await answer(chat, beginning, 0)  # has the instructions in its cache
        answers = [await answer(chat, beginning, number) for number in range(1, _ANSWERS + 1)]
        scores = {}
        for language in LANGUAGES:
            progress(f"measuring the quality ({language})")
            text = resource("resources", "quality", f"{language}.txt").read_text(encoding="utf-8")
            scores[language] = await chat.log_probabilities(text, _TOKENS)
    finally:
        await chat.unload()
    return Figures(
        size_mib=size_mib,
        planned_mib=planned_mib,
        resident_mib=resident,
        load_s=load_s,
        first_token_ms=1000 * statistics.median(one.first_token_s for one in answers),
        tokens_per_second=statistics.median(one.tokens_per_second for one in answers),
        log_probabilities=scores,
    )
