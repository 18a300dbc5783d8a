"""An assistant that is telling a story aloud, to be interrupted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from jarvis_desktop import app
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Part, Phase, PlaybackStarted, SetHandsFree, SubmitText
from tests.witness import Witness

STORY = "Tell me a long story about a lighthouse, a storm and a ship. Use plain sentences."

LONG = "When a story is asked for, tell one of at least two hundred words."
"""Else a story may be over before anybody interrupts it."""


@asynccontextmanager
async def storyteller(models_home: Path, folder: Path) -> AsyncIterator[Witness]:
    """An assistant on real parts that listens hands-free and is telling a story aloud."""
    paths = replace(Paths.choose(folder / "home"), models=models_home / "models")
    witness = Witness()
    config = ConfigStore(paths.config_file, {"JARVIS_CONVERSATION__INSTRUCTIONS": LONG})
    config.load()
    async with app.session(paths, config, listener=witness) as assistant:
        await assistant.prepare(Part.HEARING, Part.TRANSCRIPTION, Part.ENGINE, Part.SPEECH)
        assistant.post(SetHandsFree(True))
        await witness.phase(Phase.LISTENING)
        assistant.post(SubmitText(STORY, speak=True))
        await witness.next(PlaybackStarted)
        yield witness
