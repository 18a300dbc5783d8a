"""`jarvis bench logging`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_what_logging_costs_the_caller_is_told_and_nothing_is_left_over(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "jarvis_desktop", "bench", "logging", "--json", "--home", str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    measured = json.loads(printed)
    for load in ("one thread, in a row", "four threads, in a row"):
        assert all(measured[load][way]["times"]["median"] > 0 for way in ("rotating", "file"))
    assert not list((tmp_path / "logs").glob("bench-*"))
