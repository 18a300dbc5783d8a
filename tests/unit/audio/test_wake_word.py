"""The networks behind the wake word, on the model files themselves (no process, no recordings)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.audio.wake_word import STEP, Network, WakeWord
from jarvis_desktop.ports import Samples
from jarvis_desktop.resources import resource


@pytest.fixture(scope="module")
def listener(models_home: Path) -> WakeWord:
    return WakeWord(models_home / "models" / "hey-jarvis")


def sound(steps: float) -> Samples:
    time = np.arange(round(steps * STEP)) / 16_000
    tone = 0.1 * np.sin(2 * np.pi * (300 + 200 * np.sin(9 * time)) * time)
    # No microphone is without noise; bands without any sound are cut relative to the loudest of a call.
    return (tone + np.random.default_rng(1).normal(scale=0.01, size=len(time))).astype(np.float32)


def test_one_score_for_each_80_ms_however_the_sound_arrives(listener: WakeWord) -> None:
    listener.reset()
    counts = [len(listener.scores(piece)) for piece in np.array_split(sound(12.5), 7)]
    assert sum(counts) == 12


def test_the_same_sound_scores_the_same_in_one_piece_and_in_many(listener: WakeWord) -> None:
    listener.reset()
    whole = listener.windows(sound(20))
    listener.reset()
    pieces = [listener.windows(piece) for piece in np.array_split(sound(20), 20)]
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=0.05)


def test_a_fresh_stream_remembers_nothing(listener: WakeWord) -> None:
    listener.reset()
    first = listener.scores(sound(10))
    listener.reset()
    assert listener.scores(sound(10)) == pytest.approx(first, abs=1e-6)


def test_silence_is_no_call(listener: WakeWord) -> None:
    listener.reset()
    assert max(listener.scores(np.zeros(30 * STEP, np.float32), name_alone=True)) < 0.1


def test_a_layer_is_read_as_it_was_written(tmp_path: Path) -> None:
    layer = Network.load(resource("resources", "wake_word.npz"))
    layer.save(tmp_path / "copy.npz")
    windows = np.random.default_rng(1).standard_normal((3, 16, 96)).astype(np.float32)
    copy = Network.load(tmp_path / "copy.npz")
    np.testing.assert_array_equal(copy.probability(windows), layer.probability(windows))
