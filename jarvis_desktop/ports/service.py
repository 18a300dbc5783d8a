"""What other programs may ask of Jarvis, by whatever protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Citation, Part, PartState, ToolUse
from jarvis_desktop.ports.chat import ChatDelta, ChatMessage, ChatOptions
from jarvis_desktop.ports.hearing import VoiceDetector
from jarvis_desktop.ports.long_term import Embeddings
from jarvis_desktop.ports.sound import Samples, SpeechClip
from jarvis_desktop.ports.speech import Transcript, TranscriptionSession


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation to go on with. With `memory` what is remembered may help, with `tools` Jarvis' own."""

    messages: tuple[ChatMessage, ...]
    options: ChatOptions
    memory: bool = False
    tools: bool = False


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an answer rests on; comes behind its last piece."""

    citations: tuple[Citation, ...] = ()
    tools: tuple[ToolUse, ...] = ()


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that answers here, by the name to ask for it with."""

    id: str
    kind: Literal["chat", "embedding", "transcription", "speech"]
    context_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether questions are answered now: the engine has generated a token, and nothing was amiss since.

    `reasons` are what is wrong, also with parts that an answer does not need.
    """

    ready: bool
    parts: Mapping[Part, PartState]
    reasons: tuple[tuple[Part, JarvisError], ...] = ()


class Service(Protocol):
    """What may be awaited belongs to the core's loop, and raises `JarvisError`.

    What is asked here is kept nowhere: no conversation, no memory.
    """

    def chat(self, request: ChatRequest) -> AsyncIterator[ChatDelta | Grounds]:
        """The answer as it is generated; `Grounds` are last. Closing the iterator aborts it in the engine."""
        ...

    def models(self) -> Sequence[ServedModel]:
        """What answers with the settings in force. May be called from any thread."""
        ...

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        """The texts as vectors of unit length."""
        ...

    async def transcribe(self, samples: Samples, language: str = "auto") -> Transcript:
        """Text of a recording (16 kHz)."""
        ...

    def speak(self, text: str, voice: str = "", speed: float = 1.0) -> AsyncIterator[SpeechClip]:
        """A text as speech, sentence by sentence; `speed` times that of the settings.

        `voice` is one of the catalogue; "" one of the settings, by the language of the text.
        """
        ...

    def readiness(self) -> Readiness:
        """How it is now: a stored value, at once. May be called from any thread."""
        ...


class VoiceService(Protocol):
    """Ears and voice piece by piece, where the models are in this process' charge.

    All methods, and those of what they give, belong to the core's loop and raise `JarvisError`.
    """

    async def say(self, sentence: str, language: str = "") -> SpeechClip:
        """One sentence as speech."""
        ...

    async def transcription(self, language: str = "auto") -> TranscriptionSession:
        """What is said as text, while it is said."""
        ...

    async def wake_detector(self) -> VoiceDetector:
        """Listens for the wake word."""
        ...
