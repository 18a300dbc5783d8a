"""A layout that breaks like the words of a text."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QLayout, QLayoutItem


class Flow(QLayout):
    """Widgets side by side, in as many lines as they need."""

    GAP = 6

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def height_for(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), lambda *_: None)

    def setGeometry(self, area: QRect) -> None:
        super().setGeometry(area)
        self._place(area, lambda item, where: item.setGeometry(where))

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, area: QRect, put: Callable[[QLayoutItem, QRect], None]) -> int:
        """Height that is needed."""
        left, top, line = area.left(), area.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if line and left + size.width() > area.right() + 1:
                left, top, line = area.left(), top + line + self.GAP, 0
            put(item, QRect(QPoint(left, top), size))
            left += size.width() + self.GAP
            line = max(line, size.height())
        return top + line - area.top()
