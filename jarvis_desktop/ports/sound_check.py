"""What an examination of the sound devices asks of the machine."""

from __future__ import annotations

from typing import Protocol

from jarvis_desktop.events import EchoMeasured, SoundDevicesListed, SystemMicrophone
from jarvis_desktop.ports.sound import Samples, SpeechClip


class SoundCheck(Protocol):
    """Devices as the system has them, and tests that need both of them."""

    async def devices(self) -> SoundDevicesListed:
        """All devices, read anew where no stream is open. Raises `AudioError`."""
        ...

    async def microphones(self) -> tuple[SystemMicrophone, ...]:
        """What the sound service records from; empty where there is none that tells. Never raises."""
        ...

    async def unmute(self) -> None:
        """Let the microphone in use through, at full volume. Raises `AudioError`."""
        ...

    async def measure_echo(self) -> EchoMeasured:
        """Play a sound of some seconds and listen; no other stream may be open. Raises `JarvisError`."""
        ...

    def melody(self) -> SpeechClip:
        """What tells by ear that a loudspeaker works."""
        ...

    def clipped(self, samples: Samples) -> bool:
        """Whether so much of the sound (n,) is cut off that words suffer."""
        ...
