"""`jarvis bench logging`, as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_logging_costs_the_caller_a_twentieth_of_what_writing_the_file_costs(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "jarvis_desktop", "bench", "logging", "--json", "--home", str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
    measured = json.loads(printed)
    for load in ("one thread, in a row", "four threads, in a row"):
        assert measured[load]["rotating"]["times"]["median"] >= 20
        assert measured[load]["file"]["times"]["median"] >= 15
    assert not list((tmp_path / "logs").glob("bench-*"))  # nothing is left over
