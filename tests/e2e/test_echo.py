"""Its own voice leaks from the loudspeaker into the microphone, through a virtual sound card."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Devices
from jarvis_desktop.audio.echo_source import EchoFree, EchoReference
from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.audio.silero import SileroVad
from jarvis_desktop.config.schema import Speech
from jarvis_desktop.ports import AudioBlock, SpeechClip
from jarvis_desktop.speech.synthesis import PiperSynthesizer
from tests.conftest import Recording
from tests.e2e.sound import SoundCard, place

REPLIES = (
    "Sure, I can help you with that. First, preheat the oven to two hundred degrees.",
    "The capital of Australia is Canberra, although many people believe that it is Sydney.",
    "You have three meetings tomorrow, and the first one begins at half past nine.",
)
TALKED_OVER = 1
"""The number of the reply that somebody talks over; the others have to be silence to the program."""


@pytest.fixture(scope="module")
def replies(models_home: Path) -> list[SpeechClip]:
    """Replies in Piper's voice."""

    async def synthesize() -> list[SpeechClip]:
        piper = PiperSynthesizer(lambda: Speech(), lambda name: models_home / "models" / name)
        try:
            return [await piper.synthesize(reply) for reply in REPLIES]
        finally:
            await piper.unload()

    return asyncio.run(synthesize())


@dataclass
class Heard:
    """What went into the echo canceller and what came out, block by block."""

    raw: list[AudioBlock] = field(default_factory=list)
    clean: list[AudioBlock] = field(default_factory=list)


class Wiretapped(Microphone):
    """A microphone that keeps what it delivered."""

    def __init__(self, devices: Devices, heard: Heard) -> None:
        super().__init__(devices)
        self._kept = heard

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        async for block in super().blocks():
            self._kept.raw.append(block)
            yield block


async def hear_replies(
    hearing: Hearing, replies: list[SpeechClip], card: SoundCard, interruption: Path
) -> Heard:
    """Play the replies one after the other, with somebody talking over one of them."""
    heard, devices, reference = Heard(), Devices(), EchoReference()
    microphone = EchoFree(Wiretapped(devices, heard), reference, hearing, lambda: True)
    await microphone.start()

    async def listen() -> None:
        async for block in microphone.blocks():
            heard.clean.append(block)

    listening = asyncio.create_task(listen())
    for number, reply in enumerate(replies):
        await asyncio.sleep(1.5)
        loudspeaker = Loudspeaker(devices, "", reference)
        await loudspeaker.start()
        await loudspeaker.play(reply)
        await loudspeaker.wait_audible()
        talking = None
        if number == TALKED_OVER:
            await asyncio.sleep(0.5)
            talking = await asyncio.to_thread(card.speak, interruption)
        await loudspeaker.drain()
        await loudspeaker.stop()
        if talking is not None:
            await asyncio.to_thread(talking.wait)
    await asyncio.sleep(0.5)
    await microphone.stop()
    await listening
    return heard


def listening(models_home: Path) -> Hearing:
    return Hearing(lambda name: models_home / "models" / name)


def voiced(blocks: list[AudioBlock]) -> NDArray[np.bool_]:
    """For each 32 ms whether Silero's network hears a voice."""
    samples = np.concatenate([block.samples for block in blocks])
    return np.array(SileroVad().probabilities(samples)) > 0.5


def longest_run(flags: NDArray[np.bool_]) -> int:
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest


def through_the_card(
    card: SoundCard, models_home: Path, replies: list[SpeechClip], decibels: int, talk: Path
) -> Heard:
    async def run() -> Heard:
        hearing = listening(models_home)
        await hearing.load()
        try:
            return await hear_replies(hearing, replies, card, talk)
        finally:
            await hearing.unload()

    with card.leak(decibels):
        return asyncio.run(run())


@pytest.mark.parametrize("decibels", [-20, -6])
def test_it_never_takes_its_own_voice_for_a_user_and_keeps_whoever_talks_over_it_whole(
    decibels: int,
    sound_card: SoundCard,
    models_home: Path,
    replies: list[SpeechClip],
    recordings: list[Recording],
) -> None:
    command = next(r for r in recordings if r.path.stem == "cmd_whats_the_weather_like_in_new_york")
    spoken = read_audio(command.path)
    heard = through_the_card(sound_card, models_home, replies, decibels, command.path)
    assert [block.start for block in heard.clean] == [block.start for block in heard.raw]
    raw, clean = (np.concatenate([block.samples for block in side]) for side in (heard.raw, heard.clean))
    at = place(spoken, raw)
    inside = slice(at // 512, (at + len(spoken)) // 512)
    alone = np.array(SileroVad().probabilities(np.pad(spoken, (at % 512, 512)))) > 0.5
    onset = int(np.flatnonzero(alone)[0]) + inside.start
    found, leaked = voiced(heard.clean), voiced(heard.raw)
    by_itself = (slice(0, onset), slice(inside.stop + 8, None))  # 8: Silero's network is slow to let go
    assert sum(leaked[part].sum() for part in by_itself) > 100, "the leak is there"
    assert max(longest_run(found[part]) for part in by_itself) < 3, "from the first second on"
    assert found[onset : onset + 8].any(), "within a quarter of a second"
    assert found[inside].sum() > 0.8 * alone.sum()
    assert place(spoken, clean) == pytest.approx(at, abs=160)
