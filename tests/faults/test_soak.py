"""Hours of turns, in short: nothing grows. `benchmarks/soak.py` does the same for as long as one likes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from jarvis_desktop.bench import soak
from jarvis_desktop.config.environment import variable
from tests.quick_engine import quick_engine

TURNS = 120


def test_turns_and_requests_leave_memory_threads_and_handles_as_they_were(models_home: Path) -> None:
    async def run() -> dict[str, Any]:
        async with quick_engine() as url:
            settings = {
                "engine.kind": "remote",
                "engine.remote.base_url": url,
                "engine.remote.model": "quick",
                "memory.encoder": "minilm-l6-v2",
            }
            environ = {variable(key): value for key, value in settings.items()}
            return await soak.measure(models_home / "models", environ, TURNS)

    data = asyncio.run(run())
    assert data["turns"] == TURNS
    assert data["cut"] > 0
    assert data["requests"] > 0
    assert {process["name"] for process in data["processes"]} >= {"memory_worker", "piper_worker"}
    assert soak.steady(data), soak.table(data)
