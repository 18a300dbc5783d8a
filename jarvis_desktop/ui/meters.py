"""Small pictures of numbers: where memory goes, and where the time of a turn went."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from jarvis_desktop.events import Timings
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.words import duration


class MemoryBar(QWidget):
    """A bar: this program's share, what others use, and what is free."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._own = self._used = 0.0
        self._short = False
        self.setFixedHeight(8)
        theme.changed.connect(self.update)

    def show_shares(self, own: float, used: float, *, short: bool = False) -> None:
        """Both as shares of the whole, 0..1; `used` includes `own`; `short`: there is not enough."""
        self._own, self._used, self._short = own, max(used, own), short
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


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a turn, in milliseconds since the end of the input."""

    key: str  # a field of `Timings`
    start: float
    end: float

    @property
    def took(self) -> float:
        return self.end - self.start


STAGES = ("transcript", "recall", "first_token", "first_sentence", "first_audio")


def stages_of(timings: Timings) -> list[Stage]:
    """The stages that were reached, each from the end of the one before."""
    found: list[Stage] = []
    start = 0.0
    for key in STAGES:
        end = getattr(timings, key)
        if end is not None:
            found.append(Stage(key, min(start, end), end))
            start = max(start, end)
    return found


def stage_name(key: str) -> str:
    return {
        "transcript": tr("Understand"),
        "recall": tr("Remember"),
        "first_token": tr("First word"),
        "first_sentence": tr("First sentence"),
        "first_audio": tr("Voice"),
        "total": tr("Whole turn"),
    }[key]


def slowest_sentence(stages: list[Stage]) -> str:
    """Which stage made the user wait most, and what would help; empty without stages."""
    if not stages:
        return ""
    slowest = max(stages, key=lambda stage: stage.took)
    took = duration(slowest.took)
    return {
        "transcript": tr(
            "Understanding your speech took longest ({took}). A smaller model is quicker.", took=took
        ),
        "recall": tr("Looking into the memory took longest ({took}).", took=took),
        "first_token": tr(
            "The language model's first word took longest ({took}). A smaller model is quicker.", took=took
        ),
        "first_sentence": tr(
            "Writing the first sentence took longest ({took}). A smaller model is quicker.", took=took
        ),
        "first_audio": tr("Making the voice took longest ({took}).", took=took),
    }[slowest.key]


class Waterfall(QWidget):
    """One bar a stage on one axis of time, and the whole turn below."""

    _ROW = 24
    _BAR = 8

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stages: list[Stage] = []
        self._total = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_timings(self, timings: Timings) -> None:
        """Draw a turn."""
        self._stages = stages_of(timings)
        ends = [stage.end for stage in self._stages]
        self._total = max([*ends, timings.total or 0.0], default=0.0)
        self.setAccessibleName(
            "; ".join(f"{stage_name(stage.key)} {duration(stage.took)}" for stage in self._stages)
        )
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        rows = len(self._stages) + 1 if self._stages else 0
        return QSize(200, rows * self._row_height())

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
        rows = [*self._stages, Stage("total", 0.0, self._total)]
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
