"""Examines the machine: what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import AudioError, JarvisError

if TYPE_CHECKING:
    from jarvis_desktop.audio.capture import Microphone
    from jarvis_desktop.audio.devices import Devices, Direction
    from jarvis_desktop.audio.level import Level
    from jarvis_desktop.ports import AudioBlock

MIB = 1024 * 1024
LOW_DISK_MIB = 2048
"""A starter language model and a voice fit into this with room to spare."""

LISTEN_SECONDS = 2.0
"""Long enough to say a few words into the microphone."""


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
        _long_term_memory(paths, config),
        *asyncio.run(_audio(config, open_devices=audio)),
    ]


def sound_status(report: Sequence[Check]) -> int:
    """Exit status of an examination of the sound devices: 6 when one of them does not work."""
    sound = [check for check in report if check.name.startswith(("microphone", "loudspeaker"))]
    return 0 if all(check.ok for check in sound) else AudioError.exit_status


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
    from jarvis_desktop.app.builder import Builder

    return _attempt("engine", Builder(paths, config).check_engine)


def _long_term_memory(paths: Paths, config: ConfigStore) -> Check:
    """By a search, which needs every part of it."""
    from jarvis_desktop.app.builder import Builder

    name = "long-term memory"

    async def searched() -> Check | str:
        if not config.current.memory.enabled:
            return "switched off"
        memory = Builder(paths, config).memory()
        try:
            found, stats = await memory.recall("jarvis", limit=1), await memory.stats()
        finally:
            await memory.unload()
        detail = (
            f"{sum(stats.items.values())} items, {stats.bytes_on_disk / MIB:.1f} MB, "
            f"search model {stats.encoder}, index {stats.index}, {stats.waiting} passages waiting"
        )
        if found.skipped.get("dense") != "no_encoder":
            return detail
        hint = "Use the other search model: jarvis config set memory.encoder minilm-l6-v2"
        return Check(name, False, f"{detail}; texts are found by their words only", hint)

    return _attempt(name, lambda: asyncio.run(searched()))


async def _audio(config: ConfigStore, *, open_devices: bool) -> list[Check]:
    from jarvis_desktop.audio import device_watch
    from jarvis_desktop.audio.capture import Microphone
    from jarvis_desktop.audio.devices import Devices, pick

    devices, wanted = Devices(), config.current.audio
    checks: list[Check] = []
    directions: tuple[tuple[str, Direction, str], ...] = (
        ("microphone", "input", wanted.input_device),
        ("loudspeaker", "output", wanted.output_device),
    )
    for name, direction, chosen in directions:
        try:
            listed = await devices.list(direction)
            found = pick(listed, direction, chosen)
        except JarvisError as error:
            checks.append(Check(name, False, error.message, error.hint))
        else:
            others = ", ".join(device.name for device in listed if device is not found)
            among = f"; there are also: {others}" if open_devices and others else ""
            default = " (the system's default)" if found.is_default else ""
            checks.append(Check(name, True, f"{found.name}{default}{among}"))
    if open_devices and checks[1].ok:
        checks[1] = await _open(devices, checks[1], wanted.output_device)
    if open_devices and checks[0].ok:
        known = await device_watch.sources() or ()
        if names := ", ".join(source.name for source in known if not source.is_monitor):
            checks.append(Check("microphones of the sound service", True, names))
        gate = config.current.listening.energy_gate_dbfs
        checks.extend(await _listen(Microphone(devices, wanted.input_device), gate))
    return checks


async def _open(devices: Devices, loudspeaker: Check, name: str) -> Check:
    """The finding, or why the device cannot be opened."""
    try:
        await devices.close(await devices.open("output", name), at_once=True)
    except JarvisError as error:
        return Check(loudspeaker.name, False, error.message, error.hint)
    return loudspeaker


async def _listen(microphone: Microphone, gate_dbfs: float) -> list[Check]:
    """Record for two seconds and judge what came."""
    from jarvis_desktop.audio.level import measure

    blocks: list[AudioBlock] = []
    try:
        await microphone.start()
        async for block in microphone.blocks():
            blocks.append(block)
            if block.end >= LISTEN_SECONDS:
                break
    except JarvisError as error:
        return [Check("microphone level", False, error.message, error.hint)]
    finally:
        await microphone.stop()
    checks = [_level(measure(blocks), gate_dbfs)]
    if microphone.dead_channels:
        checks.append(
            Check(
                "microphone channels",
                True,
                "one channel carries no sound; the other one is used, at full level",
            )
        )
    if microphone.is_bluetooth:
        finding = "a Bluetooth headset, which sounds like a telephone while its microphone is open"
        advice = "choose another microphone to keep its sound good"
        checks.append(Check("microphone headset", True, f"{finding}; {advice}"))
    return checks


def _level(level: Level, gate_dbfs: float) -> Check:
    name, peak = "microphone level", f"peak {level.peak_dbfs:.0f} dBFS in {LISTEN_SECONDS:.0f} seconds"
    if level.silent:
        return Check(
            name,
            False,
            f"{peak}: nothing but digital silence",
            "Is the microphone muted, or another one meant? jarvis config set audio.input_device NAME",
        )
    if level.clipped:
        return Check(
            name,
            False,
            f"{peak}: too loud, it is cut off",
            "Turn the microphone down, or speak from farther away.",
        )
    if level.peak_dbfs < gate_dbfs:
        return Check(
            name, True, f"{peak}: quiet. Speak while this runs; if it stays quiet, turn the microphone up"
        )
    return Check(name, True, peak)


def _attempt(name: str, probe: Callable[[], Check | str]) -> Check:
    """What `probe` finds, words being good news, or the error that it raises."""
    try:
        found = probe()
    except JarvisError as error:
        return Check(name, False, error.message, error.hint)
    return found if isinstance(found, Check) else Check(name, True, found)
