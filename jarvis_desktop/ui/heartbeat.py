"""Measures how long the GUI thread fails to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer


@dataclass(frozen=True, slots=True)
class Beats:
    """What a heartbeat saw; lateness of the event loop in milliseconds."""

    count: int
    longest_ms: float
    p99_ms: float


class Heartbeat(QObject):
    """A timer on the GUI thread that notes how late each of its ticks is."""

    def __init__(self, interval_ms: int = 5, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._interval_ms = interval_ms
        self._late_ms: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin a new measurement."""
        self._late_ms = []
        self._last = time.perf_counter()
        self._timer.start(self._interval_ms)

    def stop(self) -> Beats:
        """End the measurement; a block still going on when it is called counts."""
        if self._timer.isActive():
            self._tick()
            self._timer.stop()
        return self.beats()

    def beats(self) -> Beats:
        """What was seen so far."""
        if not self._late_ms:
            return Beats(0, 0.0, 0.0)
        ordered = sorted(self._late_ms)
        return Beats(len(ordered), ordered[-1], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))])

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, (now - self._last) * 1000 - self._interval_ms))
        self._last = now
