"""Takes the loudspeaker's sound out of the microphone's. Runs in the hearing process."""

from __future__ import annotations

import numpy as np
from livekit.rtc import AudioFrame
from livekit.rtc.apm import AudioProcessingModule
from numpy.typing import NDArray

from jarvis_desktop.audio.echo_filter import BLOCK, EchoFilter
from jarvis_desktop.ports import SAMPLE_RATE, Samples

_FRAME = SAMPLE_RATE // 100  # 10 ms, the only length WebRTC's module takes
_FULL_SCALE = 32768.0

_SMOOTH = 0.5
"""Weight of the past in a power: it follows a voice within two blocks (40 ms)."""

_LOUDER = 10.0
"""A voice is what exceeds the echo the filter is known to leave by this factor (10 dB)."""

_FAINT = 1e-6
"""Power (-60 dBFS) below which nothing counts as a voice."""

_LEARNED = 0.06
"""The filter is trusted when it leaves less than this share of the echo's power (-12 dB)."""

_RISE = 1.02
"""Factor per block by which the share may grow again: 4 dB a second, after somebody moved."""

_NO_ECHO = 1e-4
"""With less than this share (-40 dB) of what is played in the microphone, the user wears headphones."""

_LISTENED = 75
"""Blocks with sound from the loudspeaker (1.5 s) after which that can be told."""

_HOLD = 6
"""Blocks (120 ms) a voice stays open, so that the ends of its words are kept."""

_RESIDUE_DB = 9.0
"""What the module lowers by more than this is echo, and what it leaves of it is lowered further."""


class EchoCanceller:
    """WebRTC's echo canceller (AEC3), and a linear filter for the user's voice.

    AEC3 removes an echo from the first block on, but it takes much of a voice along that talks at the same
    time. A linear filter leaves that voice whole, but needs seconds to learn and leaves a faint echo. So the
    output is AEC3's until the filter has learned, and from then on the filter's wherever somebody talks.
    AEC3's noise suppression and gain control stay off: they change a voice before it is recognised.
    """

    def __init__(self) -> None:
        self._begin()

    def reset(self) -> None:
        """Forget the room: another stream begins."""
        self._begin()

    def cancel(self, near: Samples, far: Samples) -> Samples:
        """`near` (n,) of the microphone without what it holds of `far` (n,), which was played; 16 kHz.

        n is a multiple of 160, and of 320 but for the end of a stream. `far` may be early by 0.4 s but
        never late.
        """
        whole = -(-len(near) // BLOCK) * BLOCK
        near_blocks, far_blocks = (
            np.pad(side, (0, whole - len(side))).reshape(-1, BLOCK) for side in (near, far)
        )
        clean = [self._block(*block) for block in zip(near_blocks, far_blocks, strict=True)]
        return np.concatenate(clean)[: len(near)] if clean else near

    def _begin(self) -> None:
        self._module = AudioProcessingModule(echo_cancellation=True)
        self._filter = EchoFilter()
        self._talk = _TalkDetector()
        self._heard = self._left = _FAINT  # power before and after the module
        self._gains = (0.0, 1.0)  # of the filter's output and the module's, at the end of the last block

    def _block(self, near: Samples, far: Samples) -> Samples:
        cancelled = self._cancelled(near, far)
        rest, echo = self._filter.split(near, far)
        self._heard = _smoothed(self._heard, near)
        self._left = _smoothed(self._left, cancelled)
        gains = (1.0, 0.0) if self._talk.heard(rest, echo, far) else (0.0, self._residue_gain())
        ramp = np.arange(1, BLOCK + 1, dtype=np.float32) / BLOCK
        voice, module = (old + (new - old) * ramp for old, new in zip(self._gains, gains, strict=True))
        self._gains = gains
        return (voice * rest + module * cancelled).astype(np.float32)

    def _residue_gain(self) -> float:
        lowered_db = 10.0 * np.log10((self._heard + 1e-10) / (self._left + 1e-10))
        return float(10.0 ** (-np.clip(lowered_db - _RESIDUE_DB, 0.0, 20.0) / 10.0))

    def _cancelled(self, near: Samples, far: Samples) -> Samples:
        near_pcm, far_pcm = _pcm(near), _pcm(far)
        frames = []
        for at in range(0, BLOCK, _FRAME):
            self._module.process_reverse_stream(_frame(far_pcm[at : at + _FRAME]))
            frame = _frame(near_pcm[at : at + _FRAME])
            self._module.process_stream(frame)
            frames.append(np.frombuffer(frame.data, np.int16))
        return np.concatenate(frames).astype(np.float32) / np.float32(_FULL_SCALE)


class _TalkDetector:
    """Tells whether more than echo is left of a block."""

    def __init__(self) -> None:
        self._rest = self._echo = self._far = 0.0  # powers
        self._tail = 0.0  # of the echo and its reverberation
        self._share = 1.0  # of the echo that the filter leaves
        self._listened = 0
        self._held = 0

    def heard(self, rest: Samples, echo: Samples, far: Samples) -> bool:
        """Whether somebody talks in this block; always no until the filter can be trusted."""
        self._rest = _smoothed(self._rest, rest)
        self._echo = _smoothed(self._echo, echo)
        self._far = max(0.98 * self._far, _smoothed(self._far, far))
        self._tail = max(0.8 * self._tail, self._echo)
        self._listened += bool(np.any(np.abs(far) > 1e-2))
        if self._echo > 1e-7:
            self._share = float(np.clip(self._rest / self._echo, 1e-4, min(1.0, self._share * _RISE)))
        no_echo = self._listened > _LISTENED and self._tail < _NO_ECHO * self._far
        trusted = self._share < _LEARNED or no_echo
        talks = trusted and self._rest > max(_FAINT, _LOUDER * self._share * self._tail)
        self._held = _HOLD if talks else max(0, self._held - 1)
        return self._held > 0


def _smoothed(power: float, samples: Samples) -> float:
    return _SMOOTH * power + (1.0 - _SMOOTH) * float(np.mean(np.square(samples)))


def _pcm(samples: Samples) -> NDArray[np.int16]:
    pcm: NDArray[np.int16] = np.clip(samples * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return pcm


def _frame(pcm: NDArray[np.int16]) -> AudioFrame:
    return AudioFrame(bytearray(pcm.tobytes()), SAMPLE_RATE, 1, _FRAME)
