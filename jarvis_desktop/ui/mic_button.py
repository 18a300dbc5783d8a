"""The round button that stands for the assistant's ear."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from jarvis_desktop.ui import icons
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.indicator import Indication, Mood
from jarvis_desktop.ui.level_meter import level_share
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import plain_tip

CLICK_MS = 300  # a shorter press is a click
_FRAME_MS = 33
_DIAMETER = 48
_RING = 4
_BADGE = 8.5  # radius


class MicButton(QAbstractButton):
    """Press and hold to talk, click (or Enter) for hands-free; or click to begin and to end a turn.

    The ring shows the input level, the badge that the microphone is open.
    """

    talk_pressed = Signal()
    talk_released = Signal()  # not where a click begins and ends a turn
    talk_cancelled = Signal()  # it was a click after all; `clicked` follows

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._now = Indication()
        self._toggle = False
        self._level = 0.0
        self._turn = 0
        self._held = QElapsedTimer()
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self._next_frame)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard to the text field
        theme.changed.connect(self._move)
        self.retranslate()

    def show_state(self, now: Indication) -> None:
        """Take on a state."""
        self._now = now
        if not now.hearing_level:
            self._level = 0.0
        self._move()
        self.retranslate()

    def use_toggle(self, on: bool) -> None:
        """Whether a click begins and ends a turn, in place of holding."""
        self._toggle = on
        self.retranslate()

    def show_level(self, dbfs: float) -> None:
        """Input level for the ring; falls slowly, as a meter does."""
        self._level = max(level_share(dbfs), self._level)

    def retranslate(self) -> None:
        """Name and tooltip in the window's language."""
        self.setAccessibleName(tr("Microphone: {state}", state=self._now.word))
        self.setAccessibleDescription(f"{self._now.microphone} {self._use()}")
        self.setToolTip(plain_tip(f"{self._now.word}\n{self._now.microphone}\n{self._use()}"))

    def _use(self) -> str:
        """What pressing does."""
        if self._toggle:
            return tr("Click to talk, and click again when you have finished.")
        action = tr("turn hands-free off") if self._now.hands_free else tr("turn hands-free on")
        return tr("Hold to talk. Click to {action}.", action=action)

    def sizeHint(self) -> QSize:
        side = _DIAMETER + 2 * _RING
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            if not self._toggle:
                self._held.start()
            # At once and not after CLICK_MS: the first word must not be lost.
            self.talk_pressed.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._toggle:
            self.setDown(False)  # the press has done it
            return
        held_ms = self._end_hold()
        if held_ms is None or held_ms < CLICK_MS:
            if held_ms is not None:
                self.talk_cancelled.emit()
            super().mouseReleaseEvent(event)
            return
        self.setDown(False)
        self.talk_released.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            event.ignore()  # Space too: the window talks while it is held

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if self._end_hold() is not None:
            self.setDown(False)
            self.talk_released.emit()
        super().focusOutEvent(event)

    def _move(self) -> None:
        """Draw, again and again while there is something to be seen moving."""
        now = self._now
        if now.hearing_level or (now.mood is Mood.THINKING and self._theme.animated):
            self._frames.start()
        else:
            self._frames.stop()
        self.update()

    def _end_hold(self) -> int | None:
        """Milliseconds the button was held; None when it was not."""
        if not self._held.isValid():
            return None
        held_ms = self._held.elapsed()
        self._held.invalidate()
        return held_ms

    def _next_frame(self) -> None:
        self._level *= 0.86
        self._turn = (self._turn + 12) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        now, tokens = self._now, self._theme.tokens
        colour = QColor(getattr(tokens, now.look.token))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        centre = QPointF(self.width() / 2, self.height() / 2)
        radius = _DIAMETER / 2 - 2
        filled = now.mood in (Mood.LISTENING, Mood.HEARING)
        if now.hearing_level:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft))
            reach = radius + 1 + self._level * (_RING + 1)
            painter.drawEllipse(centre, reach, reach)
        painter.setBrush(QColor(self._ground(filled)))
        off = now.mood is Mood.OFF
        edge = QColor(tokens.line) if off and not now.hands_free else colour
        painter.setPen(QPen(edge, 1 if now.mood is Mood.THINKING else 1.5))
        inner = radius - 3 if now.hearing_level else radius - 1
        painter.drawEllipse(centre, inner, inner)
        if now.mood is Mood.THINKING:
            self._paint_spinner(painter, centre, radius - 1, colour)
        if now.hearing_level:
            self._paint_level(painter, centre, radius, colour)
        tint = tokens.on_accent if filled else tokens.accent if off and now.hands_free else colour.name()
        icons.paint(painter, now.look.icon, tint, QRectF(centre.x() - 12, centre.y() - 12, 24, 24))
        if now.badged:
            self._paint_badge(painter, centre + QPointF(radius * 0.74, radius * 0.74))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.text), 1.5, Qt.PenStyle.DotLine))
            painter.drawEllipse(centre, radius + 3, radius + 3)

    def _ground(self, filled: bool) -> str:
        tokens = self._theme.tokens
        if filled:
            return tokens.accent
        if self._now.mood is Mood.PROBLEM:
            return tokens.danger_soft
        if self._now.mood is Mood.OFF:
            return tokens.hover if self.underMouse() else tokens.surface
        return tokens.accent_soft

    def _paint_badge(self, painter: QPainter, centre: QPointF) -> None:
        """A small microphone: it is open."""
        tokens = self._theme.tokens
        painter.setPen(QPen(QColor(tokens.surface), 2))
        painter.setBrush(QColor(tokens.accent))
        painter.drawEllipse(centre, _BADGE, _BADGE)
        area = QRectF(centre.x() - 5.5, centre.y() - 5.5, 11, 11)
        icons.paint(painter, "microphone-fill", tokens.on_accent, area)

    def _paint_spinner(self, painter: QPainter, centre: QPointF, radius: float, colour: QColor) -> None:
        painter.setPen(QPen(colour, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        area = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        painter.drawArc(area, (90 - self._turn) * 16, -100 * 16)

    def _paint_level(self, painter: QPainter, centre: QPointF, radius: float, colour: QColor) -> None:
        """The level as an arc that grows from below on both sides."""
        reach = radius + 2
        area = QRectF(centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach)
        painter.setPen(QPen(colour, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        sweep = round(self._level * 180)
        if sweep:
            painter.drawArc(area, (270 - sweep) * 16, 2 * sweep * 16)
