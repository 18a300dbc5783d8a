"""Announcements are spoken beside the dialogue without getting in its way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.errors import SpeechError
from jarvis_desktop.events import (
    Discarded,
    Failed,
    Intent,
    Interrupt,
    Phase,
    PhaseChanged,
    PressTalk,
    ReadAloud,
    ReadingAloud,
    SetHandsFree,
    SetMuted,
    SubmitText,
    TurnFinished,
)
from tests.fakes import (
    SILENCE,
    VOICE,
    FakeLoudspeaker,
    FakeMicrophone,
    FakeSynthesizer,
    FakeTranscriber,
    fake_parts,
)
from tests.unit.assistant.harness import running, until


def loudspeakers() -> tuple[list[FakeLoudspeaker], Callable[[], FakeLoudspeaker]]:
    """Those that were opened, and what opens the next one."""
    opened: list[FakeLoudspeaker] = []

    def open_next() -> FakeLoudspeaker:
        opened.append(FakeLoudspeaker(instant=False))
        return opened[-1]

    return opened, open_next


async def announced(assistant: Assistant, opened: list[FakeLoudspeaker], text: str) -> FakeLoudspeaker:
    assistant.announce(text)
    await until(lambda: bool(opened) and bool(opened[-1].clips))
    return opened[-1]


def test_an_announcement_waits_for_the_answer_and_others_for_it() -> None:
    async def scenario() -> None:
        opened, open_next = loudspeakers()
        parts = fake_parts()
        parts.audio_out = open_next
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("How are you?", speak=True))
            await until(lambda: bool(opened) and bool(opened[0].clips))
            assistant.announce("Time is up.")
            assistant.announce("Tea.")
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(opened) == 1
            await opened[0].advance(9)
            await witness.next(TurnFinished)
            await until(lambda: len(opened) == 2 and bool(opened[1].clips))
            assert [clip.text for clip in opened[1].clips] == ["Time is up."]
            await opened[1].advance(9)
            await until(lambda: len(opened) == 3)
            assert opened[1].stopped

    asyncio.run(scenario())


@pytest.mark.parametrize("wish", [Interrupt(), SetMuted(True), PressTalk(), SubmitText("How are you?")])
def test_the_user_ends_an_announcement(wish: Intent) -> None:
    async def scenario() -> None:
        opened, open_next = loudspeakers()
        parts = fake_parts()
        parts.audio_out = open_next
        async with running(parts) as (assistant, _):
            out = await announced(assistant, opened, "Time is up.")
            assistant.post(wish)
            await until(lambda: out.stopped)

    asyncio.run(scenario())


def test_an_announcement_ends_with_the_program() -> None:
    async def scenario() -> None:
        opened, open_next = loudspeakers()
        parts = fake_parts()
        parts.audio_out = open_next
        async with running(parts) as (assistant, _):
            out = await announced(assistant, opened, "Time is up.")
        assert out.stopped
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(scenario())


def test_jarvis_does_not_answer_its_own_announcement() -> None:
    async def scenario() -> None:
        opened, open_next = loudspeakers()
        microphone = FakeMicrophone()
        parts = fake_parts(
            microphone=microphone, transcriber=FakeTranscriber("time is up the tea is ready now")
        )
        parts.audio_out = open_next
        async with running(parts) as (assistant, witness):
            await assistant.prepare(*parts.models())
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            await announced(assistant, opened, "Time is up. The tea is ready now.")
            microphone.hear(VOICE, SILENCE)
            assert (await witness.next(Discarded)).reason == "echo"

    asyncio.run(scenario())


def test_an_answer_is_read_aloud_though_the_voice_is_muted_and_the_stop_key_ends_only_that() -> None:
    async def scenario() -> None:
        opened, open_next = loudspeakers()
        parts = fake_parts()
        parts.audio_out = open_next
        async with running(parts) as (assistant, witness):
            assistant.post(SetMuted(True))
            assistant.post(SetHandsFree(True))
            assistant.post(ReadAloud("t1", "It rises."))
            assert await witness.next(ReadingAloud) == ReadingAloud("t1")
            await until(lambda: bool(opened) and bool(opened[0].clips))
            assert [clip.text for clip in opened[0].clips] == ["It rises."]
            since = len(witness.events)
            assistant.post(Interrupt())
            assert await witness.next(ReadingAloud) == ReadingAloud()
            assert opened[0].stopped
            assistant.post(SetMuted(False))
            assert (await witness.next(PhaseChanged, since)).hands_free

    asyncio.run(scenario())


def test_an_answer_is_read_after_the_one_under_way_and_another_takes_its_place() -> None:
    async def scenario() -> None:
        opened, open_next = loudspeakers()
        parts = fake_parts()
        parts.audio_out = open_next
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("How are you?", speak=True))
            await until(lambda: bool(opened) and bool(opened[0].clips))
            assistant.post(ReadAloud("t1", "One."))
            assistant.post(ReadAloud("t2", "Two."))
            await opened[0].advance(9)
            await witness.next(TurnFinished)
            assert await witness.next(ReadingAloud) == ReadingAloud("t2")
            await until(lambda: len(opened) == 2 and bool(opened[1].clips))
            assistant.post(ReadAloud("t3", "Three."))
            await until(lambda: len(opened) == 3 and bool(opened[2].clips))
            assert opened[1].stopped
            spoken = [[clip.text for clip in out.clips] for out in opened[1:]]
            assert spoken == [["Two."], ["Three."]]

    asyncio.run(scenario())


def test_an_answer_that_cannot_be_read_aloud_says_why() -> None:
    async def scenario() -> None:
        parts = fake_parts()
        synthesizer = parts.synthesizer
        assert isinstance(synthesizer, FakeSynthesizer)
        synthesizer.error = SpeechError("speech.died", "The voice stopped.")
        async with running(parts) as (assistant, witness):
            assistant.post(ReadAloud("t1", "One."))
            assert (await witness.next(Failed)).error is synthesizer.error
            assert witness.of(ReadingAloud)[-1] == ReadingAloud()

    asyncio.run(scenario())
