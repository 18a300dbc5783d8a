"""Interrupting by voice, calling by name, thinking ahead, through the whole assistant on fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.assistant import core as assistant_core
from jarvis_desktop.assistant.turn import heard_text
from jarvis_desktop.config.schema import Config, Conversation, Listening, Wake
from jarvis_desktop.errors import AudioError
from jarvis_desktop.events import (
    DevicesListed,
    Discarded,
    Failed,
    Interrupted,
    ListDevices,
    ListModels,
    ModelsListed,
    Part,
    PartChanged,
    Phase,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    Route,
    SetHandsFree,
    SetWakeWord,
    SpeechEnded,
    SpeechStarted,
    TurnFinished,
    TurnStarted,
    WakeWordHeard,
)
from jarvis_desktop.ports import Approach, ChatOptions, SpeechClip, WordMark
from tests.fakes import (
    CLICK,
    HEY_JARVIS,
    SILENCE,
    VOICE,
    FakeChat,
    FakeLoudspeaker,
    FakeMicrophone,
    FakeTranscriber,
    fake_parts,
)
from tests.unit.assistant.harness import running, until
from tests.witness import Witness

SECOND = 50  # blocks


class Room:
    """Somebody hands-free in front of an assistant that is speaking its first answer."""

    def __init__(self, *texts: str, reply: str = "One two three four. Five six.") -> None:
        self.microphone = FakeMicrophone()
        self.loudspeaker = FakeLoudspeaker(instant=False)
        self.chat = FakeChat(reply)
        self.transcriber = FakeTranscriber("count", *texts)
        self.parts = fake_parts(
            chat=self.chat,
            microphone=self.microphone,
            transcriber=self.transcriber,
            loudspeaker=lambda: self.loudspeaker,
        )

    @asynccontextmanager
    async def speaking(self, config: Config | None = None) -> AsyncIterator[tuple[Assistant, Witness]]:
        async with running(self.parts, config=config) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            self.microphone.hear(VOICE, SILENCE)
            await witness.next(TurnStarted)
            await self.loudspeaker.advance(0.25)
            await witness.next(PlaybackStarted)
            yield assistant, witness

    @property
    def stored(self) -> list[tuple[str, bool]]:
        return [(m.text, m.interrupted) for m in self.parts.history.rows["c1"]]  # type: ignore[attr-defined]


def test_click_pauses_the_answer_for_a_moment() -> None:
    async def scenario() -> None:
        room = Room()
        async with room.speaking() as (_, witness):
            room.microphone.hear(CLICK)
            await witness.next(PlaybackPaused)
            await witness.next(PlaybackResumed)
            await room.loudspeaker.advance(10)
            assert not (await witness.next(TurnFinished)).interrupted
        assert room.stored[-1] == ("One two three four. Five six.", False)

    asyncio.run(scenario())


def test_cough_without_words_and_a_murmur_do_not_end_the_answer() -> None:
    async def scenario() -> None:
        room = Room("", "Mm-hmm.")
        async with room.speaking() as (_, witness):
            for reason in ("no-words", "murmur"):
                room.microphone.hear(VOICE, SILENCE)
                await witness.next(PlaybackPaused)
                assert (await witness.next(Discarded)).reason == reason
                await witness.next(PlaybackResumed)
            await room.loudspeaker.advance(10)
            assert not (await witness.next(TurnFinished)).interrupted
        assert len(witness.of(TurnStarted)) == 1

    asyncio.run(scenario())


def test_words_guessed_at_over_an_answer_do_not_end_it_but_a_faint_stop_does() -> None:
    """A cough with a rest of the answer in it makes a recogniser write something, and doubt it."""

    async def scenario() -> None:
        room = Room("I'm from was.", "Stop.")
        room.transcriber.log_probability = -1.4
        async with room.speaking() as (_, witness):
            room.microphone.hear(VOICE, SILENCE)
            await witness.next(PlaybackPaused)
            assert (await witness.next(Discarded)).reason == "unclear"
            await witness.next(PlaybackResumed)
            room.microphone.hear(VOICE, SILENCE)
            await witness.next(Interrupted)

    asyncio.run(scenario())


def test_its_own_words_from_the_loudspeaker_are_no_interruption() -> None:
    async def scenario() -> None:
        room = Room("one two three")  # which is what it is saying
        async with room.speaking() as (_, witness):
            room.microphone.hear(VOICE, VOICE, VOICE, SILENCE)
            await witness.next(PlaybackPaused)
            assert (await witness.next(Discarded)).reason == "echo"
            await witness.next(PlaybackResumed)
            await room.loudspeaker.advance(10)
            assert not (await witness.next(TurnFinished)).interrupted
        assert len(witness.of(TurnStarted)) == 1

    asyncio.run(scenario())


def test_voice_without_words_for_two_seconds_lets_the_answer_go_on() -> None:
    async def scenario() -> None:
        room = Room("")
        async with room.speaking() as (_, witness):
            room.microphone.hear(VOICE)
            await witness.next(PlaybackPaused)
            room.microphone.hear(*[VOICE] * (3 * SECOND))
            await witness.next(PlaybackResumed)

    asyncio.run(scenario())


def test_words_end_the_answer_which_is_kept_up_to_the_last_word_heard() -> None:
    async def scenario() -> None:
        room = Room("stop it")
        async with room.speaking() as (_, witness):
            room.chat.reply = "Fine."
            room.microphone.hear(VOICE)
            await witness.next(PlaybackPaused)
            assert room.loudspeaker.paused
            room.microphone.hear(VOICE, VOICE)  # stable words appear
            assert (await witness.next(Interrupted)).kept_text == "One two"
            room.microphone.hear(SILENCE)
            assert (await witness.next(TurnStarted)).text == "stop it"
            await room.loudspeaker.advance(10)
            while (await witness.next(TurnFinished)).interrupted:
                pass
        assert room.stored == [("count", False), ("One two", True), ("stop it", False), ("Fine.", False)]

    asyncio.run(scenario())


def test_interruption_aborts_the_engine() -> None:
    async def scenario() -> None:
        room = Room("stop")
        room.chat.hold = asyncio.Semaphore(4)
        async with room.speaking() as (_, witness):
            room.microphone.hear(VOICE, VOICE, VOICE)
            await witness.next(Interrupted)
            assert room.chat.aborted == 1

    asyncio.run(scenario())


def test_without_voice_interruption_the_answer_is_not_taken_for_the_user() -> None:
    async def scenario() -> None:
        room = Room("echo")
        async with room.speaking(Config(listening=Listening(barge_in=False))) as (_, witness):
            room.microphone.hear(VOICE, SILENCE, VOICE, SILENCE)
            await room.loudspeaker.advance(10)
            await witness.next(TurnFinished)
            await witness.phase(Phase.LISTENING)
        assert [t.text for t in witness.of(TurnStarted)] == ["count"]

    asyncio.run(scenario())


def test_recording_faster_than_real_time_waits_for_the_answer() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        microphone.live = False
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("one", "two"))
        async with running(parts) as (assistant, witness):
            microphone.hear(VOICE, SILENCE, VOICE, SILENCE)
            microphone.end()
            assistant.post(SetHandsFree(True))
            assert not (await witness.next(TurnFinished)).interrupted
            assert not (await witness.next(TurnFinished)).interrupted
            await witness.phase(Phase.IDLE)

    asyncio.run(scenario())


def test_called_by_name_listens_to_the_same_breath_and_sleeps_again() -> None:
    async def scenario() -> None:
        microphone, transcriber = FakeMicrophone(), FakeTranscriber("what time is it")
        parts = fake_parts(microphone=microphone, transcriber=transcriber)
        async with running(parts, config=Config(wake=Wake(sleep_s=2))) as (assistant, witness):
            assistant.post(SetWakeWord(True))
            await witness.phase(Phase.SLEEPING)
            microphone.hear(VOICE, SILENCE, HEY_JARVIS, VOICE, VOICE, SILENCE)
            await witness.next(WakeWordHeard)
            assert (await witness.next(TurnStarted)).text == "what time is it"
            await witness.next(TurnFinished)
            await witness.phase(Phase.LISTENING)  # for a follow-up
            microphone.hear(*[SILENCE] * (3 * SECOND))
            await witness.phase(Phase.SLEEPING)
            assert transcriber.heard_seconds == 2 * 0.02  # not what was said before the call

    asyncio.run(scenario())


def test_lost_microphone_comes_back_by_itself() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("hello"))
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.open_error = AudioError("audio.no_input", "No microphone was found.")
            microphone.fail(AudioError("audio.input_lost", "The microphone is gone."))
            assert (await witness.next(Failed)).error.code == "audio.input_lost"
            await witness.phase(Phase.IDLE)
            microphone.open_error = None
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, SILENCE)
            assert (await witness.next(TurnStarted)).text == "hello"
            assert [f.error.code for f in witness.of(Failed)] == ["audio.input_lost"]  # told once

    retry, assistant_core.RETRY_SECONDS = assistant_core.RETRY_SECONDS, 0.01
    try:
        asyncio.run(scenario())
    finally:
        assistant_core.RETRY_SECONDS = retry


async def loaded(assistant: Assistant, witness: Witness) -> None:
    """Thinking ahead loads nothing itself."""
    await assistant.prepare(Part.ENGINE, Part.SPEECH)
    assert witness.of(PartChanged)


def test_answer_thought_of_ahead_is_used_when_the_question_stays_the_same() -> None:
    async def scenario() -> None:
        microphone, chat = FakeMicrophone(), FakeChat()
        transcriber = FakeTranscriber("what time is it")
        transcriber.hold = asyncio.Semaphore(0)
        parts = fake_parts(chat=chat, microphone=microphone, transcriber=transcriber)
        async with running(parts) as (assistant, witness):
            await loaded(assistant, witness)
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, SILENCE)
            await until(lambda: bool(parts.synthesizer.spoken))  # type: ignore[attr-defined]
            assert not witness.of(TurnStarted)  # nothing of it is shown or spoken early
            transcriber.hold.release()
            done = await witness.next(TurnFinished)
        assert len(chat.prompts) == 1
        assert parts.synthesizer.spoken == ["All is well."]  # type: ignore[attr-defined]
        assert (done.speculation.drafts, done.speculation.used) == (1, True)
        assert done.speculation.ahead_ms > 0

    asyncio.run(scenario())


def test_answer_thought_of_ahead_is_dropped_when_the_question_changes() -> None:
    async def scenario() -> None:
        microphone, chat = FakeMicrophone(), FakeChat()
        transcriber = FakeTranscriber("what time is it")
        transcriber.hold = asyncio.Semaphore(0)
        parts = fake_parts(chat=chat, microphone=microphone, transcriber=transcriber)
        async with running(parts) as (assistant, witness):
            await loaded(assistant, witness)
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, SILENCE)
            await until(lambda: bool(chat.prompts))
            transcriber.texts[0] = "what time is it in Lima"
            transcriber.hold.release()
            done = await witness.next(TurnFinished)
        assert [prompt[-1].content.rpartition("\n")[2] for prompt in chat.prompts] == [
            "what time is it",
            "what time is it in Lima",
        ]
        assert (done.speculation.drafts, done.speculation.used) == (1, False)

    asyncio.run(scenario())


def test_a_question_for_another_model_is_not_thought_about_ahead() -> None:
    """It would be loaded before the user has finished."""

    async def scenario() -> None:
        microphone, chat = FakeMicrophone(), FakeChat()
        transcriber = FakeTranscriber("what time is it")
        transcriber.hold = asyncio.Semaphore(0)
        parts = fake_parts(chat=chat, microphone=microphone, transcriber=transcriber)
        parts.approach = lambda _: Approach(Route(), "Be brief.", ChatOptions(model="large"))
        async with running(parts) as (assistant, witness):
            await loaded(assistant, witness)
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE, VOICE, SILENCE)
            await witness.next(SpeechEnded)
            assert chat.prompts == []
            transcriber.hold.release()
            done = await witness.next(TurnFinished)
        assert len(chat.prompts) == 1
        assert done.speculation.drafts == 0

    asyncio.run(scenario())


def test_thinking_ahead_can_be_switched_off() -> None:
    async def scenario() -> None:
        microphone, chat = FakeMicrophone(), FakeChat()
        parts = fake_parts(chat=chat, microphone=microphone, transcriber=FakeTranscriber("what time is it"))
        config = Config(conversation=Conversation(think_ahead=False))
        async with running(parts, config=config) as (assistant, witness):
            await loaded(assistant, witness)
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE, VOICE, SILENCE)
            done = await witness.next(TurnFinished)
        assert len(chat.prompts) == 1
        assert done.speculation.drafts == 0

    asyncio.run(scenario())


def test_heard_text_follows_the_marks_of_the_voice() -> None:
    text = "It costs $29.50, I think."
    marks = (WordMark(2, 0.2), WordMark(8, 0.5), WordMark(16, 2.0), WordMark(18, 2.1), WordMark(25, 2.4))
    clip = SpeechClip(np.zeros(2500, np.float32), 1000, text, marks)
    assert heard_text([clip], 0.1) == ""
    assert heard_text([clip], 1.9) == "It costs"
    assert heard_text([clip], 2.05) == "It costs $29.50,"
    assert heard_text([clip], 3.0) == text


def test_waking_from_sleep_reopens_the_microphone_and_loses_nothing_said() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("half a", "hello"))
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE)
            await witness.next(SpeechStarted)
            await assistant.wake_up()
            assert (await witness.next(TurnStarted)).text == "half a"
            await witness.next(TurnFinished)
            await witness.phase(Phase.LISTENING)
            assert microphone.is_open
            microphone.hear(VOICE, SILENCE)
            assert (await witness.next(TurnStarted)).text == "hello"
            await witness.next(TurnFinished)

    asyncio.run(scenario())


def test_words_said_while_earlier_ones_become_text_are_not_lost() -> None:
    async def scenario() -> None:
        microphone, transcriber = FakeMicrophone(), FakeTranscriber("what is the weather", "in Lima")
        transcriber.hold = asyncio.Semaphore(0)
        chat = FakeChat()
        chat.hold = asyncio.Semaphore(0)
        parts = fake_parts(microphone=microphone, transcriber=transcriber, chat=chat)
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, SILENCE, VOICE, SILENCE)
            await witness.phase(Phase.THINKING)
            transcriber.hold.release()
            transcriber.hold.release()
            assert (await witness.next(TurnStarted)).text == "what is the weather"
            assert (await witness.next(TurnStarted)).text == "what is the weather in Lima"

    asyncio.run(scenario())


def test_what_there_is_to_choose_from_is_listed() -> None:
    async def scenario() -> None:
        async with running(fake_parts()) as (assistant, witness):
            assistant.post(ListDevices())
            assert (await witness.next(DevicesListed)).inputs == ("fake microphone",)
            assistant.post(ListModels())
            assert (await witness.next(ModelsListed)).chat == ("fake-chat",)

    asyncio.run(scenario())


def test_another_default_microphone_is_followed_without_a_word() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        microphone.endless = True
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("hello"))
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.end()
            microphone.hear(VOICE, SILENCE)  # into the new one
            assert (await witness.next(TurnStarted)).text == "hello"
            assert not witness.of(Failed)

    asyncio.run(scenario())
