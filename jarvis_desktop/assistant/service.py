"""What other programs may ask for, done with the assistant's own parts."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import replace

from jarvis_desktop.assistant.idle_work import IdleWork
from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.long_recordings import transcribed
from jarvis_desktop.assistant.memories.citing import citation, rests_on
from jarvis_desktop.assistant.memories.framing import framed, from_outside
from jarvis_desktop.assistant.memories.turn_memory import Memories
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.prompt import Recall, noted
from jarvis_desktop.assistant.tool_use import Consent, Offer, ToolRounds
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import Category, EngineError, JarvisError
from jarvis_desktop.events import EarMode, Event, Part, PartState, Recalled
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import (
    ChatDelta,
    ChatMessage,
    ChatModel,
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

RECALL_SECONDS = 5.0
"""The longest that an answer waits for what is remembered; nobody listens for its first word."""


class AssistantService:
    """`ports.Service` and `ports.VoiceService` over the parts of an assistant.

    `recall` tells how much a prompt may hold.
    """

    def __init__(
        self,
        parts: Parts,
        loader: Loader,
        config: Callable[[], Config],
        memories: Memories,
        idle: IdleWork,
        recall: Callable[[], Recall],
    ) -> None:
        self._parts = parts
        self._loader = loader
        self._config = config
        self._memories = memories
        self._idle = idle
        self._recall = recall
        # Nobody is there to be asked: what the settings do not allow is refused at once.
        self._consent = Consent(lambda: config().tools, _untold, limit_s=0.0)
        self._offer = Offer(parts.tools, _untold)
        self._answering = 0

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta | Grounds, None]:
        with self._at_work():
            await self._loader.ready(Part.ENGINE)
            options = replace(request.options, patient=True)
            if not options.max_tokens:
                options = replace(options, max_tokens=self._config().engine.max_tokens)
            recall, room = self._recall(), 0
            if request.tools:
                options, recall, room = await self._offer.made(options, recall, remembers=request.memory)
            question, passages = _question(request.messages), tuple[Recalled, ...]()
            if request.memory:
                passages = await self._recalled(question, recall)
            messages = _with_notes(request.messages, passages)
            rounds = ToolRounds(uuid.uuid4().hex, self._parts.tools, self._consent, self._chat, _untold)
            deltas = self._parts.chat.stream(messages, options)
            if request.tools:
                quoted = any(map(from_outside, passages))
                deltas = _without_calls(rounds.answer(deltas, messages, options, room, quoted=quoted))
            answer = ""
            async with aclosing(deltas):  # type: ignore[type-var]
                async for delta in deltas:
                    answer += delta.text
                    yield delta
            cited = rests_on(question, answer, passages)
            yield Grounds(tuple(map(citation, cited)), tuple(rounds.uses))

    def models(self) -> Sequence[ServedModel]:
        parts, config = self._parts, self._config()
        return (
            ServedModel(parts.chat.model, "chat", config.engine.context_tokens),
            ServedModel(config.memory.encoder, "embedding"),
            ServedModel(parts.transcriber.model, "transcription"),
            ServedModel(parts.synthesizer.model, "speech"),
        )

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        return await self._parts.embedder.embed(texts)

    async def transcribe(self, samples: Samples, language: str = "auto") -> Transcript:
        await self._loader.ready(Part.TRANSCRIPTION)
        return await transcribed(self._parts.transcriber, samples, language)

    async def speak(self, text: str, voice: str = "", speed: float = 1.0) -> AsyncGenerator[SpeechClip, None]:
        await self._loader.ready(Part.SPEECH)
        language, chunker = guess_language(text), self._parts.chunker()
        for sentence in (*chunker.push(text), *chunker.flush()):
            clip = await self._parts.synthesizer.synthesize(sentence, language, voice=voice, speed=speed)
            if len(clip.samples):
                yield clip

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
        states = {part: self._loader.state(part) for part in self._parts.models()}
        # One that gave its memory back has answered before, and is loaded by the next question.
        ready = states[Part.ENGINE] in (PartState.READY, PartState.STOPPED)
        reasons = [(part, error) for part in states if (error := self._loader.error(part)) is not None]
        if not ready and self._loader.error(Part.ENGINE) is None:
            reasons.insert(0, (Part.ENGINE, _loading()))
        known = {part: state or PartState.STOPPED for part, state in states.items()}
        return Readiness(ready, known, tuple(reasons))

    # --- at work ----------------------------------------------------------------------------------------

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Keeps the engine free of what it does while nobody asks."""
        self._answering += 1
        self._idle.hold()
        try:
            yield
        finally:
            self._answering -= 1
            if not self._answering:
                self._idle.go_on()

    def _chat(self) -> ChatModel:
        return self._parts.chat

    async def _recalled(self, question: str, recall: Recall) -> tuple[Recalled, ...]:
        if not self._memories.active or not question:
            return ()
        try:
            async with asyncio.timeout(RECALL_SECONDS):
                notes = await self._memories.recall(question)
        except TimeoutError:
            return ()
        return noted(notes.passages, recall)


def _question(messages: Sequence[ChatMessage]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _with_notes(messages: Sequence[ChatMessage], passages: Sequence[Recalled]) -> list[ChatMessage]:
    """The messages, with what is remembered quoted before the words of the last question."""
    made = list(messages)
    if passages:
        at = max(number for number, message in enumerate(made) if message.role == "user")
        question = made[at].content
        notes = framed(passages, guess_language(question))
        made[at] = replace(made[at], content=f"{notes}\n\n{question}")
    return made


async def _without_calls(deltas: AsyncIterator[ChatDelta]) -> AsyncGenerator[ChatDelta, None]:
    """An answer as it is told to others: which tools it took is said at its end."""
    async with aclosing(deltas):  # type: ignore[type-var]
        async for delta in deltas:
            yield replace(delta, calls=())


def _untold(_: Event) -> None:
    """What happens for other programs is not shown in the window's conversation."""


def _loading() -> JarvisError:
    return EngineError(
        "engine.loading",
        "The language engine is being loaded.",
        "Wait until it is loaded; what is asked meanwhile is answered then.",
        Category.TRANSIENT,
    )
