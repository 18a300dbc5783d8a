"""How much memory the machine, this program and the graphics card use.

Reading takes milliseconds, the first time tens of them: call it off the window's thread.
"""

from __future__ import annotations

import contextlib
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import psutil
import pynvml

from jarvis_desktop.events import Part, ResourcesSampled

_MIB = 1024 * 1024


def sample(pids: Mapping[Part, int]) -> ResourcesSampled:
    """Memory now; `pids` are the processes that hold the parts. What cannot be read is None or left out."""
    machine = psutil.virtual_memory()
    usage = _tree()
    gpu = _gpu()
    used, total = _vram(gpu) if gpu else (None, None)
    return ResourcesSampled(
        ram_used_mib=(machine.total - machine.available) / _MIB,
        ram_total_mib=machine.total / _MIB,
        own_ram_mib=sum(process.mib for process in usage.values()),
        gpu_name=gpu.name if gpu else None,
        vram_used_mib=used,
        vram_total_mib=total,
        parts_mib=tuple((part, _with_children(pid, usage)) for part, pid in pids.items() if pid in usage),
        own_vram_mib=_own_vram(gpu, usage) if gpu and used is not None else None,
    )


def resident_mib(pid: int) -> float:
    """Memory of one of this program's processes and its descendants; 0 when it has gone."""
    usage = _tree()
    return _with_children(pid, usage) if pid in usage else 0.0


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    mib: float


def _tree() -> dict[int, _Process]:
    """This process and all its descendants by id."""
    own = psutil.Process()
    found: dict[int, _Process] = {}
    for process in (own, *own.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it may be gone by now
            found[process.pid] = _Process(process.ppid(), _memory(process) / _MIB)
    return found


def _memory(process: psutil.Process) -> int:
    """Bytes: the proportional share where the system tells it, so that shared pages count once; else RSS."""
    if psutil.LINUX:
        with contextlib.suppress(psutil.AccessDenied):
            return int(process.memory_full_info().pss)
    return int(process.memory_info().rss)


def _with_children(pid: int, usage: Mapping[int, _Process]) -> float:
    """MiB of a process and its descendants: vLLM computes in children of its server."""
    children = (child for child, process in usage.items() if process.parent == pid)
    return usage[pid].mib + sum(_with_children(child, usage) for child in children)


@dataclass(frozen=True, slots=True)
class _Gpu:
    handle: Any
    name: str


@cache
def _gpu() -> _Gpu | None:
    """The first graphics card; NVML is started once, and where that fails there is no card to ask again."""
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        return _Gpu(handle, str(pynvml.nvmlDeviceGetName(handle)))
    except pynvml.NVMLError:
        return None


def _own_vram(gpu: _Gpu, own: Container[int]) -> float:
    """MiB of the card held by the processes `own`; 0 where the driver does not tell."""
    try:
        running = pynvml.nvmlDeviceGetComputeRunningProcesses(gpu.handle)
    except (pynvml.NVMLError, pynvml.NVMLLibraryMismatchError):  # the latter from drivers of before 2021
        return 0.0
    return sum(process.usedGpuMemory or 0 for process in running if process.pid in own) / _MIB


def _vram(gpu: _Gpu) -> tuple[float | None, float | None]:
    """Used and total MiB; unknown while the driver does not answer."""
    try:
        memory = pynvml.nvmlDeviceGetMemoryInfo(gpu.handle)
    except pynvml.NVMLError:
        return None, None
    return memory.used / _MIB, memory.total / _MIB
