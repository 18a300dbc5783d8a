"""Speech to text, and text to speech."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from jarvis_desktop.ports.model import ManagedModel
from jarvis_desktop.ports.sound import Samples, SpeechClip

GUESSED = -1.0
"""Mean log probability below which Whisper itself tries again. Sentences spoken into an answer came out at
-0.13 to -0.59 (leak of -20 dB), what was made up for a cough in it nearly always at -1.09 to -2.25."""


@dataclass(frozen=True, slots=True)
class Segment:
    text: str
    start: float  # seconds
    end: float
    log_probability: float = 0.0  # mean of its tokens: 0 is certain, below `GUESSED` it is a guess


@dataclass(frozen=True, slots=True)
class Transcript:
    """Result of one decode. `text` is empty when the audio held no words."""

    text: str
    language: str  # ISO 639-1
    audio_seconds: float
    compute_seconds: float
    segments: tuple[Segment, ...] = ()

    @property
    def guessed(self) -> bool:
        """Nothing in it was recognised with any certainty."""
        return all(segment.log_probability < GUESSED for segment in self.segments) and bool(self.segments)


@dataclass(frozen=True, slots=True)
class PartialTranscript:
    """Text of an utterance still under way; `stable` was the same in two passes (LocalAgreement-2)."""

    stable: str
    unstable: str
    final: Transcript | None = None
    """Where the voice has fallen silent: what `finish` would give if nothing more were said."""


class TranscriptionSession(Protocol):
    """One utterance being transcribed while it is spoken."""

    def feed(self, samples: Samples) -> None:
        """Append audio (16 kHz); never blocks."""
        ...

    def settle(self) -> None:
        """The voice has fallen silent: make the text as good as the final one now. Never blocks."""
        ...

    def partials(self) -> AsyncIterator[PartialTranscript]:
        """Revised text about every `partial_interval_ms` while audio arrives, until `finish` or `cancel`."""
        ...

    async def finish(self) -> Transcript:
        """No more audio: the final text (beam search in the short window)."""
        ...

    async def cancel(self) -> None:
        """Drop the utterance; `partials` ends."""
        ...


class Transcriber(ManagedModel, Protocol):
    """Speech to text."""

    def session(self, language: str = "") -> TranscriptionSession:
        """An utterance of the conversation; with a `language` (ISO 639-1, or "auto") one apart from it."""
        ...

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        """Final text of a whole recording of any length (16 kHz)."""
        ...


class Synthesizer(ManagedModel, Protocol):
    """Text to speech, one sentence at a time."""

    async def synthesize(
        self, text: str, language: str = "", *, voice: str = "", speed: float = 1.0
    ) -> SpeechClip:
        """Speech for one sentence or clause; Markdown and symbols are made speakable first.

        `language` (ISO 639-1) chooses voice and pronunciation; "" leaves it to the voice. `voice` names
        another one than those of the settings; `speed` is times that of the settings. The clip is empty
        when nothing in `text` can be spoken. Raises `SpeechError`.
        """
        ...


class SentenceChunker(Protocol):
    """Cuts a token stream into speakable chunks. One instance per reply."""

    def push(self, token: str) -> list[str]:
        """Chunks completed by this token."""
        ...

    def flush(self) -> list[str]:
        """What is left at the end of the reply."""
        ...
