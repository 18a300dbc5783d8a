"""Words from sound, and sound from words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import SAMPLE_RATE, PartialTranscript, Samples, Segment, SpeechClip, Transcript
from tests.fakes.models import FakeModel


class FakeSession:
    """Shows three dots at once, the text as stable words from the third block on, and all when settled."""

    def __init__(self, owner: FakeTranscriber) -> None:
        self._owner = owner
        self._heard = 0
        self._blocks = 0
        self._partials: asyncio.Queue[PartialTranscript | None] = asyncio.Queue()
        self._partials.put_nowait(PartialTranscript("", "..."))

    def feed(self, samples: Samples) -> None:
        self._heard += len(samples)
        self._blocks += 1
        if self._blocks == 3 and self._owner.texts:
            self._partials.put_nowait(PartialTranscript(self._owner.texts[0], ""))

    def settle(self) -> None:
        if self._owner.texts:
            text = self._owner.texts[0]
            self._partials.put_nowait(PartialTranscript(text, "", self._transcript(text)))

    async def partials(self) -> AsyncIterator[PartialTranscript]:
        while (partial := await self._partials.get()) is not None:
            yield partial

    async def finish(self) -> Transcript:
        self._partials.put_nowait(None)
        self._owner.heard_seconds = self._heard / SAMPLE_RATE
        if self._owner.error is not None:
            raise self._owner.error
        if self._owner.hold is not None:
            await self._owner.hold.acquire()
        return self._transcript(self._owner.texts.pop(0))

    async def cancel(self) -> None:
        self._partials.put_nowait(None)

    def _transcript(self, text: str) -> Transcript:
        seconds = self._heard / SAMPLE_RATE
        segments = (Segment(text, 0.0, seconds, self._owner.log_probability),)
        return Transcript(text, "en", seconds, 0.0, segments)


class FakeTranscriber(FakeModel):
    """Hears the given texts, one per utterance."""

    def __init__(self, *texts: str) -> None:
        super().__init__("fake-whisper")
        self.texts = list(texts)
        self.heard_seconds = 0.0  # of the latest utterance
        self.log_probability = -0.3
        self.error: JarvisError | None = None
        self.hold: asyncio.Semaphore | None = None  # what finals wait for

    def session(self, language: str = "") -> FakeSession:
        return FakeSession(self)

    async def transcribe(self, samples: Samples, *, language: str = "auto") -> Transcript:
        text, seconds = self.texts.pop(0), len(samples) / SAMPLE_RATE
        return Transcript(text, "en", seconds, 0.0, (Segment(text, 0.0, seconds, self.log_probability),))


class FakeSynthesizer(FakeModel):
    """A tenth of a second per word."""

    def __init__(self) -> None:
        super().__init__("fake-voice")
        self.spoken: list[str] = []
        self.error: JarvisError | None = None

    async def synthesize(
        self, text: str, language: str = "", *, voice: str = "", speed: float = 1.0
    ) -> SpeechClip:
        self.spoken.append(text)
        if self.error is not None:
            raise self.error
        return SpeechClip(np.zeros(1600 * len(text.split()), np.float32), SAMPLE_RATE, text)


class FakeChunker:
    """Cuts after full stops."""

    def __init__(self) -> None:
        self._rest = ""

    def push(self, token: str) -> list[str]:
        self._rest += token
        if not self._rest.endswith("."):
            return []
        return self.flush()

    def flush(self) -> list[str]:
        rest, self._rest = self._rest, ""
        return [rest] if rest else []
