"""Earlier turns as a row of bars, the longer the wait the higher; one of them is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider

from jarvis_desktop.ui.theme import Theme

_STEP = 8.0  # from bar to bar
_FOOT = 6.0  # below the bars, for the mark of the chosen one


class TurnHistory(QSlider):
    """Chosen by arrow keys or a click; its value counts the turns from 1, the newest one last."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._theme = theme
        self._waits: list[float] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setPageStep(5)
        theme.changed.connect(self.update)

    def show_waits(self, waits: Sequence[float], chosen: int) -> None:
        """What the turns had the user wait for (ms), and the number of the chosen one."""
        self._waits = list(waits)
        self.setRange(1, len(self._waits))
        self.setValue(chosen)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 40)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 40)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # it scrolls the panel

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens, step = self._theme.tokens, self._step()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QColor(tokens.accent))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        room, longest = self.height() - _FOOT - 4, max(self._waits, default=0.0) or 1.0
        for number, wait in enumerate(self._waits, 1):
            height = max(2.0, room * wait / longest)
            left, chosen = self._left(number), number == self.value()
            painter.setBrush(QColor(tokens.accent if chosen else tokens.second))
            painter.drawRoundedRect(QRectF(left, 4 + room - height, step - 2, height), 1.5, 1.5)
            if chosen:
                painter.drawRoundedRect(QRectF(left, self.height() - 4, step - 2, 2), 1, 1)

    def _step(self) -> float:
        return min(_STEP, (self.width() - 8) / max(1, len(self._waits)))

    def _left(self, number: int) -> float:
        """The newest one stands at the right."""
        return self.width() - 4 - (len(self._waits) - number + 1) * self._step()

    def _choose(self, x: float) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.setValue(1 + int((x - self._left(1)) // self._step()))
