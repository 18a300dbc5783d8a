"""A virtual screen and the real window on it, driven as a user would: by keys and mouse."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from tests.conftest import ROOT

T = TypeVar("T")

PATIENCE_SECONDS = 60.0

ELSEWHERE = """
from PySide6.QtWidgets import QApplication, QLineEdit
app = QApplication([])
field = QLineEdit()
field.setWindowTitle("Elsewhere")
field.textChanged.connect(field.setWindowTitle)
field.show()
app.exec()
"""
"""Another program: a text field whose title is what stands in it."""


def wait_for(what: str, probe: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """The first truthy answer of `probe`; fails the test when none comes in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.05)
    pytest.fail(f"waited {seconds:.0f} s in vain for {what}")


def _workspace(env: dict[str, str]) -> str:
    """Number of the workspace in sight; nothing while there is no window manager."""
    asked = subprocess.run(["xdotool", "get_desktop"], env=env, capture_output=True, text=True)
    return asked.stdout.strip()


def _wake_keyboard(env: dict[str, str]) -> None:
    """Have the window manager heed its keys.

    A server tells of its keyboard at the first key that is pressed. The manager then grabs its keys anew and
    misses those that come in between, alt+F4 for one.
    """

    def next_workspace() -> bool:
        subprocess.run(["xdotool", "key", "ctrl+alt+Right"], env=env, check=True)
        return _workspace(env) != "0"

    wait_for("the window manager", lambda: _workspace(env))  # a window before it never learns it is active
    wait_for("the window manager's keys", next_workspace)
    subprocess.run(["xdotool", "set_desktop", "0"], env=env, check=True)
    wait_for("the first workspace", lambda: _workspace(env) == "0")


@contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """Environment of a fresh 1280x800 display with openbox; ends with the block."""
    missing = [tool for tool in ("Xvfb", "openbox", "xdotool") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"needs a virtual screen; missing: {', '.join(missing)}")
    reading, writing = os.pipe()
    # Without -noreset a server starts anew when its last client leaves, and cuts off who comes just then.
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as numbers:
        display = f":{numbers.readline().strip()}"
    env = {**os.environ, "DISPLAY": display}
    env.pop("WAYLAND_DISPLAY", None)
    env.pop("QT_QPA_PLATFORM", None)
    env["JARVIS_LOOK__GUIDE"] = "false"  # but where it is what a test is about
    manager = subprocess.Popen(["openbox"], env=env, stderr=subprocess.DEVNULL)
    try:
        _wake_keyboard(env)
        yield env
    finally:
        for process in (manager, server):
            process.terminate()
            process.wait()


@dataclass
class Desktop:
    """The program in a process of its own, with a window on a virtual screen."""

    home: Path
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    window: str = ""
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.home / "terminal.log"

    def start(self, *, guided: bool = False) -> None:
        """Start and wait until the window is on the screen with the keyboard, which a guide takes."""
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jarvis_desktop", "--home", str(self.home), "-v", "run"],
                env=self.env,
                cwd=ROOT,
                stdout=out,
                stderr=out,
            )
        self.window = wait_for("the window", lambda: self._find_window("^Jarvis$" if guided else "Jarvis"))
        if not guided:
            self.activate()

    def activate(self, window: str = "") -> None:
        """Give a window the keyboard: the main one without `window`."""
        window = window or self.window
        self.xdotool("windowactivate", "--sync", window)
        # Active for its manager, it gets the keyboard a little later; keys before that are nobody's.
        wait_for("the keyboard", lambda: self.xdotool("getwindowfocus").strip() == window)

    def _find_window(self, name: str) -> str:
        assert self.process is not None
        if self.process.poll() is not None:
            pytest.fail(f"the program ended at once:\n{self.log.read_text()}")
        windows = found(self, name)
        return windows[0] if windows else ""

    def xdotool(self, *command: str) -> str:
        """Do something with mouse or keyboard."""
        done = subprocess.run(["xdotool", *command], env=self.env, check=True, capture_output=True, text=True)
        return done.stdout

    def title(self) -> str:
        """The window's title, which tells what Jarvis is doing."""
        return self.xdotool("getwindowname", self.window).strip()

    def ask(self, text: str) -> None:
        """Type a question and send it."""
        self.xdotool("type", "--window", self.window, "--delay", "15", text)
        self.xdotool("key", "--window", self.window, "Return")

    def click_microphone(self) -> None:
        """Click the round button at the left of the text field (sidebar 260, margin, half of 48 wide)."""
        self._click_below(320)

    def click_text_field(self) -> None:
        """Click where questions are typed."""
        self._click_below(500)

    def click_question(self) -> None:
        """Click the first question, at the right of the conversation's top."""
        self.xdotool("mousemove", "--window", self.window, "780", "84", "click", "1")

    def open_first_chat(self) -> None:
        """Click the newest chat, below the first heading of the list at the left."""
        self.xdotool("mousemove", "--window", self.window, "100", "147", "click", "1")

    def _click_below(self, x: int) -> None:
        """Click in the row of the text field."""
        geometry = self.xdotool("getwindowgeometry", "--shell", self.window)
        height = int(next(line for line in geometry.splitlines() if line.startswith("HEIGHT=")).split("=")[1])
        self.xdotool("mousemove", "--window", self.window, str(x), str(height - 66), "click", "1")

    def messages(self) -> list[tuple[str, str, str]]:
        """Role, text and error code of every stored message, oldest first."""
        database = self.home / "data" / "jarvis.sqlite3"
        if not database.exists():
            return []
        with suppress(sqlite3.OperationalError):
            connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
            try:
                rows = connection.execute("SELECT role, text, error_code FROM messages ORDER BY number")
                return [tuple(row) for row in rows]
            finally:
                connection.close()
        return []

    def loaded(self) -> bool:
        """Whether the language model, the last part to load, has answered for the first time."""
        return "is ready after" in self.log.read_text(errors="replace")

    def family(self) -> list[psutil.Process]:
        """The program's processes, itself first."""
        assert self.process is not None
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def engine(self) -> psutil.Process:
        """The process of the language model's server."""
        engines = [
            each for each in self.running("llama_server.py") if "guard" not in " ".join(each.cmdline())
        ]
        assert engines, "no engine is running"
        return engines[0]

    def running(self, *words: str) -> list[psutil.Process]:
        """Those of the program's processes that have these words in their command line."""
        found = []
        for process in self.family():
            with suppress(psutil.Error):  # it has just ended
                if all(word in " ".join(process.cmdline()) for word in words):
                    found.append(process)
        return found

    def quit(self) -> None:
        """Ask the program to end, and see to it that it does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def elsewhere(desktop: Desktop) -> Iterator[str]:
    """The window of another program, which has the keyboard."""
    program = subprocess.Popen([sys.executable, "-c", ELSEWHERE], env=desktop.env)
    try:
        window = wait_for("the other window", lambda: found(desktop, "Elsewhere"))[0]
        desktop.activate(window)
        yield window
    finally:
        program.terminate()
        program.wait()


def found(desktop: Desktop, name: str) -> list[str]:
    """The programs' windows in sight whose title has a word; an icon in the tray is none of them."""
    search = ["xdotool", "search", "--all", "--onlyvisible", "--desktop", "0", "--name", name]
    return subprocess.run(search, env=desktop.env, capture_output=True, text=True).stdout.split()


@pytest.fixture
def desktop(tmp_path: Path, models_home: Path, sound_card: object) -> Iterator[Desktop]:
    """A fresh home that shares the fetched models, a virtual screen and a virtual sound card; not started."""
    (tmp_path / "models").symlink_to(models_home / "models")
    with virtual_screen() as env:
        program = Desktop(tmp_path, env | {"JARVIS_ENGINE__TEMPERATURE": "0"})  # a small model has its whims
        yield program
        program.quit()
