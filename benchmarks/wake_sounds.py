"""Synthesised calls for measuring, testing and training the wake word: voices, speeds, rooms, noise, levels.

All of it is machine-made and made anew each time; nothing here is a recording of a person except the noises.
"""

from __future__ import annotations

import io
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from piper import PiperVoice, SynthesisConfig

from jarvis_desktop.ports import SAMPLE_RATE, Samples

ESPEAK = (
    "en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbclan", "en-029", "en-us-nyc",
    *(f"en-us+{name}" for name in ("m1", "m3", "m7", "f2", "f4", "Alex", "Annie", "linda", "steph", "Michael",
                                   "max", "Storm", "Mario", "Andy", "Gene", "klatt", "klatt3")),
)  # fmt: skip

SHIFTS = (0.86, 0.93, 1.0, 1.08, 1.18)
"""Piper's one voice made larger or smaller: pitch and resonances move together."""


@dataclass(frozen=True)
class Voice:
    """A synthetic speaker: one of `ESPEAK`, or Piper's voice shifted."""

    name: str
    shift: float = 1.0


def voices() -> list[Voice]:
    return [Voice("piper", shift) for shift in SHIFTS] + [Voice(name) for name in ESPEAK]


class Speaker:
    """Says texts in any `Voice`; `piper` is the folder of a Piper voice."""

    def __init__(self, piper: Path) -> None:
        (model,) = piper.glob("*.onnx")
        self._piper = PiperVoice.load(model)

    def say(self, voice: Voice, text: str, speed: float = 1.0) -> Samples:
        """The text at 16 kHz, without silence around it, peak 0.5."""
        if voice.name == "piper":
            config = SynthesisConfig(length_scale=voice.shift / speed)
            chunks = list(self._piper.synthesize(text, config))
            spoken = np.concatenate([chunk.audio_float_array for chunk in chunks])
            rate = chunks[0].sample_rate * voice.shift
        else:
            command = ["espeak-ng", "-v", voice.name, "-s", str(round(165 * speed)), "--stdout", text]
            made = subprocess.run(command, check=True, capture_output=True).stdout
            spoken, rate = soundfile.read(io.BytesIO(made), dtype="float32")
        heard = soxr.resample(spoken, rate, SAMPLE_RATE).astype(np.float32)
        loud = np.flatnonzero(np.abs(heard) > 0.01 * np.max(np.abs(heard)))
        return heard[loud[0] : loud[-1] + 1] / np.max(np.abs(heard)) * np.float32(0.5)


@dataclass(frozen=True)
class Scene:
    """Where a call is heard; `seed` draws what is random."""

    room_s: float = 0.0  # reverberation time (-60 dB); 0: none
    snr_db: float = np.inf  # call to noise, mean power of the call's loud parts
    peak_dbfs: float = -6.0
    seed: int = 0

    def hear(self, said: Samples, noise: Samples, before: float = 2.0, after: float = 1.0) -> Samples:
        """`said` in the scene, with `before` and `after` seconds around it, as 16 bit would keep it."""
        random = np.random.default_rng(self.seed)
        pad = [np.zeros(round(seconds * SAMPLE_RATE), np.float32) for seconds in (before, after)]
        sound = self._in_room(np.concatenate((pad[0], said, pad[1])), random)
        if np.isfinite(self.snr_db):
            loud = sound[np.abs(sound) > 0.02 * np.max(np.abs(sound))]
            around = np.resize(np.roll(noise, -int(random.integers(len(noise)))), len(sound))
            power = np.mean(np.square(loud)) / max(1e-12, float(np.mean(np.square(around))))
            sound = sound + around * np.float32(np.sqrt(power) * 10 ** (-self.snr_db / 20))
        sound = sound / np.max(np.abs(sound)) * 10 ** (self.peak_dbfs / 20)
        return (np.round(sound * 32767) / 32768).astype(np.float32)

    def _in_room(self, sound: Samples, random: np.random.Generator) -> Samples:
        """Early silence, then noise that dies away: what a room adds, 3 dB below the direct sound."""
        if not self.room_s:
            return sound
        length = round(self.room_s * SAMPLE_RATE)
        echo: NDArray[np.float64] = random.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
        echo[: round(0.003 * SAMPLE_RATE)] = 0.0
        echo *= 10 ** (-3 / 20) / np.sqrt(np.sum(np.square(echo)))
        echo[0] = 1.0
        size = 1 << (len(sound) + length).bit_length()
        wet = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(echo, size), size)
        return wet[: len(sound)].astype(np.float32)


def scene(number: int) -> Scene:
    """One of an endless row of scenes: half in a room, two thirds with noise of 5 to 20 dB, 0 to -40 dBFS."""
    random = np.random.default_rng(number)
    return Scene(
        room_s=float(random.choice([0.0, random.uniform(0.15, 0.7)])),
        snr_db=float(random.choice([np.inf, random.uniform(5.0, 20.0), random.uniform(5.0, 20.0)])),
        peak_dbfs=float(random.uniform(-40.0, 0.0)),
        seed=number,
    )
