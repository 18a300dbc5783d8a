"""The networks behind the voice gate, against the implementations they come from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.vad import get_vad_model
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.audio.silero import FRAME, SileroVad
from jarvis_desktop.audio.smart_turn import SmartTurn
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from tests.conftest import Recording


@pytest.fixture(scope="module")
def speech(recordings: list[Recording]) -> Samples:
    """11 s of a real speech."""
    return read_audio(next(r.path for r in recordings if r.kind == "speech"))


@pytest.fixture(scope="module")
def smart_turn(models_home: Path) -> SmartTurn:
    return SmartTurn(models_home / "models" / "smart-turn-v3.2")


def test_streaming_finds_what_the_whole_recording_shows(speech: Samples) -> None:
    vad = SileroVad()
    streamed = [p for at in range(0, len(speech), 320) for p in vad.probabilities(speech[at : at + 320])]
    whole = speech[: len(speech) // FRAME * FRAME].copy()
    expected = get_vad_model()(whole).ravel()
    # faster-whisper blanks the end of its last frame in place
    assert streamed[:-1] == pytest.approx(expected[:-1], abs=1e-4)


@given(sizes=st.lists(st.integers(0, 3000), min_size=1, max_size=8))
@settings(deadline=None, max_examples=20)
def test_the_cut_of_the_stream_does_not_matter(sizes: list[int]) -> None:
    sound = np.random.default_rng(5).standard_normal(sum(sizes)).astype(np.float32) * 0.1
    vad = SileroVad()
    pieces = np.split(sound, np.cumsum(sizes)[:-1])
    streamed = [p for piece in pieces for p in vad.probabilities(piece)]
    vad.reset()
    assert streamed == pytest.approx(vad.probabilities(sound), abs=1e-5)
    assert len(streamed) == len(sound) // FRAME


def test_a_reset_forgets_what_was_heard(speech: Samples) -> None:
    vad = SileroVad()
    first = vad.probabilities(speech)
    vad.probabilities(speech[:1000])
    vad.reset()
    assert vad.probabilities(speech) == first


def test_the_voice_detector_is_found_without_loading_the_transcriber() -> None:
    code = (
        "import sys; from jarvis_desktop.audio.silero import SileroVad; SileroVad();"
        "sys.exit('ctranslate2' in sys.modules or 'faster_whisper' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_features_are_those_of_whisper(smart_turn: SmartTurn, speech: Samples) -> None:
    last = speech[-8 * SAMPLE_RATE :]
    even = (last - last.mean()) / np.sqrt(last.var() + 1e-7)
    expected = FeatureExtractor(chunk_length=8)(even, padding=0)[:, :800]
    found = smart_turn.features(last)
    assert found.shape == (80, 800)
    assert np.abs(found - expected).max() < 1e-3


def test_the_end_of_a_sentence_sounds_more_complete_than_its_middle(
    smart_turn: SmartTurn, speech: Samples
) -> None:
    silence = np.zeros(SAMPLE_RATE // 5, dtype=np.float32)
    end = smart_turn.completeness(np.concatenate((speech, silence)))
    middle = smart_turn.completeness(np.concatenate((speech[: round(3.5 * SAMPLE_RATE)], silence)))
    assert middle < 0.5 < end


def test_only_the_last_eight_seconds_count(smart_turn: SmartTurn, speech: Samples) -> None:
    assert smart_turn.completeness(speech) == smart_turn.completeness(speech[-8 * SAMPLE_RATE :])
    padded = np.concatenate((np.zeros(8 * SAMPLE_RATE, dtype=np.float32), speech[:SAMPLE_RATE]))
    assert smart_turn.completeness(speech[:SAMPLE_RATE]) == smart_turn.completeness(padded)
