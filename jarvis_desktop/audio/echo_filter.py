"""A linear model of the way from loudspeaker to microphone, learned while it plays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.ports import SAMPLE_RATE, Samples

BLOCK = SAMPLE_RATE // 50  # 20 ms

_PARTS = 25
"""Blocks of the echo's way that are modelled: 0.5 s of delay and reverberation together."""

_KEEP = 0.9998
"""How little the room is expected to change from block to block."""

_UNSURE = 1e-2
"""Variance with which the model begins: an echo as loud as what is played, spread over its parts."""

_TINY = 1e-6  # keeps silence from being divided by


class EchoFilter:
    """Partitioned-block frequency-domain Kalman filter (Enzner and Vary 2006; Kuech, Mabande, Enzner 2014).

    It weighs each step by what is not explained by the echo, so it keeps still while somebody talks, and
    leaves that voice as it is.
    """

    def __init__(self) -> None:
        bins = BLOCK + 1
        self._way = np.zeros((_PARTS, bins), np.complex64)  # the model, part by part
        self._doubt = np.full((_PARTS, bins), _UNSURE, np.float32)  # its variance
        self._played = np.zeros((_PARTS, bins), np.complex64)  # spectra of the last blocks, newest first
        self._before = np.zeros(BLOCK, np.float32)
        self._rest = np.full(bins, _TINY, np.float32)  # power of what the model does not explain

    def split(self, near: Samples, far: Samples) -> tuple[Samples, Samples]:
        """One block of the microphone as (what is not echo, echo); learns from it."""
        self._played = np.roll(self._played, 1, axis=0)
        self._played[0] = np.fft.rfft(np.concatenate((self._before, far)))
        self._before = far
        echo = _last(np.fft.irfft(np.sum(self._played * self._way, axis=0)))
        rest = near - echo
        self._learn(np.fft.rfft(np.concatenate((np.zeros_like(rest), rest))))
        return rest, echo

    def _learn(self, error: NDArray[np.complexfloating]) -> None:
        self._rest = (0.5 * self._rest + 0.5 * np.abs(error) ** 2).astype(np.float32)
        power = np.abs(self._played) ** 2
        step = self._doubt / (0.5 * np.sum(power * self._doubt, axis=0) + self._rest + _TINY)
        change = np.fft.irfft(step * np.conj(self._played) * error, axis=1)
        change[:, BLOCK:] = 0.0  # a part of the way is one block long
        self._way = (self._way + np.fft.rfft(change, axis=1)).astype(np.complex64)
        kept = _KEEP**2 * (1.0 - 0.5 * step * power) * self._doubt
        self._doubt = np.maximum(kept + (1.0 - _KEEP**2) * np.abs(self._way) ** 2, 1e-10).astype(np.float32)


def _last(both: NDArray[np.floating]) -> Samples:
    return both[BLOCK:].astype(np.float32)
