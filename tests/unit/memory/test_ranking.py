"""What comes first of what was recalled: what holds, is pinned, or was said lately."""

from __future__ import annotations

import time

import pytest

from jarvis_desktop.events import MemoryKind
from tests.unit.memory.told import Told


def test_a_newer_fact_stands_for_the_older_one_which_is_kept(memory: Told) -> None:
    old = memory.fact("The user lives in Oslo", "home")
    memory.fact("The user plays the violin", "hobby")
    new = memory.fact("The user lives in Rome", "home")
    assert memory.show(old.id).superseded_by == new.id
    memory.finish()
    now = memory.found("Where does the user live?")
    assert "The user lives in Rome" in now
    assert "The user lives in Oslo" not in now
    assert "The user lives in Oslo" in memory.found("Where did the user live before?")


def test_a_fact_that_was_given_up_can_become_true_again(memory: Told) -> None:
    memory.fact("The user lives in Oslo", "home")
    memory.fact("The user lives in Rome", "home")
    again = memory.fact("The user lives in Oslo", "home")
    assert not again.superseded_by
    assert "The user lives in Oslo" in memory.found("Where does the user live?")
    assert "The user lives in Rome" not in memory.found("Where does the user live?")


def test_what_is_pinned_goes_before_what_is_as_good(memory: Told) -> None:
    for place in ("cellar", "attic", "garage"):
        memory.note(f"The red box is in the {place}")

    def found() -> list[str]:
        return [result.id for result in memory.recall("red box", stages=["sparse"]).results]

    last = found()[-1]
    memory.pin(last, True)
    assert found()[0] == last


TODAY = time.time()
TWO_YEARS_AGO = TODAY - 2 * 365 * 86_400


def _said(memory: Told, text: str, created_at: float, kind: MemoryKind = MemoryKind.TURN) -> str:
    return memory.note(text, kind, created_at=created_at, location=f"talk-{created_at}").id


def _order(memory: Told, question: str) -> list[str]:
    return [result.id for result in memory.recall(question).results]


@pytest.mark.parametrize("newer_first", [True, False])
def test_of_what_was_said_as_well_the_newer_comes_first(memory: Told, newer_first: bool) -> None:
    times = [TODAY, TWO_YEARS_AGO]
    ids = {when: _said(memory, "We ate soup for dinner", when) for when in times[:: 1 if newer_first else -1]}
    memory.finish()
    assert _order(memory, "soup dinner") == [ids[TODAY], ids[TWO_YEARS_AGO]]


def test_what_answers_better_stays_first_however_old(memory: Told) -> None:
    old = _said(memory, "The plumber Rossi repaired the boiler", TWO_YEARS_AGO)
    _said(memory, "The plumber sent a bill", TODAY)
    memory.finish()
    assert _order(memory, "Which plumber repaired the boiler?")[0] == old


@pytest.mark.parametrize(("kind", "ages"), [(MemoryKind.TURN, True), (MemoryKind.NOTE, False)])
def test_only_what_was_said_ages(memory: Told, kind: MemoryKind, ages: bool) -> None:
    old = _said(memory, "The red box is in the attic", TWO_YEARS_AGO, kind)
    new = _said(memory, "The red box is in the cellar", TODAY, kind)
    scores = {found.id: found.score for found in memory.recall("red box", stages=["sparse"]).results}
    assert (scores[new] > scores[old]) is ages
    assert scores[new] - scores[old] < 0.03, "it decides between equals only"
