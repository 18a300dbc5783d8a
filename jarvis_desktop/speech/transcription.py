"""Speech to text with Whisper in a child process: whole recordings, and utterances while they are spoken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop.config.schema import Transcription
from jarvis_desktop.errors import Category, SpeechError
from jarvis_desktop.ports import SAMPLE_RATE, PartialTranscript, Samples, Segment, Transcript
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.speech.agreement import LocalAgreement
from jarvis_desktop.processes.model_process import Load, ModelProcess

_MODULE = "jarvis_desktop.speech.whisper_worker"
_DIED = "speech.worker_died"
_NOTHING = np.zeros(0, np.float32)
_MOST_THREADS = 4  # Whisper base gains little beyond


class WhisperTranscriber:
    """`ports.Transcriber` on faster-whisper.

    `settings` gives the settings in force, `folder` the place of a model by its catalogue name (raises
    `ModelError` when it is not there). A call loads the model when it is not loaded.
    """

    def __init__(self, settings: Callable[[], Transcription], folder: Callable[[str], Path]) -> None:
        self._settings = settings
        self._folder = folder
        self._process = ModelProcess(_MODULE, name="transcription", wanted=self._wanted, died=_died)

    @property
    def model(self) -> str:
        """Catalogue name of the model it holds, or would load."""
        return self._process.model or self._settings().model

    @property
    def pid(self) -> int | None:
        return self._process.pid

    @property
    def device(self) -> str:
        """``cpu`` or ``cuda``, as of the last load; empty before."""
        return str(self._process.facts.get("device", ""))

    @property
    def compute_type(self) -> str:
        """Precision in use, as of the last load; empty before."""
        return str(self._process.facts.get("compute_type", ""))

    async def load(self) -> None:
        """Load the model with the settings in force; at once when it is loaded.

        Raises `ModelError` (missing, damaged) and `SpeechError` (no memory, no usable graphics card).
        """
        await self._process.load()

    async def unload(self) -> None:
        """Release the model with its process."""
        await self._process.unload()

    def session(self) -> WhisperSession:
        """A new utterance."""
        return WhisperSession(self._settings(), self.ask)

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        """Final text of a whole recording (16 kHz, any length).

        Raises `SpeechError` and, when the model has to be loaded first, `ModelError`.
        """
        reply = await self.ask("transcribe", samples, language=language, beam_size=self._settings().beam_size)
        return _transcript(reply.data, samples)

    async def ask(self, method: str, samples: Samples, **args: object) -> Reply:
        """A call to the process with audio."""
        return await self._process.call(method, np.ascontiguousarray(samples, dtype=np.float32).data, **args)

    def _wanted(self) -> Load:
        settings = self._settings()
        return Load(
            settings.model,
            {
                "folder": str(self._folder(settings.model)),
                "device": settings.device,
                "compute_type": settings.compute_type,
                "threads": settings.threads or min(_MOST_THREADS, os.cpu_count() or 1),
            },
        )


class WhisperSession:
    """`ports.TranscriptionSession`: decodes again and again while audio arrives, never twice at a time.

    Each pass takes all audio there is, so passes are skipped rather than queued when the machine is slow.
    When the voice falls silent, a pass is made as carefully as the final one; when nothing was said since,
    `finish` has its text at once.
    """

    def __init__(self, settings: Transcription, ask: Callable[..., Any]) -> None:
        self._settings = settings
        self._ask = ask
        self._blocks: list[Samples] = []
        self._begin = 0  # samples of settled pieces, no longer decoded
        self._total = 0
        self._passed = 0  # end of the samples the last pass decoded
        self._looked = 0  # end of the samples known at the last pass, decoded or found silent
        self._settled: list[Transcript] = []
        self._final: Transcript | None = None  # of the samples from `_begin` to `_passed`
        self._agreement = LocalAgreement()
        self._fed = asyncio.Event()
        self._decoding = asyncio.Lock()
        self._over = False

    def feed(self, samples: Samples) -> None:
        """Append audio (16 kHz); never blocks."""
        self._blocks.append(np.asarray(samples, dtype=np.float32))
        self._total += len(samples)
        self._fed.set()

    async def partials(self) -> AsyncIterator[PartialTranscript]:
        """What is heard so far, whenever that changes; ends with `finish` or `cancel`."""
        interval = self._settings.partial_interval_ms * SAMPLE_RATE // 1000
        shown = self._agreement.shown
        while not self._over:
            if self._total - self._looked < interval:
                self._fed.clear()
                await self._fed.wait()
                continue
            async with self._decoding:
                if not self._over:
                    await self._pass()
            if not self._over and self._agreement.shown != shown:
                shown = self._agreement.shown
                yield shown

    async def finish(self) -> Transcript:
        """The final text of everything fed. Raises `SpeechError`."""
        self._end()
        async with self._decoding:
            if self._final is None or await self._voiced_since_final():
                self._final = await self._decode_rest()
        return _joined([*self._settled, self._final], self._total / SAMPLE_RATE)

    async def cancel(self) -> None:
        """Drop the utterance; `partials` ends."""
        self._end()
        self._blocks = []

    def _end(self) -> None:
        self._over = True
        self._fed.set()

    async def _pass(self) -> None:
        self._looked = self._total
        if self._final is not None and not await self._voiced_since_final():
            return
        samples = self._kept()
        self._passed = self._begin + len(samples)
        reply = await self._ask(
            "listen", samples, language=self._settings.language, beam_size=self._settings.beam_size
        )
        if reply.data["settled"] is not None:
            self._settle(reply.data["settled"], samples[: reply.data["settled_samples"]])
        rest = _transcript(reply.data, samples[reply.data["settled_samples"] :], self._begin)
        self._final = rest if reply.data["final"] else None
        self._agreement.revise(rest.text)

    def _settle(self, data: dict[str, Any], samples: Samples) -> None:
        piece = _transcript(data, samples, self._begin)
        self._settled.append(piece)
        self._agreement.settle(piece.text)
        self._blocks = [self._kept()[len(samples) :]]
        self._begin += len(samples)

    async def _decode_rest(self) -> Transcript:
        samples = self._kept()
        reply = await self._ask(
            "transcribe", samples, language=self._settings.language, beam_size=self._settings.beam_size
        )
        return _transcript(reply.data, samples, self._begin)

    async def _voiced_since_final(self) -> bool:
        tail = self._kept()[self._passed - self._begin :]
        reply = await self._ask("voiced", tail)
        return bool(reply.data["voiced"])

    def _kept(self) -> Samples:
        """All samples from `_begin` on."""
        self._blocks = [np.concatenate([_NOTHING, *self._blocks])]
        return self._blocks[0]


def _transcript(data: dict[str, Any], samples: Samples, begin: int = 0) -> Transcript:
    """A reply of the process; `begin` is where its samples start in the recording."""
    offset = begin / SAMPLE_RATE
    return Transcript(
        text=data["text"],
        language=data["language"],
        audio_seconds=len(samples) / SAMPLE_RATE,
        compute_seconds=data["compute_seconds"],
        segments=tuple(Segment(s["text"], s["start"] + offset, s["end"] + offset) for s in data["segments"]),
    )


def _joined(parts: list[Transcript], seconds: float) -> Transcript:
    """The transcript of consecutive pieces; its language is that of the first piece with words."""
    return Transcript(
        text=" ".join(part.text for part in parts if part.text),
        language=next((part.language for part in parts if part.text), parts[-1].language),
        audio_seconds=seconds,
        compute_seconds=sum(part.compute_seconds for part in parts),
        segments=tuple(segment for part in parts for segment in part.segments),
    )


def _died() -> SpeechError:
    return SpeechError(
        _DIED,
        "Speech recognition stopped unexpectedly.",
        "It starts again by itself the next time you speak.",
        Category.TRANSIENT,
    )
