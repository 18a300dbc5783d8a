"""Jarvis among other programs: keys and commands from elsewhere, the tray, and its window's place."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.screen import Desktop, elsewhere, found, virtual_screen, wait_for
from tests.e2e.sound import SoundCard

SETTINGS = """
schema_version = 1
[desktop]
talk_shortcut = "Ctrl+Alt+Space"
show_shortcut = "Meta+J"
"""


@pytest.fixture
def desktop(tmp_path: Path, sound_card: SoundCard) -> Iterator[Desktop]:
    """A home without models, on a screen of its own; not started."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text(SETTINGS)
    with virtual_screen() as env:
        program = Desktop(tmp_path, env | {"XDG_CONFIG_HOME": str(tmp_path / "xdg")})
        yield program
        program.quit()


def active(desktop: Desktop) -> str:
    return desktop.xdotool("getactivewindow").strip()


def command(desktop: Desktop, *arguments: str) -> None:
    """Run `jarvis run` once more, as a shortcut of the desktop would."""
    line = [sys.executable, "-m", "jarvis_desktop", "--home", str(desktop.home), "run", *arguments]
    subprocess.run(line, env=desktop.env, cwd=ROOT, check=True, timeout=60)


def test_keys_and_commands_reach_jarvis_while_another_program_has_the_keyboard(desktop: Desktop) -> None:
    desktop.start()
    with elsewhere(desktop) as other:
        desktop.xdotool("keydown", "ctrl", "keydown", "alt", "keydown", "space")
        wait_for("the microphone to open", lambda: desktop.title().startswith("Listening"))
        desktop.xdotool("keyup", "space", "keyup", "alt", "keyup", "ctrl")
        wait_for("the microphone to close", lambda: not desktop.title().startswith("Listening"))
        desktop.xdotool("type", "ok")
        wait_for("the letters in the other program", lambda: found(desktop, "^ok$") == [other])

        desktop.xdotool("key", "super+j")
        wait_for("the window in front", lambda: active(desktop) == desktop.window)
        command(desktop, "--talk")
        wait_for("the microphone to open", lambda: desktop.title().startswith("Listening"))
        command(desktop, "--talk")
        wait_for("the microphone to close", lambda: not desktop.title().startswith("Listening"))
        desktop.xdotool("key", "super+j")
        wait_for("the window to go", lambda: desktop.window not in found(desktop, "Jarvis"))
        command(desktop, "--show")
        wait_for("the window in front", lambda: active(desktop) == desktop.window)


def test_the_window_comes_back_where_it_was(desktop: Desktop) -> None:
    def place() -> tuple[int, ...]:
        shown = desktop.xdotool("getwindowgeometry", "--shell", desktop.window)
        values = dict(line.split("=") for line in shown.split())
        return tuple(int(values[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))

    def is_at(wanted: tuple[int, ...]) -> bool:
        frame = 40  # which the window manager puts around it
        return all(0 <= at - there <= frame for at, there in zip(place(), wanted, strict=True))

    wanted = (200, 120, 900, 620)
    desktop.start()
    desktop.xdotool("windowsize", "--sync", desktop.window, "900", "620")
    desktop.xdotool("windowmove", "--sync", desktop.window, "200", "120")
    wait_for("the window to be moved", lambda: is_at(wanted))
    command(desktop)  # by then the program knows it too
    desktop.quit()
    desktop.start()
    wait_for("the window at its place", lambda: is_at(wanted))


@contextmanager
def tray(desktop: Desktop) -> Iterator[subprocess.Popen[bytes]]:
    """A panel with a tray, as a desktop has one."""
    if shutil.which("trayer") is None:
        pytest.skip("needs trayer")
    with subprocess.Popen(["trayer"], env=desktop.env, stderr=subprocess.DEVNULL) as panel:
        search = ["xdotool", "search", "--onlyvisible", "--name", "^panel$"]
        wait_for("the tray", lambda: subprocess.run(search, env=desktop.env, capture_output=True).stdout)
        try:
            yield panel
        finally:
            panel.terminate()


def test_the_tray_holds_a_jarvis_that_starts_in_it_or_is_closed(desktop: Desktop) -> None:
    with tray(desktop):
        line = [sys.executable, "-m", "jarvis_desktop", "--home", str(desktop.home), "run", "--minimised"]
        desktop.process = subprocess.Popen(line, env=desktop.env, cwd=ROOT)
        wait_for("the core", lambda: (desktop.home / "runtime" / "window.sock").exists())
        assert not found(desktop, "Jarvis")
        command(desktop)
        desktop.window = wait_for("the window", lambda: found(desktop, "Jarvis"))[0]
        desktop.activate()
        desktop.xdotool("key", "alt+F4")
        wait_for("the window to go", lambda: not found(desktop, "Jarvis"))
        assert desktop.process.poll() is None
        command(desktop)
        wait_for("the window", lambda: found(desktop, "Jarvis"))


def test_the_window_returns_when_the_tray_vanishes(desktop: Desktop) -> None:
    with tray(desktop) as panel:
        desktop.start()
        desktop.xdotool("key", "alt+F4")
        wait_for("the window to go", lambda: not found(desktop, "Jarvis"))
        panel.kill()
    wait_for("the window", lambda: found(desktop, "Jarvis"))
