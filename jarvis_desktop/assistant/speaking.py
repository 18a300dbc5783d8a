"""Speaks what is no answer: a whole text, a recording, and the sound that says a call was heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Captioned, Event
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import AudioOut, SpeechClip

log = logging.getLogger(__name__)

CAPTION_EVERY_SECONDS = 0.05
"""Between two looks at how far the loudspeaker has come."""


class Captions:
    """Tells the text of each of `clips`, which may grow, when the loudspeaker comes to it."""

    def __init__(
        self, out: AudioOut, clips: Sequence[SpeechClip], emit: Callable[[Event], None], turn_id: str = ""
    ) -> None:
        self._out = out
        self._clips = clips
        self._emit = emit
        self._turn_id = turn_id
        self._told = ""
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Follow the loudspeaker, which has been started."""
        self._task = spawn(self._follow(), "captions", self._emit)

    def end(self) -> None:
        """Nothing is heard any more. Does nothing where nothing was."""
        if self._task is not None:
            self._task.cancel()
        self._tell("")

    async def _follow(self) -> None:
        with suppress(JarvisError):  # whoever plays has it too
            await self._out.wait_audible()
            number, begins, text = 0, 0.0, ""
            while True:
                while number < len(self._clips) and self._out.heard_seconds >= begins:
                    text = self._clips[number].text
                    begins += self._clips[number].seconds
                    number += 1
                self._tell(text.strip())
                await asyncio.sleep(CAPTION_EVERY_SECONDS)

    def _tell(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._emit(Captioned(text, self._turn_id))


async def speak(parts: Parts, text: str, out: AudioOut, emit: Callable[[Event], None], turn_id: str) -> float:
    """Speak a text on `out` to its end; returns the seconds spoken. Raises `JarvisError`."""
    chunker = parts.chunker()
    chunks = (*chunker.push(text), *chunker.flush())
    clips = (await parts.synthesizer.synthesize(chunk, guess_language(chunk)) for chunk in chunks)
    return await _play(clips, out, emit, turn_id)


async def replay(clip: SpeechClip, out: AudioOut, emit: Callable[[Event], None], turn_id: str) -> float:
    """Play a recording on `out` to its end; returns its seconds. Raises `JarvisError`."""

    async def alone() -> AsyncIterator[SpeechClip]:
        yield clip

    return await _play(alone(), out, emit, turn_id)


async def _play(
    clips: AsyncIterator[SpeechClip], out: AudioOut, emit: Callable[[Event], None], turn_id: str
) -> float:
    played: list[SpeechClip] = []
    captions = Captions(out, played, emit, turn_id)
    await out.start()
    try:
        captions.begin()
        async for clip in clips:
            if len(clip.samples):
                played.append(clip)
                await out.play(clip)
        await out.drain()
    finally:
        captions.end()
        await out.stop()
    return sum(clip.seconds for clip in played)


async def acknowledge(parts: Parts) -> None:
    """Play the sound that follows the wake word, where one is wanted."""
    if (clip := parts.wake_sound()) is None:
        return
    out = parts.audio_out()
    try:
        await out.start()
        await out.play(clip)
        await out.drain()
    except JarvisError as error:
        log.warning("the acknowledging sound failed: %s", error.code)  # the window shows it as well
    finally:
        await out.stop()
