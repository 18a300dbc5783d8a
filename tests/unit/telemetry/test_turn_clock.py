"""Timings of a turn, counted from the end of the input."""

from __future__ import annotations

from collections.abc import Iterator

from jarvis_desktop.events import Timings
from jarvis_desktop.telemetry.turns import TurnClock


def clock(*seconds: float) -> TurnClock:
    """A turn whose input ended at 100 s, read at these moments one after another."""
    moments: Iterator[float] = iter(seconds)
    return TurnClock(100.0, lambda: next(moments))


def test_marks_are_milliseconds_after_the_input_and_the_rest_is_unknown() -> None:
    turn = clock(100.5, 102.0)
    turn.mark("first_token")
    turn.mark("total")
    assert turn.timings() == Timings(first_token=500.0, total=2000.0)


def test_only_the_first_sentence_counts() -> None:
    turn = clock(101.0, 103.0)
    turn.mark("first_sentence")
    turn.mark("first_sentence")
    assert turn.timings().first_sentence == 1000.0


def test_a_stage_noticed_late_is_marked_at_its_own_time() -> None:
    turn = clock()
    turn.mark("transcript", 100.25)
    assert turn.timings().transcript == 250.0


def test_text_that_was_final_before_the_input_ended_took_no_time() -> None:
    turn = clock()
    turn.mark("transcript", 99.0)
    assert turn.timings().transcript == 0.0
