"""Long recordings as text, in pieces: whoever speaks into the microphone meanwhile waits for one at most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from jarvis_desktop.ports import SAMPLE_RATE, Samples, Transcriber, Transcript

LONGEST_PIECE = 30.0
"""Seconds; the transcriber itself decodes about as much at once."""

_SHORTEST_PIECE = 20.0
_PAUSE = 0.2  # seconds; the quietest so long is the best place to cut


async def transcribed(transcriber: Transcriber, samples: Samples, language: str) -> Transcript:
    """The text of a recording of any length (16 kHz); ``auto`` hears the language in its first words."""
    told: list[Transcript] = []
    begun = 0.0
    for piece in pieces(samples):
        part = await transcriber.transcribe(piece, language=language)
        moved = (replace(each, start=each.start + begun, end=each.end + begun) for each in part.segments)
        told.append(replace(part, segments=tuple(moved)))
        begun += len(piece) / SAMPLE_RATE
        if part.text:
            language = part.language
    return Transcript(
        " ".join(part.text for part in told if part.text),
        next((part.language for part in told if part.text), told[0].language),
        begun,
        sum(part.compute_seconds for part in told),
        tuple(segment for part in told for segment in part.segments),
    )


def pieces(samples: Samples) -> Iterator[Samples]:
    """The recording cut where it is quietest, into pieces of 20 to 30 seconds; the last may be shorter."""
    longest, shortest, pause = (
        round(seconds * SAMPLE_RATE) for seconds in (LONGEST_PIECE, _SHORTEST_PIECE, _PAUSE)
    )
    while len(samples) > longest:
        stretch = samples[shortest:longest]
        frames = stretch[: len(stretch) // pause * pause].reshape(-1, pause)
        quietest = int(np.argmin(np.square(frames).mean(axis=1)))
        end = shortest + quietest * pause + pause // 2
        yield samples[:end]
        samples = samples[end:]
    yield samples
