"""What the user asks is answered before what can wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from jarvis_desktop.orchestrator.own_first import OwnFirst
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions
from tests.fakes import FakeChat

HELLO = (ChatMessage("user", "Hello?"),)
OWN, PATIENT = ChatOptions(), ChatOptions(patient=True)


async def answer(deltas: AsyncIterator[ChatDelta]) -> str:
    return "".join([delta.text async for delta in deltas])


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_patient_answer_begins_when_the_last_of_the_users_own_has_ended() -> None:
    async def run() -> None:
        fake = FakeChat("Well.")
        fake.hold = asyncio.Semaphore(0)
        chat = OwnFirst(fake)
        own = [asyncio.create_task(answer(chat.stream(HELLO, OWN))) for _ in range(2)]
        await settled()
        patient = asyncio.create_task(answer(chat.stream(HELLO, PATIENT)))
        fake.hold.release()
        await asyncio.wait(own, return_when=asyncio.FIRST_COMPLETED)
        await settled()
        assert len(fake.prompts) == 2
        fake.hold.release()
        await asyncio.gather(*own)
        fake.hold.release()
        assert await patient == "Well."

    asyncio.run(run())


def test_an_answer_that_the_user_breaks_off_holds_nobody_up() -> None:
    async def run() -> None:
        fake = FakeChat("Well.")
        fake.hold = asyncio.Semaphore(0)
        chat = OwnFirst(fake)
        own = asyncio.create_task(answer(chat.stream(HELLO, OWN)))
        await settled()
        own.cancel()
        await settled()
        fake.hold.release()
        assert await answer(chat.stream(HELLO, PATIENT)) == "Well."

    asyncio.run(run())


def test_the_user_does_not_wait_for_patient_answers() -> None:
    async def run() -> None:
        fake = FakeChat("Well.")
        fake.hold = asyncio.Semaphore(0)
        chat = OwnFirst(fake)
        patient = asyncio.create_task(answer(chat.stream(HELLO, PATIENT)))
        await settled()
        own = asyncio.create_task(answer(chat.stream(HELLO, OWN)))
        await settled()
        assert len(fake.prompts) == 2
        fake.hold.release()
        fake.hold.release()
        assert await own == await patient == "Well."

    asyncio.run(run())
