"""Reads what vLLM tells of itself in Prometheus' text format (https://docs.vllm.ai, "Production Metrics")."""

from __future__ import annotations

import re
from collections import defaultdict

from jarvis_desktop.events import EngineMeasured

_SAMPLE = re.compile(r"^vllm:(\w+)(?:\{[^}]*\})? (\S+)", re.MULTILINE)


def vllm_status(text: str) -> EngineMeasured | None:
    """The figures, summed over engines; None where they are not vLLM's."""
    found: defaultdict[str, float] = defaultdict(float)
    for name, value in _SAMPLE.findall(text):
        found[name] += _number(value)
    if "num_requests_running" not in found:
        return None
    return EngineMeasured(
        cache_use=min(1.0, found["kv_cache_usage_perc"]),
        prefix_hits=_ratio(found["prefix_cache_hits_total"], found["prefix_cache_queries_total"]),
        running=round(found["num_requests_running"]),
        waiting=round(found["num_requests_waiting"]),
        first_token_ms=_ratio(
            1000 * found["time_to_first_token_seconds_sum"], found["time_to_first_token_seconds_count"]
        ),
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
