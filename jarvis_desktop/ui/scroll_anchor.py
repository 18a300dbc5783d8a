"""What is read stays where it is: a long list keeps its place, whatever is made or grows around it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from jarvis_desktop.ui.long_list import LongList


class ScrollAnchor(QObject):
    """Holds the end of a list in view while it is there, else the first row in view.

    `area` has its widget, on which the list is, `above` pixels below the upper edge.
    """

    wanted = Signal()  # rows around those in view
    missing = Signal()  # rows in view: they have to be made at once

    def __init__(self, area: QScrollArea, rows: LongList, above: int, is_empty: Callable[[], bool]) -> None:
        super().__init__(area)
        page = area.widget()
        assert page is not None
        self._area, self._page = area, page
        self._rows = rows
        self._above = above
        self._is_empty = is_empty
        self._bar = area.verticalScrollBar()
        self._sticky = True  # the end stays in view
        self._moving = False  # the scroll bar, and not by the user
        self._held: tuple[QWidget, int] | None = None  # a row, and how far below the upper edge it stays
        self.view = 0, 0  # first and last row in view
        rows.laid_out.connect(self.keep_place)
        self._bar.rangeChanged.connect(self._range_changed)
        self._bar.valueChanged.connect(self._value_changed)

    def hold_end(self) -> None:
        """The end is in view from now on, also when more comes."""
        self._sticky, self._held = True, None
        self.view = (max(0, self._rows.count - 1),) * 2

    def hold_row(self, row: int) -> None:
        """This row is in view from now on; `hold` says where, once it is made."""
        self._sticky = False
        self.view = row, row

    def leave_end(self) -> None:
        """The end is followed no more; `hold` says what stays."""
        self._sticky = False

    def hold(self, offset: int | None = None) -> None:
        """The first row in view stays where it is, or so far below the upper edge."""
        first = self._rows.widget(self.view[0])
        if self._sticky or first is None:
            self._held = None
        else:
            if offset is None:  # what was made just now has no place yet
                offset = self._above if first.isHidden() else self._top(first) - self._bar.value()
            self._held = first, offset

    def let_go(self, row: QWidget) -> None:
        """A row is far out of view, or gone."""
        if self._held is not None and self._held[0] is row:
            self._held = None

    def keep_place(self) -> None:
        """After rows moved: show again what was shown."""
        if self._sticky:
            place = 0 if self._is_empty() else self._bar.maximum()
        elif self._held is not None and not self._held[0].isHidden():
            place = self._top(self._held[0]) - self._held[1]
        else:  # it was made just now and has no place yet
            return
        self._moving = True
        self._bar.setValue(place)
        self._moving = False
        # As long as the place is out of reach, there is more to be laid out, and nothing to be told from it.
        if self._bar.value() == place:
            self._look()

    def _look(self) -> None:
        """Note which rows are in view, and have those around them made."""
        top = self._bar.value() - self._top(self._rows)
        view = self._rows.seen(top, top + self._area.viewport().height())
        if view != self.view:
            self.view = view
            self.wanted.emit()

    def _top(self, widget: QWidget) -> int:
        return widget.mapTo(self._page, QPoint()).y()

    def _range_changed(self, _least: int, _most: int) -> None:
        self.keep_place()

    def _value_changed(self, value: int) -> None:
        # While what is held has no place yet, it is Qt that moves the bar into its new range.
        placed = self._held is None or not self._held[0].isHidden()
        if not placed or self._moving:
            return
        if value >= self._bar.maximum() - 4:
            self.hold_end()
        else:
            self._sticky = False
            self._look()
        if self._rows.widget(self.view[0]) is None:
            self.missing.emit()
        self.hold()
        self.wanted.emit()
