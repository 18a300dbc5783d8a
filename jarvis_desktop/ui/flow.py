"""Widgets that break like the words of a text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget


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
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)

    def _place(self, put: Callable[[QWidget, QRect], None], width: int | None = None) -> int:
        """Height that is needed."""
        width = self.width() if width is None else width
        left, top, line = 0, 0, 0
        for widget in self._widgets:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            if line and left + size.width() > width:
                left, top, line = 0, top + line + self.GAP, 0
            put(widget, QRect(QPoint(left, top), size))
            left += size.width() + self.GAP
            line = max(line, size.height())
        return top + line
