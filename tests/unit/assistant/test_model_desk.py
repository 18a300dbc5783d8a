"""What the user asks of the models is carried out while everything else goes on, and told in events."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jarvis_desktop.app.model_shelf import Shelf
from jarvis_desktop.assistant import Parts
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import (
    CancelFetch,
    CatalogueModels,
    FetchesInterrupted,
    FetchModel,
    KnownModel,
    ModelFailed,
    ModelFetched,
    ModelProgress,
    ModelRemoved,
    ModelsCatalogued,
    ModelState,
    ModelStep,
    ModelVerified,
    Part,
    PartChanged,
    PartState,
    PauseFetch,
    RemoveModel,
    SubmitText,
    TurnFinished,
    VerifyModel,
)
from jarvis_desktop.models.catalogue import Catalogue, Kind
from jarvis_desktop.models.store import ModelStore
from jarvis_desktop.orchestrator.learned import Learned, Shapes
from jarvis_desktop.orchestrator.plan import Machine, Memory
from jarvis_desktop.orchestrator.planner import ModelSize, Planner
from tests.fakes import FakeChat, fake_parts
from tests.model_server import CONTENT, Server, downloader, model, server
from tests.unit.assistant.harness import running, until
from tests.unit.orchestrator.model_files import LLAMA, write_gguf
from tests.witness import Witness

__all__ = ["server"]  # fixture

WEIGHTS = b"GGUF" + CONTENT
MODELS = Catalogue(
    {
        "tiny": model("tiny", ("weights.gguf", WEIGHTS)),
        "other": model("other", ("weights.gguf", WEIGHTS)),
        "ear": model("ear", ("ear.onnx", WEIGHTS), kind=Kind.WAKE_WORD),
    }
)
HALF = len(WEIGHTS) // 2

Make = Callable[[], Parts]


@pytest.fixture
def config(tmp_path: Path) -> ConfigStore:
    return ConfigStore(tmp_path / "config.toml", {})


@pytest.fixture
def parts(server: Server, config: ConfigStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Fresh parts at each start of the program, on one disk and one server."""
    server.content = WEIGHTS
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    store = ModelStore(tmp_path / "models", tmp_path / "cache", MODELS, downloads=downloader)
    planner = Planner(
        model_path=lambda engine: (
            Path(engine.model) if "/" in engine.model else store.main_file(engine.model)
        ),
        size_of=lambda name: ModelSize("chat", 3.0, 1000.0) if name in MODELS.models else None,
        chat_models=list,
        learned=Learned(tmp_path / "learned.json"),
        shapes=Shapes(tmp_path / "shapes.json"),
    )
    shelf = Shelf(
        store,
        tmp_path / "models",
        tmp_path / "cache" / "fetching.json",
        config,
        lambda wanted: planner.plan(wanted, Machine(Memory(2000.0, 4000.0))),
    )

    def made() -> Parts:
        parts = fake_parts()
        parts.shelf = shelf
        return parts

    return made


async def listed(witness: Witness, name: str = "tiny") -> KnownModel:
    """A model as the next list has it."""
    event = await witness.next(ModelsCatalogued)
    return next(each for each in event.models if each.name == name)


async def come_to(witness: Witness, step: ModelStep, arrived: int = 0) -> ModelProgress:
    while True:
        progress = await witness.next(ModelProgress)
        if progress.step is step and progress.done >= arrived:
            return progress


def test_the_list_tells_what_is_here_what_fits_and_what_is_used(
    parts: Make, config: ConfigStore, tmp_path: Path
) -> None:
    own = tmp_path / "models" / "mine.gguf"
    own.parent.mkdir()
    write_gguf(own, LLAMA)
    config.patch({"engine.model": "tiny", "wake.enabled": True, "profiles.Work.model": str(own)})

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(CatalogueModels())
            known = await witness.next(ModelsCatalogued)
            tiny, other, ear, mine = known.models
            assert (tiny.state, tiny.size, tiny.arrived) == (ModelState.ABSENT, len(WEIGHTS), 0)
            assert tiny.uses == ("engine.model",)
            assert (tiny.need_mib, tiny.missing_mib) == (pytest.approx(1000, abs=1), 0.0)
            assert other.uses == ()
            assert "routing.reasoning_model" in other.roles
            assert ear.uses == ("wake.enabled",)
            assert (mine.name, mine.title, mine.own) == (str(own), "mine.gguf", True)
            assert mine.uses == ("profiles.Work.model",)
            assert known.used == own.stat().st_size
            assert known.free > 0

    asyncio.run(scenario())


def test_a_model_too_large_for_the_memory_tells_by_how_much(parts: Make, config: ConfigStore) -> None:
    config.patch({"engine.context_tokens": 131072})

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(CatalogueModels())
            tiny = await listed(witness)
            assert tiny.need_mib is not None
            assert tiny.missing_mib == pytest.approx(tiny.need_mib + 512 - 2000, abs=1)

    asyncio.run(scenario())


def test_a_download_tells_how_far_it_is_and_ends_on_the_disk(parts: Make) -> None:
    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            assert (await witness.next(ModelFetched)).model == "tiny"
            steps = [event for event in witness.of(ModelProgress) if event.step is ModelStep.DOWNLOADING]
            assert steps
            assert all(0 < step.done <= step.total == len(WEIGHTS) for step in steps)
            tiny = await listed(witness)
            assert (tiny.state, tiny.arrived, tiny.progress) == (ModelState.PRESENT, len(WEIGHTS), None)
            assert tiny.checked_at is not None

    asyncio.run(scenario())


def test_chat_goes_on_during_a_download_and_pausing_keeps_what_arrived(parts: Make, server: Server) -> None:
    server.hold_after = HALF

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await come_to(witness, ModelStep.DOWNLOADING)
            assistant.post(SubmitText("Hello"))
            assert (await witness.next(TurnFinished)).reply
            assistant.post(CatalogueModels())
            running_now = await listed(witness)
            assert running_now.progress is not None
            assert running_now.progress.step is ModelStep.DOWNLOADING

            assistant.post(PauseFetch("tiny"))
            await come_to(witness, ModelStep.STOPPING)
            server.hold_after = None
            server.let_go.set()
            paused = await listed(witness)
            assert (paused.state, paused.progress, paused.problem) == (ModelState.PARTIAL, None, None)
            assert paused.arrived > 0

            assistant.post(FetchModel("tiny"))
            await witness.next(ModelFetched)
            assert server.requests[-1] == f"bytes={paused.arrived}-"

    asyncio.run(scenario())


def test_cancelling_throws_away_what_arrived_also_when_it_was_paused(parts: Make, server: Server) -> None:
    server.hold_after = HALF

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await come_to(witness, ModelStep.DOWNLOADING)
            assistant.post(CancelFetch("tiny"))
            await come_to(witness, ModelStep.STOPPING)
            server.let_go.set()
            assert (await witness.next(ModelRemoved)).freed > 0
            gone = await listed(witness)
            assert (gone.state, gone.arrived, gone.problem) == (ModelState.ABSENT, 0, None)

            server.cut_after, server.hold_after = [HALF, 0, 0, 0, 0], None
            assistant.post(FetchModel("tiny"))
            assert (await witness.next(ModelFailed)).error.code == "network.lost"
            assert (await listed(witness)).state is ModelState.PARTIAL
            assistant.post(CancelFetch("tiny"))
            assert (await witness.next(ModelRemoved)).freed > 0
            assert (await listed(witness)).state is ModelState.ABSENT

    asyncio.run(scenario())


def test_downloads_wait_for_each_other_and_a_waiting_one_can_be_stopped(
    parts: Make, server: Server, tmp_path: Path
) -> None:
    server.hold_after = HALF
    noted = tmp_path / "cache" / "fetching.json"

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await come_to(witness, ModelStep.DOWNLOADING)
            assistant.post(FetchModel("other"))
            assert (await come_to(witness, ModelStep.WAITING)).model == "other"
            await until(lambda: "other" in noted.read_text())  # after that only the line is waited for
            assistant.post(CatalogueModels())
            waiting = (await listed(witness, "other")).progress
            assert waiting is not None
            assert waiting.step is ModelStep.WAITING
            assistant.post(PauseFetch("other"))
            other = await listed(witness, "other")
            assert (other.state, other.progress) == (ModelState.ABSENT, None)
            server.let_go.set()
            assert (await witness.next(ModelFetched)).model == "tiny"
            assert len(server.requests) == 1

    asyncio.run(scenario())


def test_what_went_wrong_stays_with_the_model_until_it_goes_right(parts: Make, server: Server) -> None:
    server.status = [404]

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            assert (await witness.next(ModelFailed)).error.code == "network.refused"
            problem = (await listed(witness)).problem
            assert problem is not None
            assert problem.code == "network.refused"
            assistant.post(FetchModel("tiny"))
            await witness.next(ModelFetched)
            assert (await listed(witness)).problem is None

    asyncio.run(scenario())


def test_checking_finds_damage_and_the_download_mends_it(parts: Make, tmp_path: Path) -> None:
    weights = tmp_path / "models" / "tiny" / "weights.gguf"

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await witness.next(ModelFetched)
            assistant.post(VerifyModel("tiny"))
            await witness.next(ModelVerified)
            before = weights.stat()
            weights.write_bytes(WEIGHTS[:-1] + bytes([WEIGHTS[-1] ^ 1]))
            os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
            assistant.post(VerifyModel("tiny"))
            assert (await witness.next(ModelFailed)).error.code == "model.damaged"
            assistant.post(FetchModel("tiny"))
            await witness.next(ModelFetched)
            assert weights.read_bytes() == WEIGHTS

    asyncio.run(scenario())


def test_a_model_in_use_is_not_removed_and_says_where_it_is_used(
    parts: Make, config: ConfigStore, tmp_path: Path
) -> None:
    weights = tmp_path / "models" / "tiny" / "weights.gguf"
    config.patch({"engine.model": "tiny"})

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await witness.next(ModelFetched)
            assistant.post(RemoveModel("tiny"))
            error = (await witness.next(ModelFailed)).error
            assert error.code == "model.in_use"
            assert "engine.model" in error.message
            assert weights.exists()
            config.patch({"engine.model": "other"})
            assistant.post(RemoveModel("tiny"))
            assert (await witness.next(ModelRemoved)).freed == len(WEIGHTS)
            assert not weights.exists()

    asyncio.run(scenario())


def test_a_model_of_the_users_own_is_removed_only_from_our_folder(
    parts: Make, config: ConfigStore, tmp_path: Path
) -> None:
    ours, theirs = tmp_path / "models" / "quantised" / "small.gguf", tmp_path / "theirs.gguf"
    ours.parent.mkdir(parents=True)
    for file in (ours, theirs):
        write_gguf(file, LLAMA)

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(RemoveModel(str(theirs)))
            assert (await witness.next(ModelFailed)).error.code == "model.not_ours"
            assistant.post(RemoveModel(str(ours)))
            await witness.next(ModelRemoved)

    asyncio.run(scenario())
    assert theirs.exists()
    assert not ours.exists()


def test_a_download_cut_off_by_the_end_is_offered_once_at_the_next_start(parts: Make, server: Server) -> None:
    server.hold_after = HALF

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await come_to(witness, ModelStep.DOWNLOADING)
            asyncio.get_running_loop().call_later(0.05, server.let_go.set)
        async with running(parts(), preload=True) as (assistant, witness):
            assert (await witness.next(FetchesInterrupted)).models == {"tiny": "Tiny"}
            assert len(server.requests) == 1, "nothing is fetched unasked"
        async with running(parts(), preload=True) as (assistant, witness):
            assistant.post(CatalogueModels())
            await witness.next(ModelsCatalogued)
            assert not witness.of(FetchesInterrupted)

    asyncio.run(scenario())


def test_a_paused_download_is_not_offered(parts: Make, server: Server) -> None:
    server.hold_after = HALF

    async def scenario() -> None:
        async with running(parts()) as (assistant, witness):
            assistant.post(FetchModel("tiny"))
            await come_to(witness, ModelStep.DOWNLOADING)
            assistant.post(PauseFetch("tiny"))
            server.let_go.set()
            assert (await listed(witness)).state is ModelState.PARTIAL
        async with running(parts(), preload=True) as (assistant, witness):
            assistant.post(CatalogueModels())
            await witness.next(ModelsCatalogued)
            assert not witness.of(FetchesInterrupted)

    asyncio.run(scenario())


def test_parts_that_waited_for_a_model_load_once_it_is_here(parts: Make) -> None:
    async def scenario() -> None:
        made = parts()
        chat = made.chat
        assert isinstance(chat, FakeChat)
        chat.load_error = ModelError("model.missing", "It is not here.")
        async with running(made, preload=True) as (assistant, witness):
            await until(lambda: PartState.ABSENT in [e.state for e in witness.of(PartChanged)])
            chat.load_error = None
            assistant.post(FetchModel("tiny"))
            await witness.next(ModelFetched)
            await until(lambda: assistant.loader.is_ready(Part.ENGINE))

    asyncio.run(scenario())
