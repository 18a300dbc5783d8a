"""The gate in front of the wake word: when it asks, what it asks about, and what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

from jarvis_desktop.audio.wake_gate import SCORE_S, WakeGate
from jarvis_desktop.config.schema import Listening, Wake
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, WakeHeard

BLOCK = SAMPLE_RATE // 50
STEP = round(SCORE_S * SAMPLE_RATE)


class FakeListener:
    """Scores each 80 ms by how much of it is the called sound: samples above 0.5."""

    def __init__(self) -> None:
        self.streams: list[Samples] = []
        self.rest = np.zeros(0, np.float32)
        self.name_alone: set[bool] = set()

    async def wake(
        self, samples: Samples, *, name_alone: bool = False, fresh: bool = False
    ) -> Sequence[float]:
        if fresh or not self.streams:
            self.streams.append(np.zeros(0, np.float32))
            self.rest = self.rest[:0]
        self.name_alone.add(name_alone)
        self.streams[-1] = np.concatenate((self.streams[-1], samples))
        heard = np.concatenate((self.rest, samples))
        whole = len(heard) - len(heard) % STEP
        self.rest = heard[whole:]
        return [float(np.max(heard[at : at + STEP]) > 0.5) for at in range(0, whole, STEP)]


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def voice(seconds: float, level: float = 0.2) -> Samples:
    """A vowel: a buzz of 120 Hz through two resonances, its loudness moving like speech."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time) / (1 + ((120 * k - 700) / 300) ** 2) for k in range(1, 30))
    shaped = buzz * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return (shaped / np.max(np.abs(shaped)) * level).astype(np.float32)


def engine(seconds: float) -> Samples:
    """Steady noise."""
    generator = np.random.default_rng(1)
    return (generator.standard_normal(round(seconds * SAMPLE_RATE)) * 0.05).astype(np.float32)


def heard(listener: FakeListener, *sounds: Samples, wake: Wake | None = None) -> list[WakeHeard]:
    """What the gate tells about the sounds, one after the other."""
    gate = WakeGate(Listening(), wake or Wake(), listener)

    async def run() -> list[WakeHeard]:
        events: list[WakeHeard] = []
        samples = np.concatenate(sounds)
        for at in range(0, len(samples), BLOCK):
            events += await gate.feed(AudioBlock(samples[at : at + BLOCK], at / SAMPLE_RATE))
        return [*events, *await gate.finish()]

    return asyncio.run(run())


def test_silence_and_steady_noise_are_not_asked_about() -> None:
    listener = FakeListener()
    heard(listener, silence(5.0))
    assert not listener.streams
    heard(listener, engine(20.0))
    assert sum(map(len, listener.streams)) < 6 * SAMPLE_RATE  # the first seconds, until it is known as steady


def test_a_voice_is_heard_from_well_before_its_beginning() -> None:
    listener = FakeListener()
    heard(listener, silence(4.0), voice(1.0), silence(4.0))
    (stream,) = listener.streams
    begin = int(np.argmax(np.abs(stream) > 0.01))
    assert begin > 2 * SAMPLE_RATE


def test_it_stops_asking_after_the_voice_and_begins_anew_with_the_next() -> None:
    listener = FakeListener()
    heard(listener, silence(3.0), voice(1.0), silence(6.0), voice(1.0), silence(6.0))
    assert len(listener.streams) == 2
    assert all(len(stream) < 7 * SAMPLE_RATE for stream in listener.streams)


def test_nothing_is_asked_twice_or_left_out() -> None:
    listener = FakeListener()
    sounds = [silence(1.0), voice(3.0), silence(0.5)]
    heard(listener, *sounds)
    (stream,) = listener.streams
    said = np.concatenate(sounds)
    np.testing.assert_array_equal(stream[: len(said)], said[: len(stream)])


def test_one_call_wakes_once_and_is_dated() -> None:
    listener = FakeListener()
    (event,) = heard(listener, silence(3.0), voice(0.5), voice(0.5, level=0.9), silence(3.0))
    assert 3.3 < event.end < 4.0
    assert event.score == pytest.approx(1.0)


def test_two_calls_wake_twice() -> None:
    call = [silence(3.0), voice(0.4), voice(0.5, level=0.9)]
    assert len(heard(FakeListener(), *call, *call, silence(2.0))) == 2


def test_a_call_at_the_very_end_of_the_source_counts() -> None:
    class Late(FakeListener):
        """Its score comes 0.3 s after the sound, as the real one's does."""

        async def wake(
            self, samples: Samples, *, name_alone: bool = False, fresh: bool = False
        ) -> Sequence[float]:
            scores = await super().wake(samples, name_alone=name_alone, fresh=fresh)
            delayed = [0.0] * (0 if not fresh else 4) + list(getattr(self, "held", [])) + list(scores)
            self.held = delayed[len(scores) :]
            return delayed[: len(scores)]

    sounds = silence(1.0), voice(0.5), voice(0.2, level=0.9)
    (event,) = heard(Late(), *sounds)
    assert event.end <= 1.7


def test_the_threshold_and_the_name_alone_are_the_users_choice() -> None:
    class Unsure(FakeListener):
        async def wake(
            self, samples: Samples, *, name_alone: bool = False, fresh: bool = False
        ) -> Sequence[float]:
            return [0.6 * score for score in await super().wake(samples, name_alone=name_alone, fresh=fresh)]

    call = silence(2.0), voice(0.5, level=0.9), silence(1.0)
    assert heard(Unsure(), *call, wake=Wake(threshold=0.5))
    assert not heard(Unsure(), *call, wake=Wake(threshold=0.7))
    listener = FakeListener()
    heard(listener, *call, wake=Wake(name_alone=True))
    assert listener.name_alone == {True}
