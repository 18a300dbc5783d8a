# SPDX-License-Identifier: GPL-3.0-or-later
"""Child process that holds Piper voices: a separate program under Piper's own licence, the GPL.

No module of the program imports this one; it is started by `synthesis.PiperSynthesizer` and spoken to over a
pipe. See docs/decisions/0003-piper-licence.md.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.errors import ModelError, SpeechError
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from piper import PiperVoice

_CANCEL_POLL = 0.02  # seconds; a sentence nobody wants any more is given up within this and one operator

_SEED = 1

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of malloc.h
_LARGE = 1 << 17  # bytes

_PUNCTUATION = frozenset(" .,;:!?")


class PiperWorker:
    """Answers the calls of `PiperSynthesizer`."""

    def __init__(self) -> None:
        self._voices: dict[str, _Voice] = {}  # by file, those of the settings
        self._threads = 1
        self._lent: dict[str, _Voice] = {}  # the last one that was asked for beside them

    def load(self, call: Call) -> Reply:
        """args: models (paths of .onnx files, each beside its .onnx.json), threads. Gives rate and language.

        The first voice is the one for every language that no other speaks; the answer is about it.
        """
        self._threads, self._lent = call.args["threads"], {}
        self._voices = {path: self._opened(path, call) for path in call.args["models"]}
        first = self._first
        return Reply({"sample_rate": first.sample_rate, "language": first.language})

    def synthesize(self, call: Call) -> Reply:
        """args: text, language, speed, voice (path of an .onnx file; "" chooses by the language).

        Gives float32 samples, their rate, and each word's end in seconds.
        """
        language = call.args["language"]
        voice = next((v for v in self._voices.values() if v.language == language), self._first)
        if path := call.args["voice"]:
            if path not in self._voices | self._lent:
                self._lent = {path: self._opened(path, call)}
            voice = (self._voices | self._lent)[path]
        try:
            samples, ends = voice.speak(call.args["text"], call.args["speed"], call)
        except Exception as error:  # as above
            raise SpeechError(
                "speech.synthesis_failed",
                "A sentence could not be spoken ({reason}).",
                "Choose another voice if it happens again.",
                reason=type(error).__name__,
            ) from error
        return Reply({"sample_rate": voice.sample_rate, "word_ends": ends}, samples.data)

    @property
    def _first(self) -> _Voice:
        return next(iter(self._voices.values()))

    def _opened(self, path: str, call: Call) -> _Voice:
        try:
            voice = _Voice.open(Path(path), self._threads)
            voice.speak("a", 1.0, call)  # the first sentence shall not pay for set-up
            return voice
        except Exception as error:  # ONNX Runtime's errors share no other base
            raise ModelError(
                "model.damaged",
                "The voice {file} cannot be read ({reason}).",
                "Get the voice again in the settings, or with: jarvis models get NAME",
                file=path,
                reason=type(error).__name__,
            ) from error


@dataclass(frozen=True, slots=True)
class _Voice:
    piper: PiperVoice
    session: _Interruptible

    @classmethod
    def open(cls, model: Path, threads: int) -> _Voice:
        """As `PiperVoice.load`, with a bound on the threads: transcription and answers need theirs."""
        import json

        import onnxruntime
        from piper import PiperConfig, PiperVoice

        # Chance shapes each sentence; begun alike, it can be heard again when something was wrong with it.
        onnxruntime.set_seed(_SEED)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        config = json.loads(model.with_name(model.name + ".json").read_text(encoding="utf-8"))
        session = _Interruptible(
            onnxruntime.InferenceSession(_with_durations(model), options, providers=["CPUExecutionProvider"])
        )
        return cls(PiperVoice(session=session, config=PiperConfig.from_dict(config)), session)

    @property
    def language(self) -> str:
        return self.piper.config.espeak_voice[:2]

    @property
    def sample_rate(self) -> int:
        return self.piper.config.sample_rate

    def speak(self, text: str, speed: float, call: Call) -> tuple[NDArray[np.float32], list[float]]:
        """Samples, and where each word of `text` ends in seconds; no ends where the voice cannot tell."""
        from piper import SynthesisConfig

        # Peak normalisation per sentence would make short sentences jump in loudness.
        style = SynthesisConfig(length_scale=self.piper.config.length_scale / speed, normalize_audio=False)
        clips: list[NDArray[np.float32]] = [np.zeros(0, np.float32)]
        sounds: list[str] = []
        times: list[float] = [0.0]  # when each of the sounds is over, the first being silence
        with self.session.stopping_with(call):
            for sentence in self.piper.phonemize(text):
                known = [sound for sound in sentence if sound in self.piper.config.phoneme_id_map]
                ids = self.piper.phonemes_to_ids(known)
                samples, durations = self.piper.phoneme_ids_to_audio(ids, style, include_alignments=True)
                begun = sum(map(len, clips)) / self.sample_rate
                clips.append(np.clip(samples, -1.0, 1.0).astype(np.float32).reshape(-1))
                if durations is not None:
                    sounds += known
                    times += self._sound_ends(known, durations, begun)
        ends = self._word_ends(text.split(), sounds, times) if sounds else []
        return np.concatenate(clips), ends

    def _sound_ends(self, sounds: Sequence[str], durations: NDArray[np.int64], begun: float) -> list[float]:
        """When each sound is over; it takes its ids and the padding behind it, as Piper lays them out."""
        id_map = self.piper.config.phoneme_id_map
        padding = len(id_map["_"])
        counts = [len(id_map["^"]) + padding, *(len(id_map[sound]) + padding for sound in sounds)]
        reached = np.cumsum(durations)[np.cumsum(counts)[1:] - 1]
        return [begun + float(sample) / self.sample_rate for sample in reached]

    def _word_ends(self, words: Sequence[str], sounds: Sequence[str], times: Sequence[float]) -> list[float]:
        """Where each word ends among the sounds of the text.

        espeak joins words ("of the"), stresses them otherwise and reads figures as several; so each word is
        also read alone, and both series of sounds are laid side by side.
        """
        alone: list[str] = []
        word_ends: list[int] = []
        for word in words:
            alone += [s for sentence in self.piper.phonemize(word) for s in sentence if s not in _PUNCTUATION]
            word_ends.append(len(alone))
        spoken = [(i, sound) for i, sound in enumerate(sounds) if sound not in _PUNCTUATION]
        matcher = SequenceMatcher(None, alone, [sound for _, sound in spoken], autojunk=False)
        here, there = [0], [0]
        for block in matcher.get_matching_blocks():
            here += [block.a, block.a + block.size]
            there += [block.b, block.b + block.size]
        places = np.rint(np.interp(word_ends, here, there)).astype(int)
        last_sounds = [spoken[place - 1][0] if place else -1 for place in places]
        return [times[i + 1] for i in last_sounds]


class _Interruptible:
    """An ONNX Runtime session whose run ends when the call it runs for is cancelled."""

    def __init__(self, session: InferenceSession) -> None:
        import onnxruntime

        self._session = session
        self._options = onnxruntime.RunOptions()
        # Else the longest sentence ever spoken decides how much memory is kept.
        self._options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")

    def run(self, outputs: Sequence[str] | None, inputs: dict[str, Any]) -> Any:
        """As `InferenceSession.run`; raises ONNX Runtime's `Fail` when interrupted."""
        return self._session.run(outputs, inputs, self._options)

    @contextmanager
    def stopping_with(self, call: Call) -> Iterator[None]:
        """Runs within the context end soon after `call` was cancelled."""
        self._options.terminate = False
        done = threading.Event()

        def watch() -> None:
            while not done.wait(_CANCEL_POLL):
                if call.cancelled.is_set():
                    self._options.terminate = True

        watcher = threading.Thread(target=watch, name="cancelled?", daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _give_back_memory() -> None:
    """Have glibc return each large piece to the system at once; pieces kept for later are never as needed."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        for parameter in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD):
            mallopt(parameter, _LARGE)


def _with_durations(model: Path) -> bytes:
    """The model with one more output: how long each sound lasts, which Piper voices round up with ``Ceil``.

    Messages of protocol buffers that are written one behind the other are merged. So the declaration can
    follow the untouched file, where reading and writing it with the `onnx` package takes most of a second.
    """
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        names = list(_ceil_outputs(content))
        if len(names) != 1:
            return bytes(content)
        value_info = _field(1, names[0])
        return b"".join((content, _field(7, _field(12, value_info))))


def _ceil_outputs(content: mmap.mmap) -> Iterator[bytes]:
    """Names of what the graph's Ceil nodes give. Numbers of fields as in onnx.proto."""
    graph, node, node_output, node_operator = 7, 1, 2, 4
    for number, begin, end in _fields(content, 0, len(content)):
        if number != graph:
            continue
        for part, first, last in _fields(content, begin, end):
            if part != node:
                continue
            values = {n: content[a:b] for n, a, b in _fields(content, first, last)}
            if values.get(node_operator) == b"Ceil":
                yield values[node_output]


def _fields(content: mmap.mmap, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Number, begin and end of each field of a protocol buffer message; plain numbers have no extent."""
    fixed = {1: 8, 5: 4}  # bytes by wire type
    while begin < end:
        key, begin = _varint(content, begin)
        kind = key & 7
        size, begin = _varint(content, begin) if kind in (0, 2) else (fixed[kind], begin)
        if kind == 0:
            size = 0
        yield key >> 3, begin, begin + size
        begin += size


def _varint(content: mmap.mmap, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, place


def _field(number: int, value: bytes) -> bytes:
    """A field of bytes shorter than 128, as names are."""
    return bytes([number << 3 | 2, len(value)]) + value


if __name__ == "__main__":
    _give_back_memory()
    worker = PiperWorker()
    serve({"load": worker.load, "synthesize": worker.synthesize})
