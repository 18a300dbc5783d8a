"""What was exported or backed up is taken in again."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.backups import KEPT
from tests.unit.memory.fakes import FakeEncoder
from tests.unit.memory.told import Told


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
