"""Long recordings in pieces, cut where nobody speaks, with times of the whole."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from jarvis_desktop.assistant.long_recordings import LONGEST_PIECE, pieces, transcribed
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from tests.fakes import FakeTranscriber

PAUSES = (25.0, 47.0, 70.0)
"""Seconds at which nobody speaks for half a second."""


@pytest.fixture
def recording() -> Samples:
    samples = np.random.default_rng(1).normal(0, 0.1, round(80 * SAMPLE_RATE)).astype(np.float32)
    for pause in PAUSES:
        samples[round((pause - 0.25) * SAMPLE_RATE) : round((pause + 0.25) * SAMPLE_RATE)] = 0.0
    return samples


def test_cuts_lie_in_pauses_and_nothing_is_lost(recording: Samples) -> None:
    cut = list(pieces(recording))
    assert np.array_equal(np.concatenate(cut), recording)
    assert max(map(len, cut)) <= LONGEST_PIECE * SAMPLE_RATE
    ends = np.cumsum([len(piece) for piece in cut[:-1]]) / SAMPLE_RATE
    assert ends == pytest.approx(PAUSES, abs=0.25)


@pytest.mark.parametrize("seconds", [0.0, 1.0, LONGEST_PIECE])
def test_a_short_recording_is_one_piece(seconds: float) -> None:
    (piece,) = pieces(np.zeros(round(seconds * SAMPLE_RATE), np.float32))
    assert len(piece) == round(seconds * SAMPLE_RATE)


def test_the_text_is_that_of_all_pieces_with_the_times_of_the_whole(recording: Samples) -> None:
    class Noting(FakeTranscriber):
        languages: list[str] = []  # noqa: RUF012

        async def transcribe(self, samples: Samples, *, language: str = "auto") -> object:  # type: ignore[override]
            self.languages.append(language)
            return await super().transcribe(samples, language=language)

    transcriber = Noting("", "one", "two", "three")
    told = asyncio.run(transcribed(transcriber, recording, "auto"))
    assert told.text == "one two three"
    assert told.audio_seconds == pytest.approx(80.0)
    assert [segment.start for segment in told.segments] == pytest.approx([0.0, *PAUSES], abs=0.25)
    assert told.segments[-1].end == pytest.approx(80.0)
    # Silence tells no language; the first words do, and the rest is heard in it.
    assert transcriber.languages == ["auto", "auto", "en", "en"]
