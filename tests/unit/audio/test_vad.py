"""Where speech begins and where a turn ends, on real recordings and made sounds."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.audio.vad import HeldGate, VoiceGate
from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    UtteranceEnded,
    VoiceContinued,
    VoiceDetector,
    VoiceEvent,
    VoiceStarted,
    VoiceStopped,
)
from tests.conftest import Recording

DEFAULTS = Listening()


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def noise(seconds: float, amplitude: float, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    return (amplitude * rng.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def run(
    detector: VoiceDetector, sound: Samples, *, finish: bool = True, block: int = 320
) -> list[VoiceEvent]:
    """Everything the detector says about a sound fed in blocks."""

    async def feed() -> list[VoiceEvent]:
        events: list[VoiceEvent] = []
        for at in range(0, len(sound), block):
            events += await detector.feed(AudioBlock(sound[at : at + block], at / SAMPLE_RATE))
        return events + list(await detector.finish() if finish else [])

    return asyncio.run(feed())


def utterances(events: Sequence[VoiceEvent]) -> list[tuple[float, Samples, UtteranceEnded]]:
    """Start, audio and end of each utterance."""
    found: list[tuple[float, Samples, UtteranceEnded]] = []
    start, pieces = 0.0, list[Samples]()
    for event in events:
        match event:
            case VoiceStarted():
                start, pieces = event.start, [event.samples]
            case VoiceContinued():
                pieces.append(event.samples)
            case UtteranceEnded():
                found.append((start, np.concatenate(pieces), event))
    return found


@pytest.fixture
def sentence(recordings: list[Recording]) -> Samples:
    """A short read sentence, recorded close to the microphone."""
    return read_audio(next(r.path for r in recordings if r.path.stem == "arctic_aew_a0001"))


def test_a_sentence_is_one_utterance_with_its_first_and_last_word(sentence: Samples) -> None:
    sound = np.concatenate((silence(1.0), sentence, silence(1.5)))
    ((start, audio, ended),) = utterances(run(VoiceGate(DEFAULTS), sound))
    loud = np.flatnonzero(np.abs(sound) > 0.05 * np.abs(sound).max()) / SAMPLE_RATE
    assert start <= loud[0] - 0.3, "the pre-roll lies before the first sound"
    assert loud[-1] <= ended.end <= loud[-1] + 0.3
    assert start + len(audio) / SAMPLE_RATE >= ended.end
    assert ended.reason == "silence"
    at = round(start * SAMPLE_RATE)
    assert np.array_equal(audio, sound[at : at + len(audio)]), "the audio is the input, unbroken"


def test_every_loud_part_of_a_long_reading_is_in_an_utterance(recordings: list[Recording]) -> None:
    for recording in (r for r in recordings if r.kind == "long"):
        sound = read_audio(recording.path)
        inside = np.zeros(len(sound), dtype=bool)
        for start, audio, _ in utterances(run(VoiceGate(DEFAULTS), sound)):
            at = round(start * SAMPLE_RATE)
            assert not inside[at : at + len(audio)].any(), "no sound is in two utterances"
            inside[at : at + len(audio)] = True
        loud = np.abs(sound) > 0.2 * np.percentile(np.abs(sound), 99.5)
        assert inside[loud].mean() > 0.999, recording.path.name


def test_every_short_command_is_noticed(recordings: list[Recording]) -> None:
    spoken = [r for r in recordings if r.kind in ("command", "wake_positive", "wake_near_miss")]
    missed = [
        r.path.name
        for r in spoken
        if not utterances(
            run(VoiceGate(DEFAULTS), np.concatenate((silence(0.5), read_audio(r.path), silence(1))))
        )
    ]
    assert spoken
    assert missed == []


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng to say the words")
@pytest.mark.parametrize(
    ("language", "word"), [("en", "yes"), ("en", "no"), ("es", "sí"), ("es", "no"), ("en", "stop")]
)
def test_an_answer_of_one_syllable_is_an_utterance(tmp_path: Path, language: str, word: str) -> None:
    path = tmp_path / "word.wav"
    subprocess.run(["espeak-ng", "-v", language, "-w", str(path), word], check=True)
    sound = np.concatenate((silence(0.5), read_audio(path), silence(1.0)))
    assert len(utterances(run(VoiceGate(DEFAULTS), sound))) == 1


def test_an_open_microphone_in_a_quiet_room_is_never_an_utterance(recordings: list[Recording]) -> None:
    for recording in (r for r in recordings if r.kind == "silence"):
        assert run(VoiceGate(DEFAULTS), read_audio(recording.path)) == []


@pytest.mark.parametrize("milliseconds", [5, 20, 50, 100])
def test_a_click_is_not_an_utterance(milliseconds: int) -> None:
    burst = noise(milliseconds / 1000, 0.5)
    sound = np.concatenate((silence(0.5), burst, silence(0.4), burst, silence(1.0)))
    assert run(VoiceGate(DEFAULTS), sound) == []


def test_sound_below_the_silence_level_is_never_speech(sentence: Samples) -> None:
    faint = sentence * 10 ** (-20 / 20)
    sound = np.concatenate((silence(0.5), faint, silence(1.0)))
    assert len(utterances(run(VoiceGate(Listening(energy_gate_dbfs=-80)), sound))) == 1
    assert run(VoiceGate(Listening(energy_gate_dbfs=-20)), sound) == []


def test_a_short_pause_does_not_end_the_turn_and_a_long_one_does(sentence: Samples) -> None:
    def turns(pause: float) -> list[tuple[float, Samples, UtteranceEnded]]:
        sound = np.concatenate((silence(0.5), sentence, silence(pause), sentence, silence(1.5)))
        return utterances(run(VoiceGate(DEFAULTS), sound))

    assert len(turns(0.4)) == 1
    assert len(turns(1.5)) == 2


def test_a_pause_is_told_before_the_turn_ends(sentence: Samples) -> None:
    events = run(VoiceGate(DEFAULTS), np.concatenate((silence(0.5), sentence, silence(1.5))))
    last_stop = [e for e in events if isinstance(e, VoiceStopped)][-1]
    (ended,) = [e for e in events if isinstance(e, UtteranceEnded)]
    assert last_stop.end == ended.end
    assert events.index(last_stop) < events.index(ended)


def test_single_noisy_frames_do_not_put_off_the_end_of_the_turn(sentence: Samples) -> None:
    ticking = silence(4.0)
    for at in np.arange(0.1, 4.0, 0.3):
        ticking[round(at * SAMPLE_RATE) :][:160] = noise(0.01, 0.3)
    ((_, audio, _),) = utterances(run(VoiceGate(DEFAULTS), np.concatenate((silence(0.5), sentence, ticking))))
    assert len(audio) / SAMPLE_RATE < len(sentence) / SAMPLE_RATE + 2.0


def test_a_turn_without_end_is_cut_at_the_limit_and_goes_on(recordings: list[Recording]) -> None:
    reading = read_audio(next(r.path for r in recordings if r.kind == "long"))[: 30 * SAMPLE_RATE]
    settings = Listening(max_utterance_s=5, stop_ms=3000)
    found = utterances(run(VoiceGate(settings), reading))
    assert [ended.reason for _, _, ended in found[:-1]] == ["limit"] * (len(found) - 1)
    assert all(len(audio) <= 5.02 * SAMPLE_RATE for _, audio, _ in found)
    assert sum(len(audio) for _, audio, _ in found) > 0.95 * len(reading), "no words are lost at the cuts"


def test_the_end_of_a_file_closes_the_utterance_with_its_last_samples(sentence: Samples) -> None:
    cut = sentence[: np.abs(sentence).argmax() + 1234]
    ((start, audio, ended),) = utterances(run(VoiceGate(DEFAULTS), cut))
    assert ended.reason == "source-ended"
    assert round(start * SAMPLE_RATE) + len(audio) == len(cut)
    assert ended.end <= len(cut) / SAMPLE_RATE


@given(block=st.integers(1, 5000))
@settings(deadline=None, max_examples=15)
def test_the_size_of_the_blocks_does_not_matter(block: int) -> None:
    sound = np.concatenate((silence(0.6), noise(1.0, 0.2), silence(1.0), noise(0.6, 0.2), silence(1.1)))
    by_frame = utterances(run(VoiceGate(DEFAULTS), sound))
    by_block = utterances(run(VoiceGate(DEFAULTS), sound, block=block))
    assert [len(a) for _, a, _ in by_block] == [len(a) for _, a, _ in by_frame]
    assert [e.end for *_, e in by_block] == pytest.approx([e.end for *_, e in by_frame])


def test_a_held_key_passes_everything_even_silence(sentence: Samples) -> None:
    sound = np.concatenate((silence(0.5), sentence, silence(1.5)))
    ((start, audio, ended),) = utterances(run(HeldGate(DEFAULTS), sound))
    assert start == 0.0
    assert np.array_equal(audio, sound)
    loud = np.flatnonzero(np.abs(sound) > 0.05 * np.abs(sound).max()) / SAMPLE_RATE
    assert loud[-1] <= ended.end <= loud[-1] + 0.3, "the end is that of the voice, not of the key"


def test_a_key_held_in_silence_ends_when_it_is_released() -> None:
    ((_, audio, ended),) = utterances(run(HeldGate(DEFAULTS), silence(0.7)))
    assert ended.end == pytest.approx(0.7)
    assert len(audio) == len(silence(0.7))


def test_a_key_whose_release_is_lost_ends_at_the_limit_and_hears_no_more() -> None:
    gate = HeldGate(Listening(max_utterance_s=5))
    events = run(gate, noise(8.0, 0.1))
    ((_, audio, ended),) = utterances(events)
    assert ended.reason == "limit"
    assert len(audio) == 5 * SAMPLE_RATE
    assert isinstance(events[-1], UtteranceEnded)


def test_a_key_tapped_before_any_sound_came_says_nothing() -> None:
    assert run(HeldGate(DEFAULTS), silence(0)) == []
