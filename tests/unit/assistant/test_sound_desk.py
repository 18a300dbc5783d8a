"""The examination of the sound devices: what is wrong is found, said step by step, and can be put right."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from jarvis_desktop.assistant import sound_desk
from jarvis_desktop.assistant.sound_findings import PATIENCE_SECONDS, SoundFindings
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import AudioError, SpeechError
from jarvis_desktop.events import (
    DevicesListed,
    EchoMeasured,
    ExamineSound,
    Finding,
    ListDevices,
    LookForDevices,
    Loudness,
    MeasureEcho,
    PartState,
    Phase,
    RecordSample,
    Remedy,
    SampleTranscribed,
    SetHandsFree,
    SoundChecked,
    SoundDevice,
    SoundDevicesListed,
    SoundFailed,
    SoundHeard,
    SoundStep,
    SoundTest,
    SoundTestChanged,
    StepFound,
    TryLoudspeaker,
    TurnStarted,
    UnmuteMicrophone,
)
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, Segment, Transcript
from tests.fakes import (
    SILENCE,
    VOICE,
    FakeLoudspeaker,
    FakeMicrophone,
    FakeSound,
    FakeTranscriber,
    fake_parts,
)
from tests.unit.assistant.harness import running, until
from tests.witness import Witness

NO_MICROPHONE = AudioError("audio.no_input", "No microphone was found.", "Connect one.")


async def step(witness: Witness, wanted: SoundStep, finding: Finding) -> StepFound:
    """The next time this step is found so."""
    while True:
        for each in (await witness.next(SoundChecked)).steps:
            if (each.step, each.finding) == (wanted, finding):
                return each


def noise(peak: float, seconds: float) -> list[AudioBlock]:
    """Steady noise in blocks of 20 ms."""
    samples = np.random.default_rng(1).uniform(-peak, peak, round(seconds * SAMPLE_RATE)).astype(np.float32)
    return [
        AudioBlock(piece, number / 50)
        for number, piece in enumerate(np.split(samples, len(samples) // len(VOICE)))
    ]


def found(
    blocks: list[AudioBlock], config: Config | None = None, *, spoken: bool = False, words: str | None = None
) -> dict[SoundStep, StepFound]:
    """What is found of a microphone that gave these blocks."""
    findings = SoundFindings(FakeSound().clipped)
    findings.name, findings.spoken = "headset", spoken
    for block in blocks:
        findings.hear(block)
    if words is not None:
        findings.transcript = Transcript(words, "en", 3.0, 0.1, (Segment(words, 0.0, 3.0, -0.2),))
    return {each.step: each for each in findings.steps(config or Config(), PartState.READY)}


def test_words_that_are_heard_leave_nothing_wrong() -> None:
    steps = found(noise(0.3, 3.0), spoken=True, words="What time is it?")
    assert {each.finding for each in steps.values()} == {Finding.RIGHT}


def test_digital_silence_is_told_as_a_muted_microphone_and_nothing_behind_it_is_blamed() -> None:
    steps = found(noise(0.0, 3.0))
    assert steps[SoundStep.DEVICE].finding is Finding.RIGHT
    assert steps[SoundStep.ALLOWED].finding is Finding.WRONG
    assert steps[SoundStep.ALLOWED].hint
    assert steps[SoundStep.LEVEL].finding is Finding.UNKNOWN


def test_a_quiet_microphone_is_blamed_once_there_was_time_to_speak() -> None:
    assert found(noise(0.005, PATIENCE_SECONDS / 2))[SoundStep.LEVEL].finding is Finding.UNKNOWN
    assert found(noise(0.005, PATIENCE_SECONDS + 1))[SoundStep.LEVEL].finding is Finding.WRONG


def test_sound_that_is_cut_off_is_too_loud() -> None:
    clipped: Samples = np.ones_like(VOICE)
    assert found([AudioBlock(clipped, 0.0)])[SoundStep.LEVEL].finding is Finding.WRONG


def test_a_silence_level_set_too_high_can_be_lowered_with_a_button() -> None:
    high = Config.model_validate({"listening": {"energy_gate_dbfs": -20.0}})
    assert found(noise(0.1, 3.0), high)[SoundStep.VOICE].remedy is Remedy.LOWER_GATE
    assert found(noise(0.1, 3.0))[SoundStep.VOICE].remedy is Remedy.NONE


def test_words_not_understood_in_a_fixed_language_lead_to_any_language() -> None:
    spanish = Config.model_validate({"transcription": {"language": "es"}})
    step = found(noise(0.3, 3.0), spanish, spoken=True, words="")[SoundStep.LANGUAGE]
    assert (step.finding, step.remedy) == (Finding.WRONG, Remedy.ANY_LANGUAGE)
    assert found(noise(0.3, 3.0), spoken=True, words="")[SoundStep.LANGUAGE].remedy is Remedy.NONE


def test_devices_level_and_the_gates_judgement_are_told_while_it_is_examined() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        async with running(fake_parts(microphone=microphone)) as (assistant, witness):
            assistant.post(ExamineSound(True))
            listed = await witness.next(SoundDevicesListed)
            assert [device.name for device in listed.inputs] == ["fake microphone"]
            microphone.hear(*[SILENCE] * 3, *[VOICE] * 3)
            assert not (await witness.next(SoundHeard)).voice
            heard = await witness.next(SoundHeard)
            assert (heard.voice, heard.loudness) == (True, Loudness.GOOD)
            await step(witness, SoundStep.VOICE, Finding.RIGHT)
            assistant.post(ExamineSound(False))
            await until(lambda: not microphone.is_open)

    asyncio.run(scenario())


def test_hands_free_listening_rests_meanwhile_and_goes_on_afterwards() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone, transcriber=FakeTranscriber("never asked"))
        async with running(parts) as (assistant, witness):
            assistant.post(SetHandsFree(True))
            await witness.phase(Phase.LISTENING)
            assistant.post(ExamineSound(True))
            await witness.phase(Phase.IDLE)
            await witness.next(SoundDevicesListed)
            microphone.hear(VOICE, VOICE, SILENCE)
            await witness.next(SoundHeard)
            assistant.post(ExamineSound(False))
            await witness.phase(Phase.LISTENING)
            assert not witness.of(TurnStarted)

    asyncio.run(scenario())


def test_a_recording_is_played_again_with_what_was_understood() -> None:
    async def scenario() -> None:
        microphone, speakers = FakeMicrophone(), []

        def loudspeaker() -> FakeLoudspeaker:
            speakers.append(FakeLoudspeaker())
            return speakers[-1]

        parts = fake_parts(
            microphone=microphone, loudspeaker=loudspeaker, transcriber=FakeTranscriber("what time is it")
        )
        async with running(parts) as (assistant, witness):
            assistant.post(ExamineSound(True))
            await witness.next(SoundDevicesListed)
            assistant.post(RecordSample())
            assert (await witness.next(SoundTestChanged)).test is SoundTest.RECORDING
            microphone.hear(*[VOICE] * 150)
            assert (await witness.next(SoundTestChanged)).test is SoundTest.REPLAYING
            assert (await witness.next(SampleTranscribed)).text == "what time is it"
            assert (await witness.next(SoundTestChanged)).test is None
        assert np.array_equal(speakers[0].clips[0].samples, np.concatenate([VOICE] * 150))

    asyncio.run(scenario())


def test_a_microphone_lost_while_recording_ends_the_test_and_is_found_again() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        async with running(fake_parts(microphone=microphone)) as (assistant, witness):
            assistant.post(ExamineSound(True))
            await witness.next(SoundDevicesListed)
            assistant.post(RecordSample())
            await witness.next(SoundTestChanged)
            microphone.hear(VOICE)
            microphone.fail(NO_MICROPHONE)
            lost = await step(witness, SoundStep.DEVICE, Finding.WRONG)
            assert (await witness.next(SoundFailed)).error is NO_MICROPHONE
            assert (await witness.next(SoundTestChanged)).test is None
            assert (lost.error, lost.remedy) == (NO_MICROPHONE, Remedy.LOOK_AGAIN)
            assistant.post(LookForDevices())
            microphone.hear(VOICE)
            await step(witness, SoundStep.DEVICE, Finding.RIGHT)

    asyncio.run(scenario())


def test_a_microphone_muted_in_the_system_is_told_and_unmuted_by_request() -> None:
    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts, sound = fake_parts(microphone=microphone), FakeSound()
        sound.muted = True
        parts.sound = sound
        async with running(parts) as (assistant, witness):
            assistant.post(ExamineSound(True))
            microphone.hear(SILENCE)
            muted = await step(witness, SoundStep.ALLOWED, Finding.WRONG)
            assert muted.remedy is Remedy.UNMUTE
            assistant.post(UnmuteMicrophone())
            microphone.hear(*[VOICE] * 4)
            await step(witness, SoundStep.ALLOWED, Finding.RIGHT)
        assert not sound.muted

    asyncio.run(scenario())


def test_what_is_plugged_in_is_noticed_and_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_desk, "LOOK_SECONDS", 0.01)

    async def scenario() -> None:
        microphone, sound = FakeMicrophone(), FakeSound()
        parts = fake_parts(microphone=microphone)
        parts.sound = sound
        async with running(parts) as (assistant, witness):
            assistant.post(ExamineSound(True))
            await witness.next(SoundDevicesListed)
            sound.inputs = (*sound.inputs, SoundDevice("headset", 16_000, is_default=False))
            sound.microphone = "Headset"
            listed = await witness.next(SoundDevicesListed)
            assert [device.name for device in listed.inputs] == ["fake microphone", "headset"]
            assert [each.name for each in listed.microphones] == ["Headset"]
            microphone.hear(VOICE)
            opened = await step(witness, SoundStep.DEVICE, Finding.RIGHT)
            assert opened.detail is not None
            assert "Headset" in str(opened.detail)

    asyncio.run(scenario())


def test_who_has_closed_it_is_not_listened_to_again() -> None:
    async def scenario() -> None:
        microphone, sound = FakeMicrophone(), FakeSound()
        parts = fake_parts(microphone=microphone)
        parts.sound = sound
        async with running(parts) as (assistant, witness):
            assistant.post(ExamineSound(True))
            await until(lambda: microphone.is_open)
            sound.microphone = "Headset"
            for wish in (UnmuteMicrophone(), MeasureEcho(), LookForDevices(), ExamineSound(False)):
                assistant.post(wish)
            assistant.post(ListDevices())
            await witness.next(DevicesListed)
            assert not microphone.is_open
            assistant.post(LookForDevices())
            assistant.post(ListDevices())
            await witness.next(DevicesListed)
            assert not microphone.is_open

    asyncio.run(scenario())


def test_one_test_at_a_time() -> None:
    async def scenario() -> None:
        speaker = FakeLoudspeaker(instant=False)
        async with running(fake_parts(loudspeaker=lambda: speaker)) as (assistant, witness):
            assistant.post(TryLoudspeaker())
            assert (await witness.next(SoundTestChanged)).test is SoundTest.LOUDSPEAKER
            assistant.post(MeasureEcho())
            assistant.post(ListDevices())
            await witness.next(DevicesListed)  # so the wish before it was taken
            await speaker.advance(1.0)
            assert (await witness.next(SoundTestChanged)).test is None
            assert speaker.stopped
            assistant.post(MeasureEcho())
            assert (await witness.next(EchoMeasured)).removed_db > 0
        assert len(witness.of(EchoMeasured)) == 1

    asyncio.run(scenario())


def test_without_the_listening_models_the_level_is_still_shown() -> None:
    class Broken:
        async def feed(self, block: AudioBlock) -> None:
            raise SpeechError("hearing.worker_died", "The listening models stopped unexpectedly.")

    async def scenario() -> None:
        microphone = FakeMicrophone()
        parts = fake_parts(microphone=microphone)
        parts.detector = lambda mode: Broken()  # type: ignore[assignment,return-value]
        async with running(parts) as (assistant, witness):
            assistant.post(ExamineSound(True))
            microphone.hear(*[VOICE] * 7)
            failed = await step(witness, SoundStep.VOICE, Finding.WRONG)
            assert failed.error is not None
            await witness.next(SoundHeard)

    asyncio.run(scenario())
