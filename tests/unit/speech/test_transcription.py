"""What an utterance is taken for, by what was said before it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np

from jarvis_desktop.config.schema import Transcription
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.speech.transcription import WhisperTranscriber


class Listening(WhisperTranscriber):
    """Its process hears what it is told, and notes what it is asked."""

    def __init__(self) -> None:
        super().__init__(Transcription, Path)
        self.hears = ""
        self.asked: list[dict[str, Any]] = []

    async def ask(self, method: str, samples: Samples, **args: Any) -> Reply:
        self.asked.append(args)
        data = {"text": "words", "language": self.hears, "compute_seconds": 0.0, "segments": []}
        return Reply(data)


def hear(transcriber: Listening, spoken: str, language: str = "") -> dict[str, Any]:
    """One utterance; gives what was known of it beforehand."""
    transcriber.hears = spoken

    async def utterance() -> None:
        session = transcriber.session(language)
        session.feed(np.zeros(SAMPLE_RATE, np.float32))
        assert (await session.finish()).language == spoken

    asyncio.run(utterance())
    return transcriber.asked[-1]


def test_what_others_say_changes_nothing_for_the_conversation() -> None:
    transcriber = Listening()
    hear(transcriber, "es")
    apart = hear(transcriber, "en", "en")
    assert (apart["language"], apart["hints"]["last_language"]) == ("en", "")
    next_one = hear(transcriber, "es")
    assert (next_one["language"], next_one["hints"]["last_language"]) == ("auto", "es")
