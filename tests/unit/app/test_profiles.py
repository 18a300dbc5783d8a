"""Switching a profile restarts what it changes, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from jarvis_desktop import app
from jarvis_desktop.app import SettingsFollower
from jarvis_desktop.app.builder import Builder
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import EngineError
from jarvis_desktop.events import (
    ConversationOpened,
    ConversationsListed,
    Failed,
    MemoryPlanned,
    MemoryStats,
    NewConversation,
    Part,
    PartChanged,
    PartState,
    Phase,
    PlanMemory,
    ReplyToken,
    SubmitText,
    TurnFinished,
)
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.orchestrator.answer_cache import AnswerCache
from jarvis_desktop.orchestrator.routing import approach, beginnings
from jarvis_desktop.ports import Asked
from jarvis_desktop.telemetry import logs
from tests.fakes import FakeChat, fake_parts
from tests.unit.orchestrator.model_files import LLAMA, write_gguf
from tests.witness import Witness

QUESTION = "What is the capital of France?"


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    model, other = (write_gguf(tmp_path / f"{name}.gguf", LLAMA) for name in ("own", "other"))
    paths = Paths.choose(tmp_path / "home")
    paths.config.mkdir(parents=True)
    paths.config_file.write_text(
        f"""
        [engine]
        model = '{model}'
        [profiles.Pirate]
        persona = "Talk like a pirate."
        [profiles.Voice]
        voice = "piper-es-davefx"
        [profiles.Model]
        model = '{other}'
        [profiles.Own]
        memory = "own"
        [profiles.Private]
        memory = "none"
        """,
        encoding="utf-8",
    )
    return paths


def opened(paths: Paths) -> ConfigStore:
    config = ConfigStore(paths.config_file, {})
    config.load()
    return config


@asynccontextmanager
async def followed(paths: Paths, chat: FakeChat) -> AsyncIterator[tuple[ConfigStore, Assistant, Witness]]:
    """An assistant on fakes, in a window that follows real settings."""
    config, parts, witness = opened(paths), fake_parts(chat=chat), Witness()
    parts.beginnings = lambda: beginnings(config.current)
    assistant = Assistant(parts, lambda: config.current)
    assistant.subscribe(witness)
    await assistant.start(preload=True)
    await assistant.prepare(*parts.models())
    config.follow(SettingsFollower(assistant, Builder(paths, config)).follow)
    try:
        yield config, assistant, witness
    finally:
        await assistant.stop()


@pytest.mark.parametrize(
    ("profile", "restarted"),
    [
        ("Pirate", set()),
        ("Voice", {Part.SPEECH}),
        ("Model", {Part.ENGINE}),
        ("Own", set()),
    ],
)
def test_switching_restarts_what_the_profile_changes(
    paths: Paths, profile: str, restarted: set[Part]
) -> None:
    async def scenario() -> None:
        async with followed(paths, FakeChat()) as (config, assistant, witness):
            assistant.post(SubmitText("hello"))
            await witness.next(TurnFinished)  # everything is loaded, and told
            told = len(witness.events)
            config.patch({"conversation.profile": profile})
            stopped: set[Part] = set()
            while not restarted <= stopped:
                event = await witness.next(PartChanged)
                stopped |= {event.part} if event.state is PartState.STOPPED else set()
            if not restarted:
                assistant.post(SubmitText("hello"))  # by its answer a restart would have begun
                await witness.next(TurnFinished)
            changed = {e.part for e in witness.events[told:] if isinstance(e, PartChanged)}
            assert changed == restarted

    asyncio.run(scenario())


def test_the_engine_gets_places_for_those_that_are_let_in(paths: Paths) -> None:
    async def scenario() -> None:
        async with followed(paths, FakeChat()) as (config, _, witness):
            config.patch({"server.port": 9000})
            config.patch({"server.enabled": True})
            restarted = await witness.next(PartChanged, len(witness.events))
            assert (restarted.part, restarted.state) == (Part.ENGINE, PartState.STOPPED)

    asyncio.run(scenario())


def test_the_engine_reads_the_new_persona_before_anybody_asks(paths: Paths) -> None:
    async def scenario() -> None:
        chat = FakeChat()
        async with followed(paths, chat) as (config, _, _):
            config.patch({"conversation.profile": "Pirate"})
            async with asyncio.timeout(5):
                while "Talk like a pirate." not in str(chat.prompts[-1:]):  # noqa: ASYNC110
                    await asyncio.sleep(0)

    asyncio.run(scenario())


def test_another_memory_begins_an_empty_page_and_another_persona_does_not(paths: Paths) -> None:
    async def scenario() -> None:
        async with followed(paths, FakeChat()) as (config, _, witness):
            config.patch({"conversation.profile": "Pirate"})
            told = len(witness.events)
            config.patch({"conversation.profile": "Own"})
            assert await witness.next(ConversationOpened, told) == ConversationOpened("")
            await witness.next(ConversationsListed)
            assert len(witness.of(ConversationOpened)) == 1

    asyncio.run(scenario())


def test_answers_given_in_private_are_not_kept_to_be_given_again(paths: Paths) -> None:
    async def scenario(profile: str) -> str | None:
        config = opened(paths)
        config.patch({"conversation.profile": profile})
        builder = Builder(paths, config)
        known = builder.parts(fake_parts().history).answers  # type: ignore[arg-type]
        asked = Asked(QUESTION, "en", approach(QUESTION, Config()), "small", ())
        await known.keep(asked, "Paris.")
        config.patch({"conversation.profile": ""})
        await builder.close()
        builder = Builder(paths, config)
        found = await builder.parts(fake_parts().history).answers.find(asked)  # type: ignore[arg-type]
        await builder.close()
        return found

    assert asyncio.run(scenario("Private")) is None
    assert asyncio.run(scenario("")) == "Paris."


def test_what_is_under_way_in_private_stays_so_after_the_switch(paths: Paths) -> None:
    async def scenario() -> None:
        config, chat, witness = opened(paths), FakeChat(), Witness()
        config.patch({"conversation.profile": "Private"})
        builder, stored = Builder(paths, config), SqliteHistory(paths.database)
        real, parts = builder.parts(stored), fake_parts(chat=chat)
        parts.history, parts.answers = real.history, real.answers
        assistant = Assistant(parts, lambda: config.current)
        assistant.subscribe(witness)
        await assistant.start(preload=False)
        config.follow(SettingsFollower(assistant, builder).follow)
        chat.hold = asyncio.Semaphore(1)
        assistant.post(SubmitText(QUESTION))
        await witness.next(ReplyToken)
        assistant.post(SubmitText("a secret that waits"))
        config.patch({"conversation.profile": ""})
        await witness.next(ConversationOpened)
        chat.hold.release()
        chat.hold.release()
        await witness.next(TurnFinished)
        await witness.phase(Phase.IDLE)
        chat.hold = None
        for reused in (False, True):  # the first that was not private is kept
            assistant.post(NewConversation())
            assistant.post(SubmitText(QUESTION))
            assert (await witness.next(TurnFinished)).route.reused == reused
            await witness.phase(Phase.IDLE)
        assert len(await stored.conversations()) == 2
        assert await stored.search("secret", 10) == ()
        await assistant.stop()
        await builder.close()
        await stored.close()

    asyncio.run(scenario())


def test_nothing_of_a_private_conversation_reaches_any_file_of_the_home(paths: Paths) -> None:
    """With the real memory, in its process, beside the real conversations, kept answers and log."""

    async def scenario(config: ConfigStore) -> tuple[MemoryStats, MemoryStats]:
        chat, witness = FakeChat(), Witness()
        builder, stored = Builder(paths, config), SqliteHistory(paths.database)
        real, parts = builder.parts(stored), fake_parts(chat=chat)
        parts.history, parts.answers, parts.memory = real.history, real.answers, builder.memory()
        assistant = Assistant(parts, lambda: config.current)
        assistant.subscribe(witness)
        config.follow(SettingsFollower(assistant, builder).follow)
        await assistant.start(preload=True)

        async def say(text: str, reply: str) -> str:
            chat.reply = reply
            assistant.post(SubmitText(text))
            done = await witness.next(TurnFinished)
            await witness.phase(Phase.IDLE)
            return done.reply

        async def choose(profile: str) -> None:
            config.patch({"conversation.profile": profile})
            await witness.next(ConversationOpened)

        await say(QUESTION, "Paris, as any Quokka knows.")
        await say("My cousin is called Quokka. She plays the Quokka waltz every day.", "Quokka it is.")
        assert "Quokka" in await say("What do you know about me?", "Never said.")  # it is kept by now
        await builder.memory().settled()
        before = await builder.memory().stats()
        await choose("Private")
        await say("What is the capital of Spain?", "Madrid, as any Axolotl knows.")
        await say("My cousin is called Axolotl. She plays the Axolotl waltz every day.", "Axolotl it is.")
        await say("Remember that the Axolotl eats at nine.", "Never said.")
        await say("Forget what you know about the Axolotl.", "Never said.")
        await say("What do you know about me?", "Never said.")
        chat.error = EngineError("engine.died", "The engine died.")
        assistant.post(SubmitText("The Axolotl swims in the lake."))
        await witness.next(Failed)
        chat.error = None
        await choose("")
        await assistant.stop()
        await builder.memory().settled()
        after = await builder.memory().stats()
        await builder.close()
        await stored.close()
        return before, after

    config = opened(paths)
    config.patch({"logging.level": "debug"})
    with logs.started(paths.logs, config):
        before, after = asyncio.run(scenario(config))
    assert (after.items, after.cache_misses) == (before.items, before.cache_misses)
    files = {file: file.read_bytes().lower() for file in paths.config.parent.rglob("*") if file.is_file()}
    told = {file.parent.name for file, content in files.items() if b"quokka" in content}
    assert {"memory", "data"} <= told, "what is not private is there"
    assert [file for file, content in files.items() if b"axolotl" in content] == []
    with closing(AnswerCache(paths.cache / "answers.sqlite3")) as answers:
        assert answers.stats().entries == 1, "which are compressed"


def test_the_plan_of_a_profile_is_that_of_its_model(paths: Paths) -> None:
    async def scenario() -> None:
        witness = Witness()
        async with app.session(paths, opened(paths), listener=witness) as assistant:
            assistant.post(PlanMemory(1, {"conversation.profile": "Model"}))
            planned = await witness.next(MemoryPlanned)
            assert "other.gguf" in {part.name for part in planned.parts}

    asyncio.run(scenario())
