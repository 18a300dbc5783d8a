"""Sound as it is in events, raw PCM of any format, and as it is in the program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from wyoming.audio import AudioChunk
from wyoming.event import Event

from jarvis_desktop.ports import AudioBlock, SpeechClip
from jarvis_desktop.server.wyoming import wire

WIDTH = 2
"""Bytes of a sample that is sent."""

_SENT_S = 0.1  # of sound in one event
_RATES, _WIDTHS, _CHANNELS = (4_000, 192_000), (1, 4), (1, 8)


class Cutter(Protocol):
    """Turns frames (n, channels) of one stream into blocks at 16 kHz; see `audio.convert.BlockCutter`."""

    def push(self, frames: NDArray[np.float32], at_frame: int) -> Iterator[AudioBlock]: ...

    def flush(self) -> Iterator[AudioBlock]: ...


@dataclass(frozen=True, slots=True)
class Format:
    """How PCM is to be read: samples a second, bytes of a sample, samples side by side."""

    rate: int
    width: int
    channels: int

    @classmethod
    def of(cls, event: Event) -> Format:
        """The one an event tells. Raises `JarvisError`."""
        return cls(
            wire.number(event, "rate", *_RATES),
            wire.number(event, "width", *_WIDTHS),
            wire.number(event, "channels", *_CHANNELS),
        )

    def frames(self, payload: bytes) -> NDArray[np.float32]:
        """PCM (little-endian integers; of one byte without sign) as (n, channels) in [-1, 1)."""
        if len(payload) % (self.width * self.channels):
            raise wire.invalid("its sound ends in the middle of a sample")
        raw = np.frombuffer(payload, np.uint8).reshape(-1, self.width)
        wide = np.zeros((len(raw), 4), np.uint8)
        wide[:, 4 - self.width :] = raw ^ np.uint8(0x80) if self.width == 1 else raw
        samples = wide.view("<i4").astype(np.float32) / np.float32(2**31)
        return samples.reshape(-1, self.channels)


class Incoming:
    """One stream of sound from a client."""

    def __init__(self, sound: Format, cutter: Callable[[int, int], Cutter]) -> None:
        self._format = sound
        self._cutter = cutter(sound.rate, sound.channels)
        self._frames = 0

    def take(self, event: Event) -> AudioBlock | None:
        """What a chunk completes at 16 kHz. Raises `JarvisError`."""
        if Format.of(event) != self._format:
            raise wire.invalid("the format of its sound changes")
        frames = self._format.frames(event.payload or b"")
        at_frame, self._frames = self._frames, self._frames + len(frames)
        return _joined(self._cutter.push(frames, at_frame))

    def rest(self) -> AudioBlock | None:
        """What was held back until the end."""
        return _joined(self._cutter.flush())


def chunks(clip: SpeechClip) -> Iterator[AudioChunk]:
    """Speech as it is sent: 16 bit, mono, at the voice's rate."""
    pcm = (np.clip(clip.samples, -1.0, 1.0) * 32767).astype("<i2")
    step = round(_SENT_S * clip.sample_rate)
    for at in range(0, len(pcm), step):
        yield AudioChunk(clip.sample_rate, WIDTH, 1, pcm[at : at + step].tobytes())


def _joined(blocks: Iterator[AudioBlock]) -> AudioBlock | None:
    listed = list(blocks)
    if not listed:
        return None
    return AudioBlock(np.concatenate([block.samples for block in listed]), listed[0].start)
