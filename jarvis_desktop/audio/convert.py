"""Any source's frames to the program's own: mono, 16 kHz, in blocks of 20 ms with a clock."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import soxr
from numpy.typing import NDArray

from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples

BLOCK_SAMPLES = SAMPLE_RATE // 50
"""20 ms: a frame length webrtcvad accepts, and short beside every delay a user could notice."""

_DEAD_BELOW = 0.05
"""A channel whose peaks stay 26 dB below the loudest one's carries no voice, only its circuit's noise."""

_FORGET_S = 5.0
"""Time in which a channel's remembered peak halves: the crack of plugging it in does not make it live."""


class BlockCutter:
    """Turns one input stream of (n, channels) frames at `rate` Hz into gapless `AudioBlock`s.

    The clock counts samples, so it neither drifts against the sound nor follows the scheduling of the
    consumer. soxr's "HQ" holds back up to 40 ms at 48 kHz; the blocks' times allow for it.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._mix = _MixDown(rate, channels)
        self._next_frame = 0
        self._origin = 0.0  # seconds, of the first sample since the start or the last loss
        self._emitted = 0  # samples since then
        self._held: Samples = np.zeros(0, dtype=np.float32)
        self._soxr = self._resampler()

    @property
    def dead_channels(self) -> int:
        """How many channels are left out, because they carry no sound although another does."""
        return self._mix.dead_channels

    def push(self, frames: NDArray[np.float32], at_frame: int) -> Iterator[AudioBlock]:
        """Blocks completed by these frames, of which the first is number `at_frame` of the stream.

        Where frames were lost before it, what came before is delivered as a short block and the clock jumps.
        """
        if at_frame != self._next_frame:
            yield from self.flush()
            self._origin = at_frame / self._rate
            self._emitted = 0
            self._soxr = self._resampler()
        self._next_frame = at_frame + len(frames)
        yield from self._cut(self._resample(self._mix.mix(frames)))

    def flush(self) -> Iterator[AudioBlock]:
        """What is still held back, at the end of the stream; the last block may be short."""
        yield from self._cut(self._resample(np.zeros(0, dtype=np.float32), last=True))
        if len(self._held):
            yield AudioBlock(self._held, self._time())
            self._held = self._held[:0]

    def _resampler(self) -> soxr.ResampleStream | None:
        if self._rate == SAMPLE_RATE:
            return None
        return soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")

    def _time(self) -> float:
        return self._origin + self._emitted / SAMPLE_RATE

    def _resample(self, mono: Samples, *, last: bool = False) -> Samples:
        if self._soxr is None:
            return mono
        resampled: Samples = self._soxr.resample_chunk(mono, last=last)
        return resampled

    def _cut(self, samples: Samples) -> Iterator[AudioBlock]:
        joined = np.concatenate((self._held, samples))
        whole = len(joined) - len(joined) % BLOCK_SAMPLES
        for offset in range(0, whole, BLOCK_SAMPLES):
            yield AudioBlock(joined[offset : offset + BLOCK_SAMPLES], self._time())
            self._emitted += BLOCK_SAMPLES
        self._held = joined[whole:]


class _MixDown:
    """Mixes channels to one, leaving dead ones out so that a half-wired headset is not heard at half level.

    Remembers each channel's peaks: one instance per stream.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._halving = rate * _FORGET_S  # frames
        self._peaks: NDArray[np.float32] = np.zeros(channels, dtype=np.float32)

    @property
    def dead_channels(self) -> int:
        return int(np.count_nonzero(~self._alive()))

    def _alive(self) -> NDArray[np.bool_]:
        alive: NDArray[np.bool_] = self._peaks >= self._peaks.max() * _DEAD_BELOW
        return alive

    def mix(self, frames: NDArray[np.float32]) -> Samples:
        """(n, channels) to (n,); damaged samples (not a number) become silence, too loud ones are clipped."""
        clean = np.clip(np.nan_to_num(frames, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
        if clean.shape[1] == 1 or not len(clean):
            return np.ascontiguousarray(clean[:, 0], dtype=np.float32)
        self._peaks *= 0.5 ** (len(clean) / self._halving)
        np.maximum(self._peaks, np.abs(clean).max(axis=0), out=self._peaks)
        mixed: Samples = clean[:, self._alive()].mean(axis=1, dtype=np.float32)
        return mixed
