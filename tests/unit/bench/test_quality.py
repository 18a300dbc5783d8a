"""How a loss of quality is told from two measurements."""

from __future__ import annotations

import json
import math

import pytest

from jarvis_desktop.bench.quality import LANGUAGES, Figures, Verdict, loss
from jarvis_desktop.resources import resource


def figures(english: list[float], spanish: list[float]) -> Figures:
    return Figures(100.0, 200.0, 210.0, 1.0, 50.0, 20.0, {"en": tuple(english), "es": tuple(spanish)})


def worse_by(growth: float, spread: float = 0.0) -> Figures:
    """Than the one below, in each token by the same, more or less a `spread`."""
    step = math.log(1 + growth)
    return figures([-2.0 - step - spread, -2.0 - step + spread], [-4.0 - step - spread, -4.0 - step + spread])


BEFORE = figures([-2.0, -2.0], [-4.0, -4.0])


def test_perplexity_is_the_inverse_of_the_mean_probability() -> None:
    coin, dice = math.log(1 / 2), math.log(1 / 6)
    assert figures([coin] * 5, [coin] * 5).perplexity == pytest.approx(2)
    summary = figures([coin] * 4, [dice] * 4).summary()
    assert summary["perplexity_en"] == 2.0
    assert summary["perplexity_es"] == 6.0
    assert summary["perplexity"] == pytest.approx(math.sqrt(12), abs=0.001)


@pytest.mark.parametrize(
    ("growth", "verdict"),
    [
        (-0.01, Verdict.GOOD),
        (0.001, Verdict.GOOD),  # Q8_0 of Llama 3 8B in llama.cpp's table
        (0.029, Verdict.GOOD),  # Q4_K_M
        (0.078, Verdict.NOTICEABLE),  # Q4_0
        (0.102, Verdict.HEAVY),  # Q3_K_M
        (0.574, Verdict.HEAVY),  # Q2_K
    ],
)
def test_verdicts(growth: float, verdict: Verdict) -> None:
    found = loss(BEFORE, worse_by(growth))
    assert found.growth == pytest.approx(growth)
    assert found.verdict is verdict


def test_what_is_hard_for_both_does_not_widen_the_margin() -> None:
    assert loss(BEFORE, worse_by(0.05)).margin == pytest.approx(0, abs=1e-9)
    assert loss(BEFORE, worse_by(0.05, spread=0.2)).margin > 0.1


def test_models_with_other_tokens_are_not_compared() -> None:
    with pytest.raises(ValueError, match="zip"):
        loss(BEFORE, figures([-2.0], [-4.0]))


def test_figures_survive_being_kept() -> None:
    assert Figures.from_json(json.loads(json.dumps(BEFORE.as_json()))) == BEFORE


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_texts_are_long_enough(language: str) -> None:
    text = resource("resources", "quality", f"{language}.txt").read_text(encoding="utf-8")
    assert len(text.split()) > 230
