"""Words are shown for good once two passes agree, and are never taken back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.speech.agreement import LocalAgreement, looping

TEXTS = st.lists(st.sampled_from(["turn", "on", "the", "light", "Light.", "lights", "now"])).map(" ".join)
STEPS = st.lists(st.tuples(TEXTS, st.sampled_from(["revise", "confirm", "settle", "trim"])))


def test_a_word_is_stable_once_two_passes_agree() -> None:
    agreement = LocalAgreement()
    first = agreement.revise("Turn on the lie")
    assert (first.stable, first.unstable) == ("", "Turn on the lie")
    second = agreement.revise("turn on, the light in")
    assert (second.stable, second.unstable) == ("turn on, the", "light in")


def test_case_and_punctuation_do_not_hold_a_word_back() -> None:
    agreement = LocalAgreement()
    agreement.revise("What time is it.")
    assert agreement.revise("what time is it, please").stable == "what time is it,"


def test_a_settled_piece_is_stable_as_a_whole_and_the_next_begins_behind_it() -> None:
    agreement = LocalAgreement()
    agreement.revise("one two")
    agreement.revise("one two three")
    agreement.settle("one two three four.")
    assert agreement.shown.stable == "one two three four."
    agreement.revise("five six")
    assert agreement.revise("five six seven").stable == "one two three four. five six"


def test_drafts_go_on_behind_words_whose_audio_was_left_out_and_careful_passes_hold_them_all() -> None:
    agreement = LocalAgreement()
    agreement.revise("one two three four")
    agreement.revise("one two three four five")
    agreement.trim(2)
    assert (agreement.trimmed, agreement.stable_words) == ("one two", 2)
    agreement.revise("three four five six")
    assert agreement.shown.stable == "one two three four five"
    assert agreement.confirm("one two three four five six seven").stable == "one two three four five six"


def test_a_word_more_or_less_before_the_stable_end_neither_repeats_nor_loses_one() -> None:
    agreement = LocalAgreement()
    agreement.revise("I can not see the lamp")
    agreement.revise("I can not see the lamp")
    assert agreement.revise("I cannot see the lamp over there").unstable == "over there"
    assert agreement.revise("I can not ever see the lamp over there").stable.endswith("lamp over there")


def test_a_phrase_over_and_over_is_never_shown() -> None:
    agreement = LocalAgreement()
    agreement.revise("switch on")
    agreement.revise("switch on the light")
    lost = "switch on " + "the light in the " * 4
    assert agreement.revise(lost) == agreement.revise(lost)
    assert (agreement.shown.stable, agreement.shown.unstable) == ("switch on", "")
    agreement.revise("switch on the light please")
    assert agreement.revise("switch on the light please").stable == "switch on the light please"


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("no, no, no", False),
        ("very very very very good", False),
        ("you you you you you", True),
        ("thank you thank you", False),
        ("Thank you. Thank you. Thank you.", True),
        ("we go on and then we go on and then we go on and then", True),
        ("", False),
    ],
)
def test_people_repeat_themselves_less_than_a_lost_model(text: str, lost: bool) -> None:
    assert looping(text.split()) is lost


@given(STEPS)
def test_what_is_stable_never_retracts(passes: list[tuple[str, str]]) -> None:
    agreement = LocalAgreement()
    before: list[str] = []
    for text, step in passes:
        if step == "trim":
            agreement.trim(len(text.split()))
        else:
            getattr(agreement, step)(text)
        now = agreement.shown.stable.split()
        assert now[: len(before)] == before
        before = now
