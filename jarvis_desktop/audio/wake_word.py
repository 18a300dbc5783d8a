"""The wake word "Hey Jarvis", streaming. For the hearing process only: it imports ONNX Runtime.

Three opinions count together. openWakeWord's networks (mel bands, Google's speech embedding, the word) hear
"jarvis" nearly always, but without the "hey" as well. A small layer of our own on the same embeddings tells
the two apart. microWakeWord, trained on other voices, knows faint and far calls that the layer is unsure of.
"""

from __future__ import annotations

import copy
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

from jarvis_desktop.ports import Samples
from jarvis_desktop.resources import resource

STEP = 1280
"""Samples a score is for: 80 ms."""

WINDOW = 16
"""Embeddings the word is judged by; with what the first one sees, 1.96 s of sound."""

_OVERLAP = 480  # samples before a step that its mel frames reach back to
_BANDS, _FRAMES, _FRAMES_PER_STEP = 32, 76, 8  # mel frames: what one embedding sees, how far it moves
_WIDTH = 96  # of an embedding
_FULL_SCALE = 32767.0  # the networks were trained on 16 bit integers

_SEEN = _FRAMES + (WINDOW - 1) * _FRAMES_PER_STEP  # mel frames one score depends on

LOUDNESS = 0.1
"""Loudest 80 ms (root mean square) of what the layer judges, after gain: speech close to a microphone."""

_MOST_GAIN = 100.0  # 40 dB

_SUSPECT_NAME, _SUSPECT_MICRO = 0.02, 0.5
"""Enough for a closer look, which costs as much as 16 steps: all that could become a call, little else."""

_NAME, _CALL, _MICRO, _OFFSET = 0.1, 1.0, 0.4, -0.75
"""Weights of the three opinions as log odds: chosen on voices and people the layer was not trained on."""

_SURE = 1e-4  # no opinion counts as more certain than this
_MICRO_SURE = 2.5e-3  # microWakeWord says 0 and 1 lightly

_MEMORY = 4
"""Steps an opinion is remembered: the three do not come at the same moment."""

Embeddings = NDArray[np.float32]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """One hidden layer over a window of embeddings; tools/train_wake_word.py makes it."""

    into: NDArray[np.float32]  # (1536, h)
    bias: NDArray[np.float32]  # (h,)
    out: NDArray[np.float32]  # (h,)
    offset: NDArray[np.float32]  # ()

    def probability(self, windows: Embeddings) -> NDArray[np.float32]:
        """That each of the windows (n, 16, 96) ends with "Hey Jarvis" rather than with anything else."""
        hidden = np.maximum(0.0, windows.reshape(len(windows), -1) @ self.into + self.bias)
        return np.asarray(1.0 / (1.0 + np.exp(-(hidden @ self.out + self.offset))), np.float32)

    @staticmethod
    def load(path: Path) -> Network:
        with np.load(path) as arrays:
            return Network(*(arrays[name].astype(np.float32) for name in Network.__slots__))

    def save(self, path: Path) -> None:
        """As half precision, which is as good."""
        arrays = zip(Network.__slots__, astuple(self), strict=True)
        np.savez_compressed(path, **{name: array.astype(np.float16) for name, array in arrays})


class WakeWord:
    """Scores sound 80 ms by 80 ms; remembers two seconds until `reset`. `folder` holds the three networks."""

    def __init__(self, folder: Path) -> None:
        self._mel = _session(folder / "melspectrogram.onnx")
        self._embedding = _session(folder / "embedding_model.onnx")
        self._word = _session(folder / "hey_jarvis_v0.1.onnx")
        self._call = Network.load(resource("resources", "wake_word.npz"))
        self._micro = _Micro()
        self._silence = self._bands(np.zeros(_OVERLAP + STEP, np.float32))[:1]
        self._silent = self._embed(np.repeat(self._silence, _FRAMES, axis=0))
        self.reset()

    def another(self) -> WakeWord:
        """One for another stream, on the same networks."""
        other = copy.copy(self)
        other._micro = _Micro()
        other.reset()
        return other

    def reset(self) -> None:
        """Forget what was heard: a new stream begins, as if out of silence."""
        self._rest = np.zeros(0, np.float32)
        self._before = np.zeros(_OVERLAP, np.float32)
        self._frames = np.repeat(self._silence, _SEEN - _FRAMES_PER_STEP, axis=0)
        self._embeddings = np.repeat(self._silent, WINDOW - 1, axis=0)
        self._loudness = np.zeros(_SEEN // _FRAMES_PER_STEP - 1)
        self._opinions = np.zeros((3, _MEMORY - 1))
        self._micro.reset()

    def scores(self, samples: Samples, *, name_alone: bool = False) -> list[float]:
        """One value, 0..1, for each 80 ms completed by `samples` (16 kHz, any number); the rest is kept.

        `name_alone`: "Jarvis" without "Hey" counts as well.
        """
        steps, frames = self._take(samples)
        if not len(steps):
            return []
        windows = self._follow(frames)
        names, micro = self.name(windows), self._micro.scores(steps)
        loudness = np.concatenate((self._loudness, np.sqrt(np.mean(np.square(steps), axis=1))))
        self._loudness = loudness[len(steps) :]
        calls = np.zeros(len(steps))
        for step in np.flatnonzero((names > _SUSPECT_NAME) | (micro > _SUSPECT_MICRO)):
            begin = step * _FRAMES_PER_STEP
            loudest = float(np.max(loudness[step : step + len(self._loudness) + 1]))
            names[step], calls[step] = self._look_closely(frames[begin : begin + _SEEN], loudest)
        together = np.concatenate((self._opinions, np.stack((names, calls, micro))), axis=1)
        self._opinions = together[:, 1 - _MEMORY :]
        called = _together(np.lib.stride_tricks.sliding_window_view(together, _MEMORY, axis=1).max(axis=-1))
        return [float(score) for score in (np.maximum(called, names) if name_alone else called)]

    def windows(self, samples: Samples) -> Embeddings:
        """What each step that `samples` complete is judged by: (n, 16, 96), at the level as it is."""
        steps, frames = self._take(samples)
        return self._follow(frames) if len(steps) else np.zeros((0, WINDOW, _WIDTH), np.float32)

    def name(self, windows: Embeddings) -> Scores:
        """openWakeWord's score of each window; high for "jarvis", whatever comes before it."""
        return np.array([self._word.run(None, {"x.1": window[np.newaxis]})[0].item() for window in windows])

    def _take(self, samples: Samples) -> tuple[Samples, NDArray[np.float32]]:
        """The steps completed by `samples`, (n, 1280), and all mel frames that the last n scores see."""
        heard = np.concatenate((self._rest, samples))
        whole = len(heard) - len(heard) % STEP
        self._rest = heard[whole:]
        if not whole:
            return heard[:0].reshape(0, STEP), self._frames
        stream = np.concatenate((self._before, heard[:whole]))
        self._before = stream[-_OVERLAP:]
        frames = np.concatenate((self._frames, self._bands(stream)))
        self._frames = frames[_FRAMES_PER_STEP - _SEEN :]
        return heard[:whole].reshape(-1, STEP), frames

    def _follow(self, frames: NDArray[np.float32]) -> Embeddings:
        """The window of each new step; only what is new is embedded."""
        known = (WINDOW - 1) * _FRAMES_PER_STEP
        embeddings = np.concatenate((self._embeddings, self._embed(frames[known:])))
        self._embeddings = embeddings[1 - WINDOW :]
        return _sliding(embeddings, WINDOW, 1)

    def _look_closely(self, frames: NDArray[np.float32], loudest: float) -> tuple[float, float]:
        """Name and call at one level over all that is seen: gain that follows a voice would fake a "hey"."""
        gain = float(np.clip(LOUDNESS / max(loudest, 1e-9), 1 / _MOST_GAIN, _MOST_GAIN))
        louder = frames + np.float32(2.0 * np.log10(gain))  # the bands are decibels / 10 + 2
        window = self._embed(np.where(frames > self._silence, louder, self._silence))[np.newaxis]
        return float(self.name(window)[0]), float(self._call.probability(window)[0])

    def _bands(self, samples: Samples) -> NDArray[np.float32]:
        """Mel frames (m, 32), one for each 10 ms after the overlap, scaled as the embedding wants them."""
        (found,) = self._mel.run(None, {"input": (samples * np.float32(_FULL_SCALE))[np.newaxis]})
        return np.asarray(found, np.float32).reshape(-1, _BANDS) / 10.0 + 2.0

    def _embed(self, frames: NDArray[np.float32]) -> Embeddings:
        """Embeddings (n, 96) of every 76 of the frames, 8 further each."""
        inputs = _sliding(frames, _FRAMES, _FRAMES_PER_STEP)[..., np.newaxis]
        (found,) = self._embedding.run(None, {"input_1": inputs})
        return np.asarray(found, np.float32).reshape(-1, _WIDTH)


class _Micro:
    """microWakeWord's own "hey jarvis"; network and library ship in its package."""

    def __init__(self) -> None:
        self._word = MicroWakeWord.from_builtin(Model.HEY_JARVIS)
        self._features = MicroWakeWordFeatures()

    def reset(self) -> None:
        self._word.reset()
        self._features.reset()

    def scores(self, steps: Samples) -> Scores:
        """The highest of its means over 150 ms in each step, `steps` (n, 1280)."""
        pcm = (np.clip(steps, -1.0, 1.0) * _FULL_SCALE).astype("<i2")
        return np.array([max(self._means(step.tobytes()), default=0.0) for step in pcm])

    def _means(self, pcm: bytes) -> list[float]:
        return [self._word.process_streaming_prob(f) or 0.0 for f in self._features.process_streaming(pcm)]


def _together(opinions: Scores) -> Scores:
    """One probability from those of name, call and microWakeWord, (3, n)."""
    sure = np.array([[_SURE], [_SURE], [_MICRO_SURE]])
    kept = np.clip(opinions, sure, 1.0 - sure)
    odds = np.array([_NAME, _CALL, _MICRO]) @ np.log(kept / (1.0 - kept)) + _OFFSET
    return np.asarray(1.0 / (1.0 + np.exp(-odds)))


def _sliding(rows: NDArray[np.float32], length: int, step: int) -> NDArray[np.float32]:
    """Every `step`-th run of `length` rows."""
    views = np.lib.stride_tricks.sliding_window_view(rows, length, axis=0)[::step]
    return np.ascontiguousarray(views.swapaxes(1, 2))


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
