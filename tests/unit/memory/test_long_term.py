"""Everything that is remembered: found at once, kept once, facts that change."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import MemoryItem, MemoryKind
from jarvis_desktop.memory.index import RETRY_S
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.fakes import FakeEncoder
from tests.unit.memory.told import Told


def texts(items: tuple[MemoryItem, ...]) -> set[str]:
    return {item.text for item in items}


def test_a_text_is_found_by_its_words_at_once_and_by_meaning_when_work_is_done(memory: Told) -> None:
    turn = memory.note("We saw a heron by the lake", MemoryKind.TURN, location="conversation")
    (found,) = memory.recall("heron lake").results
    assert (found.id, found.stages.keys() & {"dense"}) == (turn.id, set())
    memory.finish()
    assert memory.recall("heron lake").results[0].stages["dense"] > 0


def test_work_stops_when_its_time_is_over_and_goes_on_later(memory: Told) -> None:
    for number in range(40):
        memory.note(f"turn {number} about the weather", MemoryKind.TURN, location="conversation")
    assert memory.work(0), "there is more to do"
    assert 0 < memory.stats().vectors < 40, "something is done however short the time"
    memory.finish()
    assert memory.stats().vectors == 40


def test_the_same_text_is_kept_once_for_each_owner(memory: Told) -> None:
    first = memory.note("The bins are emptied on Mondays")
    assert memory.note("The  bins are emptied on Mondays\n").id == first.id
    other = memory.note("The bins are emptied on Mondays", owner="work")
    assert other.id != first.id
    assert memory.listed(owner="work") == (other,)


def test_a_text_that_says_the_same_is_kept_once_unless_a_number_or_a_not_differs(memory: Told) -> None:
    first = memory.note("The bins in our street are emptied every Monday at 7")
    assert memory.note("In our street the bins are emptied every Monday at 7").id == first.id
    assert memory.note("The bins in our street are emptied every Monday at 8").id != first.id
    assert memory.note("The bins in our street are not emptied every Monday at 7").id != first.id


def test_what_was_said_twice_in_conversations_is_kept_twice(memory: Told) -> None:
    first = memory.note("Good morning", MemoryKind.TURN, location="a")
    assert memory.note("Good morning", MemoryKind.TURN, location="b").id != first.id


def test_a_text_with_an_id_takes_the_place_of_the_one_that_had_it(memory: Told) -> None:
    memory.note("The code of the door is 1234", item_id="door")
    memory.note("The code of the door is 9876", item_id="door")
    assert texts(memory.listed()) == {"The code of the door is 9876"}
    assert memory.found("code 1234") == ["The code of the door is 9876"]


def test_a_call_made_again_stores_nothing_twice(memory: Told) -> None:
    for _ in range(2):
        memory.note("It rains", MemoryKind.TURN, new_id="chosen by the caller")
    assert len(memory.listed()) == 1


def test_a_fact_whose_call_was_cut_short_takes_the_place_of_the_older_one_when_made_again(
    memory: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*_: object) -> None:
        raise StorageError("storage.busy", "Another program is holding the memory.")

    about = {"metadata": {"subject": "user", "slot": "home"}, "new_id": "chosen by the caller"}
    old = memory.fact("The user lives in Leeds", "home")
    with monkeypatch.context() as cut:
        cut.setattr(MemoryStore, "supersede", cut_short)
        with pytest.raises(StorageError):
            memory.note("The user lives in York", MemoryKind.FACT, **about)
    memory.note("The user lives in York", MemoryKind.FACT, **about)
    assert memory.show(old.id).superseded_by == "chosen by the caller"
    assert len(memory.listed()) == 2


def test_facts_of_one_profile_leave_those_of_others_alone(memory: Told) -> None:
    mine = memory.fact("The user lives in Oslo", "home")
    memory.fact("The user lives in Rome", "home", owner="work")
    assert not memory.show(mine.id).superseded_by


def test_a_profile_sees_and_changes_its_own_only(memory: Told) -> None:
    mine = memory.note("The safe is behind the painting", owner="me")
    assert memory.found("safe painting", owner="you") == []
    for attempt in (
        lambda: memory.show(mine.id, owner="you"),
        lambda: memory.edit(mine.id, "There is no safe", owner="you"),
        lambda: memory.pin(mine.id, True, owner="you"),
        lambda: memory.forget([mine.id], owner="you"),
        lambda: memory.note("There is no safe", item_id=mine.id, owner="you"),
    ):
        with pytest.raises(StorageError):
            attempt()
    assert memory.show(mine.id, owner="me").text == "The safe is behind the painting"


def test_documents_are_stored_as_they_come_and_known_again(memory: Told) -> None:
    text = "First part of it.\n\nSecond part of it."
    document = NewItem(
        "doc", MemoryKind.DOCUMENT, text, (Span(0, 17), Span(19, 37)),
        source="a.txt", location="/a.txt", content_hash="abc",
    )  # fmt: skip
    assert memory.add([document]) == ["doc"]
    assert memory.add([document]) == []
    assert memory.documents("") == [("doc", "/a.txt", "abc")]
    assert {result.id for result in memory.recall("part").results} == {"doc#1", "doc#2"}


def test_empty_texts_are_refused(memory: Told) -> None:
    with pytest.raises(StorageError, match="nothing to remember"):
        memory.note(" \n ")


class NoEncoder(FakeEncoder):
    """One that is not there for this machine: it has not even a name."""

    def __getattribute__(self, name: str) -> object:
        if name in ("name", "dimensions"):
            self.passages(())
        return super().__getattribute__(name)

    def passages(self, texts: object) -> np.ndarray:
        raise StorageError("memory.no_encoder", "The search model cannot run.")

    question = passages


def test_without_an_encoder_words_are_found_and_it_is_said(tmp_path: Path) -> None:
    memory = Told(tmp_path / "memory", NoEncoder())
    memory.open()
    memory.note("The bins are emptied on Mondays")
    memory.note("The heron stood by the lake")
    memory.finish()
    found = memory.recall("heron")
    assert [result.text for result in found.results] == ["The heron stood by the lake"]
    assert "dense" in found.skipped
    assert memory.stats().vectors == 0
    memory.forget([result.item for result in found.results])
    assert memory.found("heron") == []
    memory.close()


class Mendable(FakeEncoder):
    """One that fails (a full graphics card, say) until it is mended."""

    broken = True

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        if self.broken:
            raise StorageError("memory.encoder_failed", "It does not work.")
        return super().passages(texts)


def test_an_encoder_that_fails_stops_no_other_work_and_is_tried_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    encoder = Mendable()
    memory = Told(tmp_path / "memory", encoder)
    memory.open()
    memory.note("The Wolves play in Leeds", MemoryKind.TURN, location="conversation")
    for _ in range(3):
        assert not memory.work(1000, backup_days=1)
    assert memory.stats().entities
    assert memory.backups()
    assert [record for record in caplog.records if "encoder_failed" in record.message] == caplog.records[:1]
    encoder.broken = False
    memory.finish()
    assert not memory.stats().vectors, "it is left alone for a while"
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + RETRY_S)
    memory.finish()
    assert memory.stats().vectors == 1
    memory.close()
