"""Speech as the bytes of a sound file, or of a stream."""

from __future__ import annotations

import io
import struct
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from types import MappingProxyType
from typing import Literal

import numpy as np
import soundfile
import soxr

from jarvis_desktop.ports import Samples, SpeechClip

SpeechFormat = Literal["wav", "pcm", "flac", "opus", "mp3"]

STREAMED: frozenset[SpeechFormat] = frozenset({"wav", "pcm"})

PCM_RATE = 24_000
"""Hz that every client of OpenAI's takes bare samples for."""

_ENDLESS = 0xFFFF_FFFF  # bytes; a WAV of which nobody knows yet how long it gets
_OPUS_RATE = 48_000
_FILES: Mapping[SpeechFormat, tuple[str, str]] = MappingProxyType(
    {"flac": ("FLAC", "PCM_16"), "opus": ("OGG", "OPUS"), "mp3": ("MP3", "MPEG_LAYER_III")}
)
MEDIA_TYPES: Mapping[SpeechFormat, str] = MappingProxyType(
    {"wav": "audio/wav", "pcm": "audio/pcm", "flac": "audio/flac", "opus": "audio/ogg", "mp3": "audio/mpeg"}
)
"""MIME types."""


def encoded(clips: Sequence[SpeechClip], kind: SpeechFormat) -> bytes:
    """A whole file. Blocks."""
    container, coding = _FILES[kind]
    rate = clips[0].sample_rate
    samples = np.concatenate([_at(clip, rate) for clip in clips])
    if kind == "opus":
        rate, samples = _OPUS_RATE, soxr.resample(samples, rate, _OPUS_RATE)
    file = io.BytesIO()
    soundfile.write(file, np.clip(samples, -1.0, 1.0), rate, coding, format=container)
    return file.getvalue()


async def streamed(
    clips: AsyncGenerator[SpeechClip, None], kind: SpeechFormat
) -> AsyncGenerator[bytes, None]:
    """The bytes of each clip as it comes; a WAV begins with its head."""
    rate = PCM_RATE if kind == "pcm" else 0
    async with aclosing(clips):
        async for clip in clips:
            if not rate:
                rate = clip.sample_rate
                yield _head(rate)
            samples = np.clip(_at(clip, rate), -1.0, 1.0)
            yield np.rint(samples * 32767).astype("<i2").tobytes()


def _at(clip: SpeechClip, rate: int) -> Samples:
    if clip.sample_rate == rate:
        return clip.samples
    resampled: Samples = soxr.resample(clip.samples, clip.sample_rate, rate)
    return resampled


def _head(rate: int) -> bytes:
    """Of a WAV in 16 bits with one channel, as long as it gets."""
    sound = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    riff = struct.pack("<4sI4s", b"RIFF", _ENDLESS, b"WAVE")
    return riff + sound + struct.pack("<4sI", b"data", _ENDLESS)
