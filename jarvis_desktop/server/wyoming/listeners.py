"""What is done with a stream of sound: it is written down, or the wake word is heard in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Protocol

from wyoming.asr import Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.event import Eventable
from wyoming.wake import Detection, NotDetected

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    TranscriptionSession,
    VoiceDetector,
    VoiceEvent,
    WakeHeard,
)
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.info import WAKE_WORD

LONGEST_S = 600.0
"""Of one recording that is written down."""

Send = Callable[[Eventable], Awaitable[None]]


class Listener(Protocol):
    """Hears one stream. Both methods raise `JarvisError`."""

    async def hear(self, block: AudioBlock) -> None: ...

    async def end(self) -> None:
        """The stream is over: tell what was found."""
        ...


class Writer:
    """Writes down one utterance; words that are sure are told while it lasts."""

    def __init__(self, session: TranscriptionSession, link: CoreLink, send: Send) -> None:
        self._session = session
        self._link = link
        self._send = send
        self._telling = asyncio.create_task(self._tell_drafts())
        self._samples = 0
        self._told = 0  # words

    @classmethod
    @asynccontextmanager
    async def begin(
        cls, backend: Backend, client: str, send: Send, language: str, _: int
    ) -> AsyncIterator[Listener]:
        """One for a stream in a `language`, or "auto"; it has a place at the models until the end."""
        async with backend.admission.place(client):
            session = await backend.link.call(lambda: backend.service.transcription(language))
            writer = cls(session, backend.link, send)
            try:
                yield writer
            finally:
                writer._telling.cancel()
                with suppress(JarvisError):
                    await backend.link.call(session.cancel)

    async def hear(self, block: AudioBlock) -> None:
        self._samples += len(block.samples)
        if self._samples > LONGEST_S * SAMPLE_RATE:
            raise _too_long()

        async def feed() -> None:
            self._session.feed(block.samples)

        await self._link.call(feed)

    async def end(self) -> None:
        transcript = await self._link.call(self._session.finish)
        await self._telling
        await self._tell(transcript.text, transcript.language)
        await self._send(Transcript(transcript.text, language=transcript.language))
        await self._send(TranscriptStop())

    async def _tell_drafts(self) -> None:
        with suppress(JarvisError, OSError):  # `end` meets it, too
            async with aclosing(self._link.stream(self._session.partials)) as partials:
                async for partial in partials:
                    await self._tell(partial.stable)

    async def _tell(self, text: str, language: str | None = None) -> None:
        """Send the words that are new; those sent cannot be taken back, only the transcript is exact."""
        words = text.split()[self._told :]
        if not self._told and (words or language is not None):
            await self._send(TranscriptStart(language=language))
        if words:
            await self._send(TranscriptChunk((" " if self._told else "") + " ".join(words)))
        self._told += len(words)


class Waker:
    """Tells whenever the wake word is said."""

    def __init__(self, detector: VoiceDetector, link: CoreLink, send: Send, timestamp: int) -> None:
        self._detector = detector
        self._link = link
        self._send = send
        self._timestamp = timestamp
        self._found = False

    @classmethod
    @asynccontextmanager
    async def begin(cls, backend: Backend, send: Send, timestamp: int) -> AsyncIterator[Listener]:
        """One for a stream that begins at that time of the client's (ms)."""
        detector = await backend.link.call(backend.service.wake_detector)
        yield cls(detector, backend.link, send, timestamp)

    async def hear(self, block: AudioBlock) -> None:
        async def feed() -> Sequence[VoiceEvent]:
            return await self._detector.feed(block)

        await self._tell(await self._link.call(feed))

    async def end(self) -> None:
        async def finish() -> Sequence[VoiceEvent]:
            return await self._detector.finish()

        await self._tell(await self._link.call(finish))
        if not self._found:
            await self._send(NotDetected())

    async def _tell(self, events: Sequence[VoiceEvent]) -> None:
        for event in events:
            if isinstance(event, WakeHeard):
                self._found = True
                await self._send(Detection(WAKE_WORD, self._timestamp + round(event.end * 1000)))


def _too_long() -> JarvisError:
    return JarvisError(
        "wyoming.too_long",
        "The recording is longer than {minutes} minutes.",
        "Send it in parts.",
        minutes=round(LONGEST_S / 60),
    )
