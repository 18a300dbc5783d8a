"""Something to hear on any machine: Jarvis' own voice asking questions, where no recordings are at hand."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import soundfile

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.audio.files import FileSink, read_audio
from jarvis_desktop.bench.streaming import last_sound
from jarvis_desktop.bench.stt import Clip
from jarvis_desktop.ports import SAMPLE_RATE, Samples

QUESTIONS = (
    "What is the capital of Peru?",
    "Please tell me a short story about a lighthouse and a storm.",
    "How many minutes are there in a day?",
    "Which planet is the largest one of our solar system?",
    "Can you explain why the sky is blue?",
    "I would like to cook rice for four people, how much water do I need?",
)

LEAD_SECONDS = 0.4
TAIL_SECONDS = 2.0
"""Silence around a question: longer than any pause that ends a turn with the default settings."""


async def spoken_questions(assistant: Assistant, folder: Path) -> list[Clip]:
    """`QUESTIONS` as 16 kHz WAV files in `folder`, in the voice of the settings."""
    clips = []
    for number, question in enumerate(QUESTIONS):
        path = folder / f"question_{number}.wav"
        await assistant.say(question, FileSink(path))
        soundfile.write(path, await asyncio.to_thread(read_audio, path), SAMPLE_RATE)
        clips.append(Clip(path, question, "en", "read"))
    return clips


def with_silence(clip: Clip, folder: Path) -> tuple[Path, float]:
    """A copy of a clip with silence around it, and the time of its last speech sample in seconds."""
    samples = clip.samples()
    whole: Samples = np.concatenate([_silence(LEAD_SECONDS), samples, _silence(TAIL_SECONDS)])
    path = folder / f"{clip.path.stem}_padded.wav"
    soundfile.write(path, whole, SAMPLE_RATE)
    return path, LEAD_SECONDS + last_sound(samples)


def _silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)
