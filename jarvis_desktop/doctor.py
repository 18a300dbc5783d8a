"""Examines the machine: what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError

MIB = 1024 * 1024
LOW_DISK_MIB = 2048
"""A starter language model and a voice fit into this with room to spare."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `hint` says what to do when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    hint: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def line(self) -> str:
        """For people: mark, name, finding, and what to do."""
        mark = "ok  " if self.ok else "PROBLEM"
        hint = f"\n{'':10}{self.hint}" if self.hint and not self.ok else ""
        return f"{mark:8}  {self.name}: {self.detail}{hint}"


def examine(paths: Paths, config: ConfigStore, *, audio: bool) -> list[Check]:
    """Every check, in the order a person would ask. `audio` also opens the devices."""
    return [
        _system(),
        _memory_and_gpu(),
        _disk(paths),
        *_configuration(config),
        _display(),
        *_models(paths, config),
        _engine(paths, config),
        *asyncio.run(_audio(config, open_devices=audio)),
    ]


def _system() -> Check:
    cores = os.cpu_count() or 0
    return Check(
        "system",
        True,
        f"{platform.system()} {platform.release()} {platform.machine()}, Python {platform.python_version()}, "
        f"{cores} processor cores",
    )


def _memory_and_gpu() -> Check:
    from jarvis_desktop.telemetry import resources

    now = resources.sample({})
    ram = f"{now.ram_used_mib / 1024:.1f} of {now.ram_total_mib / 1024:.1f} GiB memory used"
    if now.gpu_name is None or now.vram_total_mib is None:
        return Check("memory", True, f"{ram}; no NVIDIA graphics card, models run on the processor")
    used = f"{(now.vram_used_mib or 0) / 1024:.1f} of {now.vram_total_mib / 1024:.1f} GiB"
    return Check("memory", True, f"{ram}; {now.gpu_name}: {used} graphics memory used")


def _disk(paths: Paths) -> Check:
    folder = next(parent for parent in (paths.models, *paths.models.parents) if parent.exists())
    free = shutil.disk_usage(folder).free / MIB
    return Check(
        "disk",
        free >= LOW_DISK_MIB,
        f"{free / 1024:.1f} GiB free for models in {paths.models}",
        "Free some space, or keep Jarvis elsewhere with --home DIR.",
    )


def _configuration(config: ConfigStore) -> Iterator[Check]:
    for problem in config.problems:
        yield Check("configuration", False, problem.message, problem.hint)
    if not config.problems:
        yield Check(
            "configuration", True, f"{config.file} ({'present' if config.file.exists() else 'defaults'})"
        )


def _display() -> Check:
    from jarvis_desktop import app

    def probe() -> str:
        app.require_display()
        return "there is a screen for the window"

    return _attempt("display", probe)


def _models(paths: Paths, config: ConfigStore) -> Iterator[Check]:
    from jarvis_desktop.models.catalogue import Catalogue
    from jarvis_desktop.models.store import ModelStore

    store = ModelStore(paths.models, paths.cache, Catalogue.load())
    now = config.current
    wanted = [("transcription model", now.transcription.model), ("voice", now.speech.voice)]
    for purpose, name in wanted:
        yield _attempt(purpose, lambda name=name: f"{name}, checked, in {store.path(name)}")  # type: ignore[misc]


def _engine(paths: Paths, config: ConfigStore) -> Check:
    from jarvis_desktop import app

    return _attempt("engine", app.Builder(paths, config).check_engine)


async def _audio(config: ConfigStore, *, open_devices: bool) -> list[Check]:
    from jarvis_desktop.audio.capture import Microphone
    from jarvis_desktop.audio.devices import Devices, pick

    devices, wanted = Devices(), config.current.audio
    checks: list[Check] = []
    for name, direction, chosen in (
        ("microphone", "input", wanted.input_device),
        ("loudspeaker", "output", wanted.output_device),
    ):
        try:
            found = pick(await devices.list(direction), direction, chosen)  # type: ignore[arg-type]
        except JarvisError as error:
            checks.append(Check(name, False, error.message, error.hint))
        else:
            checks.append(Check(name, True, found.name))
    if open_devices and checks[0].ok:
        checks.append(await _level(Microphone(devices, wanted.input_device)))
    return checks


async def _level(microphone: Any) -> Check:
    """Listen for a second: an open device that delivers only digital silence is muted or unplugged."""
    loudest = -120.0
    try:
        await microphone.start()
        async for block in microphone.blocks():
            loudest = max(loudest, block.peak_dbfs)
            if block.end >= 1.0:
                break
    except JarvisError as error:
        return Check("microphone level", False, error.message, error.hint)
    finally:
        await microphone.stop()
    return Check(
        "microphone level",
        loudest > -90.0,
        f"peak {loudest:.0f} dBFS in one second",
        "Nothing arrives: is the microphone muted, or another one meant? See `jarvis config set "
        "audio.input_device NAME`.",
    )


def _attempt(name: str, probe: Callable[[], str]) -> Check:
    try:
        return Check(name, True, probe())
    except JarvisError as error:
        return Check(name, False, error.message, error.hint)
