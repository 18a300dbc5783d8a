"""What was understood can be heard again, until something says that it shall be gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.assistant import Assistant, Parts, recordings
from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.events import (
    DeleteConversation,
    Discarded,
    ForgetMemory,
    Interrupt,
    NewConversation,
    Phase,
    PlayingRecording,
    PlayRecording,
    ReadAloud,
    ReadingAloud,
    RecordingsKept,
    SetHandsFree,
    SpeechStarted,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.scoped import ScopedHistory
from tests.fakes import (
    SILENCE,
    VOICE,
    FakeLoudspeaker,
    FakeMemory,
    FakeMicrophone,
    FakeTranscriber,
    fake_parts,
)
from tests.unit.assistant.harness import running, until
from tests.witness import Witness


class Talk:
    """Somebody hands-free, whose questions are understood as `texts`."""

    def __init__(self, *texts: str, instant: bool = True) -> None:
        self.microphone = FakeMicrophone()
        self.opened: list[FakeLoudspeaker] = []
        self.instant = instant

        def open_next() -> FakeLoudspeaker:
            self.opened.append(FakeLoudspeaker(instant=self.instant))
            return self.opened[-1]

        self.parts = fake_parts(
            microphone=self.microphone, transcriber=FakeTranscriber(*texts), loudspeaker=open_next
        )

    async def say(self, witness: Witness, *pieces: np.ndarray) -> str:
        """Ask by voice and wait for the answer; returns the id of the turn."""
        self.microphone.hear(*pieces, SILENCE)
        turn_id = (await witness.next(TurnStarted)).turn_id
        await witness.next(TurnFinished)
        return turn_id


def run(talk: Talk, use: Callable[[Assistant, Witness], Awaitable[None]]) -> None:
    async def scenario() -> None:
        async with running(talk.parts) as (assistant, witness):
            await assistant.prepare(*talk.parts.models())
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            await use(assistant, witness)

    asyncio.run(scenario())


def kept(witness: Witness) -> tuple[str, ...]:
    return witness.of(RecordingsKept)[-1].turn_ids


def test_what_was_said_is_played_as_it_was_and_the_stop_key_ends_it() -> None:
    talk = Talk("what time is it")

    async def use(assistant: Assistant, witness: Witness) -> None:
        turn_id = await talk.say(witness, VOICE, 0.8 * VOICE)
        assert kept(witness) == (turn_id,)
        talk.instant = False
        assistant.post(PlayRecording(turn_id))
        assert (await witness.next(PlayingRecording)).turn_id == turn_id
        await until(lambda: bool(talk.opened[-1].clips))
        (clip,) = talk.opened[-1].clips
        assert np.array_equal(clip.samples, np.concatenate((VOICE, 0.8 * VOICE)))
        assistant.post(Interrupt())
        assert await witness.next(PlayingRecording) == PlayingRecording()
        assert talk.opened[-1].stopped

    run(talk, use)


@pytest.mark.parametrize("ends_first", [False, True])
def test_what_is_played_again_is_not_asked_again(ends_first: bool) -> None:
    """Not even an order, which would interrupt an answer; nor when the playing ends before the echo does."""
    talk = Talk("stop the timer", "thank you")

    async def use(assistant: Assistant, witness: Witness) -> None:
        async def end() -> None:
            await talk.opened[-1].advance(9)
            while (await witness.next(PlayingRecording)).turn_id:
                pass

        turn_id = await talk.say(witness, VOICE)
        talk.instant = False
        assistant.post(PlayRecording(turn_id))
        await witness.next(PlayingRecording)
        await until(lambda: bool(talk.opened[-1].clips))
        talk.microphone.hear(VOICE, VOICE, VOICE)
        if ends_first:
            await until(lambda: talk.microphone._queue.empty())
            await end()
        talk.microphone.hear(VOICE, SILENCE)
        if not ends_first:
            await until(lambda: talk.microphone._queue.empty())
            await end()
        assert len(witness.of(SpeechStarted)) == 1
        talk.instant = True
        talk.microphone.hear(VOICE, SILENCE)
        assert (await witness.next(TurnStarted)).text == "thank you"

    run(talk, use)


def test_an_answer_read_aloud_is_not_asked_when_its_end_is_heard_late() -> None:
    talk = Talk("how does bread rise", "the yeast makes gas and it rises")

    async def use(assistant: Assistant, witness: Witness) -> None:
        turn_id = await talk.say(witness, VOICE)
        talk.instant = False
        assistant.post(ReadAloud(turn_id, "The yeast makes gas, and it rises."))
        await witness.next(ReadingAloud)
        await until(lambda: bool(talk.opened[-1].clips))
        talk.microphone.hear(VOICE)
        await until(lambda: talk.microphone._queue.empty())
        await talk.opened[-1].advance(9)
        while (await witness.next(ReadingAloud)).turn_id:
            pass
        talk.microphone.hear(SILENCE)
        assert (await witness.next(Discarded)).reason == "echo"

    run(talk, use)


def test_a_question_that_went_on_is_one_recording() -> None:
    talk = Talk("what is the weather", "in Lima", instant=False)

    async def use(assistant: Assistant, witness: Witness) -> None:
        talk.microphone.hear(VOICE, SILENCE)
        await witness.next(TurnStarted)
        talk.microphone.hear(0.8 * VOICE, SILENCE)
        whole = await witness.next(TurnStarted)
        assert whole.text == "what is the weather in Lima"
        assistant.post(PlayRecording(whole.turn_id))
        while not witness.of(PlayingRecording):  # the answer is heard first
            for out in talk.opened:
                await out.advance(9)
            await asyncio.sleep(0)
        await until(lambda: bool(talk.opened[-1].clips))
        (clip,) = talk.opened[-1].clips
        assert np.array_equal(clip.samples, np.concatenate((VOICE, 0.8 * VOICE)))

    run(talk, use)


def test_the_oldest_recordings_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "KEPT_SECONDS", 0.05)
    talk = Talk("one", "two", "three")

    async def use(_: Assistant, witness: Witness) -> None:
        turns = [await talk.say(witness, VOICE) for _ in range(3)]
        assert kept(witness) == tuple(turns[1:])

    run(talk, use)


async def delete(assistant: Assistant, parts: Parts) -> None:
    (conversation,) = await parts.history.conversations()
    assistant.post(DeleteConversation(conversation.id))


async def forget(assistant: Assistant, parts: Parts) -> None:
    assert parts.memory is not None
    item = await parts.memory.remember("Ana likes bread")
    assistant.post(ForgetMemory((item.id,)))


async def change_profile(assistant: Assistant, _: Parts) -> None:
    assistant.use_memory(MemoryScope("Work"))


@pytest.mark.parametrize("wish", [delete, forget, change_profile])
def test_a_recording_goes_with_what_it_says(
    wish: Callable[[Assistant, Parts], Awaitable[None]], tmp_path: Path
) -> None:
    talk = Talk("Ana likes bread")
    stored = SqliteHistory(tmp_path / "jarvis.sqlite3")
    talk.parts.history, talk.parts.memory = ScopedHistory(stored, MemoryScope()), FakeMemory()

    async def use(assistant: Assistant, witness: Witness) -> None:
        turn_id = await talk.say(witness, VOICE)
        assert kept(witness) == (turn_id,)
        await wish(assistant, talk.parts)
        await until(lambda: kept(witness) == ())
        assistant.post(PlayRecording(turn_id))
        assistant.post(NewConversation())
        assert not witness.of(PlayingRecording)
        await stored.close()

    run(talk, use)


def test_a_recording_of_a_private_chat_goes_when_it_is_left_and_others_stay(tmp_path: Path) -> None:
    talk = Talk("bread", "Lucinda")
    stored = SqliteHistory(tmp_path / "jarvis.sqlite3")
    talk.parts.history = ScopedHistory(stored, MemoryScope())

    async def use(assistant: Assistant, witness: Witness) -> None:
        open_turn = await talk.say(witness, VOICE)
        assistant.post(NewConversation(private=True))
        await witness.phase(Phase.LISTENING)
        private_turn = await talk.say(witness, VOICE)
        assert kept(witness) == (open_turn, private_turn)
        assistant.post(NewConversation())
        await until(lambda: kept(witness) == (open_turn,))
        await stored.close()

    run(talk, use)
