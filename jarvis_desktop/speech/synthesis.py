"""Text to speech with Piper, a program of its own (see docs/decisions/0003-piper-licence.md)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jarvis_desktop.config.schema import Speech
from jarvis_desktop.errors import Category, ModelError, SpeechError
from jarvis_desktop.ports import Samples, SpeechClip, WordMark
from jarvis_desktop.processes.model_process import Load, ModelProcess
from jarvis_desktop.speech.speakable import speakable

_MODULE = "jarvis_desktop.speech.piper_worker"
_DIED = "speech.synthesis_died"
_MOST_THREADS = 2  # answers are generated while speech is made; Piper is ahead of playback even with one

_FADE_IN = 0.003  # seconds
_BREATH = 0.25  # seconds of quiet behind a sentence
_QUIET = 0.005  # of full scale


class PiperSynthesizer:
    """`ports.Synthesizer` on Piper.

    `settings` gives the settings in force, `folder` the place of a voice by its catalogue name (raises
    `ModelError` when it is not there). A call loads the voice when it is not loaded.
    """

    def __init__(self, settings: Callable[[], Speech], folder: Callable[[str], Path]) -> None:
        self._settings = settings
        self._folder = folder
        self._process = ModelProcess(_MODULE, name="speech", wanted=self._wanted, died=_died)

    @property
    def model(self) -> str:
        """Catalogue name of the voice it holds, or would load."""
        return self._process.model or self._settings().voice

    @property
    def pid(self) -> int | None:
        return self._process.pid

    async def load(self) -> None:
        """Load the voice of the settings; at once when one is loaded. Raises `ModelError`, `SpeechError`."""
        await self._process.load()

    async def unload(self) -> None:
        """Release the voice with its process."""
        await self._process.unload()

    async def synthesize(
        self, text: str, language: str = "", *, voice: str = "", speed: float = 1.0
    ) -> SpeechClip:
        """Speech for one sentence or clause, at the voice's own rate, and when each word of `text` is over.

        `language` (ISO 639-1) chooses the voice; where none speaks it, the first one reads it. Another
        `voice` is loaded beside them, in the place of the one asked for before. The clip is empty when
        nothing in `text` can be spoken. Raises `SpeechError` and, when the voice has to be loaded first,
        `ModelError`.
        """
        await self._process.load()
        language = language or self._process.facts["language"]
        said = speakable(text, language)
        if not said.text:
            return SpeechClip(np.zeros(0, np.float32), self._process.facts["sample_rate"], text)
        file = "" if not voice else str(await asyncio.to_thread(self._file, voice))
        reply = await self._process.call(
            "synthesize",
            text=said.text,
            language=language,
            speed=self._settings().speed * speed,
            voice=file,
        )
        rate: int = reply.data["sample_rate"]
        samples = _joinable(np.frombuffer(reply.payload, np.float32), rate, said.text)
        marks = tuple(map(WordMark, said.ends, reply.data["word_ends"]))
        return SpeechClip(samples, rate, text, marks)

    def _file(self, name: str) -> Path:
        return _voice_file(name, self._folder(name))

    def _wanted(self) -> Load:
        settings = self._settings()
        names = dict.fromkeys(name for name in (settings.voice, settings.spanish_voice) if name)
        voices = [str(self._file(name)) for name in names]
        threads = min(_MOST_THREADS, max(1, (os.cpu_count() or 1) // 2))
        return Load(settings.voice, {"models": voices, "threads": threads})


def _joinable(samples: Samples, rate: int, text: str) -> Samples:
    """The clip without a step at its begin, and a breath behind a sentence; Piper leaves 70 to 290 ms."""
    ramp = min(len(samples), round(_FADE_IN * rate))
    faded = np.concatenate([samples[:ramp] * np.linspace(0, 1, ramp, dtype=np.float32), samples[ramp:]])
    voiced = np.flatnonzero(np.abs(samples) > _QUIET)
    if not len(voiced) or text[-1] not in ".!?…":
        return faded
    missing = round(_BREATH * rate) - (len(samples) - int(voiced[-1]))
    return np.concatenate([faded, np.zeros(max(0, missing), np.float32)])


def _voice_file(name: str, folder: Path) -> Path:
    """The .onnx of a voice, named as Piper's are: language, speaker, quality (``es_ES-davefx-medium``)."""
    voice = next(iter(sorted(folder.glob("*.onnx"))), None)
    if voice is None or not voice.with_name(voice.name + ".json").is_file():
        raise ModelError(
            "model.missing",
            "The voice {name} is incomplete.",
            "Get it with: jarvis models get {name}",
            name=name,
        )
    return voice


def _died() -> SpeechError:
    return SpeechError(
        _DIED,
        "Speech output stopped unexpectedly.",
        "It starts again by itself with the next answer.",
        Category.TRANSIENT,
    )
