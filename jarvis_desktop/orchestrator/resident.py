"""The ports of models that `Residency` is in charge of: each call loads what it needs and marks its use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import replace
from typing import Generic, TypeVar

from jarvis_desktop.events import EngineMeasured
from jarvis_desktop.orchestrator.residency import Need, Residency, Resident
from jarvis_desktop.ports import (
    ChatDelta,
    ChatMessage,
    ChatModel,
    ChatOptions,
    ManagedModel,
    PartialTranscript,
    Samples,
    SpeechClip,
    Synthesizer,
    Transcriber,
    Transcript,
    TranscriptionSession,
)

AnyModel = TypeVar("AnyModel", bound=ManagedModel)


class _Managed(Generic[AnyModel]):
    """What they have in common; `need` tells (blocking) what the model will take."""

    def __init__(self, residency: Residency, name: str, inner: AnyModel, need: Need) -> None:
        self._residency = residency
        self._inner = inner
        self._resident = residency.add(name, inner, need)

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def pid(self) -> int | None:
        return self._inner.pid

    async def load(self) -> None:
        """As the model's own, after room was made for it."""
        await self._residency.load(self._resident)

    async def unload(self) -> None:
        await self._residency.unload(self._resident)


class ResidentChat(_Managed[ChatModel]):
    """A `ports.ChatModel`; one that was released is loaded again by the next question.

    `learn` (blocking) is given the process of each model that has just been loaded, to see what it takes.
    """

    def __init__(
        self,
        residency: Residency,
        name: str,
        inner: ChatModel,
        need: Need,
        learn: Callable[[int], None] = lambda _: None,
    ) -> None:
        super().__init__(residency, name, inner, need)
        self._learn = learn

    async def load(self) -> None:
        if await self._residency.load(self._resident) and self.pid is not None:
            await asyncio.to_thread(self._learn, self.pid)

    @property
    def engine(self) -> str:
        return self._inner.engine

    async def status(self) -> EngineMeasured | None:
        return await self._inner.status()

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        with self._residency.using(self._resident):
            await self.load()
            async with aclosing(self._inner.stream(messages, options)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    if delta.usage is not None:
                        delta = replace(delta, model=self.model, engine=self.engine)
                    yield delta


class ResidentTranscriber(_Managed[Transcriber]):
    """A `ports.Transcriber`; in use as long as one of its sessions is open."""

    def session(self, language: str = "") -> TranscriptionSession:
        return _Session(self._residency, self._resident, self._inner.session(language))

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        with self._residency.using(self._resident):
            await self.load()
            return await self._inner.transcribe(samples, language=language)


class _Session:
    """A session that marks the model as in use until it is over."""

    def __init__(self, residency: Residency, resident: Resident, inner: TranscriptionSession) -> None:
        self._use = ExitStack()
        self._use.enter_context(residency.using(resident))
        self._inner = inner

    def feed(self, samples: Samples) -> None:
        self._inner.feed(samples)

    def settle(self) -> None:
        self._inner.settle()

    def partials(self) -> AsyncIterator[PartialTranscript]:
        return self._inner.partials()

    async def finish(self) -> Transcript:
        with self._use:
            return await self._inner.finish()

    async def cancel(self) -> None:
        with self._use:
            await self._inner.cancel()


class ResidentSynthesizer(_Managed[Synthesizer]):
    """A `ports.Synthesizer`."""

    async def synthesize(
        self, text: str, language: str = "", *, voice: str = "", speed: float = 1.0
    ) -> SpeechClip:
        with self._residency.using(self._resident):
            await self.load()
            return await self._inner.synthesize(text, language, voice=voice, speed=speed)
