"""Metrics of a server that has seen all there is to see."""

from __future__ import annotations

from jarvis_desktop.errors import Category, EngineError
from jarvis_desktop.events import (
    CachesMeasured,
    Energy,
    EngineMeasured,
    Failed,
    Part,
    PartChanged,
    PartState,
    ResourcesSampled,
    Route,
    Tier,
    Timings,
    TurnFinished,
    Usage,
)
from jarvis_desktop.telemetry.metrics import Metrics

CARD = ResourcesSampled(
    8_000,
    16_000,
    3_000,
    "RTX 4080",
    9_000,
    16_384,
    parts_mib=((Part.ENGINE, 2_000), (Part.SPEECH, 300)),
    own_vram_mib=8_500,
    parts_vram_mib=((Part.ENGINE, 8_500),),
    gpu_use=0.5,
    gpu_celsius=61,
    gpu_watts=180,
)


def see_everything(metrics: Metrics, times: int = 1) -> None:
    """Have it all happen; `times` is how often it has by then, for what is counted elsewhere."""
    timings = Timings(2_000, 300, 400, 420, 430, 900, 1_200, 1_600, 6_000)
    for tier in Tier:
        route, usage, energy = Route(60, tier), Usage(200, 50, 42.0, 150), Energy(210.0, 20.0)
        metrics.take(TurnFinished("t", "", "qwen3-4b", "vllm", timings, usage, route=route, energy=energy))
    metrics.take(Failed(EngineError("engine.died", "It died.", category=Category.CRITICAL), turn_id="t"))
    for state in (PartState.LOADING, PartState.READY, PartState.STOPPED, PartState.READY, PartState.FAILED):
        metrics.take(PartChanged(Part.ENGINE, state, "qwen3-4b"))
    metrics.take(CARD)
    metrics.take(EngineMeasured(0.2, 0.5, 1, 0, 500.0))
    metrics.take(CachesMeasured(times, 2 * times, 3 * times, 4 * times))
    metrics.request("/v1/chat/completions", "POST", 200, "notes", 2.0, 0.3)
    metrics.queue(1, 2)
    metrics.refused("server.busy")
    metrics.ready(False, {}, [("engine", "engine.died")])
