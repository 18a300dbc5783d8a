"""Faults around a whole assistant: no room to write, a clock that jumps, a computer that has slept."""

from __future__ import annotations

import asyncio
import itertools
import queue
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jarvis_desktop import app
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import (
    Event,
    Failed,
    Part,
    PartChanged,
    PartState,
    SetHandsFree,
    SubmitText,
    TurnFinished,
)
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory
from tests.engine_parts import SMALL, gguf
from tests.fakes import FakeChat, FakeMicrophone, fake_parts
from tests.faults.test_listening_faults import room
from tests.system_bus import Login, system_bus
from tests.unit.assistant.harness import running

__all__ = ["system_bus"]  # a fixture


def fill(disk: Path) -> Path:
    """Leave no room on a disk; returns the file to delete for room."""
    ballast = disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(2_000_000))
    return ballast


@pytest.mark.parametrize("full", ["from the start", "in the middle"])
def test_on_a_full_disk_it_is_said_and_the_conversation_goes_on_in_memory(
    small_disk: Path, full: str
) -> None:
    """What was kept in memory is stored once there is room, but for a conversation that was begun without."""
    questions = ["Hello.", "x" * 300_000, "My cat is called Tom.", "What is my cat called?", "Thank you."]

    async def scenario() -> None:
        chat, stored = FakeChat(), SqliteHistory(small_disk / "jarvis.sqlite3")
        parts = fake_parts(chat=chat)
        parts.history = ScopedHistory(stored, MemoryScope())
        ballast = fill(small_disk) if full == "from the start" else None
        async with running(parts) as (assistant, witness):
            for number, question in enumerate(questions):
                if number == 1 and ballast is None:
                    ballast = fill(small_disk)
                if number == 4 and ballast is not None:
                    ballast.unlink()
                assistant.post(SubmitText(question))
                assert (await witness.next(TurnFinished)).reply == chat.reply
            assert any("Tom" in message.content for message in chat.prompts[3])
        assert {failed.error.code for failed in witness.of(Failed)} == {"storage.disk_full"}
        kept = [
            message.text
            for each in await stored.conversations()
            for message in await stored.messages(each.id)
        ]
        assert kept[::2] == (questions if full == "in the middle" else [])
        await stored.close()

    asyncio.run(scenario())


def test_a_clock_that_jumps_disturbs_no_turn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real, jumps = time.time, itertools.cycle((0.0, 4e8, -8e8))
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))

    async def scenario() -> None:
        parts, stored = fake_parts(), SqliteHistory(tmp_path / "jarvis.sqlite3")
        parts.history = ScopedHistory(stored, MemoryScope())
        questions = ["one", "two", "three", "four", "five"]
        async with running(parts) as (assistant, witness):
            for question in questions:
                assistant.post(SubmitText(question))
                timings = (await witness.next(TurnFinished)).timings
                assert timings.first_token is not None
                assert 0 <= timings.first_token <= timings.total < 10_000
            (conversation,) = await parts.history.conversations()
            told = [message.text for message in await parts.history.messages(conversation.id)]
            assert told[::2] == questions
        await stored.close()
        assert not witness.of(Failed)

    asyncio.run(scenario())


class Watched(FakeMicrophone):
    """Counts how often it was opened."""

    opened = 0

    async def start(self) -> None:
        self.opened += 1
        await super().start()


def test_after_sleep_the_microphone_and_a_dead_engine_are_started_again(
    models_home: Path, tmp_path: Path, system_bus: object
) -> None:
    """The login service announces it; nobody has asked anything since."""
    gguf(models_home)
    paths, config = room(models_home, tmp_path, JARVIS_ENGINE__MODEL=SMALL, JARVIS_MEMORY__ENABLED="false")
    microphone, told = Watched(), queue.Queue[Event]()
    core = app.CoreThread(
        lambda tell: app.session(paths, config, audio_in=lambda: microphone, listener=tell), config
    )
    core.subscribe(told.put)

    def until(wanted: Callable[[Event], bool]) -> None:
        while not wanted(told.get(timeout=60)):
            pass

    def engine_is(state: PartState) -> Callable[[Event], bool]:
        return lambda event: (
            isinstance(event, PartChanged) and (event.part, event.state) == (Part.ENGINE, state)
        )

    async def announce_waking() -> None:
        async with Login() as login:
            while True:  # once is not enough: nothing tells whether anybody listens by now
                await login.tell(sleeps=True)
                await login.tell(sleeps=False)
                await asyncio.sleep(1.0)

    async def wake_up() -> None:
        announcing = asyncio.create_task(announce_waking())
        await asyncio.to_thread(until, engine_is(PartState.READY))
        announcing.cancel()

    core.start()
    try:
        core.post(SetHandsFree(True))
        core.post(SubmitText("Say hello."))
        until(lambda event: isinstance(event, TurnFinished))
        assert core._assistant is not None
        psutil.Process(core._assistant._parts.chat.pid).kill()
        until(engine_is(PartState.FAILED))
        opened = microphone.opened
        asyncio.run(wake_up())
        assert microphone.opened > opened
    finally:
        core.stop()
