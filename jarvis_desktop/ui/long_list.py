"""A list of any length: only the rows around those in view are widgets."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from jarvis_desktop.ui.widgets import column

AROUND = 20
"""Rows that are kept ready before and behind those in view."""

FAR = 40
"""Rows further from the view than this are let go; the distance saves making them over and over."""

GAP = 2
"""Pixels between messages: below each there is the row of its buttons."""

_HEIGHT = 160  # pixels that a row takes while it is no widget
_MOST = 8_000_000  # pixels of missing rows; Qt cannot show more than twice as much


class LongList(QWidget):
    """Rows one below the other, with room for those that are not there.

    `make` gives the widget of a row, `let_go` has it back with its row's number.
    """

    laid_out = Signal()  # rows may have moved

    def __init__(self, make: Callable[[int], QWidget], let_go: Callable[[int, QWidget], None]) -> None:
        super().__init__()
        self._make, self._let_go = make, let_go
        self._count = self._first = 0
        self._rows = QVBoxLayout()
        self._rows.setSpacing(GAP)
        self._above, self._below = QWidget(), QWidget()
        self.setLayout(column(self._above, self._rows, self._below, spacing=0))
        self._make_room()

    @property
    def count(self) -> int:
        """Of all rows, those that are not there too."""
        return self._count

    @property
    def widgets(self) -> list[QWidget]:
        """The rows that are there, from the top."""
        items = (self._rows.itemAt(place) for place in range(self._rows.count()))
        found = (item.widget() for item in items if item is not None)
        return [widget for widget in found if widget is not None]

    def widget(self, row: int) -> QWidget | None:
        """The widget of a row; None while it has none."""
        item = self._rows.itemAt(row - self._first) if row >= self._first else None
        return item.widget() if item is not None else None

    def set_count(self, count: int) -> None:
        """From now on there are so many rows; those beyond are let go."""
        while self._rows.count() and self._end > count:
            self._take(self._end - 1)
        self._count = count
        self._first = min(self._first, count)
        self._make_room()

    def seen(self, top: int, bottom: int) -> tuple[int, int]:
        """First and last row between two heights, as far as can be told of those that are not there."""
        rows = [(row, each) for row, each in enumerate(self.widgets, self._first) if not each.isHidden()]
        if found := [row for row, each in rows if each.y() < bottom and each.y() + each.height() > top]:
            return found[0], found[-1]
        below = self._below.y()
        row = self._end + (top - below) // _HEIGHT if rows and top >= below else top // _HEIGHT
        row = max(0, min(row, self._count - 1))
        return row, row

    def fill(self, view: tuple[int, int], seconds: float) -> bool:
        """Make rows around those in `view`, and let far ones go; returns whether all are there.

        It ends once the time is up, but not before those in view are there.
        """
        until = time.perf_counter() + seconds
        start, end = max(0, view[0] - AROUND), min(self._count, view[1] + 1 + AROUND)
        if start > self._end or end < self._first:
            while self._rows.count():
                self._take(self._end - 1)
            self._first = view[0]
        while not (done := self._first <= start and self._end >= end):
            if self._end < end:
                self._rows.addWidget(self._make(self._end))
            else:
                self._rows.insertWidget(0, self._make(self._first - 1))
                self._first -= 1
            if time.perf_counter() >= until and self._first <= view[0] and self._end > view[1]:
                break
        while self._first < view[0] - FAR:
            self._take(self._first)
            self._first += 1
        while self._end > view[1] + 1 + FAR:
            self._take(self._end - 1)
        self._make_room()
        return done

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.laid_out.emit()
        return done

    @property
    def _end(self) -> int:
        return self._first + self._rows.count()

    def _take(self, row: int) -> None:
        item = self._rows.takeAt(row - self._first)
        if item is not None and (widget := item.widget()) is not None:
            self._let_go(row, widget)

    def _make_room(self) -> None:
        for room, rows in ((self._above, self._first), (self._below, self._count - self._end)):
            room.setFixedHeight(min(rows * _HEIGHT, _MOST))
