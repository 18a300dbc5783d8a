"""Takes the loudspeaker's sound out of the microphone's. Runs in the hearing process."""

from __future__ import annotations

import numpy as np
from livekit.rtc import AudioFrame
from livekit.rtc.apm import AudioProcessingModule
from numpy.typing import NDArray

from jarvis_desktop.audio.echo_filter import BLOCK, EchoFilter
from jarvis_desktop.audio.echo_judge import EchoJudge, Fit
from jarvis_desktop.ports import SAMPLE_RATE, Samples

_FRAME = SAMPLE_RATE // 100  # 10 ms, the only length WebRTC's module takes
_FULL_SCALE = 32768.0

_RESIDUE_DB = 9.0
"""What the module lowers by more than this is echo, and what it leaves of it is lowered further."""

_ONLY_ECHO = 0.1
"""Gain (-20 dB) of what the module leaves where nobody talks."""

_LOST_ECHO = 0.01
"""The same (-40 dB) while the delay is sought, because the module leaks then."""

_AWAKE = 10
"""Blocks (0.2 s) that a module begun within a reply needs before it takes the echo out."""


class EchoCanceller:
    """WebRTC's echo canceller (AEC3), and a linear filter for the user's voice.

    AEC3 removes an echo from the first block on, but it takes much of a voice along that talks at the same
    time, and leaks for a second when the delay has changed. A linear filter leaves that voice whole and can
    be moved in time, but needs seconds to learn. So the output is AEC3's until the filter has learned, and
    from then on the filter's wherever somebody talks.
    AEC3's noise suppression and gain control stay off: they change a voice before it is recognised.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the room: another stream begins."""
        self._gains = (0.0, 1.0)  # of the filter's output and the module's, at the end of the last block
        self._begin()

    def cancel(self, near: Samples, far: Samples) -> Samples:
        """`near` (n,) of the microphone without what it holds of `far` (n,), which was played; 16 kHz.

        n is a multiple of 160, and of 320 but for the end of a stream. The echo comes 0.08 to 0.4 s after
        `far`.
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
        self._judge = EchoJudge()
        self._muted = 0  # blocks to come

    def _block(self, near: Samples, far: Samples) -> Samples:
        rest, echo = self._filter.split(near, far, learn=self._judge.fit in (Fit.UNKNOWN, Fit.GOOD))
        cancelled = self._cancelled(near, self._filter.far)
        talks = self._judge.hear(near, rest, echo, cancelled, far)
        gains = self._wanted_gains(talks)
        if self._judge.fit == Fit.DOUBTFUL:
            self._find_back()
        ramp = np.arange(1, BLOCK + 1, dtype=np.float32) / BLOCK
        voice, module = (old + (new - old) * ramp for old, new in zip(self._gains, gains, strict=True))
        self._gains = gains
        return (voice * rest + module * cancelled).astype(np.float32)

    def _wanted_gains(self, talks: bool) -> tuple[float, float]:
        if self._muted:
            self._muted -= 1
            return 0.0, _LOST_ECHO
        match self._judge.fit, talks:
            case Fit.GOOD, True:
                return 1.0, 0.0
            case Fit.DOUBTFUL | Fit.TRIED, True:
                return 0.0, 1.0
            case Fit.DOUBTFUL | Fit.TRIED, False:
                return 0.0, _LOST_ECHO
            case Fit.GOOD, False:
                return 0.0, _ONLY_ECHO
            case _:
                return 0.0, self._residue_gain()

    def _find_back(self) -> None:
        """Move what is played to where its echo is; begin anew when the room itself has changed."""
        lag = self._judge.lag()
        if lag is not None and self._filter.move(lag):
            self._judge.found()
        elif self._judge.lost:
            self._begin()
            self._muted = _AWAKE

    def _residue_gain(self) -> float:
        return float(10.0 ** (-np.clip(self._judge.lowered_db - _RESIDUE_DB, 0.0, 20.0) / 10.0))

    def _cancelled(self, near: Samples, far: Samples) -> Samples:
        near_pcm, far_pcm = _pcm(near), _pcm(far)
        frames = []
        for at in range(0, BLOCK, _FRAME):
            self._module.process_reverse_stream(_frame(far_pcm[at : at + _FRAME]))
            frame = _frame(near_pcm[at : at + _FRAME])
            self._module.process_stream(frame)
            frames.append(np.frombuffer(frame.data, np.int16))
        return np.concatenate(frames).astype(np.float32) / np.float32(_FULL_SCALE)


def _pcm(samples: Samples) -> NDArray[np.int16]:
    pcm: NDArray[np.int16] = np.clip(samples * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return pcm


def _frame(pcm: NDArray[np.int16]) -> AudioFrame:
    return AudioFrame(bytearray(pcm.tobytes()), SAMPLE_RATE, 1, _FRAME)
