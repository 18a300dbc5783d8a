"""What this machine is, and which models suit it."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import psutil

from jarvis_desktop.config import presets
from jarvis_desktop.events import MachineDescribed
from jarvis_desktop.models.catalogue import Catalogue, Kind
from jarvis_desktop.telemetry import resources

_CHOSEN = {"engine.model": Kind.CHAT, "transcription.model": Kind.TRANSCRIPTION}


def described(catalogue: Catalogue) -> MachineDescribed:
    """This machine, and the models to begin with: the starters, as the preset for it has them. Blocks."""
    now = resources.sample({})
    preset = presets.preset(presets.suggested(now.vram_total_mib))
    chosen = {key: str(preset[key]) for key in _CHOSEN}
    not_others = {*_CHOSEN.values(), Kind.EMBEDDING}  # the encoder in use comes with the program
    others = (name for name in catalogue.starter("run") if catalogue.find(name).kind not in not_others)
    return MachineDescribed(
        _processor(),
        psutil.cpu_count(logical=False) or os.cpu_count() or 1,
        now.ram_total_mib,
        now.gpu_name,
        now.vram_total_mib,
        (*chosen.values(), *others),
        chosen,
    )


def _processor() -> str:
    """Its name as people know it; empty where the system does not tell."""
    try:
        if sys.platform == "linux":
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
            return next(names, "")
        if sys.platform == "darwin":
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, timeout=2).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return platform.processor()
