"""The difficulty of questions: right often enough, in both languages, and never an error."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.orchestrator.difficulty import READ_CHARACTERS, Difficulty, Tier, difficulty
from jarvis_desktop.resources import resource

ROOT = Path(__file__).resolve().parents[3]

Row = dict[str, str]


def _rows(*parts: str) -> list[Row]:
    return [json.loads(line) for line in ROOT.joinpath(*parts).read_text(encoding="utf-8").splitlines()]


QUESTIONS = _rows("tests", "data", "difficulty.jsonl")
OTHERS = _rows("tests", "data", "difficulty_others.jsonl")  # written without knowledge of the rest
FLOOR, TIER_FLOOR, OTHERS_FLOOR = 0.85, 0.80, 0.75  # 0.94, 0.91 and 0.84 were measured
BASELINE = max(sum(row["tier"] == tier for row in QUESTIONS) for tier in Tier) / len(QUESTIONS)


def _accuracy(rows: list[Row]) -> float:
    return sum(difficulty(row["text"]).tier == row["tier"] for row in rows) / len(rows)


def _bare(text: str) -> str:
    """As a recogniser may hear it: no punctuation, accents or capitals."""
    plain = unicodedata.normalize("NFD", text.lower())
    return re.sub(r"[^\w\s]|[\u0300-\u036f]", "", plain)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", _bare(text)))


def test_the_questions_are_balanced() -> None:
    assert len(QUESTIONS) >= 240
    cells = [(row["language"], row["tier"]) for row in QUESTIONS]
    assert {cells.count((language, tier)) for language in ("en", "es") for tier in Tier} == {len(cells) // 6}


def test_no_question_was_trained_on() -> None:
    trained = [_words(row["text"]) for row in _rows("tools", "data", "difficulty_train.jsonl")]
    for words in map(_words, (row["text"] for row in (*QUESTIONS, *OTHERS))):
        assert max(len(words & others) / len(words | others) for others in trained) <= 0.6


def test_far_more_often_right_than_a_constant() -> None:
    accuracy = _accuracy(QUESTIONS)
    assert accuracy >= BASELINE + 0.3
    assert accuracy >= FLOOR


def test_right_about_questions_of_other_people() -> None:
    assert _accuracy(OTHERS) >= OTHERS_FLOOR


@pytest.mark.parametrize("language", ["en", "es"])
def test_right_in_either_language(language: str) -> None:
    assert _accuracy([row for row in QUESTIONS if row["language"] == language]) >= FLOOR


@pytest.mark.parametrize("tier", list(Tier))
def test_no_tier_is_given_up(tier: Tier) -> None:
    assert _accuracy([row for row in QUESTIONS if row["tier"] == tier]) >= TIER_FLOOR


def test_right_without_accents_and_punctuation() -> None:
    assert _accuracy([{**row, "text": _bare(row["text"])} for row in QUESTIONS]) >= FLOOR


def test_harder_questions_score_higher_on_average() -> None:
    means = []
    for tier in Tier:
        scores = [difficulty(row["text"]).score for row in QUESTIONS if row["tier"] == tier]
        means.append(sum(scores) / len(scores))
    assert means[0] < 33 < means[1] < 66 < means[2]


@pytest.mark.parametrize(
    "nothing", ["", " \n\t", "?!…", "¿¿¿", "天气怎么样", "xqzt wvvk", "\ud800", "🎉🎉", "\x00"]
)
def test_nothing_that_can_be_read_is_chat(nothing: str) -> None:
    assert difficulty(nothing) == Difficulty(0, Tier.CHAT)


@given(st.text(max_size=300) | st.lists(st.sampled_from([row["text"] for row in QUESTIONS])).map(" ".join))
def test_score_and_tier_agree(text: str) -> None:
    found = difficulty(text)
    assert 0 <= found.score <= 100
    assert (
        found.tier == (Tier.CHAT, Tier.TECHNICAL, Tier.REASONING)[(found.score >= 33) + (found.score >= 66)]
    )


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    begun = ("compare these two plans step by step " * 100)[:READ_CHARACTERS]
    assert difficulty(begun + "hola " * 20_000) == difficulty(begun)


def test_the_prompts_begin_alike_and_are_short() -> None:
    prompts = [resource("resources", "prompts", f"{tier}.txt").read_text(encoding="utf-8") for tier in Tier]
    beginnings = {prompt.split(". ")[0] for prompt in prompts}
    assert len(beginnings) == 1  # a whole sentence, which an engine computes once
    for prompt, tokens in zip(prompts, (50, 100, 150), strict=True):
        assert len(prompt) / 4 == pytest.approx(tokens, rel=0.15)
