"""The window: how soon it can be used, what memory it takes, and how long it ever fails to answer.

That is measured while the models load, while an answer is written, and while a long conversation is scrolled.
"""

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

PATIENCE_SECONDS = 300.0

_PHASES = {
    "open_long": "500 messages opened",
    "streaming": "200 tokens/s written below them",
    "open_longest": "10,000 messages opened",
    "wheel": "wheel up, a notch in each frame",
    "page_up": "Page up in each frame",
    "home": "Home",
    "page_down": "Page down in each frame",
    "end": "End",
}


def measure(paths: Paths) -> dict[str, Any]:
    """Starts the window a few times, each until all models are loaded, and once with long conversations.

    Gives medians and worst values in ms and the memory of the window's process in MiB. Raises `JarvisError`.
    """
    starts = [_start(paths) for _ in range(STARTS)][1:]
    talk = _probe("chat_probe")
    interactive = sorted(start["interactive_ms"] for start in starts)
    return {
        "starts": len(starts),
        "platform": starts[0]["platform"],
        "interactive_ms": {"p50": interactive[len(interactive) // 2], "max": interactive[-1]},
        "loaded_ms": max(start["loaded_ms"] for start in starts),
        "longest_block_ms": max(start["longest_block_ms"] for start in starts),
        "block_p99_ms": max(start["block_p99_ms"] for start in starts),
        "window_rss_mib": max(start["window_rss_mib"] for start in starts),
        "window_uss_mib": max(start["window_uss_mib"] for start in starts),
        "parts": starts[0]["parts"],
        "conversations": talk,
    }


def table(data: dict[str, Any]) -> str:
    """The summary for people."""
    interactive, block, talk = data["interactive_ms"], data["longest_block_ms"], data["conversations"]
    rss, uss = data["window_rss_mib"], data["window_uss_mib"]
    lines = [
        f"interactive        {interactive['p50']} ms after the start, {interactive['max']} ms at worst",
        f"longest block      {block} ms while models load (p99 {data['block_p99_ms']} ms)",
        f"all models loaded  {data['loaded_ms']} ms after the start",
        f"window's memory    {rss} MiB when it is first usable, {uss} MiB of it shared with nobody",
        f"{data['starts']} starts, {data['platform']}, parts: {data['parts']}",
        "",
        f"{'conversation':<36}{'p50':>8}{'p99':>8}{'longest':>9}  ms in which the window did not answer",
    ]
    for key, name in _PHASES.items():
        figures = talk[key]
        blocks = "".join(f"{figures['block_ms'][each]:>8.1f}" for each in ("p50", "p99", "longest"))
        memory, opened = figures.get("memory_mib"), figures.get("ms")
        more = f"  on show after {opened} ms" if opened else ""
        lines.append(f"{name:<36}{blocks} {more}" + (f"  {memory['rss']} MiB" if memory else ""))
    return "\n".join(lines)


def _start(paths: Paths) -> dict[str, Any]:
    return _probe("ui_probe", str(paths.config), str(paths.models), repr(time.monotonic()))


def _probe(name: str, *arguments: str) -> dict[str, Any]:
    """What a window in a process of its own measured."""
    environ = dict(os.environ)
    if sys.platform == "linux" and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        environ["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run(
        [sys.executable, "-m", f"jarvis_desktop.bench.{name}", *arguments],
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
