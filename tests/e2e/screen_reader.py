"""Reads the window as a screen reader does (AT-SPI), presses its buttons, goes through it by keyboard.

The bindings belong to the system's Python, which runs `at_spi.py`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).with_name("at_spi.py")


class Control(NamedTuple):
    """Something to be used, as a screen reader tells it."""

    role: str
    name: str
    label: str = ""  # of what stands beside it, or its description
    usable: bool = True
    focusable: bool = True


@dataclass
class Walk:
    """What there is to use in a window, and what the keyboard came to, in its order."""

    controls: list[Control]
    reached: list[Control]


@dataclass
class ScreenReader:
    """Sees every program on one session bus, which `env` leads to."""

    env: Mapping[str, str]

    def read(self, pid: int) -> str:
        """Every word on the screen of a program: names, descriptions and texts, one a line."""
        return "\n".join(json.loads(self._run("read", str(pid))))

    def press(self, pid: int, name: str) -> bool:
        """Press the button of that name; False while there is none."""
        return bool(json.loads(self._run("press", str(pid), name)))

    def value(self, pid: int, name: str) -> str:
        """What stands in the field of that name; "" while there is none."""
        return str(json.loads(self._run("value", str(pid), name)))

    def walk(self, pid: int, window: str, key: str = "Tab") -> Walk:
        """Press `key` in the active window, of that title, until the focus has gone round or no further."""
        found = json.loads(self._run("walk", str(pid), window, key))
        return Walk(*([Control(*each) for each in found[part]] for part in ("controls", "reached")))

    @contextmanager
    def listening(self, pid: int, notes: Path) -> Iterator[Announcements]:
        """Hear what a program has read aloud; `notes` is a file for it."""
        with (
            notes.open("wb") as out,
            subprocess.Popen([PYTHON, str(SCRIPT), "listen", str(pid)], env=self.env, stdout=out) as process,
        ):
            try:
                yield Announcements(notes)
            finally:
                process.terminate()

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [PYTHON, str(SCRIPT), *command],
            env=self.env,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout


@dataclass
class Announcements:
    """What was announced, one a line in a file that grows."""

    notes: Path

    def __iter__(self) -> Iterator[str]:
        return map(json.loads, self.notes.read_text().splitlines())


def missing() -> list[str]:
    """What has to be installed first."""
    tools = [tool for tool in ("dbus-daemon", PYTHON) if shutil.which(tool) is None]
    bindings = [PYTHON, "-c", "import pyatspi"]
    if not tools and subprocess.run(bindings, capture_output=True).returncode != 0:
        return ["pyatspi"]
    return tools


@contextmanager
def screen_reader(env: Mapping[str, str]) -> Iterator[ScreenReader]:
    """A session bus of its own on the display of `env`; programs started with its environment are read."""
    if tools := missing():
        pytest.skip(f"needs a session bus and AT-SPI's bindings; missing: {', '.join(tools)}")
    reading, writing = os.pipe()
    command = ["dbus-daemon", "--session", "--nofork", f"--print-address={writing}"]
    bus = subprocess.Popen(command, env=env, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as addresses:
        address = addresses.readline().strip()
    try:
        yield ScreenReader(
            {**env, "DBUS_SESSION_BUS_ADDRESS": address, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        )
    finally:
        bus.terminate()
        bus.wait()
