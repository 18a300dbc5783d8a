"""Watched folders: memory says what the disk says, and forgets what was deleted, but not a missing drive."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from jarvis_desktop.events import Ingested, Remark
from jarvis_desktop.memory.ingest import Ingest
from jarvis_desktop.memory.items import NewItem
from jarvis_desktop.memory.watching import FolderWatch, folders_in
from tests.unit.memory.documents import Shelf


class Memory(Shelf):
    """A shelf that takes in files by itself, as long-term memory does, and tells when it has changed."""

    changed: asyncio.Event

    def __init__(self) -> None:
        super().__init__()
        self.tombstones: dict[str, float] = {}

    def ingest(
        self, paths: Sequence[Path], *, owner: str = "", forgotten: Mapping[str, float] | None = None
    ) -> AsyncIterator[Ingested]:
        return Ingest(self).run(paths, owner=owner, forgotten=forgotten)

    async def add(self, items: Sequence[NewItem]) -> Sequence[str]:
        new = await super().add(items)
        self.changed.set()
        return new

    async def drop(self, item_ids: Sequence[str], owner: str) -> None:
        await super().drop(item_ids, owner)
        self.changed.set()

    async def forgotten(self, owner: str) -> Mapping[str, float]:
        return self.tombstones

    def forget(self, name: str, at: float) -> None:
        """As the user does."""
        item = next(item for item in self.items.values() if name in (item.id, item.source))
        del self.items[item.id]
        self.tombstones |= {name: at for name in (item.id, item.content_hash) if name}


class Watched:
    """A watch that runs; `setting` may be changed under way."""

    def __init__(self, memory: Memory, setting: str) -> None:
        self.memory = memory
        self.setting = setting
        self.told: list[Remark] = []
        memory.changed = asyncio.Event()

    def tell(self, remark: Remark) -> None:
        self.told.append(remark)
        self.memory.changed.set()

    async def sources(self, *names: str) -> None:
        """Wait until exactly these documents are in memory."""
        await self.until(lambda: sorted(item.source for item in self.memory.items.values()) == sorted(names))

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not true():
                self.memory.changed.clear()
                await self.memory.changed.wait()


def watching(
    setting: str, story: Callable[[Watched], Awaitable[None]], memory: Memory | None = None
) -> Watched:
    watched = Watched(memory or Memory(), setting)

    async def run() -> None:
        watch = FolderWatch(watched.memory, lambda: watched.setting, watched.tell, look_s=0.05, quiet_s=0.05)
        task = asyncio.create_task(watch.run())
        try:
            await story(watched)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    asyncio.run(run())
    return watched


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    (folder / "boat.txt").write_text("She lies in Palma.")
    return folder


def test_documents_come_change_and_go_with_the_disk(folder: Path, tmp_path: Path) -> None:
    async def story(watched: Watched) -> None:
        await watched.sources("boat.txt")
        (folder / "boat.txt").write_text("She lies in Mahón.")
        (folder / "song.mp3").write_bytes(b"\0")
        (folder / ".hidden.txt").write_text("hidden")
        await watched.until(lambda: "Mahón" in watched.memory.by_name("boat.txt").text)
        made = tmp_path / "made"
        made.mkdir()
        (made / "berth.txt").write_text("It is number 12.")
        made.rename(folder / "harbour")
        await watched.sources("boat.txt", "berth.txt")
        (folder / "boat.txt").rename(folder / "ship.txt")
        shutil.rmtree(folder / "harbour")
        await watched.sources("ship.txt")

    assert watching(str(folder), story).told == []


def test_what_changed_while_nobody_watched_is_made_good(folder: Path) -> None:
    memory = Memory()
    (folder / "old.txt").write_text("Deleted soon.")
    watching(str(folder), lambda watched: watched.sources("boat.txt", "old.txt"), memory)
    (folder / "old.txt").unlink()
    (folder / "new.txt").write_text("Just written.")
    watching(str(folder), lambda watched: watched.sources("boat.txt", "new.txt"), memory)


def test_what_the_user_forgot_comes_back_only_when_its_file_changes(folder: Path) -> None:
    memory = Memory()
    boat, records = folder / "boat.txt", folder / "records.jsonl"
    records.write_text('{"id": "berth", "text": "It is number 12."}\n{"id": "rent", "text": "It is 80."}\n')
    os.utime(boat, (1000, 1000))
    watching(str(folder), lambda watched: watched.sources("boat.txt", *["records.jsonl"] * 2), memory)
    memory.forget("boat.txt", at=2000)
    memory.forget("berth", at=2000)
    (folder / "new.txt").write_text("Just written.")

    async def story(watched: Watched) -> None:
        await watched.sources("new.txt", "records.jsonl")
        boat.rename(folder / "ship.txt")
        (folder / "newer.txt").write_text("Written just now.")
        await watched.sources("new.txt", "newer.txt", "records.jsonl")
        (folder / "ship.txt").write_text("She lies in Mahón.")
        await watched.sources("new.txt", "newer.txt", "records.jsonl", "ship.txt")

    watching(str(folder), story, memory)
    assert "berth" not in memory.items


def test_a_file_that_was_moved_away_and_back_comes_back(folder: Path, tmp_path: Path) -> None:
    (folder / "berth.txt").write_text("It is number 12.")

    async def story(watched: Watched) -> None:
        await watched.sources("berth.txt", "boat.txt")
        (folder / "boat.txt").rename(tmp_path / "boat.txt")
        await watched.sources("berth.txt")
        (tmp_path / "boat.txt").rename(folder / "boat.txt")
        await watched.sources("berth.txt", "boat.txt")

    watching(str(folder), story)


def test_a_missing_or_emptied_folder_forgets_nothing(folder: Path, tmp_path: Path) -> None:
    def unplug() -> None:
        folder.rename(tmp_path / "unplugged")

    def plug_in_another() -> None:
        folder.mkdir()  # as the place of a drive that is not there
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "berth.txt").write_text("It is number 12.")

    async def story(watched: Watched) -> None:
        await watched.sources("boat.txt")
        unplug()
        await watched.until(lambda: bool(watched.told))
        plug_in_another()
        watched.setting += f",{tmp_path / 'more'}"
        await watched.sources("boat.txt", "berth.txt")

    told = watching(str(folder), story).told
    assert str(told[0]) == f"The watched folder {folder} is not there, or no full path."


def test_a_folder_that_appears_or_is_set_later_is_taken_in(folder: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"

    def appear() -> None:
        folder.rename(later)

    async def story(watched: Watched) -> None:
        await watched.until(lambda: len(watched.told) == 1)
        appear()
        await watched.sources("boat.txt")
        watched.setting = ""

    watching(f"{later}, ", story)


def test_a_document_that_cannot_be_read_is_told_once(folder: Path) -> None:
    (folder / "bad.pdf").write_text("no PDF")

    async def story(watched: Watched) -> None:
        await watched.sources("boat.txt")
        await watched.until(lambda: bool(watched.told))
        (folder / "berth.txt").write_text("It is number 12.")
        await watched.sources("boat.txt", "berth.txt")

    [remark] = watching(str(folder), story).told
    assert "left out: 1. The first: " in str(remark)
    assert "bad.pdf is not what its name says" in str(remark)


def test_the_setting_is_a_list_of_paths() -> None:
    assert folders_in(" /a b, /c,,/a b\n/d,") == (Path("/a b"), Path("/c"), Path("/d"))
