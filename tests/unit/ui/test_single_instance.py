"""One window per home: the second start raises the first, also after the first was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_desktop.ui.single_instance import SingleInstance, Wish

from .conftest import Pump

FIRST = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from jarvis_desktop.events import PressTalk, ReleaseTalk
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.ui.application import run_window
from tests.unit.ui.fake_core import FakeCore, FakeSettings

class Core(FakeCore):
    def start(self):
        print("started", flush=True)
    def stop(self):
        print("stopped", flush=True)
    def post(self, intent):
        if isinstance(intent, PressTalk | ReleaseTalk):
            print(type(intent).__name__, flush=True)

def opened(desktop):
    QTimer.singleShot(0, desktop.window.showMinimized)
    timer = QTimer(desktop, interval=20)
    timer.timeout.connect(lambda: print("minimised" if desktop.window.isMinimized() else "shown", flush=True))
    timer.start()

status = run_window(Core(), FakeSettings(), Paths.choose(Path(sys.argv[1])), opened=opened)
print("status", status, flush=True)
"""


class Program:
    """The window in a process of its own, which says what happens to it."""

    def __init__(self, home: Path) -> None:
        root = Path(__file__).parents[3]
        self.process = subprocess.Popen(
            [sys.executable, "-c", FIRST, str(home)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(root)},
        )

    def wait_for(self, word: str) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.strip() == word:
                return
        pytest.fail(f"it ended without saying {word!r}")


@pytest.fixture
def first(tmp_path: Path) -> Iterator[Program]:
    program = Program(tmp_path)
    program.wait_for("minimised")
    yield program
    program.process.kill()
    program.process.wait()
    assert program.process.stdout is not None
    program.process.stdout.close()


def second_start(home: Path) -> SingleInstance:
    return SingleInstance(home / "runtime")


def test_the_second_start_raises_the_first(first: Program, tmp_path: Path) -> None:
    assert not second_start(tmp_path).claim()
    first.wait_for("shown")


def test_a_command_talks_and_puts_the_window_away_and_back(first: Program, tmp_path: Path) -> None:
    for spoken in ("PressTalk", "ReleaseTalk"):
        assert not second_start(tmp_path).claim(Wish.TALK)
        first.wait_for(spoken)
    for seen in ("shown", "minimised"):
        assert not second_start(tmp_path).claim(Wish.SHOW_OR_HIDE)
        first.wait_for(seen)


def test_after_a_kill_the_next_start_is_the_first(first: Program, tmp_path: Path) -> None:
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    instance = second_start(tmp_path)
    assert instance.claim()
    instance.release()


def test_a_polite_signal_closes_the_window_and_stops_the_core(first: Program, tmp_path: Path) -> None:
    first.process.send_signal(signal.SIGTERM)
    first.wait_for("stopped")
    first.wait_for("status 0")
    instance = second_start(tmp_path)
    assert instance.claim()
    instance.release()


def test_homes_do_not_know_each_other_and_long_paths_work(tmp_path: Path, pump: Pump) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    here, there = SingleInstance(tmp_path / "runtime"), SingleInstance(deep / "runtime")
    assert here.claim()
    assert there.claim()
    asked: list[Wish] = []
    there.asked.connect(asked.append)
    here.asked.connect(lambda _: pytest.fail("it was asked of the other one"))
    for wish in Wish:
        assert not SingleInstance(deep / "runtime").claim(wish)
    pump(lambda: asked == list(Wish))
    here.release()
    there.release()


def test_the_runtime_folder_is_private(tmp_path: Path) -> None:
    instance = second_start(tmp_path)
    assert instance.claim()
    assert (tmp_path / "runtime").stat().st_mode & 0o077 == 0
    instance.release()
