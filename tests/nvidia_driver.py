"""Runs a script on a machine whose NVIDIA driver is a few lines of C."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# A card that counts its energy (mJ), or with COUNTER 0 only tells its power (mW), which rises.
METERED_CARD = """
#include <string.h>
static unsigned long long counted = 7000;
static unsigned power = 50000;
int nvmlInit_v2(void) { return 0; }
int nvmlInitWithFlags(unsigned flags) { return 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) { *device = &counted; return 0; }
int nvmlDeviceGetName(void *device, char *name, unsigned size) { strncpy(name, "Test Card", size); return 0; }
int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *energy) {
    if (!COUNTER) return 3; /* NVML_ERROR_NOT_SUPPORTED */
    *energy = counted; counted += 2500;
    return 0;
}
int nvmlDeviceGetPowerUsage(void *device, unsigned *now) { *now = power; power += 100000; return 0; }
const char *nvmlErrorString(int result) { return "test"; }
"""


def run_with_driver(folder: Path, driver: str, script: str, **defined: int) -> list[str]:
    """The lines that `script` prints; `defined` are macros of the `driver`, which is built in `folder`."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler for the test driver, whose library is found by its Linux name")
    macros = [f"-D{name}={value}" for name, value in defined.items()]
    compile_it = [compiler, "-shared", "-fPIC", *macros, "-x", "c", "-", "-o"]
    subprocess.run([*compile_it, str(folder / "libnvidia-ml.so.1")], input=driver, text=True, check=True)
    return subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"LD_LIBRARY_PATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
