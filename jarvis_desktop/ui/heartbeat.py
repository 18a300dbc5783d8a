"""Measures how long the GUI thread fails to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer


@dataclass(frozen=True, slots=True)
class Beats:
    """What a heartbeat saw: how long an event had to wait, in milliseconds.

    An event may come at any moment of a block, so a long one counts as often as it has intervals.
    """

    count: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    longest_ms: float = 0.0


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
            return Beats()
        every = self._interval_ms
        waits = sorted(
            late - passed * every for late in self._late_ms for passed in range(1 + int(late / every))
        )
        return Beats(len(waits), *(waits[int((len(waits) - 1) * share)] for share in (0.5, 0.99, 1.0)))

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, (now - self._last) * 1000 - self._interval_ms))
        self._last = now
