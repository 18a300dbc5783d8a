"""Small pictures of numbers: where memory goes, and where the time of a turn went."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from jarvis_desktop.events import Timings
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.turn_words import Stage, stage_name, stages_line, stages_of
from jarvis_desktop.ui.words import duration

_PIECE = 6.0  # what is narrower is not set off from the next


class MemoryBar(QWidget):
    """A bar: this program's share, what others use, and what is free."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._own = self._used = 0.0
        self._short = False
        self._pieces: Sequence[float] = ()
        self.setFixedHeight(8)
        theme.changed.connect(self.update)

    def show_shares(
        self, own: float, used: float, *, short: bool = False, pieces: Sequence[float] = ()
    ) -> None:
        """All as shares of the whole, 0..1; `used` includes `own`, which has these `pieces`.

        `short`: there is not enough.
        """
        self._own, self._used, self._short, self._pieces = own, max(used, own), short, pieces
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        own = tokens.danger if self._short else tokens.accent
        for share, colour in ((1.0, tokens.line), (self._used, tokens.second), (self._own, own)):
            width = self.width() * min(1.0, share)
            if width > 0:
                painter.setBrush(QColor(colour))
                painter.drawRoundedRect(QRectF(0, 0, max(width, 4), self.height()), 4, 4)
        painter.setBrush(QColor(tokens.surface))
        before = 0.0
        for edge in (self.width() * share for share in accumulate(self._pieces)):
            if edge - before >= _PIECE:
                painter.drawRect(QRectF(edge - 1, 0, 1.5, self.height()))
                before = edge


class Waterfall(QWidget):
    """One bar a stage on one axis of time, and the whole turn below; above, hollow, what the user spoke."""

    _ROW = 24
    _BAR = 8

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stages: list[Stage] = []
        self._capture: float | None = None
        self._total = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_timings(self, timings: Timings) -> None:
        """Draw a turn."""
        self._stages = stages_of(timings)
        self._capture = timings.capture
        ends = [stage.end for stage in self._stages]
        self._total = max([*ends, timings.total or 0.0], default=0.0)
        self.setAccessibleName(stages_line(timings))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, len(self._rows()) * self._row_height())

    def _rows(self) -> list[Stage]:
        """The stages, before them what the user spoke, and the whole turn below."""
        if not self._stages:
            return []
        spoken = [] if self._capture is None else [Stage("capture", 0.0, self._capture)]
        return [*spoken, *self._stages, Stage("total", 0.0, self._total)]

    def _row_height(self) -> int:
        return max(self._ROW, self.fontMetrics().height() + 8)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._stages or self._total <= 0:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() * 0.85)
        painter.setFont(font)
        tokens = self._theme.tokens
        slowest = max(self._stages, key=lambda stage: stage.took)
        rows = self._rows()
        names = max(painter.fontMetrics().horizontalAdvance(stage_name(stage.key)) for stage in rows) + 8
        values = painter.fontMetrics().horizontalAdvance(duration(8_880)) + 10
        track = self.width() - names - values
        for number, stage in enumerate(rows):
            top, height = number * self._row_height(), self._row_height()
            painter.setPen(QColor(tokens.second))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, names, height), middle, stage_name(stage.key))
            painter.setPen(QColor(tokens.text))
            value = QRectF(self.width() - values, top, values, height)
            painter.drawText(value, middle | Qt.AlignmentFlag.AlignRight, duration(stage.took))
            painter.setPen(Qt.PenStyle.NoPen)
            line = QRectF(names, top + (height - self._BAR) / 2, track, self._BAR)
            if stage.key == "capture":  # before the time of this axis: nobody waited yet
                painter.setPen(QColor(tokens.second))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(line, 4, 4)
                continue
            painter.setBrush(QColor(tokens.sunken))
            painter.drawRoundedRect(line, 4, 4)
            bar = QRectF(line)
            bar.setLeft(line.left() + track * stage.start / self._total)
            bar.setWidth(max(4.0, track * stage.took / self._total))
            colour = (
                tokens.warning
                if stage is slowest
                else tokens.second
                if stage.key == "total"
                else tokens.accent
            )
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(bar, 4, 4)
