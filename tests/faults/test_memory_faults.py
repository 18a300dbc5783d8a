"""The memory's process killed, its index lost, its disk full: nothing that was kept is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from jarvis_desktop.app.builder import Builder
from jarvis_desktop.assistant.tasks import cancel
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Memory
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import Category, ModelError, StorageError
from jarvis_desktop.events import Failed, MemoryKind
from jarvis_desktop.memory.index import Index, VectorSource
from jarvis_desktop.memory.index_folder import IndexFolder
from jarvis_desktop.memory.items import STORE, NewItem, Span
from jarvis_desktop.memory.long_term import LongTerm
from jarvis_desktop.memory.process import MemoryProcess
from tests.unit.memory.fakes import FakeEncoder
from tests.vectors import PATIENCE_S

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")

Work = Callable[[MemoryProcess], Awaitable[None]]


def no_model(name: str) -> Path:
    raise ModelError("model.missing", "The model {name} is not here.", name=name)


def in_process(folder: Path, work: Work) -> None:
    async def run() -> None:
        memory = MemoryProcess(folder, Memory, no_model)
        try:
            await work(memory)
        finally:
            await memory.unload()

    asyncio.run(run())


def kill(memory: MemoryProcess) -> int:
    assert memory.pid is not None
    victim = memory.pid
    os.kill(victim, signal.SIGKILL)
    return victim


@posix
def test_a_killed_process_is_replaced_and_its_call_answered(tmp_path: Path) -> None:
    async def work(memory: MemoryProcess) -> None:
        kept = await memory.remember("The heron stood by the lake")
        for delay in (0.0, 0.02, 0.2):  # before the call is read, while models load, while it is answered
            recalling = asyncio.create_task(memory.recall("Where did the heron stand?"))
            await asyncio.sleep(delay)
            kill(memory)
            assert [each.id for each in (await recalling).results] == [kept.id]
            await memory.listed()  # one that was answered before the kill: the next one finds a sound process

        for number in range(3):
            keeping = asyncio.create_task(memory.remember(f"Box {number} holds the lamps"))
            await asyncio.sleep(0.01 * number)
            kill(memory)
            assert (await memory.show((await keeping).id)).text == f"Box {number} holds the lamps"
        assert len(await memory.listed()) == 4, "each is there once"

        forgetting = asyncio.create_task(memory.forget([kept.id]))
        await asyncio.sleep(0.05)
        kill(memory)
        assert (await forgetting).items == (kept.id,)
        assert len(await memory.listed()) == 3

    in_process(tmp_path, work)


def test_what_is_asked_while_the_memory_ends_does_not_start_it_again(tmp_path: Path) -> None:
    async def work(memory: MemoryProcess) -> None:
        await memory.remember("The heron stood by the lake")
        recalling = [asyncio.create_task(memory.recall(f"Where did heron {n} stand?")) for n in range(20)]
        await asyncio.sleep(0)  # they are called
        await memory.unload()
        found = await asyncio.gather(*recalling, return_exceptions=True)
        assert any(isinstance(each, StorageError) for each in found)
        assert memory.pid is None
        await memory.listed()  # what is asked later does

    in_process(tmp_path / "memory", work)


@posix
def test_a_process_that_is_killed_again_and_again_is_an_error_that_passes(tmp_path: Path) -> None:
    async def work(memory: MemoryProcess) -> None:
        await memory.remember("The heron stood by the lake")
        recalling = asyncio.create_task(memory.recall("heron"))
        killed = set[int]()
        while not recalling.done():
            if memory.pid is not None and memory.pid not in killed:
                killed.add(kill(memory))
            await asyncio.sleep(0)
        with pytest.raises(StorageError) as failed:
            await recalling
        assert (failed.value.code, failed.value.category) == ("memory.worker_died", Category.TRANSIENT)
        assert (await memory.recall("heron")).results

    in_process(tmp_path, work)


def test_a_store_that_cannot_be_read_is_set_aside_and_the_user_told(tmp_path: Path) -> None:
    paths = Paths.choose(tmp_path)
    paths.memory.mkdir(parents=True)
    (paths.memory / STORE).write_bytes(b"not a database at all " * 500)

    async def run() -> None:
        heard: asyncio.Queue[Failed] = asyncio.Queue()
        config = ConfigStore(paths.config_file, {})
        config.load()
        builder = Builder(paths, config)
        builder.assistant = SimpleNamespace(emit=heard.put_nowait)  # type: ignore[assignment]
        tending = asyncio.create_task(builder.memory_keeper.tend())
        async with asyncio.timeout(PATIENCE_S):
            told = await heard.get()
        assert (await builder.memory().remember("The heron stood by the lake")).id
        await cancel(tending)
        await builder.close()
        assert told.error.code == "memory.recovered"

    asyncio.run(run())
    assert any(b"not a database" in file.read_bytes() for file in paths.memory.glob("*") if file.is_file())


def chroma_from_50(source: VectorSource, encoder: str, dimensions: int, folder: Path, **_: object) -> Index:
    return Index(source, encoder, dimensions, IndexFolder(folder, encoder, 50))


def opened(folder: Path) -> LongTerm:
    memory = LongTerm(folder, FakeEncoder(), index=chroma_from_50)
    memory.open()
    return memory


def finish(memory: LongTerm) -> None:
    while memory.work(1000):
        pass


@pytest.fixture
def indexed(tmp_path: Path) -> Path:
    """A memory whose vectors are in a folder of Chroma's."""
    memory = opened(tmp_path / "memory")
    texts = {f"id-{number}": f"box {number} holds item {number * 7}" for number in range(80)}
    memory.add([NewItem(key, MemoryKind.NOTE, text, (Span(0, len(text)),)) for key, text in texts.items()])
    finish(memory)
    memory.recall("box 3 holds item 21")
    assert memory.settled(PATIENCE_S)
    assert memory.stats().index == "chroma"
    memory.close()
    return tmp_path / "memory"


def damaged(folder: Path) -> None:
    for file in (folder / "index").rglob("*"):
        if file.is_file() and file.stat().st_size:
            file.write_bytes(b"\xff" * file.stat().st_size)


def deleted(folder: Path) -> None:
    shutil.rmtree(folder / "index")


@pytest.mark.parametrize("break_it", [damaged, deleted])
def test_a_lost_index_costs_no_answer_and_is_made_anew(
    indexed: Path, break_it: Callable[[Path], None]
) -> None:
    break_it(indexed)
    memory = opened(indexed)
    found = memory.recall("box 3 holds item 21")
    assert found.results[0].id == "id-3"
    assert found.results[0].stages.keys() == {"dense", "sparse"}
    assert memory.settled(PATIENCE_S)
    assert memory.stats().index == "chroma"
    assert memory.recall("box 4 holds item 28").results[0].id == "id-4"
    memory.close()


def test_an_index_that_is_deleted_while_it_is_searched_costs_no_answer(indexed: Path) -> None:
    memory = opened(indexed)
    assert memory.recall("box 3 holds item 21").results[0].id == "id-3"
    deleted(indexed)
    for number in (4, 5):
        assert memory.recall(f"box {number} holds item {number * 7}").results[0].id == f"id-{number}"
    memory.close()


def test_a_full_disk_is_said_and_what_was_remembered_is_still_found(small_disk: Path) -> None:
    memory = LongTerm(small_disk / "memory", FakeEncoder())
    memory.open()
    kept = memory.remember("The heron stood by the lake", new_id="kept")
    long = "All the boxes in the cellar are numbered. " * 200

    def fill() -> None:
        for number in range(1000):
            memory.remember(f"{long} {number}", kind=MemoryKind.TURN, new_id=str(number))

    with pytest.raises(StorageError) as refused:
        fill()
    assert (refused.value.code, refused.value.category) == ("storage.disk_full", Category.DEGRADED)
    assert memory.recall("heron").results[0].id == kept.id
    memory.close()
