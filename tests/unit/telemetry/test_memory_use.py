"""Memory figures of the status panel, read from real processes and from a driver that fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jarvis_desktop.events import Part
from jarvis_desktop.telemetry import resources
from tests.nvidia_driver import run_with_driver

CHILD = """
import subprocess, sys
ballast = bytearray(int(sys.argv[1]) * 1024 * 1024)
ballast[::4096] = b"x" * len(ballast[::4096])
child = subprocess.Popen([sys.executable, *sys.argv[3:]], stdin=subprocess.PIPE) if sys.argv[3:] else None
if not child:
    print("ready", flush=True)
sys.stdin.read()
if child:
    child.communicate()
"""


def test_a_part_counts_with_its_children_and_so_does_the_program() -> None:
    before = resources.sample({})
    grandchild = ["-c", CHILD, "60", "-"]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, "40", "-", *grandchild],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        sample = resources.sample({Part.ENGINE: child.pid})
        ((part, mib),) = sample.parts_mib
        child.communicate()
    assert part is Part.ENGINE
    assert 100 <= mib < 160
    assert sample.own_ram_mib >= before.own_ram_mib + 90
    assert sample.own_ram_mib < sample.ram_total_mib
    assert 0 < sample.ram_used_mib < sample.ram_total_mib


GROWING = """
import sys
held = []
for line in sys.stdin:
    held.append(bytearray(b"x" * (int(line) << 20)))
    print("ready", flush=True)
"""


def test_a_process_that_grows_is_read_anew_each_time() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", GROWING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        told = []
        for mib in (1, 40, 8):
            child.stdin.write(f"{mib}\n")
            child.stdin.flush()
            child.stdout.readline()
            told.append(resources.resident_mib(child.pid))
        child.communicate()
    assert told[1] - told[0] == pytest.approx(40, abs=4)
    assert told[2] - told[1] == pytest.approx(8, abs=4)


def test_a_process_that_is_gone_is_left_out() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass
    assert resources.sample({Part.ENGINE: child.pid}).parts_mib == ()


def test_without_a_driver_there_is_no_graphics_card() -> None:
    if shutil.which("nvidia-smi"):
        pytest.skip("this machine has an NVIDIA driver")
    sample = resources.sample({})
    assert (sample.gpu_name, sample.vram_used_mib, sample.vram_total_mib) == (None, None, None)


@pytest.mark.gpu
def test_a_real_card_is_read() -> None:
    if not shutil.which("nvidia-smi"):
        pytest.skip("needs an NVIDIA GPU")
    told = subprocess.run(
        ["nvidia-smi", "--id=0", "--query-gpu=name,memory.total", "--format=csv,noheader,nounits"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    name, total = told.strip().rsplit(", ", 1)
    sample = resources.sample({})
    assert sample.gpu_name == name
    assert sample.vram_total_mib == pytest.approx(float(total), abs=1)
    assert sample.vram_used_mib is not None
    assert 0 <= sample.vram_used_mib <= sample.vram_total_mib


# A driver library with just what is asked of it. The card falls off the bus after one good reading.
DRIVER = """
#include <string.h>
#include <unistd.h>
typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned pid; unsigned long long used; unsigned instance, compute; } process_t;
static int readings = 0;
int nvmlInit_v2(void) { return 0; }
int nvmlInitWithFlags(unsigned flags) { return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = &readings; return 0; }
int nvmlDeviceGetName(void *device, char *name, unsigned size) { strncpy(name, "Test Card", size); return 0; }
int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory) {
    if (readings++) return 15; /* NVML_ERROR_GPU_IS_LOST */
    memory->total = 8ull << 30; memory->used = 2ull << 30; memory->free = 6ull << 30;
    return 0;
}
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, process_t *found) {
    if (*count < 2) { *count = 2; return 7; /* NVML_ERROR_INSUFFICIENT_SIZE */ }
    found[0] = (process_t){ .pid = getpid(), .used = 512ull << 20 };
    found[1] = (process_t){ .pid = 1, .used = 1024ull << 20 }; /* somebody else's */
    *count = 2;
    return 0;
}
int nvmlDeviceGetUtilizationRates(void *device, unsigned *rates) { rates[0] = 43; rates[1] = 7; return 0; }
int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *celsius) { *celsius = 61; return 0; }
const char *nvmlErrorString(int result) { return "test"; }
"""

READ_THRICE = """
import os
from jarvis_desktop.events import Part
from jarvis_desktop.telemetry import resources
for _ in range(3):
    sample = resources.sample({Part.ENGINE: os.getpid(), Part.SPEECH: 1})
    print(sample.gpu_name, sample.vram_used_mib, sample.vram_total_mib, sample.own_vram_mib)
print(sample.gpu_use, sample.gpu_celsius, sample.gpu_watts)
"""

PARTS = """
import os
from jarvis_desktop.events import Part
from jarvis_desktop.telemetry import resources
sample = resources.sample({Part.ENGINE: os.getpid(), Part.SPEECH: 1})
print(*(f"{part} {mib}" for part, mib in sample.parts_vram_mib))
"""


def test_a_driver_that_is_lost_makes_the_figures_unknown(tmp_path: Path) -> None:
    told = run_with_driver(tmp_path, DRIVER, READ_THRICE)
    # This driver does not know how to tell the power.
    assert told == ["Test Card 2048.0 8192.0 512.0", *["Test Card None None None"] * 2, "0.43 61 None"]
    assert run_with_driver(tmp_path, DRIVER, PARTS) == ["engine 512.0"]  # process 1 is none of this program's
