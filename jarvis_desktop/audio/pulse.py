"""Keeps a dying PulseAudio from taking PortAudio along."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_CONFIG = "PULSE_CLIENTCONFIG"


def spare_shared_memory() -> None:
    """Have libpulse send sound through its socket; for connections made from now on in this process.

    With shared memory, libpulse 16 waits for the piece under way when the service dies, and the recording
    thread that has it waits for libpulse: no call of PortAudio returns any more (one crash in three). What
    the user has configured stays in force, and a configuration chosen by the environment is left alone.
    """
    if sys.platform != "linux" or _CONFIG in os.environ:
        return
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config", "pulse", "client.conf")
    base = own if own.exists() else Path("/etc/pulse/client.conf")
    parts = [base, *sorted(Path(f"{base}.d").glob("*.conf"))]
    lines = [f".include {part}\n" for part in parts if part.exists()]
    # In memory: it leaves nothing behind, and lives as long as the process that reads it.
    config = os.memfd_create("pulse-client.conf")
    os.write(config, "".join([*lines, "enable-shm = no\n"]).encode())
    os.environ[_CONFIG] = f"/proc/{os.getpid()}/fd/{config}"
