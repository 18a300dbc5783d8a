"""The window: how soon it can be used, and how long it ever fails to answer while the models load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.errors import JarvisError

STARTS = 5
"""The first start is dropped: it warms the file cache, as the user's day does."""

PATIENCE_SECONDS = 120.0


def measure(paths: Paths) -> dict[str, Any]:
    """Starts the window a few times, each until all models are loaded, and closes it again.

    Gives medians and worst values in ms and the memory of the window's process in MiB. Raises `JarvisError`.
    """
    starts = [_start(paths) for _ in range(STARTS)][1:]
    interactive = sorted(start["interactive_ms"] for start in starts)
    return {
        "starts": len(starts),
        "platform": starts[0]["platform"],
        "interactive_ms": {"p50": interactive[len(interactive) // 2], "max": interactive[-1]},
        "loaded_ms": max(start["loaded_ms"] for start in starts),
        "longest_block_ms": max(start["longest_block_ms"] for start in starts),
        "block_p99_ms": max(start["block_p99_ms"] for start in starts),
        "window_rss_mib": max(start["window_rss_mib"] for start in starts),
        "parts": starts[0]["parts"],
    }


def table(data: dict[str, Any]) -> str:
    """The summary for people."""
    interactive, block = data["interactive_ms"], data["longest_block_ms"]
    return "\n".join(
        (
            f"interactive        {interactive['p50']} ms after the start, {interactive['max']} ms at worst",
            f"longest block      {block} ms while models load (p99 {data['block_p99_ms']} ms)",
            f"all models loaded  {data['loaded_ms']} ms after the start",
            f"window's memory    {data['window_rss_mib']} MiB when it is first usable",
            f"{data['starts']} starts, {data['platform']}, parts: {data['parts']}",
        )
    )


def _start(paths: Paths) -> dict[str, Any]:
    environ = dict(os.environ)
    if sys.platform == "linux" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        environ["QT_QPA_PLATFORM"] = "offscreen"
    command = [sys.executable, "-m", "jarvis_desktop.bench.ui_probe", str(paths.config), str(paths.models)]
    done = subprocess.run(
        [*command, repr(time.monotonic())],
        env=environ,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        cwd=Path.cwd(),
    )
    if done.returncode != 0:
        raise JarvisError(
            "bench.no_window",
            "The window could not be measured: {reason}.",
            "Look at `jarvis doctor`.",
            reason=(done.stderr.strip().splitlines() or ["no output"])[-1],
        )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result
