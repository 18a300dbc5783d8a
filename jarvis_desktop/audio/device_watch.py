"""What the system knows about its sound devices and PortAudio, whose list is frozen, does not.

Streams on a default device need no help on Linux: PulseAudio and PipeWire move them to the new default, and
to another microphone when theirs is unplugged. But when no microphone is left they move them to what the
loudspeaker plays, and the program would listen to itself. Windows and macOS leave a stream where it is.
"""

from __future__ import annotations

import asyncio
import ctypes
import subprocess
import sys
from dataclasses import dataclass

_ANSWER_S = 2.0
"""A sound server that needs longer hangs; the microphone's own watchdog tells that."""


@dataclass(frozen=True, slots=True)
class Source:
    """A microphone as the sound server lists it, or what a loudspeaker plays (`is_monitor`)."""

    name: str
    running: bool

    @property
    def is_monitor(self) -> bool:
        return self.name.endswith(".monitor")

    @property
    def is_hardware_monitor(self) -> bool:
        """A real loudspeaker's, or that of "auto_null", which stands in where there is none.

        A virtual device's monitor is no microphone either, but somebody set it up to be listened to.
        """
        return self.is_monitor and self.name.startswith(("alsa_output.", "bluez_", "auto_null"))

    @property
    def is_bluetooth(self) -> bool:
        """BlueZ offers a microphone only while the headset is in its hands-free profile."""
        return self.name.startswith("bluez_") and not self.is_monitor


async def sources() -> tuple[Source, ...] | None:
    """What the Linux sound server could record from; None where nobody tells (4 ms of processor time)."""
    if sys.platform != "linux":
        return None
    return await asyncio.to_thread(_ask_sound_server)


def _ask_sound_server() -> tuple[Source, ...] | None:
    try:
        done = subprocess.run(
            ["pactl", "list", "short", "sources"], capture_output=True, text=True, timeout=_ANSWER_S
        )
    except (OSError, subprocess.TimeoutExpired):  # not installed; hung
        return None
    # number, name, driver, format, state
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    listed = tuple(Source(row[1], row[-1] == "RUNNING") for row in rows if len(row) > 1)
    return listed if done.returncode == 0 else None


if sys.platform == "win32":

    class _Capabilities(ctypes.Structure):
        """The common head of WAVEINCAPSW and WAVEOUTCAPSW (mmeapi.h); no more is asked for."""

        _fields_ = (("ids", ctypes.c_uint16 * 2), ("version", ctypes.c_uint32), ("name", ctypes.c_wchar * 32))

    _MAPPER = 0xFFFFFFFF  # WAVE_MAPPER
    _PREFERRED = 0x2015  # DRVM_MAPPER_PREFERRED_GET, by which PortAudio too finds the default

    def default_devices() -> tuple[str, str]:
        """Names of the default input and output in use now; a stream stays on those of its beginning."""
        winmm = ctypes.WinDLL("winmm")

        def preferred(way: str) -> str:
            number, flags = ctypes.c_uint32(_MAPPER), ctypes.c_uint32()
            message, describe = winmm[f"wave{way}Message"], winmm[f"wave{way}GetDevCapsW"]
            message(ctypes.c_void_p(_MAPPER), _PREFERRED, ctypes.byref(number), ctypes.byref(flags))
            found = _Capabilities()
            describe(ctypes.c_void_p(number.value), ctypes.byref(found), ctypes.sizeof(found))
            return str(found.name)

        return preferred("In"), preferred("Out")

elif sys.platform == "darwin":

    class _Address(ctypes.Structure):
        """AudioObjectPropertyAddress (AudioHardwareBase.h)."""

        _fields_ = (("selector", ctypes.c_uint32), ("scope", ctypes.c_uint32), ("element", ctypes.c_uint32))

    _SYSTEM = 1  # kAudioObjectSystemObject

    def default_devices() -> tuple[str, str]:
        """Numbers of the default input and output in use now; a stream stays on those of its beginning."""
        core = ctypes.CDLL("/System/Library/Frameworks/CoreAudio.framework/CoreAudio")

        def default(selector: bytes) -> str:
            address = _Address(int.from_bytes(selector, "big"), int.from_bytes(b"glob", "big"), 0)
            device, size = ctypes.c_uint32(), ctypes.c_uint32(4)
            core.AudioObjectGetPropertyData(
                _SYSTEM, ctypes.byref(address), 0, None, ctypes.byref(size), ctypes.byref(device)
            )
            return str(device.value)

        return default(b"dIn "), default(b"dOut")

else:

    def default_devices() -> tuple[str, str]:
        """Always the same: the sound server moves streams by itself when the default changes."""
        return "", ""
