"""The loudspeaker's way from clips to the device's callback, with a device driven by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
import pytest
from numpy.typing import NDArray

from jarvis_desktop.audio import watchdog
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SpeechClip
from tests.unit.audio.hand_driven import LATENCY, HandDriven

RATE = 48_000


def clip(samples: NDArray[np.float32], rate: int = RATE) -> SpeechClip:
    return SpeechClip(samples.astype(np.float32), rate, "words")


@asynccontextmanager
async def speaking() -> AsyncIterator[tuple[HandDriven, Loudspeaker]]:
    device = HandDriven(rate=RATE)
    loudspeaker = Loudspeaker(device)
    await loudspeaker.start()
    yield device, loudspeaker
    await loudspeaker.stop()


def test_clips_follow_each_other_without_a_gap_on_every_channel() -> None:
    async def speak() -> NDArray[np.float32]:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.linspace(0.0, 0.3, 700)))
            await loudspeaker.play(clip(np.linspace(0.3, 0.6, 500)))
            return np.concatenate([device.play(n) for n in (64, 512, 333, 291)])

    out = asyncio.run(speak())
    assert np.array_equal(out[:, 0], out[:, 1])
    expected = np.concatenate((np.linspace(0.0, 0.3, 700), np.linspace(0.3, 0.6, 500)))
    assert out[:, 0] == pytest.approx(expected, abs=1e-6)


def test_running_dry_is_silence_not_old_sound() -> None:
    async def speak() -> NDArray[np.float32]:
        async with speaking() as (device, loudspeaker):
            before = device.play(100)
            await loudspeaker.play(clip(np.full(50, 0.5)))
            return np.concatenate((before, device.play(100), device.play(100)))

    out = asyncio.run(speak())[:, 0]
    assert np.array_equal(np.flatnonzero(out), np.arange(100, 150))


def test_a_voice_of_another_rate_keeps_its_pitch_and_length() -> None:
    seconds = np.arange(22_050) / 22_050

    async def speak() -> NDArray[np.float32]:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(0.5 * np.sin(2 * np.pi * 440 * seconds), 22_050))
            return device.play(2 * RATE)[:, 0]

    out = asyncio.run(speak())
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    assert out[500 : RATE - 500] == pytest.approx(expected[500 : RATE - 500], abs=0.005)
    assert np.count_nonzero(np.abs(out[RATE + 10 :])) == 0


def test_play_waits_while_seconds_are_queued_and_drain_waits_for_the_ear() -> None:
    async def speak() -> None:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(5 * RATE, 0.1)))
            second = asyncio.create_task(loudspeaker.play(clip(np.full(RATE, 0.1))))
            audible = asyncio.create_task(loudspeaker.wait_audible())
            for _ in range(3):
                device.play(RATE // 10)
                await asyncio.sleep(0.02)
            assert not second.done()
            device.play(2 * RATE)
            await second
            draining = asyncio.create_task(loudspeaker.drain())
            await audible
            assert not draining.done()
            device.play(4 * RATE)
            assert loudspeaker.heard_seconds < 6.0

    asyncio.run(speak())


def test_sound_counts_as_heard_only_when_it_has_left_the_device() -> None:
    async def speak() -> None:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(480, 0.1)))
            assert loudspeaker.heard_seconds == 0.0
            device.play(960)
            assert loudspeaker.heard_seconds == 0.0, "it is still in the device's buffer"
            await loudspeaker.drain()
            assert loudspeaker.heard_seconds == 0.01, "no more than was handed over"

    asyncio.run(speak())


def test_stop_is_silent_at_once_drops_the_queue_and_keeps_the_count() -> None:
    async def interrupt() -> float:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(RATE, 0.5)))
            device.play(960)
            await asyncio.sleep(0.02 + 2 * LATENCY)  # the device's buffer plays out; it asks for no more
            stopping = asyncio.create_task(loudspeaker.stop())
            await asyncio.sleep(0)
            assert not device.play(480).any()
            await stopping
            await loudspeaker.play(clip(np.full(RATE, 0.5)))
            await loudspeaker.drain()
            await loudspeaker.stop()
            assert device.closed == 1
            assert not device.play(480).any()
            return loudspeaker.heard_seconds

    assert asyncio.run(interrupt()) == 0.02


def test_a_pause_takes_back_what_was_not_heard_and_goes_on_with_it() -> None:
    ramp = np.linspace(0.1, 0.5, RATE)

    async def speak() -> tuple[float, NDArray[np.float32]]:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(ramp[: RATE // 2]))
            await loudspeaker.play(clip(ramp[RATE // 2 :]))
            await loudspeaker.resume()
            device.play(RATE // 4)
            await asyncio.sleep(LATENCY + 0.1)
            device.play(RATE // 2)  # handed over, but still in the device when the pause comes
            await loudspeaker.pause()
            await loudspeaker.pause()
            heard = loudspeaker.heard_seconds
            assert device.halted
            assert not device.play(RATE // 10).any()
            await asyncio.sleep(LATENCY + 0.05)
            assert loudspeaker.heard_seconds == heard
            await loudspeaker.resume()
            assert not device.halted
            return heard, device.play(RATE)[:, 0]

    heard, rest = asyncio.run(speak())
    assert 0.0 < heard <= 0.25
    expected = ramp[round(heard * RATE) :]
    assert rest[: len(expected)] == pytest.approx(expected, abs=1e-6)
    assert not rest[len(expected) :].any()


def test_speech_goes_on_arriving_while_paused_and_drain_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def speak() -> float:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(480, 0.5)))
            device.play(100)
            await loudspeaker.pause()
            monkeypatch.setattr(watchdog, "_HANG_S", 0.05)
            await loudspeaker.play(clip(np.full(480, 0.5)))
            draining = asyncio.create_task(loudspeaker.drain())
            await asyncio.sleep(0.5)  # ten times what the watchdog allows
            assert not draining.done()
            monkeypatch.undo()
            await loudspeaker.resume()
            device.play(960)
            device.play(RATE)
            await loudspeaker.wait_audible()
            await draining
            return loudspeaker.heard_seconds

    assert asyncio.run(speak()) == 0.02


def test_a_paused_reply_can_be_stopped() -> None:
    async def interrupt() -> float:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(RATE, 0.5)))
            device.play(960)
            await asyncio.sleep(0.02 + 2 * LATENCY)
            await loudspeaker.pause()
            draining = asyncio.create_task(loudspeaker.drain())
            await loudspeaker.stop()
            await draining
            await loudspeaker.pause()
            await loudspeaker.resume()
            assert device.closed == 1
            assert not device.play(480).any()
            return loudspeaker.heard_seconds

    assert asyncio.run(interrupt()) == 0.02


def test_a_device_that_went_away_during_a_pause_is_told_by_resume() -> None:
    async def speak() -> AudioError:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(RATE, 0.5)))
            await loudspeaker.pause()
            device.gone = True
            with pytest.raises(AudioError) as caught:
                await loudspeaker.resume()
            return caught.value

    assert asyncio.run(speak()).code == "audio.output_lost"


@pytest.mark.parametrize(("fault", "code"), [("vanish", "audio.output_lost"), ("hang", "audio.output_hung")])
def test_a_failing_device_is_told_to_whoever_waits(fault: str, code: str) -> None:
    async def speak() -> AudioError:
        async with speaking() as (device, loudspeaker):
            await loudspeaker.play(clip(np.full(RATE, 0.5)))
            device.play(480)
            if fault == "vanish":
                device.vanish()
            with pytest.raises(AudioError) as caught:
                await loudspeaker.drain()
            return caught.value

    error = asyncio.run(speak())
    assert error.code == code
    assert "desk" in error.message
