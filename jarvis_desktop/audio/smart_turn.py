"""Smart Turn: has the speaker finished? For the hearing process only: it imports ONNX Runtime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.resources import resource

_FILE = "smart-turn-v3.2-cpu.onnx"

SECONDS = 8
"""How far back the network listens."""

_POOLED = "sum_1"
"""What the network has gathered of the 8 s, (384,), before its own classifier."""

_HEAD = resource("resources", "turn_end.npy")
"""Weights (384,) and bias of our classifier on top of it, fitted by tools/train_turn_end.py.

The network's own classifier, made for hesitations in conversations, takes a third of the pauses in the middle
of a clause for ends; ours, fitted on made and on real pauses, takes a tenth, of speakers it has not heard.
"""

_LENGTH = SECONDS * SAMPLE_RATE
_FFT, _HOP, _BANDS = 400, 160, 80  # Whisper's features
_POWER_FLOOR, _RANGE = 1e-10, 8.0  # dto.: quietest power, and decades kept below the loudest
_VARIANCE_FLOOR = 1e-7  # of the normalisation the network was trained with


class SmartTurn:
    """Smart Turn v3 (Whisper tiny's encoder, pooled), read from `folder`, with a classifier of our own."""

    def __init__(self, folder: Path, head: Path = _HEAD) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            _with_pooled(folder / _FILE), options, providers=["CPUExecutionProvider"]
        )
        fitted = np.load(head)
        self._weights, self._bias = fitted[:-1], float(fitted[-1])
        self._window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
        self._filters = mel_filters()

    def completeness(self, samples: Samples) -> float:
        """How sure it is, 0..1, that nothing more comes after `samples` (16 kHz, the last 8 s count)."""
        return float(1 / (1 + np.exp(-(self.pooled(samples) @ self._weights + self._bias))))

    def pooled(self, samples: Samples) -> NDArray[np.float32]:
        """What the network has gathered of the last 8 s of `samples`: (384,)."""
        features = self.features(_last_seconds(samples))
        (found,) = self._session.run([_POOLED], {"input_features": features[np.newaxis]})
        return np.asarray(np.ravel(found), dtype=np.float32)

    def features(self, samples: Samples) -> NDArray[np.float32]:
        """Whisper's log-mel spectrogram, (80 bands, n // 160 frames), of `samples` (n,)."""
        # at unit variance, as in training
        even = (samples - samples.mean()) / np.sqrt(samples.var() + _VARIANCE_FLOOR)
        padded = np.pad(even, _FFT // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[: len(samples) // _HOP * _HOP : _HOP]
        power = np.square(np.abs(np.fft.rfft(frames * self._window, axis=-1)))
        log = np.log10(np.maximum(self._filters @ power.T, _POWER_FLOOR))
        return np.asarray((np.maximum(log, log.max() - _RANGE) + 4.0) / 4.0, dtype=np.float32)


def _with_pooled(path: Path) -> bytes:
    """The model file with one more output."""
    model = onnx.load(path)
    model.graph.output.append(onnx.ValueInfoProto(name=_POOLED))
    return bytes(model.SerializeToString())


def mel_filters() -> NDArray[np.float32]:
    """Triangular filters of equal area on Slaney's mel scale up to 8 kHz: (80 bands, 201 frequencies)."""
    edges = _hertz(np.linspace(0.0, _mel(SAMPLE_RATE / 2), _BANDS + 2))
    low, centre, high = (edges[i : i + _BANDS, np.newaxis] for i in range(3))
    frequencies = np.fft.rfftfreq(_FFT, 1 / SAMPLE_RATE)
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    return (np.maximum(0.0, np.minimum(rising, falling)) * 2.0 / (high - low)).astype(np.float32)


_KNEE_HZ, _HZ_PER_MEL = 1000.0, 200.0 / 3  # Slaney's scale is linear up to 1 kHz, logarithmic above
_KNEE_MEL, _LOG_STEP = _KNEE_HZ / _HZ_PER_MEL, float(np.log(6.4)) / 27


def _mel(hertz: float) -> float:
    """Only above the knee."""
    return _KNEE_MEL + float(np.log(hertz / _KNEE_HZ)) / _LOG_STEP


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < _KNEE_MEL, mel * _HZ_PER_MEL, _KNEE_HZ * np.exp((mel - _KNEE_MEL) * _LOG_STEP))


def _last_seconds(samples: Samples) -> Samples:
    """The last 8 s; what is shorter gets silence in front, as in training."""
    return np.pad(samples[-_LENGTH:], (max(0, _LENGTH - len(samples)), 0))
