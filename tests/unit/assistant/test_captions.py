"""Everything that is spoken is told as text, when the loudspeaker comes to it."""

from __future__ import annotations

import asyncio

import pytest

from jarvis_desktop.assistant import speaking
from jarvis_desktop.events import (
    Captioned,
    Interrupt,
    PlaybackStarted,
    PlayingRecording,
    PlayRecording,
    ReadAloud,
    SetHandsFree,
    SubmitText,
    TurnFinished,
    TurnStarted,
)
from tests.fakes import SILENCE, VOICE, FakeChat, FakeLoudspeaker, FakeMicrophone, FakeTranscriber, fake_parts
from tests.unit.assistant.harness import running, until

WORD = 0.1  # seconds of the fake voice


@pytest.fixture(autouse=True)
def _always_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "CAPTION_EVERY_SECONDS", 0)


def test_each_sentence_of_an_answer_is_told_when_it_is_heard_and_the_end_too() -> None:
    async def scenario() -> None:
        out = FakeLoudspeaker(instant=False)
        parts = fake_parts(chat=FakeChat("One two three. Four five."), loudspeaker=lambda: out)
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("Count", speak=True))
            turn_id = (await witness.next(TurnStarted)).turn_id
            await out.advance(0.5 * WORD)
            await witness.next(PlaybackStarted)
            assert await witness.next(Captioned) == Captioned("One two three.", turn_id)
            await out.advance(2 * WORD)
            await out.advance(WORD)
            assert await witness.next(Captioned) == Captioned("Four five.", turn_id)
            await out.advance(9)
            assert await witness.next(Captioned) == Captioned("", turn_id)
            assert not (await witness.next(TurnFinished)).interrupted
            assert len(witness.of(Captioned)) == 3

    asyncio.run(scenario())


def test_a_caption_ends_with_the_answer_that_is_interrupted() -> None:
    async def scenario() -> None:
        out = FakeLoudspeaker(instant=False)
        async with running(fake_parts(loudspeaker=lambda: out)) as (assistant, witness):
            assistant.post(SubmitText("Count", speak=True))
            await witness.next(TurnStarted)
            await out.advance(0.5 * WORD)
            assert (await witness.next(Captioned)).text
            assistant.post(Interrupt())
            assert not (await witness.next(Captioned)).text

    asyncio.run(scenario())


def test_what_is_no_answer_is_told_too() -> None:
    """A text of Jarvis' own, an answer read aloud, and what the user said, played again."""

    async def scenario() -> None:
        opened: list[FakeLoudspeaker] = []

        def open_next() -> FakeLoudspeaker:
            opened.append(FakeLoudspeaker(instant=False))
            return opened[-1]

        microphone = FakeMicrophone()
        parts = fake_parts(
            microphone=microphone, transcriber=FakeTranscriber("what time is it"), loudspeaker=open_next
        )
        async with running(parts) as (assistant, witness):
            await assistant.prepare(*parts.models())
            assistant.post(SetHandsFree(True))
            microphone.hear(VOICE, SILENCE)
            turn_id = (await witness.next(TurnStarted)).turn_id

            async def heard() -> Captioned:
                """The next caption, while all loudspeakers play; it ends before the next one begins."""
                seen = len(witness.of(Captioned))
                while len(witness.of(Captioned)) < seen + 1:
                    for out in opened:
                        await out.advance(0.1 * WORD)
                    await asyncio.sleep(0)
                return witness.of(Captioned)[seen]

            assert await heard() == Captioned("All is well.", turn_id)
            assert await heard() == Captioned("", turn_id)
            assistant.announce("Time is up.")
            assert await heard() == Captioned("Time is up.")
            assert await heard() == Captioned("")
            assistant.post(ReadAloud(turn_id, "All is well."))
            assert await heard() == Captioned("All is well.", turn_id)
            assert await heard() == Captioned("", turn_id)
            assistant.post(PlayRecording(turn_id))
            await until(lambda: bool(witness.of(PlayingRecording)))
            await opened[-1].advance(0.005)
            assert await heard() == Captioned("what time is it", turn_id)

    asyncio.run(scenario())
