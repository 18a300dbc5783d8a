"""Whatever way a program ends, all that it logged before is in the file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jarvis_desktop.telemetry.logs import FILE_NAME

RECORDS = 2000

PROGRAM = """
import logging, os, signal, sys, threading
from pathlib import Path
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.telemetry import logs

logged, folder = threading.Event(), Path(sys.argv[1])

def program(end):
    with logs.started(folder, ConfigStore(folder / "config.toml", {})):
        for number in range(RECORDS):
            logging.getLogger("jarvis_desktop.child").info("%d", number)
        logged.set()
        end()
"""

INTERRUPTED = """
def end():
    raise KeyboardInterrupt
program(end)
"""

TERMINATED = """
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
program(lambda: os.kill(os.getpid(), signal.SIGTERM))
"""

CUT_OFF = """
threading.Thread(target=program, args=[threading.Event().wait], daemon=True).start()
logged.wait()
"""


@pytest.mark.parametrize(
    "run",
    [
        "program(lambda: None)",
        "program(sys.exit)",
        "program(lambda: 1 / 0)",
        "threading.Thread(target=program, args=[sys.exit]).start()",
        "threading.Thread(target=program, args=[lambda: 1 / 0]).start()",
        INTERRUPTED,
        TERMINATED,
        CUT_OFF,
    ],
    ids=["end", "exit", "error", "thread-exit", "thread-error", "interrupted", "terminated", "cut-off"],
)
def test_nothing_that_was_logged_is_lost(tmp_path: Path, run: str) -> None:
    program = PROGRAM.replace("RECORDS", str(RECORDS)) + run
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, timeout=30)
    told = [json.loads(line)["message"] for line in (tmp_path / FILE_NAME).read_text().splitlines()]
    assert [message for message in told if message.isdigit()] == [str(number) for number in range(RECORDS)]
