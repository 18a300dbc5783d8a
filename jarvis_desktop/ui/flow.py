"""Widgets that break like the words of a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QWidget

_FEW_WORDS = 14  # heights of a line: as wide as words should be that stand beside something


class Flow(QWidget):
    """Widgets side by side, in as many lines as they need; it is always as high as that.

    It places them itself: Qt deletes the items of a layout written in Python, and their wrappers then stand
    for whatever comes to lie at the same address.
    """

    GAP = 6

    def __init__(self) -> None:
        super().__init__()
        self._widgets: list[QWidget] = []

    def add(self, widget: QWidget) -> None:
        """Show one more, behind the others."""
        self._widgets.append(widget)
        widget.setParent(self)
        widget.show()
        self.fit()

    def drop(self, widget: QWidget) -> None:
        """Take one away, for good."""
        self._widgets.remove(widget)
        widget.hide()
        widget.deleteLater()
        self.fit()

    def fit(self) -> None:
        """Place all of them; called whenever one may have become wider."""
        self.setFixedHeight(self._place(lambda widget, where: widget.setGeometry(where)))

    def height_for(self, width: int) -> int:
        """How high it would be at that width."""
        return self._place(lambda *_: None, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self.fit()
        return super().event(event)

    def _place(self, put: Callable[[QWidget, QRect], None], width: int | None = None) -> int:
        """Height that is needed; each line has its widgets in its middle."""
        width = self.width() if width is None else width
        lines: list[list[tuple[QWidget, QRect]]] = []
        left = width + 1
        for widget in self._widgets:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            size.setWidth(min(size.width(), width))
            if left + size.width() > width:
                lines.append([])
                left = 0
            lines[-1].append((widget, QRect(QPoint(left, 0), size)))
            left += size.width() + self.GAP
        top = 0
        for line in lines:
            high = max(where.height() for _, where in line)
            for widget, where in line:
                put(widget, where.translated(0, top + (high - where.height()) // 2))
            top += high + self.GAP
        return max(0, top - self.GAP)


class Pairs(QWidget):
    """Lines of two parts: side by side where both have room, else the second below the first.

    `stretch` is what each of the two gets of the room that is left.
    """

    def __init__(self, pairs: Sequence[tuple[QWidget, QWidget]], stretch: tuple[int, int] = (0, 1)) -> None:
        super().__init__()
        self._pairs = tuple(pairs)
        self._stretch = stretch
        self._beside: bool | None = None
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self.setLayout(self._grid)
        self._place()

    def minimumSizeHint(self) -> QSize:
        parts = [part for pair in self._pairs for part in pair if not part.isHidden()]
        narrowest = max((part.minimumSizeHint().width() for part in parts), default=0)
        return QSize(narrowest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def _place(self) -> None:
        wide = sum(max(map(_wide, parts)) for parts in zip(*self._pairs, strict=True))
        beside = wide + self._grid.horizontalSpacing() <= self.width()
        if beside is self._beside:
            return
        self._beside = beside
        self._grid.setVerticalSpacing(8 if beside else 4)
        for line, (first, second) in enumerate(self._pairs):
            alone = not beside and isinstance(first, QAbstractButton)
            left = Qt.AlignmentFlag.AlignLeft if alone else Qt.AlignmentFlag(0)
            self._grid.addWidget(first, 3 * line, 0, left)
            self._grid.addWidget(second, 3 * line + (not beside), int(beside))
            apart = not beside and line < len(self._pairs) - 1
            self._grid.setRowMinimumHeight(3 * line + 2, 8 if apart else 0)
        for column, stretch in enumerate(self._stretch if beside else (1, 0)):
            self._grid.setColumnStretch(column, stretch)


def _wide(part: QWidget) -> int:
    """What a part needs beside another one; words may be broken."""
    if part.isHidden():
        return 0
    wide = part.sizeHint().width()
    few = _FEW_WORDS * part.fontMetrics().height()
    return max(part.minimumWidth(), min(wide, few) if part.hasHeightForWidth() else wide)
