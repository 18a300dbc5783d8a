"""Sound devices that vanish, hang, or were never there."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Devices
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SpeechClip
from tests.e2e.sound import MICROPHONE, MICROPHONE_SINK, SPEAKER, SoundCard

LONG = SpeechClip(np.full(10 * 16_000, 0.1, dtype=np.float32), 16_000, "")
BEEP = SpeechClip(np.full(1_600, 0.1, dtype=np.float32), 16_000, "")

Act = Callable[[SoundCard], object]


@dataclass(frozen=True)
class Fault:
    """Something that happens to a sound device, and how it ends."""

    harm: Act
    repair: Act


def unplug_microphone(card: SoundCard) -> None:
    """Only the loudspeaker stays, and PulseAudio moves the stream to what it plays."""
    card.control("unload-module", "module-remap-source")


def plug_microphone(card: SoundCard, *options: str) -> None:
    card.control(
        "load-module", "module-remap-source",
        f"master={MICROPHONE_SINK}.monitor", f"source_name={MICROPHONE}", *options,
    )  # fmt: skip
    card.control("set-default-source", MICROPHONE)


def suspend(what: str, name: str) -> Fault:
    return Fault(
        harm=lambda card: card.control(f"suspend-{what}", name, "1"),
        repair=lambda card: card.control(f"suspend-{what}", name, "0"),
    )


UNPLUGGED = Fault(SoundCard.unplug, SoundCard.plug)
KILLED = Fault(SoundCard.kill, SoundCard.start)
ANOTHER_RATE = Fault(unplug_microphone, lambda card: plug_microphone(card, "rate=48000", "channels=2"))


async def start_again(part: Microphone | Loudspeaker) -> list[AudioError]:
    """Try until it works; the errors until then."""
    errors: list[AudioError] = []
    while True:
        try:
            await part.start()
        except AudioError as error:
            errors.append(error)
            await asyncio.sleep(0.1)
        else:
            return errors


async def hear_for(microphone: Microphone, seconds: float) -> float:
    """Record so long and close; the seconds recorded."""
    heard = 0.0
    async for block in microphone.blocks():
        heard = block.end
        if heard > seconds:
            await microphone.stop()
    return heard


@dataclass(frozen=True)
class Loss:
    error: AudioError
    told_after: float  # seconds from the fault
    kept: float  # seconds of sound delivered before


async def lose(microphone: Microphone, card: SoundCard, harm: Act) -> Loss:
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
    return Loss(caught.value, told_after, heard)


@pytest.mark.parametrize(
    ("fault", "patience"),
    [
        pytest.param(UNPLUGGED, 2.0, id="unplugged"),
        pytest.param(ANOTHER_RATE, 4.0, id="only-the-loudspeaker-is-left"),
        pytest.param(suspend("source", MICROPHONE), 2.0, id="hung"),
        pytest.param(KILLED, 2.0, id="sound-service-killed"),
    ],
)
def test_a_failing_microphone_is_told_keeps_what_was_said_and_works_again_by_itself(
    breakable_sound_card: SoundCard, fault: Fault, patience: float
) -> None:
    async def lose_and_return() -> Loss:
        microphone = Microphone(Devices())
        loss = await lose(microphone, breakable_sound_card, fault.harm)
        with pytest.raises(AudioError):
            await microphone.start()
        fault.repair(breakable_sound_card)
        await start_again(microphone)
        assert await hear_for(microphone, 0.2) > 0.2
        return loss

    # Three takes for the time alone, because on a busy machine the test itself may be late to look.
    for _ in range(3):
        loss = asyncio.run(lose_and_return())
        assert loss.error.code in {"audio.input_lost", "audio.input_hung"}
        assert loss.error.exit_status == 6
        assert loss.error.hint
        assert loss.kept > 0.3
        if loss.told_after < patience:
            return
    pytest.fail("it took too long to tell")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(UNPLUGGED, id="unplugged"),
        pytest.param(suspend("sink", SPEAKER), id="hung"),
        pytest.param(KILLED, id="sound-service-killed"),
    ],
)
def test_a_failing_loudspeaker_is_told_knows_what_was_heard_and_plays_the_next_answer(
    breakable_sound_card: SoundCard, fault: Fault
) -> None:
    async def speak_until_it_breaks() -> tuple[AudioError, float]:
        loudspeaker = Loudspeaker(Devices())
        await loudspeaker.start()
        await loudspeaker.play(LONG)
        await loudspeaker.wait_audible()
        fault.harm(breakable_sound_card)
        with pytest.raises(AudioError) as caught:
            await loudspeaker.drain()
        await loudspeaker.stop()
        heard = loudspeaker.heard_seconds
        fault.repair(breakable_sound_card)
        await start_again(loudspeaker)
        await loudspeaker.play(BEEP)
        await loudspeaker.drain()
        assert loudspeaker.heard_seconds == pytest.approx(BEEP.seconds, abs=0.01)
        await loudspeaker.stop()
        return caught.value, heard

    error, heard = asyncio.run(speak_until_it_breaks())
    assert error.code in {"audio.output_lost", "audio.output_hung"}
    assert 0.0 < heard < LONG.seconds


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(UNPLUGGED, id="no-device"),
        pytest.param(Fault(unplug_microphone, plug_microphone), id="only-virtual-devices"),
        pytest.param(KILLED, id="no-sound-service"),
    ],
)
def test_a_microphone_plugged_in_later_works_without_a_restart(
    breakable_sound_card: SoundCard, fault: Fault
) -> None:
    async def come_late() -> set[str]:
        devices = Devices()
        await devices.refresh()
        if fault.harm is unplug_microphone:  # else a monitor is what somebody set up to be listened to
            await Microphone(devices).start()
        fault.harm(breakable_sound_card)
        microphone = Microphone(devices)
        with pytest.raises(AudioError) as caught:
            await microphone.start()
        fault.repair(breakable_sound_card)
        await start_again(microphone)
        assert await hear_for(microphone, 0.2) > 0.2
        return {caught.value.code}

    assert asyncio.run(come_late()) == {"audio.no_input"}


def test_a_microphone_that_became_the_default_is_heard_at_once(breakable_sound_card: SoundCard) -> None:
    card = breakable_sound_card
    card.control("load-module", "module-null-sink", "sink_name=other", "norewinds=1")
    card.control("load-module", "module-remap-source", "master=other.monitor", "source_name=other_mic")

    async def follow() -> float:
        microphone = Microphone(Devices())
        await microphone.start()
        changed = False
        async for block in microphone.blocks():
            if block.end > 0.3 and not changed:
                card.control("set-default-source", "other_mic")
                changed = True
            if block.peak_dbfs > -20.0:
                await microphone.stop()
        return block.end

    with subprocess.Popen(["pacat", "--device=other", "/dev/urandom"]) as noise:
        try:
            assert asyncio.run(follow()) > 0.3
        finally:
            noise.kill()


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
        microphone = Microphone(devices)
        await microphone.start()
        assert await hear_for(microphone, 0.2) > 0.2
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
