"""Which questions may be given yesterday's answer: labelled ones, typed and as recognisers write them."""

from __future__ import annotations

import json
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.orchestrator.cacheable import MAX_CHARACTERS, is_cacheable

DATA = Path(__file__).parents[2] / "data" / "cacheable.jsonl"
ACCEPTED = 0.8
"""Share of general knowledge that has to be accepted; each refusal only costs the time of an answer."""


@dataclass(frozen=True)
class Labelled:
    text: str
    language: str
    cacheable: bool
    why: str


QUESTIONS = [
    Labelled(**json.loads(line)) for line in DATA.read_text(encoding="utf-8").splitlines() if line.strip()
]


def as_recognised(text: str) -> str:
    """Lower case, without accents or punctuation."""
    letters = unicodedata.normalize("NFD", text.lower().replace("'", ""))
    return "".join(letter for letter in letters if letter.isalnum() or letter == " ")


def test_the_questions_are_many_and_in_both_languages() -> None:
    for language in ("es", "en"):
        asked = [one for one in QUESTIONS if one.language == language]
        assert {one.why for one in asked} == {
            *("personal", "time", "effect", "refers back", "variety", "knowledge")
        }
        assert len(asked) >= 160


@pytest.mark.parametrize("why", ["personal", "time", "effect", "refers back", "variety"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_none_is_kept_that_is_personal_passing_or_tied_to_its_moment(language: str, why: str) -> None:
    asked = [one.text for one in QUESTIONS if (one.language, one.why) == (language, why)]
    assert asked
    assert [text for text in asked if is_cacheable(text)] == []
    assert [text for text in asked if is_cacheable(text.upper())] == []
    assert [text for text in asked if "@" not in text and is_cacheable(as_recognised(text))] == []


@pytest.mark.parametrize(
    "prefix", ["Hey Jarvis, ", "Oye Jarvis, ", "please ", "Por favor, ", "could you tell me "]
)
def test_courtesy_makes_nothing_cacheable(prefix: str) -> None:
    kept = [one.text for one in QUESTIONS if not one.cacheable and is_cacheable(prefix + one.text)]
    assert kept == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_most_general_knowledge_is_kept(language: str) -> None:
    asked = [one.text for one in QUESTIONS if one.language == language and one.cacheable]
    for spelled in (str, as_recognised):
        kept = [text for text in asked if is_cacheable(spelled(text))]
        assert len(kept) >= ACCEPTED * len(asked), sorted(set(asked) - set(kept))


@pytest.mark.parametrize(
    ("general", "own"),
    [
        ("what is time complexity", "what is the time"),
        ("what is electrical current", "what is the current score"),
        ("how does a clock work", "how does my clock work"),
        ("what is a linked list", "what is on the list"),
        ("who was the first president of the united states", "who is the president of the united states"),
        ("cual es la moneda de japon", "lanza una moneda"),
        ("a que temperatura hierve el agua", "que temperatura hace"),
        ("cuanto tiempo tarda la luz del sol en llegar", "que tiempo hace"),
        ("cual es la capital de francia", "cual es la capital"),
    ],
)
def test_one_word_does_not_decide_it(general: str, own: str) -> None:
    assert is_cacheable(general)
    assert not is_cacheable(own)


@pytest.mark.parametrize(
    "private",
    [
        "translate hello to anna at gmail dot com",
        "explain anna.lopez@example.com",
        "what is 612 345 678",
        "define https://example.com/private",
        "explain photosynthesis " * 20,
        "",
        "¿?",
        "что такое энтропия",
    ],
)
def test_addresses_numbers_pasted_text_and_what_is_not_understood_are_left_alone(private: str) -> None:
    assert not is_cacheable(private)


@given(st.text(max_size=2 * MAX_CHARACTERS))
def test_any_text_gets_a_verdict(text: str) -> None:
    assert is_cacheable(text) in (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "what is " + "a b " * 48,
        "explain " + "x" * 192,
        "what is the " + "of the " * 26,
        "\ufdfa" * MAX_CHARACTERS,
    ],
    ids=["short words", "one word", "no subject", "letters that unfold"],
)
def test_the_verdict_takes_less_than_a_blink_for_the_worst_text(text: str) -> None:
    is_cacheable(text)
    times = []
    for _ in range(5):
        begun = time.process_time()
        is_cacheable(text)
        times.append(time.process_time() - begun)
    assert min(times) < 0.005, "five times what is promised, for slow machines"
