"""The probe sees a blocked event loop, and nothing where there is none."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from jarvis_desktop.ui.heartbeat import Heartbeat

from .conftest import Pump


def test_a_block_of_the_event_loop_is_seen(app: QApplication, pump: Pump) -> None:
    heartbeat = Heartbeat()
    blocked: list[bool] = []

    def block() -> None:
        time.sleep(0.2)
        blocked.append(True)

    heartbeat.start()
    QTimer.singleShot(0, block)
    pump(lambda: bool(blocked))
    assert heartbeat.stop().longest_ms >= 150


def test_a_long_block_counts_for_every_event_that_could_have_come_in_it(app: QApplication) -> None:
    heartbeat = Heartbeat(interval_ms=10)
    heartbeat.start()
    time.sleep(0.2)
    beats = heartbeat.stop()
    assert beats.count >= 19
    assert 0.4 * beats.longest_ms < beats.p50_ms < 0.6 * beats.longest_ms


def test_it_measures_nothing_when_it_is_not_started(app: QApplication) -> None:
    assert Heartbeat().stop().count == 0


def test_a_block_that_is_still_going_on_counts(app: QApplication) -> None:
    heartbeat = Heartbeat()
    heartbeat.start()
    time.sleep(0.1)
    assert heartbeat.stop().longest_ms >= 80
