"""Silero's voice detector, streaming. For the hearing process only: it imports ONNX Runtime."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import onnxruntime

from jarvis_desktop.errors import ModelError
from jarvis_desktop.ports import Samples

FRAME = 512
"""Samples a probability is for: 32 ms at 16 kHz, the only length the network was trained on."""

_CONTEXT = 64  # samples of the frame before that the network sees again
_MEMORY = 128  # width of its recurrent state


class SileroVad:
    """Probability of a voice, frame by frame; remembers what came before until `reset`.

    The network is the one that ships inside faster-whisper. Raises `ModelError` where it is missing.
    """

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        self._session = onnxruntime.InferenceSession(
            str(_model_file()), options, providers=["CPUExecutionProvider"]
        )
        self.reset()

    def reset(self) -> None:
        """Forget what was heard: a new stream begins."""
        self._rest = np.zeros(0, dtype=np.float32)
        self._context = np.zeros(_CONTEXT, dtype=np.float32)
        self._hidden = self._cell = np.zeros((1, 1, _MEMORY), dtype=np.float32)

    def probabilities(self, samples: Samples) -> list[float]:
        """One value for each frame that `samples` (16 kHz, any number) completes; the rest is kept."""
        heard = np.concatenate((self._rest, samples))
        whole = len(heard) - len(heard) % FRAME
        self._rest = heard[whole:]
        if not whole:
            return []
        stream = np.concatenate((self._context, heard[:whole]))
        self._context = stream[-_CONTEXT:]
        frames = np.lib.stride_tricks.sliding_window_view(stream, _CONTEXT + FRAME)[::FRAME]
        found, self._hidden, self._cell = self._session.run(
            None, {"input": np.ascontiguousarray(frames), "h": self._hidden, "c": self._cell}
        )
        return [float(probability) for probability in np.ravel(found)]


def _model_file() -> Path:
    package = importlib.util.find_spec("faster_whisper")  # not imported: it would load CTranslate2 as well
    if package is not None and package.origin is not None:
        for path in (Path(package.origin).parent / "assets").glob("silero_vad*.onnx"):
            return path
    raise ModelError(
        "model.missing",
        "The voice detector that ships with faster-whisper is missing.",
        "Install Jarvis again.",
    )
