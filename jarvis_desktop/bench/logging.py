"""What a logged record costs the thread that logs it: Jarvis' log against files written in the call.

All in one run and on one disk, by turns. The direct ways are the standard library's handlers with
the same lines: flushed after each, rotating as Jarvis' log does, and on the disk when the call returns.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.telemetry import lines, logs

_LOG = logging.getLogger(__name__)

ROUNDS = 10

QUEUED, QUEUED_OTHER = "jarvis", "jarvis, other"
FLUSHED, ROTATING, SYNCED = "file", "rotating", "synced"
_TITLES = {
    QUEUED: "Jarvis",
    QUEUED_OTHER: "Jarvis, an argument that is made text first",
    FLUSHED: "file, flushed",
    ROTATING: "file, flushed, rotating",
    SYNCED: "file, on the disk",
}
_Way = Callable[[], AbstractContextManager[logging.Logger]]

_MESSAGE = "answered after %.1f ms with %s tokens"


@dataclass(frozen=True, slots=True)
class Load:
    """How the calls of a round come."""

    name: str
    threads: int
    calls: int
    """Of each thread; a tenth of them where each waits for the disk."""
    pause_s: float


LOADS = (
    Load("one thread, in a row", 1, 500, 0.0),
    Load("one thread, each after 2 ms", 1, 50, 0.002),
    Load("four threads, in a row", 4, 125, 0.0),
)


def measure(
    folder: Path, rounds: int = ROUNDS, progress: Callable[[str], None] = lambda text: None
) -> dict[str, Any]:
    """Microseconds of a call by load and way, and how many times Jarvis' it is; files in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    data: dict[str, Any] = {"rounds": rounds}
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as place:
        ways = _ways(Path(place))
        for load in LOADS:
            progress(load.name)
            data[load.name] = _compare(ways, load, rounds)
    return data


def table(data: dict[str, Any]) -> str:
    """What `measure` gave, for people."""
    rows = []
    for load in LOADS:
        rows.append(f"{load.name:46} {'median':>9} {'p99':>9} us  times Jarvis' median (5 to 95 % of rounds)")
        for way, cost in data[load.name].items():
            row = f"  {_TITLES[way]:44} {cost['median_us']:9} {cost['p99_us']:9}"
            if way != QUEUED:
                times = cost["times"]
                row += f"      {times['median']:8} ({times['low']} to {times['high']})"
            rows.append(row)
    return "\n".join(rows)


def _compare(ways: dict[str, _Way], load: Load, rounds: int) -> dict[str, Any]:
    taken: dict[str, list[list[float]]] = {way: [] for way in ways}
    order = list(ways)
    for number in range(rounds + 1):
        for way in order:
            calls = load.calls // 10 if way == SYNCED else load.calls
            argument = _Count if way == QUEUED_OTHER else int
            with ways[way]() as logger:  # left only when all is written: the next is not disturbed by it
                costs = _round(logger, load, calls, argument)
            if number:  # the first one warms up
                taken[way].append(costs)
        order.append(order.pop(0))
    queued = [statistics.median(costs) for costs in taken[QUEUED]]
    return {way: _cost(costs, queued) for way, costs in taken.items()}


def _cost(rounds: list[list[float]], queued: list[float]) -> dict[str, Any]:
    every = sorted(cost for costs in rounds for cost in costs)
    times = sorted(statistics.median(costs) / ours for costs, ours in zip(rounds, queued, strict=True))
    return {
        "median_us": round(_at(every, 0.5), 2),
        "p99_us": round(_at(every, 0.99), 2),
        "mean_us": round(statistics.fmean(every), 2),
        "times": {
            "median": round(_at(times, 0.5), 1),
            "low": round(_at(times, 0.05), 1),
            "high": round(_at(times, 0.95), 1),
        },
    }


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _round(logger: logging.Logger, load: Load, calls: int, argument: Callable[[int], object]) -> list[float]:
    """Microseconds of every call of all threads; without those that reading the clock takes."""
    costs: list[float] = []
    start = threading.Barrier(load.threads)

    def work() -> None:
        start.wait()
        costs.extend(_timed(logger.info, calls, load.pause_s, argument))

    threads = [threading.Thread(target=work) for _ in range(load.threads)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return costs


def _timed(
    log: Callable[..., None], calls: int, pause_s: float, argument: Callable[[int], object]
) -> list[float]:
    now = time.perf_counter_ns
    clock = statistics.median(-now() + now() for _ in range(100))
    costs = []
    for number in range(calls):
        told = argument(number)
        if pause_s:
            time.sleep(pause_s)
        begun = now()
        log(_MESSAGE, 12.5, told)
        costs.append((now() - begun - clock) / 1000)
    return costs


def _ways(folder: Path) -> dict[str, _Way]:
    config = ConfigStore(folder / "config.toml", {})

    @contextlib.contextmanager
    def queued() -> Iterator[logging.Logger]:
        with logs.started(folder, config):
            yield _LOG

    return {
        QUEUED: queued,
        QUEUED_OTHER: queued,
        FLUSHED: lambda: _direct(logging.FileHandler(folder / FLUSHED)),
        ROTATING: lambda: _direct(
            RotatingFileHandler(folder / ROTATING, maxBytes=lines.MAX_BYTES, backupCount=lines.KEPT_FILES)
        ),
        SYNCED: lambda: _direct(_Synced(folder / SYNCED)),
    }


@contextlib.contextmanager
def _direct(handler: logging.Handler) -> Iterator[logging.Logger]:
    handler.setFormatter(_JsonLine())
    logger = logging.Logger(__name__, logging.INFO)  # known to nobody: only `handler` hears it
    logger.addHandler(handler)
    logger.manager = _LOG.manager
    try:
        yield logger
    finally:
        handler.close()


class _Count(int):
    """No plain number to the log, which words it in the call."""


class _Synced(logging.FileHandler):
    def flush(self) -> None:
        super().flush()
        if self.stream:
            os.fsync(self.stream.fileno())


class _JsonLine(logging.Formatter):
    """The lines of Jarvis' log."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        entry = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.threadName,
        }
        return json.dumps(entry, ensure_ascii=False)
