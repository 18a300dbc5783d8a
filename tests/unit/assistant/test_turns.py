"""Typed and spoken turns through the whole assistant, on fakes."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.assistant.turn import heard_text
from jarvis_desktop.config.schema import Config, Conversation, Speech
from jarvis_desktop.errors import AudioError, EngineError, ModelError, SpeechError, StorageError
from jarvis_desktop.events import (
    ConversationOpened,
    Discarded,
    Failed,
    Interrupt,
    Interrupted,
    NewConversation,
    OpenConversation,
    Part,
    PartChanged,
    PartialTranscribed,
    PartState,
    Phase,
    PlaybackEnded,
    PlaybackStarted,
    PressTalk,
    ReleaseTalk,
    ReplyToken,
    RetryPart,
    Role,
    Route,
    SetHandsFree,
    SetMuted,
    SubmitText,
    Tier,
    Transcribed,
    TurnEnded,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.ports import Approach, ChatOptions, SpeechClip
from tests.fakes import (
    SILENCE,
    VOICE,
    FakeAnswers,
    FakeChat,
    FakeHistory,
    FakeLoudspeaker,
    FakeMicrophone,
    FakeSynthesizer,
    FakeTranscriber,
    fake_parts,
)
from tests.unit.assistant.harness import running
from tests.witness import Witness


def stored(history: FakeHistory) -> list[tuple[Role, str]]:
    return [(m.role, m.text) for rows in history.rows.values() for m in rows]


async def ask_aloud(assistant: Assistant, witness: Witness, microphone: FakeMicrophone) -> None:
    """Hold the talk key, say something, let go."""
    assistant.post(PressTalk())
    await witness.phase(Phase.LISTENING)
    microphone.hear(VOICE)
    await witness.next(PartialTranscribed)
    assistant.post(ReleaseTalk())


def test_a_known_answer_is_given_again_without_asking_the_model() -> None:
    async def scenario() -> None:
        parts = fake_parts(chat=FakeChat("Never said."))
        parts.answers = FakeAnswers({"What is a lion?": "A big cat. It roars."})
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("What is a lion?", speak=True))
            done = await witness.next(TurnFinished)
            assert done.reply == "A big cat. It roars."
            assert done.route.reused
            assert isinstance(parts.chat, FakeChat)
            assert parts.chat.prompts == []
            assert isinstance(parts.history, FakeHistory)
            assert stored(parts.history)[1] == (Role.ASSISTANT, "A big cat. It roars.")

    asyncio.run(scenario())


def test_only_whole_answers_are_remembered() -> None:
    async def scenario() -> None:
        answers = FakeAnswers()
        parts = fake_parts(chat=FakeChat("All is well."))
        parts.answers = answers
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("How are you?"))
            await witness.next(TurnFinished)
            assert answers.remembered == ["All is well."]
            parts.approach = lambda _: Approach(Route(), "Be brief.", ChatOptions(max_tokens=3))
            assistant.post(SubmitText("And you?"))
            await witness.next(TurnFinished)
            assert answers.remembered == ["All is well."]  # three words were all it was allowed

    asyncio.run(scenario())


def test_the_turn_tells_how_the_question_was_taken() -> None:
    async def scenario() -> None:
        parts = fake_parts(chat=FakeChat("Four."))
        route = Route(80, Tier.REASONING)
        parts.approach = lambda _: Approach(route, "Think.", ChatOptions(temperature=0.1))
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("What is two and two?"))
            assert (await witness.next(TurnFinished)).route == route
            assert isinstance(parts.chat, FakeChat)
            assert parts.chat.prompts[0][0].content == "Think."

    asyncio.run(scenario())


def test_typed_turn_streams_stores_and_measures() -> None:
    async def scenario() -> None:
        parts = fake_parts(chat=FakeChat("All is well."))
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("How are you?"))
            done = await witness.next(TurnFinished)
            await witness.phase(Phase.IDLE)
        assert "".join(t.text for t in witness.of(ReplyToken)) == done.reply == "All is well."
        assert done.usage.completion_tokens == 3
        assert done.timings.transcript is None
        assert done.timings.first_audio is None
        assert 0 <= done.timings.first_token <= done.timings.first_sentence <= done.timings.total  # type: ignore[operator]
        assert stored(parts.history) == [(Role.USER, "How are you?"), (Role.ASSISTANT, "All is well.")]  # type: ignore[arg-type]

    asyncio.run(scenario())


def test_follow_up_sees_the_conversation_and_a_new_one_does_not() -> None:
    async def scenario() -> None:
        chat = FakeChat("Rome.")
        async with running(fake_parts(chat=chat)) as (assistant, witness):
            for question in ("Capital of Italy?", "And its river?"):
                assistant.post(SubmitText(question))
                await witness.next(TurnFinished)
            assistant.post(NewConversation())
            await witness.next(ConversationOpened)
            assistant.post(SubmitText("Hello"))
            await witness.next(TurnFinished)
        assert [m.content.rpartition("\n")[2] for m in chat.prompts[1]] == [
            "Be brief.",
            "Capital of Italy?",
            "Rome.",
            "And its river?",
        ]
        assert [m.content.rpartition("\n")[2] for m in chat.prompts[2]] == ["Be brief.", "Hello"]

    asyncio.run(scenario())


def test_history_setting_limits_what_is_sent() -> None:
    async def scenario() -> None:
        chat = FakeChat("Yes.")
        config = Config(conversation=Conversation(history_turns=0))
        async with running(fake_parts(chat=chat), config=config) as (assistant, witness):
            for question in ("one", "two"):
                assistant.post(SubmitText(question))
                await witness.next(TurnFinished)
        assert [m.content.rpartition("\n")[2] for m in chat.prompts[1]] == ["Be brief.", "two"]

    asyncio.run(scenario())


def test_push_to_talk_turn_is_transcribed_answered_and_spoken() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("What time is it?"))
        async with running(parts) as (assistant, witness):
            assistant.post(PressTalk())
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE)
            await witness.next(PartialTranscribed)
            assistant.post(ReleaseTalk())
            assert (await witness.next(TurnEnded)).reason == "released"
            assert (await witness.next(Transcribed)).text == "What time is it?"
            assert (await witness.next(TurnStarted)).spoken
            await witness.next(PlaybackStarted)
            assert (await witness.next(PlaybackEnded)).heard_text == "All is well."
            timings = (await witness.next(TurnFinished)).timings
            assert timings.transcript is not None
            assert timings.first_audio is not None
            assert not microphone.is_open  # the indicator must not lie

    asyncio.run(scenario())


def test_sound_still_on_its_way_when_the_key_goes_up_is_heard() -> None:
    async def scenario() -> None:
        microphone, transcriber = FakeMicrophone(), FakeTranscriber("all of it")
        async with running(fake_parts(microphone=microphone, transcriber=transcriber)) as (
            assistant,
            witness,
        ):
            assistant.post(PressTalk())
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, VOICE)
            await witness.next(PartialTranscribed)
            assistant.post(ReleaseTalk())
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            microphone.hear(VOICE)
            await witness.next(Transcribed)
        assert transcriber.heard_seconds == pytest.approx(3 * 0.02)

    asyncio.run(scenario())


def test_hands_free_answers_utterance_after_utterance() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("one", "", "two"))
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(SILENCE, VOICE, SILENCE)
            await witness.next(TurnFinished)
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, SILENCE)
            await witness.next(Discarded)
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE, SILENCE)
            await witness.next(TurnFinished)
            assistant.post(SetHandsFree(False))
            await witness.phase(Phase.IDLE)
            assert [t.text for t in witness.of(TurnStarted)] == ["one", "two"]
            assert not microphone.is_open

    asyncio.run(scenario())


def test_interrupted_speech_keeps_only_what_was_heard() -> None:
    async def scenario() -> None:
        loudspeaker = FakeLoudspeaker(instant=False)
        microphone = FakeMicrophone()
        parts = fake_parts(
            chat=FakeChat("One two three four. Five six seven eight."),
            microphone=microphone,
            transcriber=FakeTranscriber("count"),
            loudspeaker=lambda: loudspeaker,
        )
        async with running(parts) as (assistant, witness):
            await ask_aloud(assistant, witness, microphone)
            await witness.next(TurnStarted)
            await loudspeaker.advance(0.25)
            await witness.next(PlaybackStarted)
            assistant.post(Interrupt())
            assert (await witness.next(Interrupted)).kept_text == "One two"
            finished = await witness.next(TurnFinished)
            await witness.phase(Phase.IDLE)
        assert finished.interrupted
        assert loudspeaker.stopped
        last = parts.history.rows["c1"][-1]  # type: ignore[attr-defined]
        assert (last.text, last.interrupted) == ("One two", True)

    asyncio.run(scenario())


def test_interrupting_a_written_answer_aborts_the_engine_and_keeps_what_was_shown() -> None:
    async def scenario() -> None:
        chat = FakeChat("One two three.")
        chat.hold = asyncio.Semaphore(2)
        parts = fake_parts(chat=chat)
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("count"))
            await witness.next(ReplyToken)
            await witness.next(ReplyToken)
            assistant.post(Interrupt())
            assert (await witness.next(Interrupted)).kept_text == "One two"
            await witness.phase(Phase.IDLE)
        assert chat.aborted == 1

    asyncio.run(scenario())


def test_muting_stops_the_voice_and_not_the_answer() -> None:
    async def scenario() -> None:
        loudspeaker, microphone = FakeLoudspeaker(instant=False), FakeMicrophone()
        parts = fake_parts(
            microphone=microphone, transcriber=FakeTranscriber("go"), loudspeaker=lambda: loudspeaker
        )
        async with running(parts) as (assistant, witness):
            await ask_aloud(assistant, witness, microphone)
            await witness.next(TurnStarted)
            await loudspeaker.advance(0.1)
            await witness.next(PlaybackStarted)
            assistant.post(SetMuted(True))
            done = await witness.next(TurnFinished)
        assert done.reply == "All is well."
        assert not done.interrupted
        assert loudspeaker.stopped

    asyncio.run(scenario())


def test_muted_from_the_settings_never_opens_the_loudspeaker() -> None:
    async def scenario() -> None:
        loudspeaker, microphone = FakeLoudspeaker(), FakeMicrophone()
        parts = fake_parts(
            microphone=microphone, transcriber=FakeTranscriber("go"), loudspeaker=lambda: loudspeaker
        )
        async with running(parts, config=Config(speech=Speech(muted=True))) as (assistant, witness):
            await ask_aloud(assistant, witness, microphone)
            await witness.next(TurnFinished)
        assert not loudspeaker.clips

    asyncio.run(scenario())


@pytest.mark.parametrize("words_before", [0, 2])
def test_engine_dying_keeps_the_partial_answer_and_the_next_turn_works(words_before: int) -> None:
    async def scenario() -> None:
        chat = FakeChat("One two" if words_before else "")
        chat.error = EngineError("engine.died", "The engine stopped.", "Ask again.")
        parts = fake_parts(chat=chat)
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("count"))
            failed = await witness.next(Failed)
            assert (failed.error.code, failed.kept_text) == ("engine.died", chat.reply)
            assert failed.turn_id
            await witness.phase(Phase.IDLE)
            chat.error, chat.reply = None, "Three."
            assistant.post(SubmitText("go on"))
            assert (await witness.next(TurnFinished)).reply == "Three."
        rows = parts.history.rows["c1"]  # type: ignore[attr-defined]
        assert [(m.text, m.error_code) for m in rows if m.role is Role.ASSISTANT] == [
            (chat_text, code)
            for chat_text, code in [("One two" if words_before else "", "engine.died"), ("Three.", "")]
        ]

    asyncio.run(scenario())


def test_failing_voice_leaves_the_written_answer() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("go"))
        assert isinstance(parts.synthesizer, FakeSynthesizer)
        parts.synthesizer.error = SpeechError("speech.worker_died", "The voice stopped.")
        async with running(parts) as (assistant, witness):
            await ask_aloud(assistant, witness, microphone)
            assert (await witness.next(TurnFinished)).reply == "All is well."
        (failed,) = witness.of(Failed)
        assert (failed.error.code, failed.turn_id) == ("speech.worker_died", "")

    asyncio.run(scenario())


def test_full_disk_costs_the_record_and_not_the_answer() -> None:
    async def scenario() -> None:
        parts = fake_parts()
        assert isinstance(parts.history, FakeHistory)
        parts.history.error = StorageError("storage.disk_full", "The disk is full.")
        async with running(parts) as (assistant, witness):
            assistant.post(SubmitText("hi"))
            assert (await witness.next(TurnFinished)).reply == "All is well."
        assert [f.error.code for f in witness.of(Failed)] == ["storage.disk_full"]

    asyncio.run(scenario())


def test_no_microphone_says_why_and_typing_still_works() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        microphone.open_error = AudioError("audio.no_input", "No microphone was found.")
        async with running(fake_parts(microphone=microphone)) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            assert (await witness.next(Failed)).error.code == "audio.no_input"
            await witness.phase(Phase.IDLE)
            assert witness.of(PartChanged)[-1].state is PartState.FAILED
            assistant.post(SubmitText("hi"))
            await witness.next(TurnFinished)
            microphone.open_error = None  # plugged in
            assistant.post(RetryPart(Part.MICROPHONE))
            while (await witness.next(PartChanged)).part is not Part.MICROPHONE:
                pass
            assert witness.of(PartChanged)[-1].state is PartState.READY

    asyncio.run(scenario())


def test_microphone_pulled_out_mid_sentence_keeps_what_was_said() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("half a sen"))
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            microphone.hear(VOICE)
            microphone.fail(AudioError("audio.input_lost", "The microphone is gone."))
            assert (await witness.next(Failed)).error.code == "audio.input_lost"
            assert (await witness.next(TurnStarted)).text == "half a sen"
            await witness.next(TurnFinished)
            await witness.phase(Phase.IDLE)

    asyncio.run(scenario())


def test_file_ends_the_listening_and_nothing_is_answered_when_only_listening() -> None:
    async def scenario() -> None:
        microphone, chat = FakeMicrophone(), FakeChat()
        microphone.live = False
        parts = fake_parts(microphone=microphone, chat=chat, transcriber=FakeTranscriber("one", "two"))
        async with running(parts, answers=False) as (assistant, witness):
            microphone.hear(VOICE, SILENCE, VOICE)
            microphone.end()
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            await witness.phase(Phase.IDLE)
        assert [t.text for t in witness.of(Transcribed)] == ["one", "two"]
        assert not chat.prompts

    asyncio.run(scenario())


def test_parts_tell_their_state_and_load_again_on_request() -> None:
    async def scenario() -> None:
        chat = FakeChat()
        chat.load_error = ModelError("model.missing", "The model is not here.", "jarvis models get x")
        async with running(fake_parts(chat=chat)) as (assistant, witness):
            assistant.loader.load(Part.ENGINE)
            assert (await witness.next(PartChanged)).state is PartState.LOADING
            absent = await witness.next(PartChanged)
            assert (absent.state, absent.error) == (PartState.ABSENT, chat.load_error)
            assistant.post(SubmitText("hi"))
            failed = await witness.next(Failed)
            assert failed.error.code == "model.missing"
            chat.load_error = None
            assistant.post(RetryPart(Part.ENGINE))
            while (await witness.next(PartChanged)).state is not PartState.READY:
                pass
            assistant.post(SubmitText("hi"))
            await witness.next(TurnFinished)

    asyncio.run(scenario())


def test_settings_exchange_a_part_while_the_program_runs() -> None:
    async def scenario() -> None:
        async with running(fake_parts(chat=FakeChat("Old."))) as (assistant, witness):
            assistant.post(SubmitText("who?"))
            assert (await witness.next(TurnFinished)).reply == "Old."
            await assistant.loader.reload(Part.ENGINE, FakeChat("New."))
            assistant.post(SubmitText("who?"))
            assert (await witness.next(TurnFinished)).reply == "New."

    asyncio.run(scenario())


def test_stored_conversation_opens_and_an_unknown_one_says_so() -> None:
    async def scenario() -> None:
        async with running(fake_parts()) as (assistant, witness):
            assistant.post(SubmitText("hi"))
            turn = await witness.next(TurnFinished)
            await witness.phase(Phase.IDLE)
            assistant.post(OpenConversation("c1"))
            opened = await witness.next(ConversationOpened)
            assert {m.turn_id for m in opened.messages} == {turn.turn_id}
            assistant.post(OpenConversation("nope"))
            assert (await witness.next(Failed)).error.code == "storage.unknown"

    asyncio.run(scenario())


def test_one_question_beside_the_dialogue_can_leave_no_trace() -> None:
    async def scenario() -> None:
        parts, loudspeaker = fake_parts(), FakeLoudspeaker()
        async with running(parts) as (assistant, _):
            now = asyncio.get_running_loop().time()
            done = await assistant.ask("hi", asked_at=now, speak_to=loudspeaker, remember=False)
        assert done.reply == "All is well."
        assert [clip.text for clip in loudspeaker.clips] == ["All is well."]
        assert not parts.history.rows  # type: ignore[attr-defined]

    asyncio.run(scenario())


def test_heard_text_counts_whole_words() -> None:
    clips = [SpeechClip(np.zeros(1000, np.float32), 1000, text) for text in ("one two.", "three four")]
    assert heard_text(clips, 0.0) == ""
    assert heard_text(clips, 0.6) == "one"
    assert heard_text(clips, 1.0) == "one two."
    assert heard_text(clips, 1.5) == "one two. three"
    assert heard_text(clips, 9.0) == "one two. three four"
