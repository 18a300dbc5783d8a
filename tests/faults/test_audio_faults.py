"""Sound devices that vanish, hang, or were never there."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Devices
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SpeechClip
from tests.e2e.sound import MICROPHONE, SPEAKER, SoundCard

LONG = SpeechClip(np.full(10 * 16_000, 0.1, dtype=np.float32), 16_000, "")

Break = Callable[[SoundCard], object]


async def record_until_it_breaks(card: SoundCard, harm: Break) -> tuple[AudioError, float, float]:
    """The error, the seconds from the fault to it, and the seconds of sound delivered before."""
    microphone = Microphone(Devices())
    await microphone.start()
    heard, broken_at = 0.0, 0.0

    async def listen() -> None:
        nonlocal heard, broken_at
        async for block in microphone.blocks():
            heard = block.end
            if heard > 0.3 and not broken_at:
                harm(card)
                broken_at = time.monotonic()

    with pytest.raises(AudioError) as caught:
        await listen()
    told_after = time.monotonic() - broken_at
    await microphone.stop()
    return caught.value, told_after, heard


@pytest.mark.parametrize(
    ("harm", "codes"),
    [
        pytest.param(SoundCard.unplug, {"audio.input_lost", "audio.input_hung"}, id="unplugged"),
        pytest.param(
            lambda card: card.control("suspend-source", MICROPHONE, "1"), {"audio.input_hung"}, id="hung"
        ),
        pytest.param(SoundCard.kill, {"audio.input_lost"}, id="sound-service-killed"),
    ],
)
def test_a_failing_microphone_is_told_within_two_seconds_and_keeps_what_was_said(
    breakable_sound_card: SoundCard, harm: Break, codes: set[str]
) -> None:
    error, told_after, heard = asyncio.run(record_until_it_breaks(breakable_sound_card, harm))
    assert error.code in codes
    assert error.exit_status == 6
    assert error.hint
    assert told_after < 2.0
    assert heard > 0.3


@pytest.mark.parametrize(
    ("harm", "codes"),
    [
        pytest.param(SoundCard.unplug, {"audio.output_lost", "audio.output_hung"}, id="unplugged"),
        pytest.param(
            lambda card: card.control("suspend-sink", SPEAKER, "1"), {"audio.output_hung"}, id="hung"
        ),
        pytest.param(SoundCard.kill, {"audio.output_lost"}, id="sound-service-killed"),
    ],
)
def test_a_failing_loudspeaker_is_told_and_knows_what_was_heard(
    breakable_sound_card: SoundCard, harm: Break, codes: set[str]
) -> None:
    async def speak_until_it_breaks() -> tuple[AudioError, float]:
        loudspeaker = Loudspeaker(Devices())
        await loudspeaker.start()
        await loudspeaker.play(LONG)
        await loudspeaker.wait_audible()
        harm(breakable_sound_card)
        with pytest.raises(AudioError) as caught:
            await loudspeaker.drain()
        await loudspeaker.stop()
        return caught.value, loudspeaker.heard_seconds

    error, heard = asyncio.run(speak_until_it_breaks())
    assert error.code in codes
    assert 0.0 < heard < LONG.seconds


def test_a_microphone_that_returns_works_again(breakable_sound_card: SoundCard) -> None:
    async def lose_and_return() -> float:
        microphone = Microphone(Devices())
        await microphone.start()
        breakable_sound_card.kill()
        blocks = microphone.blocks()
        with pytest.raises(AudioError):
            [block async for block in blocks]
        await microphone.stop()
        with pytest.raises(AudioError) as caught:
            await microphone.start()
        assert caught.value.code == "audio.no_input"
        breakable_sound_card.start()
        await microphone.start()
        async for block in microphone.blocks():
            if block.end > 0.2:
                await microphone.stop()
        return block.end

    assert asyncio.run(lose_and_return()) > 0.2


def test_a_hung_sound_service_neither_blocks_the_program_nor_leaves_a_microphone_open(
    breakable_sound_card: SoundCard,
) -> None:
    card = breakable_sound_card
    assert card.daemon is not None

    async def meet_a_hung_service(daemon: subprocess.Popen[bytes]) -> AudioError:
        devices = Devices()
        await devices.refresh()
        nobody_records = card.control("list", "short", "source-outputs")
        os.kill(daemon.pid, signal.SIGSTOP)
        beats = 0

        async def heart() -> None:
            nonlocal beats
            while True:
                await asyncio.sleep(0.05)
                beats += 1

        beating = asyncio.create_task(heart())
        try:
            with pytest.raises(AudioError) as caught:
                await Microphone(devices).start()
        finally:
            os.kill(daemon.pid, signal.SIGCONT)
        beating.cancel()
        assert beats > 20, "the loop stood still"
        for _ in range(2):  # first the open that came too late is awaited, then that it was closed again
            await devices.list("input")
        assert card.control("list", "short", "source-outputs") == nobody_records
        return caught.value

    assert asyncio.run(meet_a_hung_service(card.daemon)).code == "audio.backend_hung"


NO_DEVICES = """
import asyncio
from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Devices
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.errors import AudioError

async def main():
    devices = Devices()
    for part in (Microphone(devices), Loudspeaker(devices)):
        try:
            await part.start()
        except AudioError as error:
            print(error.code, error.category.value, error.exit_status)
        await part.stop()

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="takes the sound service away as on Linux")
def test_a_machine_without_sound_says_so_and_goes_on_with_text(tmp_path: Path) -> None:
    # A process of its own, because PortAudio belongs to the process; no service, no ALSA configuration.
    done = subprocess.run(
        [sys.executable, "-c", NO_DEVICES],
        env={**os.environ, "PULSE_SERVER": f"unix:{tmp_path / 'none'}"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.splitlines() == ["audio.no_input degraded 6", "audio.no_output degraded 6"], (
        done.stderr
    )
