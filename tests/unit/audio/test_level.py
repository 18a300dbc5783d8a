"""Judging how loud a recording is."""

from __future__ import annotations

import numpy as np
import pytest
import soxr

from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.audio.level import clipping, measure
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples
from tests.conftest import Recording


def at_peak(speech: Samples, peak: float) -> Samples:
    return (speech * (peak / np.abs(speech).max())).astype(np.float32)


@pytest.fixture(scope="session")
def speech(recordings: list[Recording]) -> list[Samples]:
    """A few recordings of people, spread over the set."""
    return [read_audio(recording.path) for recording in recordings[::20]]


def test_speech_at_full_scale_is_not_called_clipped(speech: list[Samples]) -> None:
    assert not any(clipping(at_peak(words, 1.0)) for words in speech)


def test_speech_cut_off_by_the_input_is_noticed_also_after_resampling(speech: list[Samples]) -> None:
    for words in speech:
        at_the_device = soxr.resample(at_peak(words, 4.0), SAMPLE_RATE, 48_000).clip(-1.0, 1.0)
        assert clipping(soxr.resample(at_the_device, 48_000, SAMPLE_RATE))


def test_the_level_of_several_blocks_is_that_of_the_loudest() -> None:
    quiet, loud = np.full(320, 0.01, np.float32), np.full(320, 0.1, np.float32)
    level = measure([AudioBlock(quiet, 0.0), AudioBlock(loud, 0.02)])
    assert level.peak_dbfs == pytest.approx(-20.0)
    assert not level.clipped
    assert not level.silent


def test_a_muted_microphone_is_silent() -> None:
    assert measure([AudioBlock(np.zeros(320, np.float32), 0.0)]).silent
    assert measure([]).silent
