"""Reads the window as a screen reader does (AT-SPI), and presses its buttons.

The bindings belong to the system's Python, so this file is also the script that it runs:
`screen_reader.py read|press|value PID [NAME]`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

PYTHON = "/usr/bin/python3"


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

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            [PYTHON, __file__, *command], env=self.env, capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout


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


def _main(action: str, pid: int, name: str = "") -> None:
    import pyatspi  # type: ignore[import-not-found]

    def shown(node):  # type: ignore[no-untyped-def]
        yield node
        children = (node.getChildAtIndex(number) for number in range(node.childCount))
        for child in children:
            if child is not None and child.getState().contains(pyatspi.STATE_SHOWING):
                yield from shown(child)

    desktop = pyatspi.Registry.getDesktop(0)
    found = [app for app in desktop if app is not None and app.get_process_id() == pid]
    widgets = [widget for app in found for window in app for widget in shown(window)]
    if action == "read":
        words = [line for widget in widgets for line in (widget.name, widget.description) if line]
        print(json.dumps(words))  # noqa: T201
        return
    if action == "value":
        texts = [each.queryText().getText(0, -1) for each in widgets if each.name == name and _is_text(each)]
        print(json.dumps(next(iter(texts), "")))  # noqa: T201
        return
    buttons = [each for each in widgets if each.name == name and "Press" in _actions(each)]
    for button in buttons[:1]:
        button.queryAction().doAction(_actions(button).index("Press"))
    print(json.dumps(len(buttons)))  # noqa: T201


def _is_text(widget):  # type: ignore[no-untyped-def]
    return "Text" in widget.get_interfaces()


def _actions(widget):  # type: ignore[no-untyped-def]
    try:
        action = widget.queryAction()
    except NotImplementedError:
        return []
    return [action.getName(number) for number in range(action.nActions)]


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
