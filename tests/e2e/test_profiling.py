"""Where the time of a real answer goes, by command and by button: functions of ours, and not a word of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.telemetry.profiling import DATA, PAGE
from tests.conftest import ROOT
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import screen_reader
from tests.speedscope import functions

__all__ = ["desktop"]  # a fixture

CANARY = "Zanzibar"
QUESTION = f"Where is {CANARY}?"


def check(data: Path) -> None:
    names = functions(data)
    assert any(name.startswith("jarvis_desktop/assistant/turn.py:") for name in names)
    page = data.with_name(data.name.removesuffix(DATA) + PAGE)
    for written in (data, page):
        assert CANARY not in written.read_text(encoding="utf-8")


def test_a_command_writes_where_its_time_went(tmp_path: Path, models_home: Path) -> None:
    (tmp_path / "models").symlink_to(models_home / "models")
    done = subprocess.run(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(tmp_path), "--profile", "ask", QUESTION],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")},
        capture_output=True,
        text=True,
        timeout=170,
    )
    assert done.returncode == 0, done.stderr
    (data,) = Paths.choose(tmp_path).profiles.glob(f"*{DATA}")
    assert str(data) in done.stderr
    check(data)


def test_the_next_answer_is_profiled_when_the_button_is_pressed(desktop: Desktop) -> None:
    profiles = Paths.choose(desktop.home).profiles
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start()
        assert desktop.process is not None
        pid = desktop.process.pid
        wait_for("the models", desktop.loaded)
        wait_for("the first button", lambda: reader.press(pid, "Profile the next answer"))
        wait_for("the button", lambda: "Cancel the profile" in reader.read(pid))
        desktop.click_text_field()
        desktop.ask(QUESTION)
        (data,) = wait_for("the profile", lambda: list(profiles.glob(f"*{DATA}")))
        wait_for("what is said of it", lambda: "A profile of the answer was saved." in reader.read(pid))
        assert "Profile the next answer" in reader.read(pid)
    check(data)
