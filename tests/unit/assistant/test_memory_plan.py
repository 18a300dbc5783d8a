"""What settings would take in memory is answered beside everything else, the newest question last."""

from __future__ import annotations

import asyncio
import threading

from jarvis_desktop.events import MemoryPlanned, PlanMemory, SubmitText, TurnFinished
from tests.fakes import FakeChat, fake_parts
from tests.unit.assistant.harness import running


def test_a_question_about_memory_is_answered() -> None:
    async def scenario() -> None:
        async with running(fake_parts()) as (assistant, witness):
            assistant.post(PlanMemory(7, {"engine.context_tokens": 8192}))
            assert (await witness.next(MemoryPlanned)).number == 7

    asyncio.run(scenario())


def test_an_older_plan_never_comes_after_a_newer_one_and_holds_nothing_up() -> None:
    async def scenario() -> None:
        slow, done = threading.Event(), threading.Event()

        def plan(wanted: PlanMemory) -> MemoryPlanned:
            if wanted.number == 1:
                slow.wait(10)
                done.set()
            return MemoryPlanned(wanted.number)

        parts = fake_parts(chat=FakeChat("All is well."))
        parts.plan = plan
        async with running(parts) as (assistant, witness):
            assistant.post(PlanMemory(1, {}))
            assistant.post(SubmitText("How are you?"))
            await witness.next(TurnFinished)
            assistant.post(PlanMemory(2, {}))
            assert (await witness.next(MemoryPlanned, 0)).number == 2
            slow.set()
            await asyncio.to_thread(done.wait, 10)
            assistant.post(PlanMemory(3, {}))
            while witness.of(MemoryPlanned)[-1].number != 3:
                await witness.next(MemoryPlanned)
            assert [planned.number for planned in witness.of(MemoryPlanned)] == [2, 3]

    asyncio.run(scenario())
