"""Speaking into the answer, while the answer leaks from the loudspeaker into the microphone."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import soundfile

from jarvis_desktop import app
from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import (
    Event,
    Interrupted,
    Part,
    Phase,
    PhaseChanged,
    PlaybackPaused,
    PlaybackResumed,
    PlaybackStarted,
    SetHandsFree,
    SubmitText,
    Transcribed,
    TurnFinished,
)
from jarvis_desktop.ports import SAMPLE_RATE
from tests.conftest import Recording
from tests.e2e.sound import SoundCard
from tests.e2e.transcripts import transcribe

E = TypeVar("E", bound=Event)

STORY = "Tell me a long story about a lighthouse, a storm and a ship. Use plain sentences."
PATIENCE_SECONDS = 60.0


class Witness:
    """All events, and a way to wait for the next of a kind."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._arrived = asyncio.Event()

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        self._arrived.set()

    async def next(self, kind: type[E], since: int = 0) -> E:
        """The first event of that kind from number `since` on."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                for event in self.events[since:]:
                    if isinstance(event, kind):
                        return event
                self._arrived.clear()
                await self._arrived.wait()

    async def phase(self, phase: Phase) -> None:
        """Wait until the assistant is in that phase."""
        since = 0
        while (await self.next(PhaseChanged, since)).phase is not phase:
            since = len(self.events)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def storyteller(models_home: Path, folder: Path) -> AsyncIterator[Witness]:
    """An assistant on real parts that listens hands-free and is telling a story aloud."""
    paths = replace(Paths.choose(folder / "home"), models=models_home / "models")
    witness = Witness()
    async with app.session(paths, ConfigStore(paths.config_file, {}), listener=witness) as assistant:
        await assistant.prepare(Part.HEARING, Part.TRANSCRIPTION, Part.ENGINE, Part.SPEECH)
        assistant.post(SetHandsFree(True))
        await witness.phase(Phase.LISTENING)
        assistant.post(SubmitText(STORY, speak=True))
        await witness.next(PlaybackStarted)
        yield witness


@pytest.fixture
def interruption(recordings: list[Recording], tmp_path: Path) -> Path:
    """Somebody reads a sentence aloud; the file begins with the first sound."""
    recording = next(r for r in recordings if r.lang == "en" and r.kind == "read" and 3 < r.seconds < 6)
    samples = read_audio(recording.path)
    loud = np.flatnonzero(np.abs(samples) > 0.1 * np.abs(samples).max())
    path = tmp_path / "interruption.wav"
    soundfile.write(path, samples[loud[0] :], SAMPLE_RATE)
    return path


@pytest.fixture
def cough(tmp_path: Path) -> Path:
    """Two bursts of breath noise, loud and without a voice, 0.5 s in all."""
    dice = np.random.default_rng(3)
    t = np.arange(int(0.22 * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.convolve(dice.normal(0, 1, len(t)), np.hanning(9), "same")
    burst = noise * np.exp(-t / 0.06) * np.minimum(1, t / 0.008)
    samples = np.concatenate((burst, np.zeros(SAMPLE_RATE // 12), 0.7 * burst))
    path = tmp_path / "cough.wav"
    soundfile.write(path, 0.5 * samples / np.abs(samples).max(), SAMPLE_RATE)
    return path


def words_apart(kept: str, heard: str) -> int:
    """How many words the kept text goes on behind the last letters both agree on, or stops short of them.

    By letters, because a recogniser divides words its own way where the voice breaks off.
    """
    ours, theirs = (re.findall(r"[^\W_]+", text.lower()) for text in (kept, heard))
    blocks = SequenceMatcher(None, "".join(ours), "".join(theirs), autojunk=False).get_matching_blocks()
    last = max((block for block in blocks if block.size >= 3), key=lambda block: block.a)
    return max(words_behind(ours, last.a + last.size), words_behind(theirs, last.b + last.size))


def words_behind(words: list[str], letters: int) -> int:
    """Words of which some letter comes after so many."""
    ends = accumulate(len(word) for word in words)
    return sum(end > letters for end in ends)


@pytest.mark.parametrize("decibels", [-20, -6])
def test_its_own_voice_never_interrupts_it(
    sound_card: SoundCard, models_home: Path, tmp_path: Path, cough: Path, decibels: int
) -> None:
    """A reply is heard to its end by the microphone too; a cough in it makes it pause at most."""

    async def scenario() -> None:
        with sound_card.leak(decibels):
            async with storyteller(models_home, tmp_path) as witness:
                await asyncio.sleep(5)  # of the story
                assert not witness.of(PlaybackPaused)
                player = await asyncio.to_thread(sound_card.speak, cough)
                await asyncio.to_thread(player.wait)
                await asyncio.sleep(4)  # longer than a pause without words may last
                assert len(witness.of(PlaybackResumed)) == len(witness.of(PlaybackPaused))
            assert not witness.of(Interrupted)[:-1]  # leaving the room ends the story
            assert not witness.of(Transcribed)

    asyncio.run(scenario())


@pytest.mark.parametrize("decibels", [-20, -6])
def test_words_stop_it_and_what_was_heard_is_kept(
    sound_card: SoundCard, models_home: Path, tmp_path: Path, interruption: Path, decibels: int
) -> None:
    async def scenario() -> str:
        async with storyteller(models_home, tmp_path) as witness:
            await asyncio.sleep(4)  # of the story
            since = len(witness.events)
            player = await asyncio.to_thread(sound_card.speak, interruption)
            await witness.next(PlaybackPaused, since)
            interrupted = await witness.next(Interrupted, since)
            ended.append(time.monotonic())
            await asyncio.to_thread(player.wait)
            await witness.next(Transcribed, since)
            assert (await witness.next(TurnFinished, since)).interrupted
        return interrupted.kept_text

    ended: list[float] = []
    with sound_card.leak(decibels), sound_card.recording(rate=16_000) as played:
        kept = asyncio.run(scenario())
    samples = played.samples[: round((ended[0] - played.began) * played.rate)]
    heard = transcribe(models_home, samples)
    assert words_apart(kept, heard) <= 1, (kept, heard)
