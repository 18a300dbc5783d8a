"""A D-Bus daemon of a test's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pytest

CONFIG = """
<busconfig>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
  </policy>
</busconfig>
"""


@contextmanager
def bus(
    kind: Literal["system", "session"], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[subprocess.Popen[str]]:
    """The bus of its kind that this process finds from now on; skips the test where there can be none."""
    if sys.platform != "linux" or shutil.which("dbus-daemon") is None:
        pytest.skip("needs dbus-daemon")
    config = folder / f"{kind}.conf"
    config.write_text(CONFIG.format(socket=folder / kind))
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        monkeypatch.setenv(f"DBUS_{kind.upper()}_BUS_ADDRESS", daemon.stdout.readline().strip())
        try:
            yield daemon
        finally:
            daemon.kill()
