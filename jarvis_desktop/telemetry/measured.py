"""What is known of the machine, the engine and this process at the moment somebody asks, for Prometheus."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import psutil
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from jarvis_desktop import __version__
from jarvis_desktop.events import CachesMeasured, EngineMeasured, ResourcesSampled

KNOWN_SECONDS = 60.0
"""After which a measurement of the machine is not told any more."""

_MIB = 1024 * 1024

_Taken = TypeVar("_Taken")


@dataclass(frozen=True, slots=True)
class _At(Generic[_Taken]):
    """A measurement and when it was made (s, monotonic)."""

    taken: _Taken
    at: float


class Measured(Collector):
    """Tells the newest of each measurement; written and read on different threads."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._resources: _At[ResourcesSampled] | None = None
        self._engine: _At[EngineMeasured] | None = None
        self._caches: CachesMeasured | None = None
        self._readiness: tuple[bool, Collection[tuple[str, str]]] | None = None

    @cached_property
    def _process(self) -> psutil.Process:
        return psutil.Process()

    def take_resources(self, event: ResourcesSampled) -> None:
        self._resources = _At(event, self._now())

    def take_engine(self, event: EngineMeasured) -> None:
        self._engine = _At(event, self._now())

    def take_caches(self, event: CachesMeasured) -> None:
        self._caches = event

    def take_readiness(self, ready: bool, reasons: Collection[tuple[str, str]]) -> None:
        self._readiness = ready, reasons

    def age(self) -> float:
        """Seconds since the machine was measured; infinite before the first time."""
        return float("inf") if self._resources is None else self._now() - self._resources.at

    def collect(self) -> Iterator[Metric]:
        yield from self._of_program()
        if self._readiness is not None:
            yield from _of_readiness(*self._readiness)
        if (resources := self._fresh(self._resources)) is not None:
            yield from _of_machine(resources)
            yield from _of_card(resources)
        if (engine := self._fresh(self._engine)) is not None:
            yield from _of_engine(engine)
        if self._caches is not None:
            yield from _of_caches(self._caches)

    def _fresh(self, measured: _At[_Taken] | None) -> _Taken | None:
        known = measured is not None and self._now() - measured.at <= KNOWN_SECONDS
        return measured.taken if measured is not None and known else None

    def _of_program(self) -> Iterator[Metric]:
        """Under the names that every program of Prometheus' has, where there are such."""
        yield InfoMetricFamily(
            "jarvis_build",
            "The program and what it runs on.",
            {"version": __version__, "python": platform.python_version(), "system": platform.system()},
        )
        process = self._process
        with process.oneshot():
            yield _gauge("process_resident_memory_bytes", "Resident memory.", process.memory_info().rss)
            yield _gauge("process_start_time_seconds", "Start, since 1970.", process.create_time())
            yield _gauge("process_threads", "Threads.", process.num_threads())
            times = process.cpu_times()
            yield _counter("process_cpu_seconds", "Time of processors.", times.user + times.system)
        if psutil.WINDOWS:
            yield _gauge("process_open_handles", "Open handles.", process.num_handles())
        else:
            yield _gauge("process_open_fds", "Open files and sockets.", process.num_fds())


def _of_readiness(ready: bool, reasons: Collection[tuple[str, str]]) -> Iterator[Metric]:
    yield _gauge("jarvis_ready", "1 where questions are answered now.", ready)
    problems = GaugeMetricFamily("jarvis_problem", "1 for each thing that is wrong.", labels=["part", "code"])
    for reason in reasons:
        problems.add_metric(reason, 1)
    yield problems


def _of_machine(sampled: ResourcesSampled) -> Iterator[Metric]:
    yield _gauge("jarvis_machine_memory_size_bytes", "Main memory.", sampled.ram_total_mib * _MIB)
    yield _gauge("jarvis_machine_memory_used_bytes", "Of it, in use.", sampled.ram_used_mib * _MIB)
    yield _gauge(
        "jarvis_memory_bytes", "Main memory of this program and its processes.", sampled.own_ram_mib * _MIB
    )
    parts = GaugeMetricFamily("jarvis_part_memory_bytes", "Of that, by part.", labels=["part"])
    for part, mib in sampled.parts_mib:
        parts.add_metric([part.value], mib * _MIB)
    yield parts


def _of_card(sampled: ResourcesSampled) -> Iterator[Metric]:
    if sampled.gpu_name is None:
        return
    mib, gpu = _MIB, {"gpu": sampled.gpu_name}
    for name, tells, value in (
        ("jarvis_gpu_memory_size_bytes", "Graphics memory.", _times(sampled.vram_total_mib, mib)),
        ("jarvis_gpu_memory_used_bytes", "Of it, in use.", _times(sampled.vram_used_mib, mib)),
        ("jarvis_gpu_memory_own_bytes", "Of that, by this program.", _times(sampled.own_vram_mib, mib)),
        ("jarvis_gpu_utilization_ratio", "Share of the last moments in which it computed.", sampled.gpu_use),
        ("jarvis_gpu_temperature_celsius", "Temperature.", sampled.gpu_celsius),
        ("jarvis_gpu_power_watts", "Power.", sampled.gpu_watts),
    ):
        if value is not None:
            yield _gauge(name, tells, value, gpu)
    parts = GaugeMetricFamily(
        "jarvis_gpu_part_memory_bytes", "Graphics memory by part.", labels=["gpu", "part"]
    )
    for part, held in sampled.parts_vram_mib:
        parts.add_metric([sampled.gpu_name, part.value], held * _MIB)
    yield parts


def _of_engine(engine: EngineMeasured) -> Iterator[Metric]:
    yield _gauge("jarvis_engine_running", "Answers that the engine generates now.", engine.running)
    yield _gauge("jarvis_engine_waiting", "Questions in the engine's queue.", engine.waiting)
    yield _gauge("jarvis_engine_kv_cache_ratio", "Use of its memory for keys and values.", engine.cache_use)
    if engine.prefix_hits is not None:
        yield _gauge(
            "jarvis_engine_prefix_hits_ratio", "Share of prompt tokens read before.", engine.prefix_hits
        )


def _of_caches(caches: CachesMeasured) -> Iterator[Metric]:
    lookups = CounterMetricFamily("jarvis_cache_lookups", "What was looked for.", labels=["cache"])
    hits = CounterMetricFamily("jarvis_cache_hits", "Of it, what was there.", labels=["cache"])
    for cache, found, wanted in (
        ("answers", caches.answers, caches.answerable),
        ("embeddings", caches.texts, caches.read),
    ):
        if wanted:
            lookups.add_metric([cache], wanted)
            hits.add_metric([cache], found)
    yield lookups
    yield hits


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


def _gauge(name: str, tells: str, value: float, labels: dict[str, str] | None = None) -> Metric:
    family = GaugeMetricFamily(name, tells, labels=list(labels or {}))
    family.add_metric(list((labels or {}).values()), value)
    return family


def _counter(name: str, tells: str, value: float) -> Metric:
    return CounterMetricFamily(name, tells, value)
