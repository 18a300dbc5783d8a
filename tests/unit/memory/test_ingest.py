"""Taking in files and folders: each once, unchanged ones not again, a bad one never in the way of others."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Ingested
from jarvis_desktop.memory.ingest import Ingest
from tests.unit.memory.documents import Shelf, take_in


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two documents, with what is no document around them."""
    folder = tmp_path / "my papers"
    for name in (
        ".git/config.txt",
        "node_modules/x/readme.md",
        ".hidden.md",
        "photo.png",
        "~$lock.docx",
        "song.mp3",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("no document")
    (folder / "año").mkdir()
    (folder / "año" / "berth.txt").write_text("The berth is number 12.")
    (folder / "boat.md").write_text("# Boat\n\nShe lies in Palma.")
    (folder / "empty.txt").touch()
    return folder


def names(told: list[Ingested]) -> list[str]:
    return [Path(one.file).name for one in told]


def test_a_folder_gives_its_documents_and_nothing_else(folder: Path, shelf: Shelf) -> None:
    told = take_in(shelf, folder)
    assert sorted(names(told)) == ["berth.txt", "boat.md", "empty.txt"]
    assert [one.problem for one in told] == [""] * 3
    assert sorted(item.source for item in shelf.items.values()) == ["berth.txt", "boat.md"]


def test_named_files_are_taken_in_once_also_from_hidden_folders(folder: Path, shelf: Shelf) -> None:
    told = take_in(shelf, folder, folder / "boat.md", folder / ".git" / "config.txt", folder / "song.mp3")
    assert sorted(names(told)) == ["berth.txt", "boat.md", "config.txt", "empty.txt", "song.mp3"]
    assert [bool(one.problem) for one in told if one.file.endswith("mp3")] == [
        False
    ]  # it holds text, in truth


def test_links_that_lead_elsewhere_or_in_circles_are_not_followed(
    folder: Path, shelf: Shelf, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("not in the folder")
    (folder / "out").symlink_to(outside)
    (folder / "out.txt").symlink_to(outside / "secret.txt")
    (folder / "circle").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    assert sorted(names(take_in(shelf, folder))) == ["berth.txt", "boat.md", "empty.txt"]
    [told] = take_in(shelf, folder / "self.txt")
    assert "There is no file or folder" in told.problem
    [told] = take_in(shelf, folder / "out.txt")  # what the user names is meant
    assert told.file == str(outside / "secret.txt")


def test_folders_of_the_program_are_nobodys_documents(folder: Path, shelf: Shelf) -> None:
    take_in(shelf, folder, own=[folder / "año"])
    assert [item.source for item in shelf.items.values()] == ["boat.md"]


def test_unchanged_files_are_skipped_and_changed_ones_replaced(folder: Path, shelf: Shelf) -> None:
    take_in(shelf, folder)
    ids = set(shelf.items)
    (folder / "boat.md").write_text("# Boat\n\nShe lies in Mahón.")
    again = {Path(one.file).name: one.skipped for one in take_in(shelf, folder)}
    assert again == {"berth.txt": True, "boat.md": False, "empty.txt": True}
    assert set(shelf.items) == ids
    assert "Mahón" in shelf.by_name("boat.md").text


def test_profiles_keep_their_own_copy(folder: Path, shelf: Shelf) -> None:
    take_in(shelf, folder / "boat.md")
    [told] = take_in(shelf, folder / "boat.md", owner="work")
    assert not told.skipped
    assert sorted(item.owner for item in shelf.items.values()) == ["", "work"]


def test_copies_are_skipped_and_moved_files_follow(folder: Path, shelf: Shelf) -> None:
    take_in(shelf, folder)
    copy = folder / "copy.md"
    copy.write_bytes((folder / "boat.md").read_bytes())
    assert [one.skipped for one in take_in(shelf, copy)] == [True]
    assert len(shelf.items) == 2
    (folder / "boat.md").unlink()
    assert [one.skipped for one in take_in(shelf, copy)] == [False]
    assert sorted(item.source for item in shelf.items.values()) == ["berth.txt", "copy.md"]


def test_a_file_overwritten_with_a_copy_loses_what_it_said(folder: Path, shelf: Shelf) -> None:
    take_in(shelf, folder)
    (folder / "boat.md").write_bytes((folder / "año" / "berth.txt").read_bytes())
    take_in(shelf, folder)
    assert [item.source for item in shelf.items.values()] == ["berth.txt"]


def test_records_that_are_there_already_count_as_skipped(tmp_path: Path, shelf: Shelf) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_text("\n".join(f'{{"id": "n{number}", "text": "Note {number}."}}' for number in range(600)))
    [told] = take_in(shelf, file)
    assert (told.passages, told.skipped) == (600, False)
    assert [len(ids) for ids in shelf.adds] == [256, 256, 88]
    assert [note.position for note in shelf.items.values()] == [float(line) for line in range(1, 601)]
    [told] = take_in(shelf, file)
    assert told.skipped


def test_giving_up_keeps_what_was_told_and_ends_the_reader(tmp_path: Path, shelf: Shelf) -> None:
    for number in range(200):
        (tmp_path / f"{number:03}.txt").write_text(f"Note {number}.")

    async def some() -> list[Ingested]:
        told = []
        async with aclosing(Ingest(shelf).run([tmp_path])) as run:
            async for one in run:
                told.append(one)
                if len(told) == 10:
                    break
        return told

    told = asyncio.run(some())
    assert {one.file for one in told} <= {item.location for item in shelf.items.values()}
    assert len(shelf.items) < 200
    assert not [
        child for child in psutil.Process().children() if "parser_worker" in " ".join(child.cmdline())
    ]
    again = take_in(shelf, tmp_path)
    assert [one.skipped for one in again[:10]] == [True] * 10
    assert len(shelf.items) == 200


def test_a_store_that_fails_ends_the_run(folder: Path) -> None:
    class Full(Shelf):
        async def add(self, items: object) -> list[str]:
            raise StorageError("storage.disk_full", "The disk is full.")

    with pytest.raises(StorageError, match="full"):
        take_in(Full(), folder)
