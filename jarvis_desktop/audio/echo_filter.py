"""A linear model of the way from loudspeaker to microphone, learned while it plays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.ports import SAMPLE_RATE, Samples

BLOCK = SAMPLE_RATE // 50  # 20 ms

_PARTS = 25
"""Blocks of the echo's way that are modelled: 0.5 s of delay and reverberation together."""

REACH = 2 * BLOCK
"""Samples by which what is played can be moved, earlier or later."""

_KEPT = (_PARTS + 1) * BLOCK + 2 * REACH
"""Samples of what was played that a model needs wherever they are moved."""

_KEEP = 0.9998
"""How little the room is expected to change from block to block."""

_UNSURE = 1e-2
"""Variance with which the model begins: an echo as loud as what is played, spread over its parts."""

_TINY = 1e-6  # keeps silence from being divided by


class EchoFilter:
    """Partitioned-block frequency-domain Kalman filter (Enzner and Vary 2006; Kuech, Mabande, Enzner 2014).

    It weighs each step by what is not explained by the echo, so it keeps still while somebody talks, and
    leaves that voice as it is. What was played may be moved in time, because the delay of a sound card
    changes each time it is opened while the room stays the same.
    """

    def __init__(self) -> None:
        bins = BLOCK + 1
        self._way = np.zeros((_PARTS, bins), np.complex64)  # the model, part by part
        self._doubt = np.full((_PARTS, bins), _UNSURE, np.float32)  # its variance
        self._played = np.zeros((_PARTS, bins), np.complex64)  # spectra of the last blocks, newest first
        self._far: Samples = np.zeros(_KEPT, np.float32)  # what was played, unmoved, oldest first
        self._rest = np.full(bins, _TINY, np.float32)  # power of what the model does not explain
        self.shift = 0  # samples by which what is played counts later, beyond `REACH`

    def split(self, near: Samples, far: Samples, *, learn: bool) -> tuple[Samples, Samples]:
        """One block of the microphone as (what is not echo, echo)."""
        self._far = np.concatenate((self._far[BLOCK:], far.astype(np.float32)))
        self._played = np.roll(self._played, 1, axis=0)
        self._played[0] = np.fft.rfft(self._moved(2))
        both = np.fft.irfft(np.sum(self._played * self._way, axis=0))
        echo: Samples = both[BLOCK:].astype(np.float32)
        rest = near - echo
        if learn:
            self._learn(np.fft.rfft(np.concatenate((np.zeros_like(rest), rest))))
        return rest, echo

    def move(self, later: int) -> bool:
        """Count what is played so many samples later; False when that is out of reach."""
        if abs(self.shift + later) > REACH:
            return False
        self.shift += later
        moved = self._moved(_PARTS + 1).reshape(-1, BLOCK)
        pairs = np.concatenate((moved[:-1], moved[1:]), axis=1)
        self._played = np.fft.rfft(pairs, axis=1)[::-1].astype(np.complex64)
        return True

    @property
    def far(self) -> Samples:
        """The block of what was played that the model counts as the newest."""
        return self._moved(1)

    def _moved(self, blocks: int) -> Samples:
        end = len(self._far) - REACH - self.shift
        return self._far[end - blocks * BLOCK : end]

    def _learn(self, error: NDArray[np.complexfloating]) -> None:
        self._rest = (0.5 * self._rest + 0.5 * np.abs(error) ** 2).astype(np.float32)
        power = np.abs(self._played) ** 2
        step = self._doubt / (0.5 * np.sum(power * self._doubt, axis=0) + self._rest + _TINY)
        change = np.fft.irfft(step * np.conj(self._played) * error, axis=1)
        change[:, BLOCK:] = 0.0  # a part of the way is one block long
        self._way = (self._way + np.fft.rfft(change, axis=1)).astype(np.complex64)
        kept = _KEEP**2 * (1.0 - 0.5 * step * power) * self._doubt
        self._doubt = np.maximum(kept + (1.0 - _KEEP**2) * np.abs(self._way) ** 2, 1e-10).astype(np.float32)


def lag_between(near: Samples, echo: Samples, most: int) -> tuple[int, float]:
    """Samples (up to `most`) by which `echo` comes before its like in `near`, and their correlation, 0..1."""
    near, echo = np.diff(near), np.diff(echo)  # speech is mostly low tones, which hide the moment
    size = 1 << (len(near) + most).bit_length()
    products = np.fft.irfft(np.fft.rfft(near, size) * np.conj(np.fft.rfft(echo, size)))
    around = np.concatenate((products[-most:], products[: most + 1]))
    best = int(np.argmax(around))
    scale = float(np.linalg.norm(near) * np.linalg.norm(echo)) + 1e-9
    return best - most, float(around[best]) / scale
