"""Words are shown for good once two passes agree, and are never taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.speech.agreement import LocalAgreement

TEXTS = st.lists(st.sampled_from(["turn", "on", "the", "light", "Light.", "lights", "now"])).map(" ".join)


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


@given(st.lists(st.tuples(TEXTS, st.booleans())))
def test_what_is_stable_never_retracts(passes: list[tuple[str, bool]]) -> None:
    agreement = LocalAgreement()
    before: list[str] = []
    for text, settles in passes:
        if settles:
            agreement.settle(text)
        else:
            agreement.revise(text)
        now = agreement.shown.stable.split()
        assert now[: len(before)] == before
        before = now
