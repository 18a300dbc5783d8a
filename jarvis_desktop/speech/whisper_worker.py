"""Child process that holds the Whisper model; `transcription.WhisperTranscriber` talks to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from jarvis_desktop.errors import JarvisError, ModelError, SpeechError
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, serve

if TYPE_CHECKING:
    from ctranslate2.models import Whisper
    from faster_whisper import WhisperModel

    from jarvis_desktop.speech.decoder import Decoder, Decoding

_FILES = ("model.bin", "config.json", "tokenizer.json")  # without the last, a library would go online for it
_PRECISIONS = {"cpu": ("int8", "float32"), "cuda": ("float16", "int8", "float32")}  # best first
_QUIET_TAIL = SAMPLE_RATE // 4  # samples without voice after which the speaker may have finished


class WhisperWorker:
    """Answers the calls of `WhisperTranscriber`."""

    def __init__(self) -> None:
        self._decoder: Decoder | None = None

    def load(self, call: Call) -> Reply:
        """args: folder, device, compute_type, threads. Gives the device and precision in use."""
        from jarvis_desktop.speech.decoder import Decoder

        folder = Path(call.args["folder"])
        missing = [name for name in _FILES if not (folder / name).is_file()]
        if missing:
            raise ModelError(
                "model.missing",
                "The speech recognition model in {folder} is incomplete: {files} is missing.",
                "Get the model again in the settings, or with: jarvis models get NAME",
                folder=folder,
                files=", ".join(missing),
            )
        model, device, precision = _open_model(folder, call)
        self._decoder = Decoder(model, _writer(folder, device, precision, call.args["threads"]))
        self._decoder.draft(_warm_up_sound(), language="en")
        return Reply({"device": device, "compute_type": precision})

    def transcribe(self, call: Call) -> Reply:
        """args: language, beam_size, hints; payload: the recording. Gives the final text."""
        from jarvis_desktop.speech.decoder import Hints

        begun = time.perf_counter()
        with _translated():
            decoding = self._ready.decode(
                _samples(call),
                language=call.args["language"],
                beam_size=call.args["beam_size"],
                hints=Hints(**call.args["hints"]),
                abandoned=call.cancelled.is_set,
            )
        return Reply(_as_json(decoding, time.perf_counter() - begun))

    def draft(self, call: Call) -> Reply:
        """args: language, hints, stable_words; payload: an utterance under way. Gives a `Draft`'s fields.

        Where its last quarter of a second holds no voice nothing is decoded: `quiet` is true, and `voiced`
        tells whether the rest holds one.
        """
        from jarvis_desktop.speech.decoder import Hints, has_voice

        begun = time.perf_counter()
        samples = _samples(call)
        with _translated():
            if not has_voice(samples[-_QUIET_TAIL:]):
                return Reply({"quiet": True, "voiced": has_voice(samples)})
            draft = self._ready.draft(
                samples,
                language=call.args["language"],
                hints=Hints(**call.args["hints"]),
                stable_words=call.args["stable_words"],
                abandoned=call.cancelled.is_set,
            )
        return Reply({"quiet": False, **asdict(draft), "compute_seconds": time.perf_counter() - begun})

    def cut(self, call: Call) -> Reply:
        """args: longest (s); payload: an utterance. Gives where to cut so that the first piece is shorter."""
        from jarvis_desktop.speech.decoder import pieces

        with _translated():
            bounds = pieces(_samples(call), call.args["longest"])
        return Reply({"samples": bounds[0][1]})

    def voice_returns(self, call: Call) -> Reply:
        """args: since; payload: sound that fell silent before that sample. Whether a voice begins anew."""
        from jarvis_desktop.speech.decoder import voice_returns

        with _translated():
            return Reply({"returns": voice_returns(_samples(call), call.args["since"])})

    @property
    def _ready(self) -> Decoder:
        if self._decoder is None:
            raise SpeechError("speech.not_loaded", "The speech recognition model is not loaded.")
        return self._decoder


def _open_model(folder: Path, call: Call) -> tuple[WhisperModel, str, str]:
    """The model on the first device that works, with its device and precision."""
    import ctranslate2
    from faster_whisper import WhisperModel

    wanted = call.args["device"]
    gpu = ctranslate2.get_cuda_device_count() > 0
    devices = [wanted] if wanted != "auto" else ["cuda", "cpu"] if gpu else ["cpu"]
    for device in devices:
        try:
            precision = call.args["compute_type"]
            if precision == "auto":
                usable = ctranslate2.get_supported_compute_types(device)
                precision = next(p for p in _PRECISIONS[device] if p in usable)
            model = WhisperModel(
                str(folder), device=device, compute_type=precision, cpu_threads=call.args["threads"]
            )
            model.encode(np.zeros((model.feature_extractor.mel_filters.shape[0], 100), np.float32))
        except Exception as error:  # tokenizers raises Exception itself
            failure = _load_error(folder, device, error)
            continue
        return model, device, precision
    raise failure


def _writer(folder: Path, device: str, precision: str, threads: int) -> Whisper | None:
    """The model once more for the text side, where that pays (see `Decoder`)."""
    if device != "cpu" or threads == 1:
        return None
    from ctranslate2.models import Whisper

    return Whisper(str(folder), device=device, compute_type=precision, intra_threads=1, inter_threads=2)


def _load_error(folder: Path, device: str, error: Exception) -> JarvisError:
    if device == "cuda":
        return SpeechError(
            "speech.gpu_unusable",
            "The graphics card cannot be used for speech recognition ({reason}).",
            "Set “Run on” to the processor, or repair the CUDA installation.",
            reason=error,
        )
    return ModelError(
        "model.damaged",
        "The speech recognition model in {folder} cannot be read ({reason}).",
        "Get the model again in the settings, or with: jarvis models get NAME",
        folder=folder,
        reason=error,
    )


@contextmanager
def _translated() -> Iterator[None]:
    """The seam: what the libraries raise while decoding becomes a `SpeechError`."""
    try:
        yield
    except (RuntimeError, ValueError, MemoryError) as error:
        raise SpeechError(
            "speech.transcription_failed",
            "Speech could not be turned into text ({reason}).",
            "Try again; if it happens again, choose a smaller model.",
            reason=type(error).__name__,
        ) from error


def _samples(call: Call) -> Samples:
    """The payload within -1 and 1: a single sample that is not a number would spoil all the others."""
    return np.clip(np.nan_to_num(np.frombuffer(call.payload, np.float32)), -1, 1)


def _as_json(decoding: Decoding, seconds: float) -> dict[str, object]:
    return asdict(decoding) | {"compute_seconds": seconds}


def _warm_up_sound() -> Samples:
    """Half a second of faint noise: the first real utterance shall not pay for first-time set-up."""
    return np.random.default_rng(0).normal(0, 0.01, SAMPLE_RATE // 2).astype(np.float32)


def main() -> None:
    worker = WhisperWorker()
    serve(
        {
            "load": worker.load,
            "transcribe": worker.transcribe,
            "draft": worker.draft,
            "cut": worker.cut,
            "voice_returns": worker.voice_returns,
        }
    )


if __name__ == "__main__":
    main()
