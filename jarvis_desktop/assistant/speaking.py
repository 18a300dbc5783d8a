"""Speaks what is no answer: a whole text, and the sound that says a call was heard."""

from __future__ import annotations

import logging

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.language import guess_language
from jarvis_desktop.ports import AudioOut

log = logging.getLogger(__name__)


async def speak(parts: Parts, text: str, out: AudioOut) -> float:
    """Speak a text on `out` to its end; returns the seconds spoken. Raises `JarvisError`."""
    chunker = parts.chunker()
    await out.start()
    seconds = 0.0
    try:
        for chunk in (*chunker.push(text), *chunker.flush()):
            clip = await parts.synthesizer.synthesize(chunk, guess_language(chunk))
            seconds += clip.seconds
            await out.play(clip)
        await out.drain()
    finally:
        await out.stop()
    return seconds


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
