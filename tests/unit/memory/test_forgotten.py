"""What is forgotten or changed is gone from every place of the memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from jarvis_desktop.events import MemoryKind
from jarvis_desktop.memory.items import STORE, NewItem, Span
from tests.unit.memory.fakes import FakeEncoder
from tests.unit.memory.stored import all_bytes
from tests.unit.memory.told import Told


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
