"""The memory's command line on real models: what is kept, found, changed, and gone for good."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import keyring
import pytest

from jarvis_desktop import app
from jarvis_desktop.app.builder import Builder
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Memory
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import IngestFiles, MemoriesChanged, MemoryFailed, MemoryIngested, MemoryKind
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.items import STORE, NewItem, Span
from jarvis_desktop.memory.process import MemoryProcess
from jarvis_desktop.memory.store import MemoryStore
from tests.conftest import ROOT
from tests.witness import Witness


def jarvis(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    return subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "memory", *arguments],
        cwd=ROOT,
        env=env | variables,
        capture_output=True,
        text=True,
        timeout=170,
    )


def told(home: Path, *arguments: str) -> list[dict[str, Any]]:
    """The lines of a command that has to succeed."""
    done = jarvis(home, *arguments)
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def files_with(home: Path, text: str) -> list[str]:
    return [
        str(file.relative_to(home))
        for file in home.rglob("*")
        if file.is_file() and text.encode() in file.read_bytes()
    ]


NOTES = {
    "car": "The graphics card in my computer is an RTX 5070 Ti.",
    "plants": "Hay que regar las plantas del balcón cada tres días.",
    "dentist": "The dentist appointment is on Tuesday at 9.",
    "wifi": "The wireless password of the holiday house stands under the router.",
}


@pytest.fixture(scope="module")
def remembered(tmp_path_factory: pytest.TempPathFactory, models_home: Path) -> Path:
    """A home whose memory has a few notes; tests add to it and take away only what they added."""
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models_home / "models")
    file = home / "notes.jsonl"
    lines = (json.dumps({"id": id_, "text": text, "metadata": {"n": 1}}) for id_, text in NOTES.items())
    file.write_text("\n".join(lines), encoding="utf-8")
    *_, summary = told(home, "import", str(file))
    file.unlink()
    assert summary["passages"] == len(NOTES)
    return home


def test_a_search_tells_what_each_stage_found_and_took(remembered: Path) -> None:
    (answer,) = told(remembered, "search", "What is the password of the wifi?", "-k", "2")
    assert len(answer["results"]) == 2
    best = answer["results"][0]
    assert (best["id"], best["text"], best["source"]) == ("wifi", NOTES["wifi"], "notes.jsonl")
    assert best["stages"].keys() >= {"dense", "sparse", "rerank"}
    assert answer["timings_ms"].keys() >= {"embed", "dense", "sparse", "rerank", "total"}


def test_what_was_added_can_be_read_changed_and_is_forgotten_in_every_file(remembered: Path) -> None:
    (added,) = told(remembered, "add", "My sister collects zanzibarite stones.", "--source", "a talk")
    item = added["id"]
    (shown,) = told(remembered, "show", item)
    assert (shown["text"], shown["source"]) == ("My sister collects zanzibarite stones.", "a talk")
    told(remembered, "backup")
    assert files_with(remembered, "zanzibarite")

    told(remembered, "edit", item, "My sister collects quokkalite stones.")
    assert not files_with(remembered, "zanzibari"), "the former text is gone, its words too"
    (answer,) = told(remembered, "search", "What does my sister collect?")
    assert answer["results"][0]["text"] == "My sister collects quokkalite stones."
    assert files_with(remembered, "quokkalite")

    (receipt,) = told(remembered, "forget", item)
    assert receipt["items"] == [item]
    assert receipt["vectors"] == 1
    assert not files_with(remembered, "quokkal")
    assert told(remembered, "backups"), "without it"
    done = jarvis(remembered, "show", item)
    assert done.returncode == 7
    assert json.loads(done.stdout)["error"]["code"] == "memory.unknown_item"


def test_it_moves_to_another_home_and_is_made_anew_there(remembered: Path, tmp_path: Path) -> None:
    there = told(remembered, "list")
    file = tmp_path / "memory.jsonl"
    assert told(remembered, "export", str(file)) == [{"file": str(file), "items": len(NOTES)}]
    assert told(tmp_path / "new", "restore", str(file)) == [{"file": str(file), "items": len(NOTES)}]
    assert told(tmp_path / "new", "list") == there
    assert told(tmp_path / "new", "rebuild") == [{"vectors": len(NOTES)}]


def test_without_an_action_it_tells_how_much_is_remembered(remembered: Path) -> None:
    assert told(remembered) == told(remembered, "stats")


def test_a_file_of_which_some_lines_are_no_texts_is_taken_in_without_them(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "some.jsonl"
    file.write_text('no text\n{"id": "good", "text": "The boat is called Marisol."}\n', encoding="utf-8")
    *_, done = told(home, "import", str(file))  # which raises unless it succeeds
    assert (done["passages"], done["problems"]) == (1, 1)


def test_how_well_questions_find_their_answers_is_measured(remembered: Path, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    asked = [
        {"question": "Which graphics card do I have?", "relevant": ["car"]},
        {"question": "When is the dentist?", "relevant": ["dentist"]},
    ]
    questions.write_text("\n".join(map(json.dumps, asked)), encoding="utf-8")
    (measured,) = told(remembered, "eval", str(questions))
    assert measured["questions"] == 2
    assert measured["recall@1"] == measured["recall@10"] == measured["mrr"] == 1.0
    assert 0 < measured["latency_ms"]["p50"] <= measured["latency_ms"]["p95"]


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("forget", "nothing"), 7, "memory.unknown_item"),
        (("add", "  "), 2, "usage.no_text"),
        (("import", "/nowhere/at/all"), 2, "usage.no_file"),
        (("list", "--profile", "nobody"), 2, "usage.unknown_profile"),
    ],
)
def test_what_makes_no_sense_is_said(
    remembered: Path, arguments: tuple[str, ...], status: int, code: str
) -> None:
    done = jarvis(remembered, *arguments)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (status, code)


def test_without_a_keyring_nothing_is_encrypted_and_nothing_changed(remembered: Path) -> None:
    done = jarvis(
        remembered,
        "list",
        PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
        JARVIS_MEMORY__ENCRYPTED="true",
    )
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (7, "memory.no_keyring")
    assert len(told(remembered, "list")) == len(NOTES)


Work = Callable[[MemoryProcess], Awaitable[None]]


def in_process(folder: Path, models: Path, work: Work, settings: Memory | None = None) -> None:
    """`work` with a memory of its own."""

    async def run() -> None:
        memory = MemoryProcess(folder, lambda: settings or Memory(), lambda name: models / "models" / name)
        try:
            await work(memory)
        finally:
            await memory.unload()

    asyncio.run(run())


def test_what_another_process_writes_is_taken_over_within_seconds_though_nobody_asks(
    models_home: Path, tmp_path: Path
) -> None:
    async def work(memory: MemoryProcess) -> None:
        await memory.remember(NOTES["wifi"])
        await memory.settled()
        encoder = (await memory.stats()).encoder
        other = MemoryStore(tmp_path / STORE)
        for place in ("Palma", "Mahón", "Ibiza"):  # it has nothing else to do by the second one
            other.add([NewItem(place, MemoryKind.NOTE, place, (Span(0, len(place)),))])
            async with asyncio.timeout(30):
                while other.stats(model=encoder).waiting:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        other.close()

    in_process(tmp_path, models_home, work)


def test_it_is_found_by_meaning_and_across_languages_and_kept_once(models_home: Path, tmp_path: Path) -> None:
    async def work(memory: MemoryProcess) -> None:
        for id_, text in NOTES.items():
            await memory.remember(text, item_id=id_)
        words = await memory.recall("RTX 5070 Ti")
        assert "car" in [each.id for each in words.results], (
            "by its words, whether its vector is there or not"
        )
        await memory.settled()
        assert (await memory.recall("RTX 5070 Ti")).results[0].id == "car"
        for question, expected in {
            "how often do the flowers need water?": "plants",
            "¿Cuándo tengo que ir al dentista?": "dentist",
            "¿Qué tarjeta gráfica tengo?": "car",
        }.items():
            found = await memory.recall(question)
            assert (found.results[0].id, dict(found.skipped).get("dense")) == (expected, None)

        first = await memory.remember("My dog is called Luna.")
        assert (await memory.remember("My dog is named Luna.")).id == first.id
        assert (await memory.remember("My dog is not called Luna.")).id != first.id
        tuesday = await memory.remember("Dentist on Tuesday at 9")
        assert (await memory.remember("Dentist on Wednesday at 9")).id != tuesday.id

    in_process(tmp_path, models_home, work)


def test_a_question_is_answered_while_a_pile_of_texts_is_worked_on(models_home: Path, tmp_path: Path) -> None:
    async def work(memory: MemoryProcess) -> None:
        texts = [f"Note {number}: {NOTES['wifi']} {NOTES['car']}" for number in range(60)]
        for number, text in enumerate(texts):
            await memory.remember(text, item_id=str(number))
        found = await memory.recall("password of note 17")
        assert found.results
        assert (await memory.stats()).waiting > 0, "asked in the middle of it"
        told: list[int] = []
        await memory.settled(told.append)
        assert told == sorted(told, reverse=True)
        assert (await memory.stats()).waiting == 0

    in_process(tmp_path, models_home, work)


def test_a_forgotten_document_stays_out_of_what_is_watched_until_it_is_named(
    models_home: Path, tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "boat.txt").write_text("She lies in Palma.")
    (papers / "berth.txt").write_text("It is number 12.")

    async def work(memory: MemoryProcess) -> None:
        async def sources(**how: Any) -> list[str]:
            problems = [told.problem async for told in memory.ingest([papers], **how)]
            assert not any(problems)
            return sorted(item.source for item in await memory.listed())

        assert await sources() == ["berth.txt", "boat.txt"]
        ids = {item.source: item.id for item in await memory.listed()}
        await memory.forget([ids["boat.txt"]])
        await memory.drop([ids["berth.txt"]], "")  # as if it had been moved away for a while
        assert await memory.listed() == ()
        assert await sources(forgotten=await memory.forgotten("")) == ["berth.txt"]
        assert await sources() == ["berth.txt", "boat.txt"]
        assert await memory.forgotten("") == {}

    in_process(tmp_path / "memory", models_home, work)


def switchable(home: Path, **settings: object) -> tuple[Paths, ConfigStore]:
    paths = Paths.choose(home)
    config = ConfigStore(paths.config_file, {})
    config.load()
    config.patch({f"memory.{name}": value for name, value in settings.items()})
    return paths, config


def test_switching_the_memory_off_ends_taking_in_files(tmp_path: Path) -> None:
    paths, config = switchable(tmp_path / "home")
    papers = tmp_path / "papers"
    papers.mkdir()
    for number in range(2000):
        (papers / f"{number}.txt").write_text(f"The berth of boat {number} is {number * 7}.")

    async def scenario() -> None:
        witness = Witness()
        async with app.session(paths, config, listener=witness) as assistant:
            assistant.post(IngestFiles((papers,)))
            assistant.post(IngestFiles((papers,)))  # waits for the first
            await witness.next(MemoryIngested)
            config.patch({"memory.enabled": False})
            await witness.next(MemoriesChanged)
        ended = [each.progress for each in witness.of(MemoryIngested) if not each.progress.file]
        assert [0 < each.done < each.total == 2000 for each in ended] == [True], "nor did the second begin"
        assert not witness.of(MemoryFailed)

    asyncio.run(scenario())


def test_watched_folders_are_left_alone_while_the_memory_is_off(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "boat.txt").write_text("She lies in Palma.")
    paths, config = switchable(tmp_path / "home", watched_folders=str(papers))

    async def scenario() -> None:
        builder, history = Builder(paths, config), SqliteHistory(paths.database)
        builder.parts(history)
        memory = builder.memory()

        async def sources(*names: str) -> None:
            async with asyncio.timeout(60):
                while sorted(item.source for item in await memory.listed()) != sorted(names):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)

        await builder.memory_keeper.tend()
        await sources("boat.txt")
        config.patch({"memory.enabled": False})
        await builder.follow_memory()
        assert memory.pid is None
        (papers / "berth.txt").write_text("It is number 12.")
        config.patch({"memory.enabled": True})
        await builder.follow_memory()
        await sources("boat.txt", "berth.txt")
        await builder.close()
        await history.close()

    asyncio.run(scenario())


class Keyring:
    """One in memory."""

    def __init__(self) -> None:
        self.keys: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.keys.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.keys[service, username] = password


def test_encrypted_it_is_found_and_no_file_tells_what_it_says(
    models_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Keyring()
    monkeypatch.setattr(keyring, "get_password", kept.get_password)
    monkeypatch.setattr(keyring, "set_password", kept.set_password)

    async def write(memory: MemoryProcess) -> None:
        await memory.remember(NOTES["wifi"])
        await memory.settled()
        await memory.backup()

    async def read(memory: MemoryProcess) -> None:
        found = await memory.recall("Where is the password of the house?")
        assert [each.text for each in found.results] == [NOTES["wifi"]]
        assert found.results[0].stages.keys() >= {"dense", "sparse"}

    in_process(tmp_path, models_home, write, Memory(encrypted=True))
    in_process(tmp_path, models_home, read, Memory(encrypted=True))
    assert list(kept.keys.values()) == [key for key in kept.keys.values() if len(key) == 64]
    assert not files_with(tmp_path, "wireless")
    assert not files_with(tmp_path, next(iter(kept.keys.values())))

    async def restore(memory: MemoryProcess) -> None:
        backup = (await memory.backups())[-1]
        assert backup.items == 1
        note = (await memory.listed())[0]
        await memory.undo_restore([note.id])
        assert list(await memory.restore(backup.file)) == [note.id]

    in_process(tmp_path, models_home, read)  # switched off again
    assert files_with(tmp_path, "wireless")
    in_process(tmp_path, models_home, restore)
    in_process(tmp_path, models_home, restore, Memory(encrypted=True))
    assert not files_with(tmp_path, "wireless")
