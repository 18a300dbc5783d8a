"""The microphone's way from the device's callback to blocks, with a device driven by hand."""

from __future__ import annotations

import asyncio
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jarvis_desktop.audio import capture
from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Listened
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock
from tests.unit.audio.hand_driven import HandDriven


def tone(seconds: float, rate: int, channels: int = 1, hz: float = 440.0) -> NDArray[np.float32]:
    wave = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


async def collect(microphone: Microphone, blocks: list[AudioBlock]) -> None:
    async for block in microphone.blocks():
        blocks.append(block)


async def hear(device: HandDriven, pieces: list[NDArray[np.float32]]) -> list[AudioBlock]:
    """All blocks of a microphone whose device delivers these pieces and is then stopped."""
    microphone = Microphone(device)
    await microphone.start()
    for piece in pieces:
        device.record(piece)
    await microphone.stop()
    return [block async for block in microphone.blocks()]


@given(
    cuts=st.lists(st.integers(1, 3000), min_size=1, max_size=40),
    rate=st.sampled_from([8_000, 16_000, 22_050, 44_100, 48_000, 96_000]),
)
@settings(deadline=None, max_examples=40)
def test_blocks_are_gapless_and_last_as_long_as_the_input(cuts: list[int], rate: int) -> None:
    device = HandDriven(rate=rate, channels=1)
    blocks = asyncio.run(hear(device, [np.zeros((n, 1), dtype=np.float32) for n in cuts]))
    assert sum(len(b.samples) for b in blocks) == pytest.approx(sum(cuts) * SAMPLE_RATE / rate, abs=1)
    assert all(len(b.samples) == 320 for b in blocks[:-1])
    for before, after in itertools.pairwise(blocks):
        assert after.start == pytest.approx(before.end)


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_tone_keeps_its_time_and_level_through_resampling(rate: int) -> None:
    device = HandDriven(rate=rate, channels=1)
    sound = tone(1.0, rate)
    blocks = asyncio.run(hear(device, np.array_split(sound, 37)))
    heard = np.concatenate([b.samples for b in blocks])
    expected = tone(1.0, SAMPLE_RATE)[:, 0]
    middle = slice(800, -800)  # away from the tone's sudden ends
    assert np.max(np.abs(heard[middle] - expected[middle])) < 0.005


def test_a_headset_with_one_dead_channel_is_heard_at_full_level() -> None:
    sound = tone(1.0, 48_000, channels=2)
    sound[:, 1] = np.random.default_rng(1).normal(0, 0.0005, len(sound))  # the open wire hums a little
    blocks = asyncio.run(hear(HandDriven(), np.array_split(sound, 50)))
    assert blocks[20].peak_dbfs == pytest.approx(-6.0, abs=0.2)


def test_the_crack_of_a_plug_does_not_bring_a_dead_channel_to_life_for_good() -> None:
    sound = tone(30.0, 8_000, channels=2)
    sound[:, 1] = 0.0
    sound[100:110, 1] = 0.5
    blocks = asyncio.run(hear(HandDriven(rate=8_000), np.array_split(sound, 200)))
    assert blocks[-10].peak_dbfs == pytest.approx(-6.0, abs=0.2)


def test_two_live_channels_are_mixed() -> None:
    sound = tone(1.0, 48_000, channels=2)
    sound[:, 1] *= 0.5
    blocks = asyncio.run(hear(HandDriven(), np.array_split(sound, 50)))
    assert blocks[20].peak_dbfs == pytest.approx(20 * np.log10(0.375), abs=0.2)


def test_damaged_samples_do_no_harm() -> None:
    sound = np.array([[np.nan, np.inf], [-np.inf, 7.0], [0.1, 0.1]] * 500, dtype=np.float32)
    (first, *_) = asyncio.run(hear(HandDriven(rate=16_000), [sound]))
    assert np.all(np.abs(first.samples) <= 1.0)


def test_an_unread_microphone_drops_the_oldest_sound_and_keeps_its_clock(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def come_late() -> list[AudioBlock]:
        device = HandDriven(rate=16_000, channels=1)
        microphone = Microphone(device)
        await microphone.start()
        blocks = microphone.blocks()
        device.record(tone(0.1, 16_000))
        first = [await anext(blocks) for _ in range(5)]
        for _ in range(300):
            device.record(tone(0.1, 16_000))
        await microphone.stop()
        return first + [block async for block in blocks]

    caplog.set_level("WARNING")
    blocks = asyncio.run(come_late())
    kept = sum(len(b.samples) for b in blocks) / SAMPLE_RATE
    assert 5.0 < kept < 15.0, "a bounded buffer"
    assert blocks[-1].end == pytest.approx(30.1), "the clock counts what was dropped"
    assert blocks[5].start > 15.0, "the oldest went first"
    assert "dropped" in caplog.text


def test_a_device_that_ends_by_itself_is_lost_and_its_sound_is_delivered() -> None:
    async def lose() -> tuple[list[AudioBlock], AudioError]:
        device = HandDriven(rate=48_000, channels=1)
        microphone = Microphone(device)
        await microphone.start()
        device.record(tone(0.5, 48_000))
        device.vanish()
        blocks: list[AudioBlock] = []
        with pytest.raises(AudioError) as caught:
            await collect(microphone, blocks)
        await microphone.stop()
        assert device.closed == 1
        return blocks, caught.value

    blocks, error = asyncio.run(lose())
    assert error.code == "audio.input_lost"
    assert "desk" in error.message
    assert blocks[-1].end == pytest.approx(0.5)


def test_a_silent_device_is_called_hung() -> None:
    async def hang() -> AudioError:
        device = HandDriven(rate=16_000, channels=1)
        microphone = Microphone(device)
        await microphone.start()
        device.record(tone(0.1, 16_000))
        with pytest.raises(AudioError) as caught:
            await collect(microphone, [])
        return caught.value

    assert asyncio.run(hang()).code == "audio.input_hung"


def test_a_stall_of_the_whole_program_is_not_blamed_on_the_device() -> None:
    async def stall() -> int:
        device = HandDriven(rate=16_000, channels=1)
        microphone = Microphone(device)
        await microphone.start()
        loop, count = asyncio.get_running_loop(), 0
        device.record(tone(0.02, 16_000))
        async for _ in microphone.blocks():
            count += 1
            if count == 1:
                until = loop.time() + 0.8  # longer than the watchdog waits
                while loop.time() < until:
                    pass
                loop.call_later(0.02, device.record, tone(0.02, 16_000))
            else:
                await microphone.stop()
        return count

    assert asyncio.run(stall()) == 2


def test_the_microphone_can_be_stopped_before_it_was_started_and_started_again() -> None:
    async def on_off_on() -> float:
        device = HandDriven(rate=16_000, channels=1)
        microphone = Microphone(device)
        await microphone.stop()
        for _ in range(2):
            await microphone.start()
            device.record(tone(0.1, 16_000))
            await microphone.stop()
        return (await anext(microphone.blocks())).start

    assert asyncio.run(on_off_on()) == 0.0, "each recording has its own clock"


def test_a_microphone_that_never_sounds_does_not_count_as_started() -> None:
    device = HandDriven()
    device.begins = False
    with pytest.raises(AudioError) as caught:
        asyncio.run(Microphone(device).start())
    assert caught.value.code == "audio.input_hung"
    assert device.closed == 1


def test_a_device_that_only_hears_the_loudspeaker_is_no_microphone() -> None:
    device = HandDriven()
    device.heard = Listened(microphone=False, headset=False)
    with pytest.raises(AudioError) as caught:
        asyncio.run(Microphone(device).start())
    assert caught.value.code == "audio.no_input"
    assert device.closed == 1


@pytest.fixture
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The microphone asks the system every few milliseconds."""
    monkeypatch.setattr(capture, "_LOOK_S", 0.01)


@pytest.mark.usefixtures("looks_often")
def test_a_microphone_whose_stream_falls_to_the_loudspeaker_is_lost() -> None:
    async def unplug() -> AudioError:
        device = HandDriven(rate=16_000, channels=1)
        microphone = Microphone(device)
        await microphone.start()
        device.record(tone(0.1, 16_000))
        device.heard = Listened(microphone=False, headset=False)
        with pytest.raises(AudioError) as caught:
            await collect(microphone, [])
        await microphone.stop()
        assert device.closed == 1
        return caught.value

    assert asyncio.run(unplug()).code == "audio.input_lost"


@pytest.mark.usefixtures("looks_often")
def test_changed_defaults_end_the_recording_without_an_error_and_a_new_one_has_another_rate() -> None:
    async def follow() -> list[float]:
        device = HandDriven(rate=48_000, channels=2)
        microphone = Microphone(device)
        seconds = []
        for device.rate, device.channels in ((48_000, 2), (16_000, 1)):
            device.defaults_changed = False
            await microphone.start()
            device.record(tone(0.5, device.rate, device.channels))
            device.defaults_changed = True
            blocks: list[AudioBlock] = []
            await collect(microphone, blocks)
            seconds.append(blocks[-1].end)
        return seconds

    assert asyncio.run(follow()) == pytest.approx([0.5, 0.5], abs=0.001)


def test_a_dead_channel_and_a_headset_are_known() -> None:
    async def look() -> tuple[int, bool]:
        device = HandDriven()
        device.heard = Listened(microphone=True, headset=True)
        microphone = Microphone(device)
        await microphone.start()
        sound = tone(0.5, 48_000, channels=2)
        sound[:, 1] = 0.0
        device.record(sound)
        await microphone.stop()
        await collect(microphone, [])
        return microphone.dead_channels, microphone.is_bluetooth

    assert asyncio.run(look()) == (1, True)
