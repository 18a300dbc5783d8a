"""How much memory the machine, this program and the graphics card use, and what the card is doing.

Reading takes milliseconds, the first time tens of them: call it off the window's thread.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from jarvis_desktop.events import Part, ResourcesSampled
from jarvis_desktop.telemetry.gpu import first_gpu

_MIB = 1024 * 1024
_UNCHANGED = 0.01  # share by which the memory of a process may differ from when it was last looked at closely
_LOOK_SECONDS = 30.0  # after which it is looked at again all the same: others may share its pages or not

_shares: dict[int, tuple[int, int, float]] = {}  # by process: RSS, proportional share (bytes), when (s)


def sample(pids: Mapping[Part, int]) -> ResourcesSampled:
    """Memory now; `pids` are the processes that hold the parts. What cannot be read is None or left out."""
    machine = psutil.virtual_memory()
    usage = _tree()
    gpu = first_gpu()
    memory = gpu.memory() if gpu else None
    on_card = gpu.processes() if gpu and memory else {}
    held = {pid: _Process(process.parent, on_card.get(pid, 0.0)) for pid, process in usage.items()}
    parts = [(part, pid) for part, pid in pids.items() if pid in usage]
    return ResourcesSampled(
        ram_used_mib=(machine.total - machine.available) / _MIB,
        ram_total_mib=machine.total / _MIB,
        own_ram_mib=sum(process.mib for process in usage.values()),
        gpu_name=gpu.name if gpu else None,
        vram_used_mib=memory[0] if memory else None,
        vram_total_mib=memory[1] if memory else None,
        parts_mib=tuple((part, _with_children(pid, usage)) for part, pid in parts),
        own_vram_mib=sum(process.mib for process in held.values()) if memory else None,
        parts_vram_mib=tuple((part, mib) for part, pid in parts if (mib := _with_children(pid, held))),
        gpu_use=gpu.use() if gpu else None,
        gpu_celsius=gpu.celsius() if gpu else None,
        gpu_watts=gpu.watts() if gpu else None,
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
    for gone in _shares.keys() - found.keys():
        _shares.pop(gone, None)
    return found


def _memory(process: psutil.Process) -> int:
    """Bytes: the proportional share where the system tells it, so that shared pages count once; else RSS.

    The system walks through all pages to tell it, so it is asked again only when the RSS has changed, or now
    and then.
    """
    rss, now = process.memory_info().rss, time.monotonic()
    last, share, at = _shares.get(process.pid, (0, 0, 0.0))
    if abs(rss - last) > rss * _UNCHANGED or now - at > _LOOK_SECONDS:
        share = _share(process, rss)
        _shares[process.pid] = rss, share, now
    return share


def _share(process: psutil.Process, rss: int) -> int:
    if psutil.LINUX:
        with contextlib.suppress(psutil.AccessDenied):
            return int(process.memory_full_info().pss)
    return rss


def _with_children(pid: int, usage: Mapping[int, _Process]) -> float:
    """MiB of a process and its descendants: vLLM computes in children of its server."""
    children = (child for child, process in usage.items() if process.parent == pid)
    return usage[pid].mib + sum(_with_children(child, usage) for child in children)
