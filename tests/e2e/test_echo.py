"""Its own voice leaks from the loudspeaker into the microphone, through a virtual sound card."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Devices
from jarvis_desktop.audio.echo_source import EchoFree, EchoReference
from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.config.schema import Speech
from jarvis_desktop.ports import AudioBlock, SpeechClip
from jarvis_desktop.speech.synthesis import PiperSynthesizer
from tests.e2e.sound import MICROPHONE_SINK, SPEAKER, SoundCard

REPLIES = (
    "Sure, I can help you with that. First, preheat the oven to two hundred degrees.",
    "The capital of Australia is Canberra, although many people believe that it is Sydney.",
)


@pytest.fixture(scope="module")
def replies(models_home: Path) -> list[SpeechClip]:
    """Two replies in Piper's voice."""

    async def synthesize() -> list[SpeechClip]:
        piper = PiperSynthesizer(lambda: Speech(), lambda name: models_home / "models" / name)
        try:
            return [await piper.synthesize(reply) for reply in REPLIES]
        finally:
            await piper.unload()

    return asyncio.run(synthesize())


@contextmanager
def leak(card: SoundCard, decibels: int) -> Iterator[None]:
    """What the loudspeaker plays is heard by the microphone, fainter by `decibels`."""
    module = card.control(
        "load-module",
        "module-loopback",
        f"source={SPEAKER}.monitor",
        f"sink={MICROPHONE_SINK}",
        "latency_msec=40",
        "adjust_time=0",
    ).strip()
    try:
        inputs = card.control("list", "sink-inputs").split("Sink Input #")
        (number,) = (entry.split()[0] for entry in inputs if f"Owner Module: {module}\n" in entry)
        card.control("set-sink-input-volume", number, f"-{decibels}dB")
        yield
    finally:
        card.control("unload-module", module)


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

    async def blocks(self):  # type: ignore[no-untyped-def]
        async for block in super().blocks():
            self._kept.raw.append(block)
            yield block


async def hear_replies(
    hearing: Hearing, replies: list[SpeechClip], card: SoundCard, interruption: Path | None = None
) -> Heard:
    """Play the replies one after the other, with somebody talking over the last one."""
    heard, devices, reference = Heard(), Devices(), EchoReference()
    microphone = EchoFree(Wiretapped(devices, heard), reference, hearing, lambda: True)
    await microphone.start()

    async def listen() -> None:
        async for block in microphone.blocks():
            heard.clean.append(block)

    listening = asyncio.create_task(listen())
    for reply in replies:
        await asyncio.sleep(1.5)
        loudspeaker = Loudspeaker(devices, "", reference)
        await loudspeaker.start()
        await loudspeaker.play(reply)
        await loudspeaker.wait_audible()
        talking = None
        if interruption is not None and reply is replies[-1]:
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
