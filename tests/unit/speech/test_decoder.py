"""How recordings are cut and which sounds count as silence, on real recordings."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.speech.decoder import has_voice, is_silent, pieces, voice_returns
from tests.conftest import Recording


def audio(path: Path) -> Samples:
    return np.asarray(soundfile.read(path, dtype="float32")[0], np.float32)


def test_a_short_recording_is_one_piece() -> None:
    assert pieces(np.zeros(SAMPLE_RATE, np.float32)) == [(0, SAMPLE_RATE)]
    assert pieces(np.zeros(0, np.float32)) == [(0, 0)]


def test_a_long_recording_is_cut_in_its_pauses_and_nothing_is_left_out(recordings: list[Recording]) -> None:
    samples = audio(next(r.path for r in recordings if r.kind == "long"))
    bounds = pieces(samples)
    assert bounds[0][0] == 0
    assert bounds[-1][1] == len(samples)
    assert all(left[1] == right[0] for left, right in pairwise(bounds))
    assert all(0 < end - start <= 28 * SAMPLE_RATE for start, end in bounds)
    speech = np.sqrt(np.mean(samples**2))
    for cut, _ in bounds[1:]:
        around = samples[cut - SAMPLE_RATE // 20 : cut + SAMPLE_RATE // 20]
        assert np.sqrt(np.mean(around**2)) < speech / 2


def test_noise_without_a_pause_is_cut_all_the_same() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 100 * SAMPLE_RATE).astype(np.float32)
    assert all(end - start <= 28 * SAMPLE_RATE for start, end in pieces(noise))


def test_people_are_heard_and_rooms_are_not(recordings: list[Recording]) -> None:
    for recording in [r for r in recordings if r.kind == "read"][::8]:
        samples = audio(recording.path)
        assert has_voice(samples), recording.path
        assert not is_silent(samples), recording.path
    for recording in [r for r in recordings if r.kind == "silence"]:
        assert not has_voice(audio(recording.path)), recording.path


def test_another_word_is_a_voice_that_returns_and_the_rest_of_the_last_one_is_none(
    recordings: list[Recording],
) -> None:
    for recording in [r for r in recordings if r.kind == "read"][::8]:
        samples = audio(recording.path)
        pause = np.zeros(SAMPLE_RATE // 4, np.float32)
        said = np.concatenate([samples[-SAMPLE_RATE:], pause])
        assert not voice_returns(np.concatenate([said, pause]), len(said)), recording.path
        assert voice_returns(np.concatenate([said, samples[: 4 * SAMPLE_RATE]]), len(said)), recording.path


@pytest.mark.parametrize("length", [0, 1, 479])
def test_less_than_a_frame_is_silence(length: int) -> None:
    assert is_silent(np.ones(length, np.float32))
    assert not has_voice(np.zeros(length, np.float32))
