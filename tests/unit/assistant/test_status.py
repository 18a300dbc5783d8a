"""What the status panel is told: stages of a turn, memory by part, what was worked out before."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jarvis_desktop.assistant import look_ups
from jarvis_desktop.events import (
    CachesMeasured,
    MemoryStats,
    Part,
    PartialTranscribed,
    Phase,
    PressTalk,
    ReleaseTalk,
    ResourcesSampled,
    SubmitText,
    TurnFinished,
    WatchMachine,
)
from tests.fakes import (
    VOICE,
    FakeAnswers,
    FakeChat,
    FakeMemory,
    FakeMicrophone,
    FakeTranscriber,
    fake_parts,
)
from tests.nvidia_driver import METERED_CARD, run_with_driver
from tests.unit.assistant.harness import running


def test_a_spoken_turn_tells_how_long_was_spoken_and_when_that_was_clear() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("What time is it?"))
        async with running(parts) as (assistant, witness):
            assistant.post(PressTalk())
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE)
            await witness.next(PartialTranscribed)
            assistant.post(ReleaseTalk())
            timings = (await witness.next(TurnFinished)).timings
        assert timings.capture == pytest.approx(2 * 20)
        assert timings.turn_end is not None
        assert timings.transcript is not None
        assert timings.turn_end <= timings.transcript

    asyncio.run(scenario())


class SlowChat(FakeChat):
    """Takes a while to load."""

    async def load(self) -> None:
        if not self.loads:
            await asyncio.sleep(0.2)
        await super().load()


def test_waiting_for_the_language_model_is_a_stage_of_the_question_that_waited() -> None:
    async def scenario() -> None:
        async with running(fake_parts(chat=SlowChat())) as (assistant, witness):
            assistant.post(SubmitText("one"))
            first = (await witness.next(TurnFinished)).timings
            assistant.post(SubmitText("two"))
            second = (await witness.next(TurnFinished)).timings
        assert first.loaded is not None
        assert first.first_token is not None
        assert 200 <= first.loaded <= first.first_token
        assert second.loaded is None

    asyncio.run(scenario())


def test_each_part_and_the_memory_are_told_with_what_they_hold() -> None:
    async def scenario() -> None:
        async with running(parts) as (_, witness):
            sample = await witness.next(ResourcesSampled)
        assert [part for part, mib in sample.parts_mib if mib > 0] == [Part.ENGINE, Part.MEMORY]

    chat, memory = FakeChat(), FakeMemory()
    parts = replace(fake_parts(chat=chat), memory=memory)
    idle = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with (
        subprocess.Popen(idle, stdin=subprocess.PIPE) as engine,
        subprocess.Popen(idle, stdin=subprocess.PIPE) as keeper,
    ):
        chat.pid, memory.pid = engine.pid, keeper.pid
        asyncio.run(scenario())
        engine.communicate()
        keeper.communicate()


def test_nothing_is_sampled_while_nobody_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        monkeypatch.setattr(look_ups, "SAMPLE_SECONDS", 0.0)
        async with running(fake_parts()) as (assistant, witness):
            await witness.next(ResourcesSampled)
            assistant.post(WatchMachine(False))
            for turn in range(10):
                assistant.post(SubmitText(str(turn)))
                await witness.next(CachesMeasured)
                if turn == 0:
                    before = len(witness.of(ResourcesSampled))
            assert len(witness.of(ResourcesSampled)) <= before + 1  # one may have been under way
            assistant.post(WatchMachine(True))
            await witness.next(ResourcesSampled, since=len(witness.events))

    asyncio.run(scenario())


ASK = """
import asyncio
from jarvis_desktop.events import SubmitText, TurnFinished
from tests.fakes import fake_parts
from tests.unit.assistant.harness import running

async def scenario():
    async with running(fake_parts()) as (assistant, witness):
        assistant.post(SubmitText("one"))
        print((await witness.next(TurnFinished)).energy.gpu_joules > 0)

asyncio.run(scenario())
"""


@pytest.mark.parametrize("counter", [1, 0], ids=["counted", "power over time"])
def test_an_answer_tells_the_energy_that_the_card_took_meanwhile(tmp_path: Path, counter: int) -> None:
    assert run_with_driver(tmp_path, METERED_CARD, ASK, COUNTER=counter) == ["True"]


class ReadingMemory(FakeMemory):
    """Knew the meaning of three texts out of four."""

    async def stats(self, *, owner: str | None = None) -> MemoryStats:
        return replace(await super().stats(owner=owner), cache_hits=3, cache_misses=1)


def test_what_was_worked_out_before_is_counted_after_each_turn() -> None:
    async def scenario() -> None:
        memory = ReadingMemory()
        parts = replace(fake_parts(), answers=FakeAnswers({"What is a mutex?": "A lock."}), memory=memory)
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("What is a mutex?"))
            assert await witness.next(CachesMeasured) == CachesMeasured(
                1, 1
            )  # asking would start its process
            memory.pid = 1
            assistant.post(SubmitText("What is a monad?"))
            assert await witness.next(CachesMeasured) == CachesMeasured(1, 2, 3, 4)

    asyncio.run(scenario())
