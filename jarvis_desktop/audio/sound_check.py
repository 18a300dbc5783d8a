"""Examines the sound devices: what there is, a sound to hear, and what the microphone hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np

from jarvis_desktop.audio import sound_service
from jarvis_desktop.audio.capture import Microphone
from jarvis_desktop.audio.devices import Device, Devices
from jarvis_desktop.audio.echo_filter import BLOCK, lag_between
from jarvis_desktop.audio.echo_source import EARLY_S, Arrival, EchoReference
from jarvis_desktop.audio.hearing import Hearing
from jarvis_desktop.audio.level import clipping
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.config.schema import Audio
from jarvis_desktop.events import EchoMeasured, SoundDevice, SoundDevicesListed, SystemMicrophone
from jarvis_desktop.ports import SAMPLE_RATE, Samples, SpeechClip

_NOTES_HZ = (392.0, 494.0, 587.0, 784.0)
_NOTE_S = 0.28
_LOUDNESS = 0.2  # peak, -14 dBFS

_RUSH_S = 4.0
"""Length of the sound that echo is measured with."""

_LEARNED_S = 2.0
"""What is removed counts from here on: before, the canceller is still learning the room."""

_TAIL_BLOCKS = 30
"""Of 20 ms, listened on after the sound until its echo is over."""

_MOST_LAG_S = 0.5
_ALIKE = 0.1
"""Correlation from which what the microphone hears is what was played, be there noise as well."""


class MachineSound:
    """`ports.SoundCheck` on this machine's devices; `settings` gives those in force."""

    def __init__(
        self,
        devices: Devices,
        hearing: Hearing,
        played: EchoReference,
        settings: Callable[[], Audio],
    ) -> None:
        self._devices = devices
        self._hearing = hearing
        self._played = played
        self._settings = settings

    async def devices(self) -> SoundDevicesListed:
        """All devices, read anew where no stream is open."""
        await self._devices.refresh()
        inputs, outputs = await self._devices.list("input"), await self._devices.list("output")
        return SoundDevicesListed(
            tuple(map(_told, inputs)), tuple(map(_told, outputs)), await self.microphones()
        )

    async def microphones(self) -> tuple[SystemMicrophone, ...]:
        """What the sound service records from."""
        return await sound_service.microphones()

    async def unmute(self) -> None:
        """Let the microphone in use through."""
        await sound_service.unmute()

    def melody(self) -> SpeechClip:
        """Four rising notes."""
        times = np.arange(round(_NOTE_S * SAMPLE_RATE)) / SAMPLE_RATE
        fade = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.03)
        notes = [np.sin(2 * np.pi * pitch * times) * fade for pitch in _NOTES_HZ]
        return SpeechClip((_LOUDNESS * np.concatenate(notes)).astype(np.float32), SAMPLE_RATE, "")

    def clipped(self, samples: Samples) -> bool:
        """Whether so much of the sound is cut off that words suffer."""
        return clipping(samples)

    async def measure_echo(self) -> EchoMeasured:
        """Play a rushing sound, and compare what the microphone hears before and after the canceller."""
        settings = self._settings()
        microphone = Microphone(self._devices, settings.input_device)
        loudspeaker = Loudspeaker(self._devices, settings.output_device, self._played)
        near: list[Samples] = []
        far: list[Samples] = []
        clean: list[Samples] = []
        clock, playing, tail = Arrival(), None, 0
        try:
            await microphone.start()
            await loudspeaker.start()
            playing = asyncio.create_task(_played(loudspeaker, rush()), name="echo test")
            async for block in microphone.blocks():
                tail += playing.done()
                if tail > _TAIL_BLOCKS or len(block.samples) < BLOCK:  # the canceller takes whole blocks
                    break
                played = self._played.read(clock.moment(block), len(block.samples))
                clean.append(await self._hearing.without_echo(block.samples, played, fresh=not clean))
                near.append(block.samples)
                far.append(played)
            await playing
        finally:
            if playing is not None:
                playing.cancel()
            await loudspeaker.stop()
            await microphone.stop()
        return compare(np.concatenate(near), np.concatenate(far), np.concatenate(clean))


async def _played(loudspeaker: Loudspeaker, clip: SpeechClip) -> None:
    await loudspeaker.play(clip)
    await loudspeaker.drain()


def rush() -> SpeechClip:
    """Noise that swells and ebbs like syllables: every pitch of a voice, at the same rhythm."""
    count = round(_RUSH_S * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(7).standard_normal(count))
    pitches = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum *= (pitches > 150) / np.sqrt(np.maximum(pitches, 150))
    times = np.arange(count) / SAMPLE_RATE
    sound = np.fft.irfft(spectrum, count) * (0.55 + 0.45 * np.sin(2 * np.pi * 3.0 * times))
    return SpeechClip((_LOUDNESS * sound / np.abs(sound).max()).astype(np.float32), SAMPLE_RATE, "")


def compare(near: Samples, far: Samples, clean: Samples) -> EchoMeasured:
    """What the microphone (`near`) heard of what was played (`far`), and what is left of it (`clean`).

    All three (n,) at 16 kHz; `far` counts `EARLY_S` before the device says it is heard.
    """
    lag, likeness = lag_between(near, far, round(_MOST_LAG_S * SAMPLE_RATE))
    sounding = np.flatnonzero(far)
    if not len(sounding) or likeness < _ALIKE or lag < 0:
        return EchoMeasured(heard=False)
    learned = slice(sounding[0] + round(_LEARNED_S * SAMPLE_RATE), sounding[-1])
    before, after = (float(np.mean(np.square(side[learned]))) for side in (near, clean))
    return EchoMeasured(
        heard=True,
        delay_ms=max(0.0, 1000.0 * (lag / SAMPLE_RATE - EARLY_S)),
        removed_db=max(0.0, 10.0 * float(np.log10((before + 1e-12) / (after + 1e-12)))),
    )


def _told(device: Device) -> SoundDevice:
    return SoundDevice(device.name, device.sample_rate, device.is_default, device.is_bluetooth)
