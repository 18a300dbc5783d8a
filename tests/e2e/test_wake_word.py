"""The wake word with the real networks in their real process: people's recordings and synthesised calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from benchmarks.wake_sounds import Scene, Speaker, Voice, scene, voices
from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.audio.wake_gate import WakeGate
from jarvis_desktop.bench.streaming import last_sound
from jarvis_desktop.config.schema import Listening, Wake
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, WakeHeard
from tests.conftest import Recording
from tests.e2e.networks import hearing_each

BLOCK = SAMPLE_RATE // 50
ENOUGH = 0.9
"""Of a handful of synthesised calls; benchmarks/wake.py measures many."""


Heard = Callable[..., list[list[WakeHeard]]]


@pytest.fixture(scope="module")
def heard(models_home: Path) -> Iterator[Heard]:
    """What each sound wakes."""

    async def one(hearing: Hearing, samples: Samples, wake: Wake) -> list[WakeHeard]:
        gate = WakeGate(Listening(), wake, hearing.wake_listener())
        events: list[WakeHeard] = []
        for at in range(0, len(samples), BLOCK):
            events += await gate.feed(AudioBlock(samples[at : at + BLOCK], at / SAMPLE_RATE))
        return [*events, *await gate.finish()]

    with hearing_each(models_home) as hear_each:
        yield lambda sounds, wake=None: hear_each(partial(one, wake=wake or Wake()), sounds)


def sounds_of(recordings: list[Recording], kind: str, text: str | None = None) -> list[Samples]:
    silence = np.zeros(SAMPLE_RATE, np.float32)
    chosen = [r for r in recordings if r.kind == kind and text in (None, r.text)]
    return [np.concatenate((silence, read_audio(r.path), silence)) for r in chosen]


@pytest.fixture(scope="module")
def speaker(models_home: Path) -> Speaker:
    return Speaker(models_home / "models" / "piper-en-joe")


def test_people_who_call_wake_it_once(recordings: list[Recording], heard: Heard) -> None:
    calls = sounds_of(recordings, "wake_positive")
    assert [len(events) for events in heard(calls)] == [1] * len(calls)


def test_a_call_wakes_it_faint_and_loud(recordings: list[Recording], heard: Heard) -> None:
    call = sounds_of(recordings, "wake_positive")[0]
    full = call / np.max(np.abs(call))
    levels = [np.float32(10 ** (peak / 20)) * full for peak in (0, -20, -40)]
    assert all(heard(levels))


def test_the_name_alone_wakes_it_only_on_request(recordings: list[Recording], heard: Heard) -> None:
    names = sounds_of(recordings, "wake_near_miss", "jarvis")
    woken = sum(map(bool, heard(names)))
    assert woken <= 0.05 * len(names)
    asked_for = sum(map(bool, heard(names, Wake(name_alone=True))))
    assert asked_for > 0.7 * len(names)


@pytest.mark.parametrize("kind", ["wake_negative", "command", "spontaneous", "noise", "music", "babble"])
def test_nothing_else_wakes_it(recordings: list[Recording], heard: Heard, kind: str) -> None:
    assert not any(heard(sounds_of(recordings, kind)))


def test_two_who_listen_at_a_time_each_hear_their_own(recordings: list[Recording], models_home: Path) -> None:
    """As the ears of the program and a client of its server do."""
    calls = sounds_of(recordings, "wake_positive")[:2]
    sounds = [*calls, sounds_of(recordings, "wake_negative")[0]]

    async def together(hearing: Hearing, _: Samples) -> list[int]:
        gates = [WakeGate(Listening(), Wake(), hearing.wake_listener()) for _ in sounds]
        heard = [0] * len(sounds)
        for at in range(0, max(map(len, sounds)), BLOCK):
            for number, (gate, samples) in enumerate(zip(gates, sounds, strict=True)):
                if len(block := samples[at : at + BLOCK]):
                    heard[number] += len(await gate.feed(AudioBlock(block, at / SAMPLE_RATE)))
        return heard

    with hearing_each(models_home) as hear_each:
        assert hear_each(together, [np.zeros(0, np.float32)]) == [[1, 1, 0]]


def test_synthesised_calls_wake_it(recordings: list[Recording], heard: Heard, speaker: Speaker) -> None:
    noises = sounds_of(recordings, "noise")
    who = voices()[::3]
    calls = [
        scene(1000 + number).hear(
            speaker.say(voice, "Hey Jarvis", 0.8 + 0.5 * number / len(who)), noises[number % len(noises)]
        )
        for number, voice in enumerate(who)
    ]
    assert sum(map(bool, heard(calls))) >= ENOUGH * len(calls)


def test_a_command_in_the_same_breath_is_parted_from_the_call(heard: Heard, speaker: Speaker) -> None:
    voice = Voice("piper")
    call, command = speaker.say(voice, "Hey Jarvis"), speaker.say(voice, "Turn on the kitchen light.")
    call = call[: round(last_sound(call) * SAMPLE_RATE)]  # the voice adds a silence of its own
    quiet = np.zeros(SAMPLE_RATE, np.float32)
    gap = np.zeros(SAMPLE_RATE // 10, np.float32)
    said = Scene().hear(np.concatenate((call, gap, command)), quiet)
    ((event,),) = heard([said])
    end = 2.0 + len(call) / SAMPLE_RATE
    assert abs(event.end - end) < 0.2
