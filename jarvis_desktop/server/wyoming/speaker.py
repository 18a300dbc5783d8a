"""Text as a stream of sound."""

from __future__ import annotations

from wyoming.audio import AudioStart, AudioStop

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import SAMPLE_RATE
from jarvis_desktop.server.wyoming.backend import Backend
from jarvis_desktop.server.wyoming.listeners import Send
from jarvis_desktop.server.wyoming.sound import WIDTH, chunks

LONGEST_TEXT = 20_000
"""Characters: some twenty minutes of speech."""


class Speaker:
    """One answer in a `language` ("": the first voice's own), sent sentence by sentence."""

    def __init__(self, backend: Backend, client: str, send: Send, language: str) -> None:
        self._backend = backend
        self._client = client
        self._send = send
        self._language = language
        self._chunker = backend.chunker()
        self._characters = 0
        self._begun = False

    async def say(self, text: str) -> None:
        """More of the text: what is whole is spoken. Raises `JarvisError`."""
        self._characters += len(text)
        if self._characters > LONGEST_TEXT:
            raise JarvisError(
                "wyoming.too_long_text",
                "The text is longer than {characters} characters.",
                "Send it in parts.",
                characters=LONGEST_TEXT,
            )
        for sentence in self._chunker.push(text):
            await self._speak(sentence)

    async def end(self) -> None:
        """The text is over."""
        for sentence in self._chunker.flush():
            await self._speak(sentence)
        await self._begin(SAMPLE_RATE)
        await self._send(AudioStop())

    async def _speak(self, sentence: str) -> None:
        service = self._backend.service
        async with self._backend.admission.place(self._client):
            clip = await self._backend.link.call(lambda: service.say(sentence, self._language))
        await self._begin(clip.sample_rate)
        for chunk in chunks(clip):
            await self._send(chunk)

    async def _begin(self, rate: int) -> None:
        if not self._begun:
            self._begun = True
            await self._send(AudioStart(rate, WIDTH, 1))
