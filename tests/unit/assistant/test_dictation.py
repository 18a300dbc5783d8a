"""Dictation through the assistant, on fakes: words to be typed, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_desktop.assistant.dictation import with_line_breaks
from jarvis_desktop.events import (
    ConversationsListed,
    Dictated,
    Discarded,
    Part,
    PartialTranscribed,
    Phase,
    PhaseChanged,
    PressTalk,
    ReleaseTalk,
    TurnStarted,
)
from tests.fakes import VOICE, FakeChat, FakeHistory, FakeMicrophone, FakeTranscriber, fake_parts
from tests.unit.assistant.harness import running


def test_what_is_dictated_is_told_and_neither_asked_nor_kept() -> None:
    async def scenario() -> None:
        microphone, chat = FakeMicrophone(), FakeChat("Never said.")
        transcriber = FakeTranscriber("Dear Ana, new line, thank you for all the pictures.")
        parts = fake_parts(chat=chat, transcriber=transcriber, microphone=microphone)
        async with running(parts) as (assistant, witness):
            await assistant.prepare(Part.ENGINE, Part.SPEECH)
            assistant.post(PressTalk(dictate=True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE, VOICE)
            while not (await witness.next(PartialTranscribed)).stable:
                pass
            assistant.post(ReleaseTalk(dictate=True))
            assert (await witness.next(Dictated)).text == "Dear Ana\nThank you for all the pictures."
            await witness.phase(Phase.IDLE)
        shown = [event.dictating for event in witness.of(PhaseChanged)]
        assert shown == [False, True, True, False]
        assert not witness.of(TurnStarted)
        read = [message.content for prompt in chat.prompts for message in prompt]
        assert not any("Ana" in text for text in read)  # not even in advance
        assert isinstance(parts.history, FakeHistory)
        assert parts.history.rows == {}
        assert not any(event.conversations for event in witness.of(ConversationsListed))

    asyncio.run(scenario())


def test_silence_is_no_dictation() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        async with running(fake_parts(microphone=microphone)) as (assistant, witness):
            assistant.post(PressTalk(dictate=True))
            await witness.phase(Phase.LISTENING)
            assistant.post(ReleaseTalk(dictate=True))
            await witness.next(Discarded)
            await witness.phase(Phase.IDLE)
        assert not witness.of(Dictated)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("heard", "typed"),
    [
        ("Dear Ana, new line, how are you?", "Dear Ana\nHow are you?"),
        ("Uno. Nueva línea. dos", "Uno.\nDos"),
        ("New line hello", "\nHello"),
        ("They sell a new line of cars.", "They sell a new line of cars."),
        ("Es una nueva línea de metro.", "Es una nueva línea de metro."),
    ],
)
def test_a_line_break_is_dictated(heard: str, typed: str) -> None:
    assert with_line_breaks(heard) == typed
