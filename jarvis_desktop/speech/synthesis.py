"""Text to speech with Piper, a program of its own (see docs/decisions/0003-piper-licence.md)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from jarvis_desktop.config.schema import Speech
from jarvis_desktop.errors import Category, ModelError, SpeechError
from jarvis_desktop.ports import SpeechClip
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.worker import Worker
from jarvis_desktop.speech.speakable import speakable

_MODULE = "jarvis_desktop.speech.piper_worker"
_DIED = "speech.synthesis_died"
_MOST_THREADS = 2  # answers are generated while speech is made; Piper is ahead of playback even with one


class PiperSynthesizer:
    """`ports.Synthesizer` on Piper.

    `settings` gives the settings in force, `folder` the place of a voice by its catalogue name (raises
    `ModelError` when it is not there). A call loads the voice when it is not loaded; when the process dies
    under a call, it is started again and the call is made once more.
    """

    def __init__(self, settings: Callable[[], Speech], folder: Callable[[str], Path]) -> None:
        self._settings = settings
        self._folder = folder
        self._worker = Worker(_MODULE, name="speech", died=_died)
        self._loading = asyncio.Lock()
        self._loaded = ""
        self._language = "en"
        self._rate = 0

    @property
    def model(self) -> str:
        """Catalogue name of the voice it holds, or would load."""
        return self._loaded or self._settings().voice

    @property
    def pid(self) -> int | None:
        return self._worker.pid

    async def load(self) -> None:
        """Start the process and load the voice of the settings; at once when one is loaded.

        Raises `ModelError` (missing, damaged) and `SpeechError`.
        """
        async with self._loading:
            if self._loaded and self._worker.running:
                return
            name = self._settings().voice
            voice = _voice_file(name, self._folder(name))
            await self._worker.start()
            threads = min(_MOST_THREADS, max(1, (os.cpu_count() or 1) // 2))
            try:
                reply = await self._worker.call("load", model=str(voice), threads=threads)
            except BaseException:
                await self._worker.stop()
                raise
            self._rate = reply.data["sample_rate"]
            self._language = voice.name[:2]
            self._loaded = name

    async def unload(self) -> None:
        """End the process, which gives all its memory back."""
        async with self._loading:
            self._loaded = ""
            await self._worker.stop()

    async def synthesize(self, text: str) -> SpeechClip:
        """Speech for one sentence or clause, at the voice's own rate.

        The clip is empty when nothing in `text` can be spoken. Raises `SpeechError` and, when the voice has
        to be loaded first, `ModelError`.
        """
        await self.load()
        words = speakable(text, self._language)
        if not words:
            return SpeechClip(np.zeros(0, np.float32), self._rate, text)
        reply = await self._speak(words)
        return SpeechClip(np.frombuffer(reply.payload, np.float32), self._rate, text)

    async def _speak(self, words: str) -> Reply:
        speed = self._settings().speed
        try:
            return await self._worker.call("synthesize", text=words, speed=speed)
        except SpeechError as error:
            if error.code != _DIED:
                raise
        await self.load()
        return await self._worker.call("synthesize", text=words, speed=speed)


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
