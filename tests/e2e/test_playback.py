"""Pausing a reply, and clips that follow each other, through PortAudio and a virtual sound card."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_desktop.audio.devices import Devices
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.ports import SpeechClip
from tests.e2e.sound import SoundCard

RATE = 44_100
HZ = 441.0  # a period is 100 frames


def tone(seconds: float) -> NDArray[np.float32]:
    return (0.3 * np.sin(2 * np.pi * HZ * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def sounding(recorded: NDArray[np.float32]) -> list[tuple[int, int]]:
    """First frame and frame after the last of each stretch of sound; 10 ms of silence part two."""
    loud = np.flatnonzero(np.abs(recorded) > 1e-3)
    parts = np.split(loud, np.flatnonzero(np.diff(loud) > RATE // 100) + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts if len(part)]


@dataclass
class Pause:
    """One pause of a two-second tone; all in seconds."""

    until_silent: float  # from the call of `pause`
    repeated: float  # sound heard twice; negative: left out
    miscounted: float  # by `heard_seconds` at the pause

    @property
    def good(self) -> bool:
        return self.until_silent <= 0.05 and -0.01 <= self.repeated <= 0.05 and self.miscounted <= 0.05


def paused_tone(card: SoundCard) -> Pause | None:
    async def speak() -> tuple[float, float, float]:
        loudspeaker = Loudspeaker(Devices())
        await loudspeaker.start()
        await loudspeaker.play(SpeechClip(tone(2.0), RATE, ""))
        await loudspeaker.wait_audible()
        await asyncio.sleep(0.7)
        before = loudspeaker.heard_seconds
        await loudspeaker.pause()
        paused = loudspeaker.heard_seconds
        await asyncio.sleep(0.8)
        assert loudspeaker.heard_seconds == paused
        await loudspeaker.resume()
        await loudspeaker.drain()
        await loudspeaker.stop()
        return before, paused, loudspeaker.heard_seconds

    with card.recording(rate=RATE) as recorder:
        before, paused, total = asyncio.run(speak())
    assert total == 2.0
    parts = sounding(recorder.samples)
    if len(parts) != 2:  # the sound service was starved
        return None
    first, second = ((after - begin) / RATE for begin, after in parts)
    return Pause(first - before, first + second - 2.0, abs(first - paused))


def test_a_pause_is_silent_at_once_and_leaves_nothing_out(sound_card: SoundCard) -> None:
    # Several takes, because on a busy machine the test itself may be late to pause or to look.
    pauses: list[Pause | None] = []
    for _ in range(4):
        pauses.append(pause := paused_tone(sound_card))
        if pause is not None and pause.good:
            return
    pytest.fail(f"not one take is good: {pauses}")


def test_a_tone_in_several_clips_has_neither_gap_nor_click(sound_card: SoundCard) -> None:
    async def speak() -> None:
        loudspeaker = Loudspeaker(Devices())
        await loudspeaker.start()
        for piece in np.split(tone(3.0), [7_001, 50_003, 90_000]):
            await loudspeaker.play(SpeechClip(piece, RATE, ""))
        await loudspeaker.drain()
        await loudspeaker.stop()

    def fault() -> str:
        with sound_card.recording(rate=RATE) as recorder:
            asyncio.run(speak())
        parts = sounding(recorder.samples)
        if len(parts) != 1:
            return f"{len(parts)} stretches of sound"
        begin, after = parts[0]
        heard = recorder.samples[begin + 100 : after - 100]
        # A sine is twice its last sample times a constant, less the one before: a click is not.
        predicted = 2 * np.cos(2 * np.pi * HZ / RATE) * heard[1:-1] - heard[:-2]
        click = float(np.max(np.abs(heard[2:] - predicted)))
        return "" if click < 1e-3 else f"a click of {click:.4f}"

    # A machine with every core busy may starve the sound service itself; a fault of ours is in every take.
    faults: list[str] = []
    while "" not in faults and len(faults) < 3:
        faults.append(fault())
    assert "" in faults, faults
