"""Hands-free listening with the real networks on real recordings: what begins a turn, and what ends it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest

from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.audio.turn_end import Pace
from jarvis_desktop.audio.vad import VoiceGate
from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    TurnJudged,
    UtteranceEnded,
    VoiceEvent,
    VoiceNoticed,
    VoiceStopped,
)
from tests.conftest import Recording
from tests.e2e.networks import hearing_each
from tests.utterances import utterances

Story = list[tuple[float, VoiceEvent]]  # audio time at which each was told
Tell = Callable[[Samples], Awaitable[Story]]


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


@asynccontextmanager
async def listening(models_home: Path) -> AsyncIterator[Hearing]:
    hearing = Hearing(lambda name: models_home / "models" / name)
    try:
        yield hearing
    finally:
        await hearing.unload()


async def tell(hearing: Hearing, sound: Samples, settings: Listening | None = None) -> Story:
    gate, story = VoiceGate(settings or Listening(), hearing, Pace()), Story()
    for at in range(0, len(sound), 320):
        block = AudioBlock(sound[at : at + 320], at / SAMPLE_RATE)
        story += [(block.end, event) for event in await gate.feed(block)]
    return story + [(len(sound) / SAMPLE_RATE, event) for event in await gate.finish()]


Stories = Callable[[Sequence[Samples]], list[Story]]


@pytest.fixture(scope="module")
def stories(models_home: Path) -> Iterator[Stories]:
    """What is told of each sound."""
    with hearing_each(models_home) as hear_each:
        yield lambda sounds: hear_each(tell, sounds)


def spoken_in(story: Story) -> list[tuple[float, Samples, UtteranceEnded]]:
    return utterances(event for _, event in story)


def loud(sound: Samples) -> tuple[float, float]:
    """Time of the first and last sample above a twentieth of the loudest."""
    where = np.flatnonzero(np.abs(sound) > 0.05 * np.abs(sound).max()) / SAMPLE_RATE
    return float(where[0]), float(where[-1])


def test_a_sentence_is_one_turn_with_its_first_and_last_word(
    stories: Stories, recordings: list[Recording]
) -> None:
    sentence = read_audio(next(r.path for r in recordings if r.path.stem == "arctic_aew_a0001"))
    sound = np.concatenate((silence(1), sentence, silence(4)))
    (story,) = stories([sound])
    ((start, audio, ended),) = spoken_in(story)
    first, last = loud(sound)
    assert start <= first - 0.25, "the pre-roll lies before the first sound"
    assert start + len(audio) / SAMPLE_RATE >= last
    assert abs(ended.end - last) <= 0.3
    at = round(start * SAMPLE_RATE)
    assert np.array_equal(audio, sound[at : at + len(audio)]), "the audio is the input, unbroken"
    stopped = [event.end for _, event in story if isinstance(event, VoiceStopped)]
    assert stopped[-1] == ended.end
    assert any(isinstance(event, TurnJudged) for _, event in story)


def test_the_voice_is_noticed_in_time_to_fall_silent(stories: Stories, recordings: list[Recording]) -> None:
    clean = [
        r for r in recordings if r.kind == "read" and r.path.stem.startswith(("arctic", "harvard", "lj"))
    ]
    sounds = [np.concatenate((silence(1), read_audio(r.path)[: 2 * SAMPLE_RATE])) for r in clean]
    delays = [
        next(told for told, event in story if isinstance(event, VoiceNoticed)) - loud(sound)[0]
        for sound, story in zip(sounds, stories(sounds), strict=True)
    ]
    assert np.median(delays) <= 0.15, "seconds of audio"
    assert np.quantile(delays, 0.9) <= 0.3


def test_noise_and_music_begin_no_turn(stories: Stories, recordings: list[Recording]) -> None:
    quiet = [r for r in recordings if r.kind in ("noise", "music", "silence")]
    found = stories([np.concatenate((read_audio(r.path), silence(2))) for r in quiet])
    assert [r.path.name for r, story in zip(quiet, found, strict=True) if spoken_in(story)] == []


def test_every_command_and_call_is_a_turn(stories: Stories, recordings: list[Recording]) -> None:
    spoken = [r for r in recordings if r.kind in ("command", "wake_positive", "wake_near_miss")]
    found = stories([np.concatenate((silence(0.5), read_audio(r.path), silence(4))) for r in spoken])
    assert [r.path.name for r, story in zip(spoken, found, strict=True) if not spoken_in(story)] == []


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng to say the words")
def test_an_answer_of_one_syllable_is_a_turn(stories: Stories, tmp_path: Path) -> None:
    words, sounds = [("en", "yes"), ("en", "no"), ("es", "sí"), ("es", "no"), ("en", "stop")], list[Samples]()
    for language, word in words:
        path = tmp_path / f"{language}-{word}.wav"
        subprocess.run(["espeak-ng", "-v", language, "-w", str(path), word], check=True)
        sounds.append(np.concatenate((silence(0.5), read_audio(path), silence(4))))
    found = stories(sounds)
    assert [w for w, story in zip(words, found, strict=True) if len(spoken_in(story)) != 1] == []


def test_no_loud_part_of_a_long_reading_is_lost(stories: Stories, recordings: list[Recording]) -> None:
    sounds = [read_audio(r.path) for r in recordings if r.kind == "long"]
    for sound, story in zip(sounds, stories(sounds), strict=True):
        inside = np.zeros(len(sound), dtype=bool)
        for start, audio, _ in spoken_in(story):
            at = round(start * SAMPLE_RATE)
            assert not inside[at : at + len(audio)].any(), "no sound is in two utterances"
            inside[at : at + len(audio)] = True
        voice = np.abs(sound) > 0.2 * np.percentile(np.abs(sound), 99.5)
        assert inside[voice].mean() > 0.995


def test_a_quiet_room_costs_the_listening_models_nothing(
    models_home: Path, recordings: list[Recording]
) -> None:
    room = read_audio(next(r.path for r in recordings if r.kind == "silence"))

    async def seconds_used() -> float:
        async with listening(models_home) as hearing:
            await hearing.load()
            assert hearing.pid is not None
            assert hearing.pid != os.getpid()
            child = psutil.Process(hearing.pid)
            before = sum(child.cpu_times()[:2])
            await tell(hearing, np.tile(room * 0.1, 6))
            return sum(child.cpu_times()[:2]) - before

    assert asyncio.run(seconds_used()) < 0.05 * 6 * len(room) / SAMPLE_RATE
