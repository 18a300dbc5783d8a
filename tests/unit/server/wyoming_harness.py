"""A Wyoming server on fake models, and the protocol's own client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import numpy as np
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event, Eventable

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.audio.convert import BlockCutter
from jarvis_desktop.config.schema import Config
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.server.context import Unlimited
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.info import Offer, Offered
from jarvis_desktop.server.wyoming.server import WyomingServer
from tests.fakes import FakeChunker, FakeSynthesizer, FakeTranscriber

OFFER = Offer(
    Offered("whisper-base", "Whisper base", ("multilingual",)),
    (Offered("piper-en-joe", "Joe", ("en",)), Offered("piper-es-davefx", "Davefx", ("es",))),
    Offered("hey-jarvis", "Wake word", ("en",)),
)


class Voices(FakeSynthesizer):
    """Notes in which language each sentence was spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.languages: list[str] = []

    async def synthesize(self, text: str, language: str = "") -> object:  # type: ignore[override]
        self.languages.append(language)
        return await super().synthesize(text, language)


class Ears(FakeTranscriber):
    """Notes the sound and the language of each utterance that stands apart from the conversation."""

    def __init__(self, *texts: str) -> None:
        super().__init__(*texts)
        self.languages: list[str] = []
        self.heard: list[Samples] = []

    def session(self, language: str = "") -> object:  # type: ignore[override]
        self.languages.append(language)
        session = super().session(language)
        feed = session.feed

        def noting(samples: Samples) -> None:
            self.heard.append(samples)
            feed(samples)

        session.feed = noting  # type: ignore[method-assign]
        return session


def serve(
    parts: Parts, visit: Callable[[WyomingServer], Awaitable[None]], *, offer: Offer = OFFER, port: int = 0
) -> None:
    """Has `visit` talk to a server of these parts."""

    async def live() -> None:
        backend = Backend(
            service=Assistant(parts, Config).service,
            link=CoreLink(asyncio.get_running_loop()),
            admission=Unlimited(),
            offer=lambda: offer,
            cutter=BlockCutter,
            chunker=FakeChunker,
        )
        server = WyomingServer(backend, "127.0.0.1", port)
        server.start()
        try:
            await asyncio.wait_for(visit(server), 60)
        finally:
            await asyncio.to_thread(server.stop)

    asyncio.run(live())


@asynccontextmanager
async def connected(server: WyomingServer) -> AsyncIterator[AsyncTcpClient]:
    async with AsyncTcpClient("127.0.0.1", server.port, connect_timeout=5, read_timeout=10) as client:
        yield client


async def send(client: AsyncTcpClient, *events: Eventable) -> None:
    for event in events:
        await client.write_event(event.event())


async def until(client: AsyncTcpClient, last: type[Eventable]) -> list[Event]:
    """All that comes, up to an event of that kind; fails when the server hangs up before."""
    events: list[Event] = []
    while not events or not last.is_type(events[-1].type):
        event = await client.read_event()
        assert event is not None, f"ended after {[e.type for e in events]}"
        events.append(event)
    return events


async def rest(client: AsyncTcpClient) -> list[Event]:
    """All that comes until the server hangs up."""
    events = []
    while (event := await client.read_event()) is not None:
        events.append(event)
    return events


async def refused(server: WyomingServer, *events: Eventable) -> Error:
    """The error these lead to, which has to be the only answer, and the last."""
    async with connected(server) as client:
        await send(client, *events)
        (answer,) = await rest(client)
    assert Error.is_type(answer.type)
    return Error.from_event(answer)


def sound(samples: Samples, rate: int = SAMPLE_RATE, chunk_s: float = 0.1) -> list[Eventable]:
    """A whole stream of 16 bit, mono."""
    pcm = (samples * 32767).astype("<i2")
    step = round(rate * chunk_s)
    chunks = [AudioChunk(rate, 2, 1, pcm[at : at + step].tobytes()) for at in range(0, len(pcm), step)]
    return [AudioStart(rate, 2, 1), *chunks, AudioStop()]


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype(np.float32)
