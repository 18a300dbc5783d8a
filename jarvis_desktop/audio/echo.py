"""Takes the loudspeaker's sound out of the microphone's. Runs in the hearing process."""

from __future__ import annotations

import numpy as np
from livekit.rtc import AudioFrame
from livekit.rtc.apm import AudioProcessingModule
from numpy.typing import NDArray

from jarvis_desktop.ports import SAMPLE_RATE, Samples

_FRAME = SAMPLE_RATE // 100
"""10 ms, the only length WebRTC's module takes."""

_FULL_SCALE = 32768.0


class EchoCanceller:
    """WebRTC's echo canceller (AEC3), which finds the delay between both sides itself (up to 0.4 s).

    Its noise suppression and gain control stay off: they change the user's voice before it is recognised.
    """

    def __init__(self) -> None:
        self._module = _module()

    def reset(self) -> None:
        """Forget the room: another stream begins."""
        self._module = _module()

    def cancel(self, near: Samples, far: Samples) -> Samples:
        """`near` (n,) of the microphone without what it holds of `far` (n,), which was played; 16 kHz.

        n is a multiple of 160; `far` may be early by any delay the canceller can find, never late.
        """
        near_pcm, far_pcm = _pcm(near), _pcm(far)
        frames = []
        for at in range(0, len(near_pcm), _FRAME):
            self._module.process_reverse_stream(_frame(far_pcm[at : at + _FRAME]))
            frame = _frame(near_pcm[at : at + _FRAME])
            self._module.process_stream(frame)
            frames.append(np.frombuffer(frame.data, np.int16))
        return np.concatenate(frames, dtype=np.float32) / np.float32(_FULL_SCALE)


def _module() -> AudioProcessingModule:
    return AudioProcessingModule(echo_cancellation=True)


def _pcm(samples: Samples) -> NDArray[np.int16]:
    pcm: NDArray[np.int16] = np.clip(samples * _FULL_SCALE, -_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
    return pcm


def _frame(pcm: NDArray[np.int16]) -> AudioFrame:
    return AudioFrame(bytearray(pcm.tobytes()), SAMPLE_RATE, 1, _FRAME)
