"""The microphone's level, as it runs by while somebody is listened to."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from jarvis_desktop.ui.level_meter import level_share
from jarvis_desktop.ui.theme import Theme

BARS = 20
_PITCH = 4  # from one bar to the next
_BAR = 2
_HEIGHT = 32
_FRAME_MS = 33
_LEVEL_MS = 60  # from one level to the next; a bar glides to its place meanwhile
_LOWEST = 2.0  # of a bar: silence is a dotted line


class Waveform(QWidget):
    """A bar for each of the last levels, the newest at the right.

    With less motion nothing runs by: as many bars are lit as the level now is high.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._levels: deque[float] = deque(maxlen=BARS + 1)  # one more glides out
        self.lit = 0
        self._since = QElapsedTimer()
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self._next_frame)
        self.setFixedSize(self.sizeHint())
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)

    @property
    def moving(self) -> bool:
        """It is drawn again and again."""
        return self._frames.isActive()

    def show_level(self, dbfs: float) -> None:
        """Take in what the microphone hears now, in dB relative to full scale."""
        level = level_share(dbfs)
        self._levels.append(level)
        self.lit = max(round(level * BARS), self.lit - 1)
        self._since.start()
        if self._theme.animated:
            self._frames.start()
        self.update()

    def clear(self) -> None:
        """Nobody is listened to."""
        self._levels.clear()
        self.lit = 0
        self._frames.stop()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(BARS * _PITCH, _HEIGHT)

    def _next_frame(self) -> None:
        if self._since.elapsed() > _LEVEL_MS:  # all are in their place until the next level comes
            self._frames.stop()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if not self._theme.animated:
            for number in range(BARS):
                painter.setBrush(QColor(tokens.accent if number < self.lit else tokens.line))
                self._paint_bar(painter, number * _PITCH, 0.5)
            return
        painter.setBrush(QColor(tokens.accent))
        glide = max(0.0, 1 - self._since.elapsed() / _LEVEL_MS) if self._levels else 0.0
        levels = [0.0] * (BARS + 1 - len(self._levels)) + list(self._levels)
        for number, level in enumerate(levels):
            self._paint_bar(painter, (number - 1 + glide) * _PITCH, level)

    def _paint_bar(self, painter: QPainter, left: float, level: float) -> None:
        height = max(_LOWEST, level * self.height())
        painter.drawRoundedRect(QRectF(left, (self.height() - height) / 2, _BAR, height), 1, 1)
