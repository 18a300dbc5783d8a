"""Everything that is remembered: one thing said twice, facts that change, forgetting everywhere."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import MemoryItem, MemoryKind
from jarvis_desktop.memory import encryption
from jarvis_desktop.memory.backups import KEPT
from jarvis_desktop.memory.encryption import is_encrypted
from jarvis_desktop.memory.index import RETRY_S
from jarvis_desktop.memory.items import STORE, NewItem, Span
from jarvis_desktop.memory.long_term import LongTerm
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.fakes import FakeEncoder
from tests.unit.memory.stored import all_bytes

NUMBERS = count(1)


class Told(LongTerm):
    """With fewer words to write."""

    def note(self, text: str, kind: MemoryKind = MemoryKind.NOTE, **values: object) -> MemoryItem:
        number = next(NUMBERS)
        about = {"new_id": f"new-{number}", "created_at": float(number), **values}
        return self.remember(text, kind=kind, **about)  # type: ignore[arg-type]

    def fact(self, text: str, slot: str, owner: str = "") -> MemoryItem:
        return self.note(text, MemoryKind.FACT, metadata={"subject": "user", "slot": slot}, owner=owner)

    def finish(self) -> None:
        while self.work(1000):
            pass

    def found(self, question: str, owner: str = "") -> list[str]:
        return [result.text for result in self.recall(question, owner=owner).results]


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Told]:
    opened = Told(tmp_path / "memory", FakeEncoder())
    opened.open()
    yield opened
    opened.close()


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


def test_facts_of_one_profile_leave_those_of_others_alone(memory: Told) -> None:
    mine = memory.fact("The user lives in Oslo", "home")
    memory.fact("The user lives in Rome", "home", owner="work")
    assert not memory.show(mine.id).superseded_by


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


def test_forgotten_is_in_no_file_and_no_search(memory: Told, tmp_path: Path) -> None:
    memory.note("The bins are emptied on Mondays")
    secret = memory.note("Grandmother hides the xylotheque under the stairs")
    memory.finish()
    memory.backup()
    receipt = memory.forget([secret.id])
    assert (receipt.items, receipt.passages, receipt.vectors) == ((secret.id,), 1, 1)
    memory.finish()
    assert memory.found("Where is the xylotheque?") == ["The bins are emptied on Mondays"]
    assert memory.backups(), "without it"
    memory.close()
    vector = FakeEncoder().passages([secret.text])[0].astype(np.float16).tobytes()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert b"xylothe" not in data, file
            assert vector not in data, file


def test_an_edited_text_leaves_nothing_of_the_former_one(memory: Told, tmp_path: Path) -> None:
    note = memory.note("The xylotheque is under the stairs", source="typed")
    memory.finish()
    memory.pin(note.id, True)
    edited = memory.edit(note.id, "The piano is under the stairs")
    assert (edited.source, edited.created_at, edited.pinned) == ("typed", note.created_at, True)
    memory.finish()
    assert memory.found("What is under the stairs?") == ["The piano is under the stairs"]
    memory.close()
    assert not [file for file in tmp_path.rglob("*") if file.is_file() and b"xylothe" in file.read_bytes()]


def test_an_edited_item_knows_which_messages_hold_the_words_it_had(memory: Told) -> None:
    note = memory.note("The xylotheque is under the stairs")
    memory.edit(note.id, "The piano is under the stairs", traces=["question", "answer"])
    memory.edit(note.id, "The piano was sold")
    assert memory.show(note.id).metadata["traces"] == "question answer"


def test_a_conversation_is_forgotten_as_a_whole(memory: Told) -> None:
    for number in range(3):
        memory.note(f"turn {number} of the first talk", MemoryKind.TURN, location="first")
    kept = memory.note("turn of the second talk", MemoryKind.TURN, location="second")
    assert len(memory.forget_conversation("first").items) == 3
    assert memory.listed() == (kept,)
    assert memory.forget_conversation("first").items == (), "nothing is left to forget"


def test_what_an_answer_read_is_told_until_it_is_forgotten(memory: Told) -> None:
    note = memory.note("The bins are emptied on Mondays")
    memory.note_use("turn", [note.id], 5.0)
    (citation,) = memory.why("turn")
    assert (citation.id, citation.quote) == (note.id, note.text)
    assert memory.show(note.id).uses == 1
    memory.forget([note.id])
    assert memory.why("turn") == ()


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


def test_everything_moves_to_another_place(memory: Told, tmp_path: Path) -> None:
    memory.fact("The user lives in Oslo", "home")
    memory.fact("The user lives in Rome", "home")
    memory.note("The safe is behind the painting", owner="me")
    assert memory.export(tmp_path / "out.jsonl") == 3
    other = Told(tmp_path / "other", FakeEncoder())
    other.open()
    assert len(other.restore(tmp_path / "out.jsonl")) == 3
    assert other.restore(tmp_path / "out.jsonl") == []
    other.finish()
    assert other.listed() == memory.listed()
    assert other.found("safe", owner="me") == ["The safe is behind the painting"]
    assert other.rebuild() == 3
    other.close()


def test_forgetting_in_a_memory_begun_anew_leaves_the_backups_of_the_lost_one(
    memory: Told, tmp_path: Path
) -> None:
    kept = memory.note("The bins are emptied on Mondays")
    backup = memory.backup()
    memory.close()
    (tmp_path / "memory" / STORE).write_bytes(b"damaged" * 1000)
    memory.open()
    assert [problem.code for problem in memory.problems] == ["memory.recovered"]
    memory.forget([memory.note("It rains today").id])
    assert [each.file for each in memory.backups()] == [backup]
    assert len(memory.restore(backup)) == 1
    assert memory.listed()[0].text == kept.text


def test_a_text_that_is_edited_is_edited_in_the_backups_too(memory: Told, tmp_path: Path) -> None:
    note = memory.note("The safe hides behind the xylotheque")
    backup = memory.backup()
    memory.edit(note.id, "The safe is in the cellar")
    assert b"xylotheq" not in all_bytes(tmp_path)
    other = Told(tmp_path / "other", FakeEncoder())
    other.open()
    assert len(other.restore(backup)) == 1
    assert other.found("safe") == ["The safe is in the cellar"]
    other.close()


def test_restoring_backs_up_what_is_there_before_and_can_be_undone(memory: Told, tmp_path: Path) -> None:
    for number in range(KEPT):
        memory.note(f"Boat {number} lies in Palma")
        memory.backup()
    before, there = memory.listed(), memory.backups()
    assert [each.items for each in there] == [3, 2, 1]
    export = tmp_path / "out.jsonl"
    other = Told(tmp_path / "other", FakeEncoder())
    other.open()
    other.note("Grandmother keeps a xylotheque")
    other.export(export)
    other.close()
    new = memory.restore(export)
    assert len(new) == 1
    assert memory.backups()[1:] == there, "none goes for it: it may be the one that is wanted"
    assert memory.backups()[0].items == len(before)
    memory.finish()
    assert memory.recall("xylotheque").results[0].id == new[0]
    memory.undo_restore(new)
    memory.finish()
    assert memory.listed() == before
    assert new[0] not in [each.id for each in memory.recall("xylotheque").results]
    assert memory.restore(export) == new, "it was not forgotten"


def test_a_restore_that_changes_nothing_leaves_no_backup(memory: Told, tmp_path: Path) -> None:
    memory.note("The bins are emptied on Mondays")
    memory.export(tmp_path / "same.jsonl")
    (tmp_path / "other.jsonl").write_text("dear diary")
    assert memory.restore(tmp_path / "same.jsonl") == []
    with pytest.raises(StorageError):
        memory.restore(tmp_path / "other.jsonl")
    assert memory.backups() == []


def test_what_was_forgotten_is_known_as_such_but_not_what_was_dropped(memory: Told) -> None:
    boat, berth = memory.note("She lies in Palma"), memory.note("It is number 12")
    receipt = memory.forget([boat.id])
    memory.drop([berth.id, "never there"])
    memory.drop([berth.id])
    assert memory.listed() == ()
    assert memory.forgotten() == {boat.id: receipt.at}
    memory.note("She lies in Palma", item_id=boat.id)  # the user wants it again
    assert memory.forgotten() == {}
    assert memory.found("Palma") == ["She lies in Palma"]


def test_the_bytes_of_a_forgotten_file_are_known_until_they_are_added_from_another_place(
    memory: Told,
) -> None:
    text = "She lies in Palma"
    boat = NewItem("boat", MemoryKind.DOCUMENT, text, (Span(0, len(text)),), content_hash="of the bytes")
    memory.add([boat, replace(boat, id="theirs", owner="work")])
    fact = memory.note("She is called Marta", MemoryKind.FACT)
    memory.forget(["theirs"], owner="work")
    receipt = memory.forget(["boat", fact.id])
    assert memory.forgotten() == dict.fromkeys(["boat", "of the bytes", fact.id], receipt.at)
    memory.add([replace(boat, id="ship")])
    assert memory.forgotten() == {fact.id: receipt.at}
    assert memory.forgotten("work").keys() == {"theirs", "of the bytes"}


def test_a_backup_is_taken_in_where_everything_was_lost(memory: Told, tmp_path: Path) -> None:
    note = memory.note("The bins are emptied on Mondays")
    memory.finish()
    backup = memory.backup()
    held = backup.read_bytes()
    other = Told(tmp_path / "other", FakeEncoder())
    other.open()
    assert len(other.restore(backup)) == 1
    assert other.restore(backup) == []
    assert (other.stats().vectors, backup.read_bytes()) == (1, held)
    assert other.show(note.id) == note
    backup.write_bytes(held[:5000] + bytes(len(held) - 5000))
    with pytest.raises(StorageError) as refused:
        other.restore(backup)
    assert refused.value.code in {"memory.damaged_backup", "storage.corrupt"}
    assert other.listed() == (note,)
    assert not list((tmp_path / "other").rglob("restoring*"))
    other.close()


def test_what_another_process_forgets_is_not_found_here_any_more(memory: Told, tmp_path: Path) -> None:
    note = memory.note("The bins are emptied on Mondays")
    assert memory.found("bins Mondays")
    beside = Told(tmp_path / "memory", FakeEncoder())
    beside.open()
    assert beside.found("bins Mondays")
    new = beside.note("The heron stood by the lake")
    beside.forget([note.id])
    assert memory.found("bins Mondays") == [new.text]
    assert memory.found("heron lake") == [new.text]
    beside.close()


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


KEY = "0123456789abcdef" * 4


def test_encrypting_and_decrypting_keep_everything_and_leave_no_plain_byte(tmp_path: Path) -> None:
    def opened(encrypted: bool, key: str = KEY) -> Told:
        memory = Told(tmp_path / "memory", FakeEncoder(), key=key, encrypted=encrypted)
        memory.open()
        return memory

    def plain() -> bool:
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        return any(b"xylothe" in file.read_bytes() for file in files)

    first = opened(False)
    first.note("Grandmother hides the xylotheque under the stairs")
    first.finish()
    backup = first.backup()
    copy = backup.read_bytes()
    first.close()
    assert plain()
    second = opened(True)
    assert second.found("xylotheque")
    second.finish()
    assert [(each.file, each.items) for each in second.backups()] == [(backup, 1)]
    assert not plain()
    second.note("The bins are emptied on Mondays")
    second.finish()
    second.close()
    assert not plain()
    backup.write_bytes(copy)  # as a crash would have left it
    opened(True).close()
    assert not plain()
    with pytest.raises(StorageError) as refused:
        opened(True, "f" * 64)
    assert refused.value.code == "memory.wrong_key"
    third = opened(False)
    assert third.problems == []
    assert len(third.listed()) == 2
    assert third.found("xylotheque")
    third.close()
    assert b"xylothe" in backup.read_bytes()
    fourth = Told(tmp_path / "fourth", FakeEncoder())
    fourth.open()
    assert len(fourth.restore(backup)) == 1
    fourth.close()


def test_decrypting_begins_with_the_backups_so_that_a_crash_does_not_lose_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Told(tmp_path, FakeEncoder(), key=KEY, encrypted=True)
    first.open()
    first.note("Grandmother hides the xylotheque under the stairs")
    backup = first.backup()
    first.close()

    def cut_off(fresh: Path, file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(encryption, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        Told(tmp_path, FakeEncoder(), key=KEY).open()
    # The key is asked for as long as the store is encrypted.
    assert [is_encrypted(file) for file in (backup, tmp_path / STORE)] == [True, True]


HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("SELECT count(*) FROM items").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_memory_that_another_program_has_open_is_not_encrypted_under_it(tmp_path: Path) -> None:
    memory = Told(tmp_path, FakeEncoder())
    memory.open()
    memory.note("The bins are emptied on Mondays")
    memory.close()
    wanted = Told(tmp_path, FakeEncoder(), key=KEY, encrypted=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / STORE)], stdin=PIPE, stdout=PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StorageError) as refused:
            wanted.open()
        assert refused.value.code == "storage.busy"
        other.communicate()
    wanted.open()
    assert len(wanted.listed()) == 1
    wanted.close()
