"""What the Linux sound service (PulseAudio, PipeWire) has behind the devices that PortAudio lists."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from jarvis_desktop.errors import AudioError
from jarvis_desktop.events import SystemMicrophone

_ANSWER_S = 2.0
_RATE = re.compile(r"(\d+)\s*Hz")


async def microphones() -> tuple[SystemMicrophone, ...]:
    """Every microphone, told apart from what loudspeakers play; empty where no service tells."""
    if sys.platform != "linux":
        return ()
    return await asyncio.to_thread(_microphones)


async def unmute() -> None:
    """Let the default microphone through, at full volume. Raises `audio.unmute_failed`."""
    done = [
        await asyncio.to_thread(_pactl, command, "@DEFAULT_SOURCE@", value)
        for command, value in (("set-source-mute", "0"), ("set-source-volume", "100%"))
    ]
    if None in done:
        raise AudioError(
            "audio.unmute_failed",
            "The microphone could not be unmuted from here.",
            "Unmute it in the sound settings of your system.",
        )


def _microphones() -> tuple[SystemMicrophone, ...]:
    info, listed = _pactl("--format=json", "info"), _pactl("--format=json", "list", "sources")
    try:
        default = json.loads(info or "{}").get("default_source_name", "")
        return tuple(
            _microphone(source, in_use=source["name"] == default)
            for source in json.loads(listed or "[]")
            if not source["name"].endswith(".monitor")
        )
    except (ValueError, KeyError, TypeError, AttributeError):  # an older service speaks no JSON
        return ()


def _microphone(source: Mapping[str, Any], *, in_use: bool) -> SystemMicrophone:
    rate = _RATE.search(source["sample_specification"])
    volumes = [channel["value"] for channel in source["volume"].values()]
    return SystemMicrophone(
        name=source["description"],
        sample_rate=int(rate[1]) if rate else 0,
        in_use=in_use,
        muted=source["mute"] or not any(volumes),
        is_bluetooth=source["name"].startswith("bluez_"),
    )


def _pactl(*command: str) -> str | None:
    """What it prints; None where it is not installed, hangs or refuses."""
    try:
        done = subprocess.run(["pactl", *command], capture_output=True, text=True, timeout=_ANSWER_S)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
