"""What other programs may ask for, done with the assistant's own parts."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import Category, EngineError, JarvisError
from jarvis_desktop.events import EarMode, Part, PartState
from jarvis_desktop.ports import (
    ChatDelta,
    ChatRequest,
    Embeddings,
    Grounds,
    Readiness,
    Samples,
    ServedModel,
    SpeechClip,
    Transcript,
    TranscriptionSession,
    VoiceDetector,
)


class AssistantService:
    """`ports.Service` and `ports.VoiceService` over the parts of an assistant."""

    def __init__(self, parts: Parts, loader: Loader, config: Callable[[], Config]) -> None:
        self._parts = parts
        self._loader = loader
        self._config = config

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta | Grounds, None]:
        await self._loader.ready(Part.ENGINE)
        options = replace(request.options, patient=True)
        async with aclosing(self._parts.chat.stream(request.messages, options)) as deltas:  # type: ignore[type-var]
            async for delta in deltas:
                yield delta
        yield Grounds()

    def models(self) -> Sequence[ServedModel]:
        parts, config = self._parts, self._config()
        return (
            ServedModel(parts.chat.model, "chat", config.engine.context_tokens),
            ServedModel(config.memory.encoder, "embedding"),
            ServedModel(parts.transcriber.model, "transcription"),
            ServedModel(parts.synthesizer.model, "speech"),
        )

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        raise NotImplementedError

    async def transcribe(self, samples: Samples, language: str = "auto") -> Transcript:
        await self._loader.ready(Part.TRANSCRIPTION)
        return await self._parts.transcriber.transcribe(samples, language=language)

    async def speak(
        self, text: str, language: str = "", speed: float = 1.0
    ) -> AsyncGenerator[SpeechClip, None]:
        await self._loader.ready(Part.SPEECH)
        chunker = self._parts.chunker()
        for sentence in (*chunker.push(text), *chunker.flush()):
            yield await self._parts.synthesizer.synthesize(sentence, language)

    async def say(self, sentence: str, language: str = "") -> SpeechClip:
        await self._loader.ready(Part.SPEECH)
        return await self._parts.synthesizer.synthesize(sentence, language)

    async def transcription(self, language: str = "auto") -> TranscriptionSession:
        await self._loader.ready(Part.TRANSCRIPTION)
        return self._parts.transcriber.session(language)

    async def wake_detector(self) -> VoiceDetector:
        await self._loader.ready(Part.HEARING)
        return self._parts.detector(EarMode.WAKE)

    def readiness(self) -> Readiness:
        states = {part: self._loader.state(part) or PartState.STOPPED for part in self._parts.models()}
        engine = states[Part.ENGINE]
        error = self._loader.error(Part.ENGINE)
        if engine is PartState.READY:
            return Readiness(True, states)
        return Readiness(False, states, ((Part.ENGINE, error or _not_ready()),))


def _not_ready() -> JarvisError:
    return EngineError(
        "engine.not_ready",
        "The language engine is not loaded.",
        "Wait until it is loaded, or start it from the status panel.",
        Category.TRANSIENT,
    )
