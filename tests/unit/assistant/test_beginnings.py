"""The engine reads what prompts begin with while nobody asks, and drops it when somebody does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import EngineError
from jarvis_desktop.events import Part, PartChanged, PartState, SubmitText, TurnFinished, TurnStarted
from tests.fakes import FakeChat, fake_parts
from tests.witness import Witness

THREE = ("chat", "technical", "reasoning")


class SlowChat(FakeChat):
    """Loads until `loaded` is set."""

    loaded: asyncio.Event

    async def load(self) -> None:
        await self.loaded.wait()


def parts_for(chat: FakeChat, *beginnings: str) -> Parts:
    parts = fake_parts(chat=chat)
    parts.beginnings = lambda: beginnings
    return parts


@asynccontextmanager
async def window(parts: Parts) -> AsyncIterator[tuple[Assistant, Witness]]:
    """An assistant that loads everything at once, as in the window."""
    assistant, witness = Assistant(parts, Config), Witness()
    assistant.subscribe(witness)
    await assistant.start(preload=True)
    try:
        yield assistant, witness
    finally:
        await assistant.stop()


def asked(chat: FakeChat) -> list[str]:
    """What was read, and what was answered."""
    return [p[0].content if p[-1].content == "Hi" else "question" for p in chat.prompts]


async def until_asked(chat: FakeChat, *wanted: str) -> None:
    async with asyncio.timeout(5):
        while asked(chat) != list(wanted):  # noqa: ASYNC110
            await asyncio.sleep(0)


def test_all_are_read_once_the_engine_is_loaded_the_commonest_last() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        async with window(parts_for(chat, *THREE)) as (_, witness):
            await until_asked(chat, *THREE, "chat")
            states = [e.state for e in witness.of(PartChanged) if e.part is Part.ENGINE]
            assert states == [PartState.LOADING, PartState.READY]  # reading is not loading

    asyncio.run(scenario())


def test_a_question_does_not_wait_for_what_is_being_read() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        chat.hold = asyncio.Semaphore(0)
        async with window(parts_for(chat, *THREE)) as (assistant, witness):
            await until_asked(chat, "chat")  # begun, and going on
            assistant.post(SubmitText("hello"))
            await until_asked(chat, "chat", "question")
            assert chat.aborted == 1
            for _ in range(100):
                chat.hold.release()
            await witness.next(TurnFinished)
            await until_asked(chat, "chat", "question", *THREE, "chat")

    asyncio.run(scenario())


def test_a_question_asked_while_the_engine_loads_is_answered_first() -> None:
    async def scenario() -> None:
        chat, loaded = SlowChat(), asyncio.Event()
        chat.loaded = loaded
        async with window(parts_for(chat, *THREE)) as (assistant, witness):
            assistant.post(SubmitText("hello"))
            await witness.next(TurnStarted)
            loaded.set()
            await witness.next(TurnFinished)
            await until_asked(chat, "question", *THREE, "chat")

    asyncio.run(scenario())


def test_changed_ones_are_read_again() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        parts = parts_for(chat, "a captain")
        async with window(parts) as (assistant, _):
            await until_asked(chat, "a captain")
            parts.beginnings = lambda: ("a pirate",)
            assistant.loader.read_beginnings()
            await until_asked(chat, "a captain", "a pirate")

    asyncio.run(scenario())


def test_a_server_elsewhere_is_sent_nothing_beforehand() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        chat.engine = "remote"
        async with window(parts_for(chat, *THREE)) as (assistant, witness):
            assistant.post(SubmitText("hello"))
            await witness.next(TurnFinished)
        assert asked(chat) == ["question"]

    asyncio.run(scenario())


def test_an_engine_that_fails_while_it_reads_is_left_to_the_next_question() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        chat.error = EngineError("engine.died", "It died.")
        async with window(parts_for(chat, *THREE)) as (assistant, witness):
            await until_asked(chat, "chat")
            chat.error = None
            assistant.post(SubmitText("hello"))
            assert (await witness.next(TurnFinished)).reply == "All is well."

    asyncio.run(scenario())


def test_single_commands_read_nothing_beforehand() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        assistant = Assistant(parts_for(chat, *THREE), Config)
        await assistant.start(preload=False)
        await assistant.prepare(Part.ENGINE)
        await assistant.ask("hello", asked_at=0.0)
        await assistant.stop()
        assert asked(chat) == ["question"]

    asyncio.run(scenario())
