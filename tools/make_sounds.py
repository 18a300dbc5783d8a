"""Make the sounds that ship with Jarvis; they are dedicated to the public domain (CC0 1.0).

.venv/bin/python tools/make_sounds.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

SOUNDS = Path(__file__).resolve().parent.parent / "resources" / "sounds"
RATE = 24_000

PEAK = 10 ** (-20 / 20)
"""Quiet: about as loud as the soft parts of speech."""


def note(hertz: float, seconds: float, begin: float, length: float) -> NDArray[np.float64]:
    """A struck tone of `length` s from `begin` on, in a recording of `seconds`, its octave dying first."""
    time = np.arange(round(length * RATE)) / RATE
    attack = 0.5 - 0.5 * np.cos(np.pi * np.minimum(time / 0.012, 1.0))
    release = 0.5 - 0.5 * np.cos(np.pi * np.minimum((length - time) / 0.05, 1.0))
    tone = np.sin(2 * np.pi * hertz * time) + 0.25 * np.sin(4 * np.pi * hertz * time) * np.exp(-time / 0.03)
    whole = np.zeros(round(seconds * RATE))
    start = round(begin * RATE)
    whole[start : start + len(time)] = tone * attack * release * np.exp(-time / 0.12)
    return whole


def wake() -> NDArray[np.float64]:
    """A rising fourth, E5 to A5: listening."""
    return note(659.26, 0.22, 0.0, 0.12) + note(880.0, 0.22, 0.07, 0.15)


def main() -> None:
    SOUNDS.mkdir(parents=True, exist_ok=True)
    sound = wake()
    soundfile.write(SOUNDS / "wake.wav", sound / np.max(np.abs(sound)) * PEAK, RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
