"""What NVIDIA's driver tells of the first graphics card. Each call takes well under a millisecond.

A value that the card, its driver or the system does not tell is None, and asked for again the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import pynvml

_MIB = 1024 * 1024
_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class Gpu:
    """One card; `handle` is the driver's."""

    handle: Any
    name: str

    def memory(self) -> tuple[float, float] | None:
        """Used and total MiB."""
        memory = _told(lambda: pynvml.nvmlDeviceGetMemoryInfo(self.handle))
        return None if memory is None else (memory.used / _MIB, memory.total / _MIB)

    def processes(self) -> Mapping[int, float]:
        """MiB of the card by process; processes whose share is not told are left out."""
        running = _told(lambda: pynvml.nvmlDeviceGetComputeRunningProcesses(self.handle)) or ()
        return {each.pid: each.usedGpuMemory / _MIB for each in running if each.usedGpuMemory}

    def use(self) -> float | None:
        """Share of the last moments (0..1) in which it computed."""
        rates = _told(lambda: pynvml.nvmlDeviceGetUtilizationRates(self.handle))
        return None if rates is None else rates.gpu / 100

    def celsius(self) -> float | None:
        return _told(lambda: pynvml.nvmlDeviceGetTemperature(self.handle, pynvml.NVML_TEMPERATURE_GPU))

    def watts(self) -> float | None:
        milliwatts = _told(lambda: pynvml.nvmlDeviceGetPowerUsage(self.handle))
        return None if milliwatts is None else milliwatts / 1000

    def joules(self) -> float | None:
        """Energy since the driver was loaded; cards before 2017 do not count it."""
        millijoules = _told(lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(self.handle))
        return None if millijoules is None else millijoules / 1000


@cache
def first_gpu() -> Gpu | None:
    """The first card; NVML is started once, and where that fails there is no card to ask again.

    The first call takes tens of milliseconds.
    """
    try:
        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByIndex(0)
        return Gpu(handle, str(pynvml.nvmlDeviceGetName(handle)))
    except pynvml.NVMLError:
        return None


def _told(ask: Callable[[], _Told]) -> _Told | None:
    try:
        return ask()
    except (pynvml.NVMLError, pynvml.NVMLLibraryMismatchError):  # the latter from drivers of before 2021
        return None
