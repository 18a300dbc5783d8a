"""How loud a recording is, and whether it is usable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jarvis_desktop.ports import AudioBlock, Samples

_FULL_SCALE = 0.97
"""Resampling rounds the cut tops of waves off by a few percent."""

_CLIPPED_SHARE = 0.001
"""Speech that only just reaches full scale has fewer samples up there, clipped speech many more."""

_SILENT_DBFS = -90.0
"""The noise of the quietest microphone is above this (it is one step of 16 bits); a muted one is below."""


@dataclass(frozen=True, slots=True)
class Level:
    """Of some seconds of sound; `peak_dbfs` as in `AudioBlock`."""

    peak_dbfs: float
    clipped: bool

    @property
    def silent(self) -> bool:
        return self.peak_dbfs <= _SILENT_DBFS


def clipping(samples: Samples) -> bool:
    """Whether so many samples (n,) are at full scale that words suffer: the input is set too loud."""
    return len(samples) > 0 and float(np.mean(np.abs(samples) >= _FULL_SCALE)) > _CLIPPED_SHARE


def measure(blocks: Sequence[AudioBlock]) -> Level:
    """The level over all blocks; digital silence for none."""
    samples = np.concatenate([block.samples for block in blocks]) if blocks else np.zeros(0, np.float32)
    return Level(AudioBlock(samples, 0.0).peak_dbfs, clipping(samples))
