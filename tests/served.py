"""The whole program as it serves other programs: `jarvis serve` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.conftest import ROOT

PATIENCE_S = 120.0


@dataclass
class Served:
    """`home` holds all its files, and `terminal.log` what it printed."""

    home: Path
    process: subprocess.Popen[bytes]

    def ask(self, path: str, method: str = "GET", **request: Any) -> httpx.Response:
        """What the local API answers; anything else is put into the request as httpx takes it."""
        told = json.loads((self.home / "runtime" / "server.json").read_text())
        token = (self.home / "data" / "server.token").read_text().strip()
        address = f"http://{told['host']}:{told['port']}"
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_S) as client:
            return client.request(method, path, **request)

    def chat(self, text: str, **more: Any) -> httpx.Response:
        """One question."""
        body = {"model": "jarvis", "messages": [{"role": "user", "content": text}], **more}
        return self.ask("/v1/chat/completions", "POST", json=body)

    def family(self) -> list[psutil.Process]:
        """The program's processes, itself first."""
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]

    def engine(self) -> psutil.Process:
        """The process of the language model's server."""
        return next(each for each in reversed(self.family()) if "llama_server.py" in " ".join(each.cmdline()))

    @property
    def up(self) -> bool:
        """Whether it has told where it listens."""
        assert self.process.poll() is None, (self.home / "terminal.log").read_text()
        return (self.home / "runtime" / "server.json").exists()


@contextmanager
def serving_program(
    home: Path, models: Path, environment: Mapping[str, str], *, before: Sequence[str] = ()
) -> Iterator[Served]:
    """`jarvis serve` on the fetched models, told where it listens; killed at the end.

    What stands `before` the command runs it in another place.
    """
    home.mkdir(exist_ok=True)
    if not (home / "models").exists():
        (home / "models").symlink_to(models)
    line = [*before, sys.executable, "-m", "jarvis_desktop", "--home", str(home), "-v", "serve"]
    with (home / "terminal.log").open("wb") as log:
        process = subprocess.Popen(line, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log)
    try:
        served = Served(home, process)
        wait(lambda: served.up)
        yield served
    finally:
        process.kill()
        process.wait()


def wait(condition: Any, seconds: float = PATIENCE_S) -> None:
    """Until something is so; fails the test when it never is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)
