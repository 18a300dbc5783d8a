"""Writers that are killed in the middle of their work, one after the other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")

_LIVES = """
import os, sys

# Each writer is a process of its own, and none has to load the modules again.
for life in map(int, sys.stdin):
    writer = os.fork()
    if writer == 0:
        write(sys.argv[1], life)
    print("pid", writer, flush=True)
    os.waitpid(writer, 0)
    print("\\ndead", flush=True)
"""


def lives(writer: str, file: Path, lines: Sequence[int]) -> Iterator[list[str]]:
    """For each number of lines: what a new writer acknowledged, killed after so many lines or a few more.

    `writer` is code that defines `write(file, life)`, which acknowledges by lines on standard output.
    """
    command = [sys.executable, "-c", writer + _LIVES, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for life, enough in enumerate(lines):
            print(life, file=writers.stdin, flush=True)
            victim, told = 0, list[str]()
            for line in writers.stdout:
                words = line.split()
                if words == ["dead"]:
                    break
                if words[:1] == ["pid"]:
                    victim = int(words[1])
                elif words and line.endswith("\n"):
                    told.append(line)
                if victim and len(told) >= enough:
                    os.kill(victim, signal.SIGKILL)
                    victim = 0
            yield told
