"""Models that gave their memory back are loaded again before they are needed, not when."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.events import (
    Part,
    PartChanged,
    PartState,
    Phase,
    PressTalk,
    SetHandsFree,
    SetWakeWord,
    SubmitText,
    TurnFinished,
    TurnStarted,
    WakeWordHeard,
)
from tests.fakes import HEY_JARVIS, FakeChat, FakeMicrophone, fake_parts
from tests.unit.assistant.harness import running
from tests.witness import Witness


async def release(assistant: Assistant, witness: Witness) -> None:
    """The language model was loaded, and gave its memory back."""
    await assistant.prepare(Part.ENGINE)
    assistant.loader.released(Part.ENGINE)
    while (await witness.next(PartChanged)).state is not PartState.STOPPED:
        pass


async def loaded_again(witness: Witness) -> None:
    while (
        told := await witness.next(PartChanged)
    ).part is not Part.ENGINE or told.state is not PartState.READY:
        pass


@pytest.mark.parametrize("opening", [PressTalk(), SetHandsFree(True)], ids=["key", "hands-free"])
def test_opening_the_microphone_loads_what_was_released(opening: PressTalk | SetHandsFree) -> None:
    async def scenario() -> None:
        chat = FakeChat()
        async with running(fake_parts(chat=chat)) as (assistant, witness):
            await release(assistant, witness)
            assistant.post(opening)
            await loaded_again(witness)
            assert chat.loads == 2
            assert witness.of(TurnStarted) == []  # nobody has asked anything yet

    asyncio.run(scenario())


def test_asleep_it_is_loaded_when_the_name_is_called_and_not_before() -> None:
    async def scenario() -> None:
        chat, microphone = FakeChat(), FakeMicrophone()
        async with running(fake_parts(chat=chat, microphone=microphone)) as (assistant, witness):
            await release(assistant, witness)
            assistant.post(SetWakeWord(True))
            await witness.phase(Phase.SLEEPING)
            assert chat.loads == 1
            microphone.hear(HEY_JARVIS)
            await witness.next(WakeWordHeard)
            await loaded_again(witness)
            assert chat.loads == 2

    asyncio.run(scenario())


class SlowToLeave(FakeChat):
    """Takes until `gone` to give its memory back."""

    def __init__(self) -> None:
        super().__init__("Old.")
        self.leaving, self.gone = asyncio.Event(), asyncio.Event()

    async def unload(self) -> None:
        self.leaving.set()
        await self.gone.wait()
        await super().unload()


def test_who_asks_while_a_model_is_exchanged_gets_the_new_one() -> None:
    async def scenario() -> None:
        old, new = SlowToLeave(), FakeChat("New.")
        async with running(fake_parts(chat=old)) as (assistant, witness):
            await assistant.prepare(Part.ENGINE)
            exchange = assistant.loader.reload(Part.ENGINE, new)
            await old.leaving.wait()
            assistant.post(SubmitText("who?"))
            await witness.next(TurnStarted)
            assistant.loader.load_released()  # as opening the microphone does
            old.gone.set()
            await exchange
            assert (await witness.next(TurnFinished)).reply == "New."
            assert old.loads == 1

    asyncio.run(scenario())


def test_the_later_of_two_exchanges_counts_and_a_new_try_does_not_lose_it() -> None:
    async def scenario() -> None:
        old, new = SlowToLeave(), FakeChat("New.")
        async with running(fake_parts(chat=old)) as (assistant, witness):
            await assistant.prepare(Part.ENGINE)
            assistant.loader.reload(Part.ENGINE, FakeChat("Between."))
            await old.leaving.wait()
            assistant.loader.reload(Part.ENGINE, new)
            last = assistant.loader.reload(Part.ENGINE)
            old.gone.set()
            await last
            assistant.post(SubmitText("who?"))
            assert (await witness.next(TurnFinished)).reply == "New."

    asyncio.run(scenario())
