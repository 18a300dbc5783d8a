"""Speech to text with Whisper in a child process: whole recordings, and utterances while they are spoken."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop.config.schema import Transcription
from jarvis_desktop.errors import Category, SpeechError
from jarvis_desktop.ports import SAMPLE_RATE, PartialTranscript, Samples, Segment, Transcript
from jarvis_desktop.processes.model_process import Load, ModelProcess
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.speech.agreement import LocalAgreement

_MODULE = "jarvis_desktop.speech.whisper_worker"
_DIED = "speech.worker_died"
_CONTEXT = SAMPLE_RATE  # samples before, by which the end of a word is told from another word
_NOTHING = np.zeros(0, np.float32)
_MOST_THREADS = 4  # Whisper base gains little beyond
_REST = 2.0  # times as long as a draft took passes before the next: half a core at most is spent on live text
_TRIMMED_BEYOND = 15.0  # seconds of an utterance after which a pause finishes what was said for good
_LONGEST_PIECE = 20.0  # seconds after which that happens without one


class WhisperTranscriber:
    """`ports.Transcriber` on faster-whisper.

    `settings` gives the settings in force, `folder` the place of a model by its catalogue name (raises
    `ModelError` when it is not there). A call loads the model when it is not loaded.
    """

    def __init__(self, settings: Callable[[], Transcription], folder: Callable[[str], Path]) -> None:
        self._settings = settings
        self._folder = folder
        self._process = ModelProcess(_MODULE, name="transcription", wanted=self._wanted, died=_died)
        self._last_language = ""  # of the conversation

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

    def session(self, language: str = "") -> WhisperSession:
        """A new utterance of the conversation; with a `language` one apart from it."""
        settings = self._settings()
        if language:
            return WhisperSession(settings.model_copy(update={"language": language}), self.ask)
        return WhisperSession(settings, self.ask, self._last_language, self._note_language)

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        """Final text of a whole recording (16 kHz, any length).

        Raises `SpeechError` and, when the model has to be loaded first, `ModelError`.
        """
        settings = self._settings()
        reply = await self.ask(
            "transcribe", samples, language=language, beam_size=settings.beam_size, hints=_hints(settings)
        )
        return _transcript(reply.data, samples)

    async def ask(self, method: str, samples: Samples, **args: object) -> Reply:
        """A call to the process with audio."""
        return await self._process.call(method, np.ascontiguousarray(samples, dtype=np.float32).data, **args)

    def _note_language(self, language: str) -> None:
        self._last_language = language

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
    """`ports.TranscriptionSession`: drafts again and again while audio arrives, never twice at a time.

    Each draft takes all audio there is, so drafts are skipped rather than queued when the machine is slow.
    When the voice falls silent, a pass is made as carefully as the final one; when nothing was said since,
    `finish` has its text at once. `last_language` is that of the utterance before, `heard` takes this one's.
    """

    def __init__(
        self,
        settings: Transcription,
        ask: Callable[..., Coroutine[Any, Any, Reply]],
        last_language: str = "",
        heard: Callable[[str], None] = lambda language: None,
    ) -> None:
        self._settings = settings
        self._ask = ask
        self._last_language = last_language
        self._heard = heard
        self._language = settings.language  # as drafts take it: for sure once they are
        self._blocks: list[Samples] = []
        self._begin = 0  # samples of settled pieces, no longer decoded
        self._draft_begin = 0  # samples that drafts leave out
        self._total = 0
        self._looked = 0  # samples there were at the last pass
        self._rest = 0.0  # seconds until the next one at least
        self._settled: list[Transcript] = []
        self._final: Transcript | None = None  # of the samples from `_begin` to `_final_end`
        self._final_end = 0
        self._wants_final = False
        self._drafting: asyncio.Task[Reply] | None = None
        self._agreement = LocalAgreement()
        self._fed = asyncio.Event()
        self._decoding = asyncio.Lock()
        self._over = False

    def feed(self, samples: Samples) -> None:
        """Append audio (16 kHz); never blocks."""
        self._blocks.append(np.asarray(samples, dtype=np.float32))
        self._total += len(samples)
        self._fed.set()

    def settle(self) -> None:
        """The voice has fallen silent: a draft under way is given up for a careful pass. Never blocks."""
        self._wants_final = True
        self._give_up_draft()
        self._fed.set()

    async def partials(self) -> AsyncIterator[PartialTranscript]:
        """What is heard so far, whenever that changes or is final; ends with `finish` or `cancel`."""
        shown = self._agreement.shown
        while not self._over:
            if not (self._wants_final or self._due()):
                self._fed.clear()
                await self._fed.wait()
                continue
            async with self._decoding:
                partial = None if self._over else await self._pass()
            if partial is not None and partial != shown and not self._over:
                shown = partial
                yield partial

    async def finish(self) -> Transcript:
        """The final text of everything fed. Raises `SpeechError`."""
        self._end()
        async with self._decoding:
            if self._final is None or await self._voiced_since_final():
                self._final = await self._decode(self._kept(), self._begin)
        transcript = _joined([*self._settled, self._final], self._total / SAMPLE_RATE)
        if transcript.text:
            self._heard(transcript.language)
        return transcript

    async def cancel(self) -> None:
        """Drop the utterance; `partials` ends."""
        self._end()
        self._blocks = []

    def _end(self) -> None:
        self._over = True
        self._give_up_draft()
        self._fed.set()

    def _give_up_draft(self) -> None:
        if self._drafting is not None:
            self._drafting.cancel()

    def _due(self) -> bool:
        interval = max(self._settings.partial_interval_ms / 1000, self._rest)
        return self._total - self._looked >= interval * SAMPLE_RATE

    async def _pass(self) -> PartialTranscript | None:
        self._looked = self._total
        if self._final is not None and not await self._voiced_since_final():
            self._wants_final = False
            return None
        if self._wants_final:
            return await self._careful_pass()
        if self._total - self._begin > _LONGEST_PIECE * SAMPLE_RATE:
            await self._settle_first_piece()
        return await self._draft()

    async def _careful_pass(self) -> PartialTranscript:
        self._wants_final = False
        samples = self._kept()
        self._final = await self._decode(samples, self._begin)
        self._final_end = self._begin + len(samples)
        if len(samples) > _TRIMMED_BEYOND * SAMPLE_RATE:
            self._settle_piece(self._final, len(samples))
            self._final = replace(self._final, text="", segments=(), compute_seconds=0.0)
        else:
            self._agreement.confirm(self._final.text)
        final = _joined([*self._settled, self._final], self._final_end / SAMPLE_RATE)
        return replace(self._agreement.shown, final=final)

    async def _draft(self) -> PartialTranscript | None:
        """A quick pass; None when it was given up, or nobody speaks."""
        self._drafting = asyncio.ensure_future(
            self._ask(
                "draft",
                self._kept()[self._draft_begin - self._begin :],
                language=self._language,
                hints=self._hints(self._agreement.trimmed),
                stable_words=self._agreement.stable_words,
            )
        )
        try:
            draft = (await self._drafting).data
        except asyncio.CancelledError:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            return None
        finally:
            self._drafting = None
        if draft["quiet"]:
            self._wants_final = draft["voiced"]
            return None
        self._final = None
        self._rest = _REST * draft["compute_seconds"]
        if draft["sure"]:
            self._language = draft["language"]
        if draft["text"] is not None:
            self._agreement.revise(draft["text"])
        if draft["cut"] is not None:
            self._draft_begin += draft["cut"][0]
            self._agreement.trim(draft["cut"][1])
        return self._agreement.shown

    async def _settle_first_piece(self) -> None:
        samples = self._kept()
        cut = (await self._ask("cut", samples, longest=_LONGEST_PIECE)).data["samples"]
        self._settle_piece(await self._decode(samples[:cut], self._begin), cut)
        self._final = None

    def _settle_piece(self, piece: Transcript, samples: int) -> None:
        """The piece that ends after `samples` is finished for good."""
        self._settled.append(piece)
        self._agreement.settle(piece.text)
        self._blocks = [self._kept()[samples:]]
        self._begin += samples
        self._draft_begin = self._begin

    async def _decode(self, samples: Samples, begin: int) -> Transcript:
        reply = await self._ask(
            "transcribe",
            samples,
            language=self._settings.language,
            beam_size=self._settings.beam_size,
            hints=self._hints(),
        )
        return _transcript(reply.data, samples, begin)

    def _hints(self, previous: str = "") -> dict[str, str]:
        spoken = next((piece.language for piece in self._settled if piece.text), self._last_language)
        return _hints(self._settings, spoken, previous)

    async def _voiced_since_final(self) -> bool:
        kept, end = self._kept(), self._final_end - self._begin
        if len(kept) == end:
            return False
        begin = max(0, end - _CONTEXT)
        reply = await self._ask("voice_returns", kept[begin:], since=end - begin)
        return bool(reply.data["returns"])

    def _kept(self) -> Samples:
        """All samples from `_begin` on."""
        self._blocks = [np.concatenate([_NOTHING, *self._blocks])]
        return self._blocks[0]


def _hints(settings: Transcription, last_language: str = "", previous: str = "") -> dict[str, str]:
    """`decoder.Hints` as they travel to the process."""
    words = (word.strip() for word in settings.custom_words.split(","))
    return {
        "last_language": last_language,
        "custom_words": ", ".join(word for word in words if word),
        "previous": previous,
    }


def _transcript(data: dict[str, Any], samples: Samples, begin: int = 0) -> Transcript:
    """A reply of the process; `begin` is where its samples start in the recording."""
    offset = begin / SAMPLE_RATE
    return Transcript(
        text=data["text"],
        language=data["language"],
        audio_seconds=len(samples) / SAMPLE_RATE,
        compute_seconds=data["compute_seconds"],
        segments=tuple(
            Segment(s["text"], s["start"] + offset, s["end"] + offset, s["log_probability"])
            for s in data["segments"]
        ),
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
