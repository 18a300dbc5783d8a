"""The microphone's level, live, with what it means."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from jarvis_desktop.events import SoundHeard
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.sound_words import LOUDNESS_TOKENS, loudness_word
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, column, row

_FRAME_MS = 40
_FALL = 0.9  # of a peak, in each frame
_QUIETEST_DBFS = -60.0
_LOST_MS = 600  # without a level, the microphone is closed


class LevelBar(QWidget):
    """A bar from -60 dB to full scale: loudness filled, peak as a line that falls slowly."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._level = self._peak = 0.0
        self._token = "accent"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_level(self, rms_dbfs: float, peak_dbfs: float, token: str) -> None:
        """Levels in dB relative to full scale; `token` is the colour's."""
        self._level = level_share(rms_dbfs)
        self._peak = max(self._peak, level_share(peak_dbfs))
        self._token = token
        self.update()

    def fall(self) -> None:
        """One frame has passed."""
        self._peak = max(self._level, self._peak * _FALL)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        tokens = self._theme.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(0, 4, self.width(), self.height() - 8)
        painter.setBrush(QColor(tokens.line))
        painter.drawRoundedRect(whole, 4, 4)
        colour = QColor(getattr(tokens, self._token))
        painter.setBrush(colour)
        filled = QRectF(whole)
        filled.setWidth(whole.width() * self._level)
        if filled.width() >= 1:
            painter.drawRoundedRect(filled, 4, 4)
        if self._peak > 0:
            painter.drawRect(QRectF(min(self.width() - 2, self.width() * self._peak), 0, 2, self.height()))


class LevelMeter(Translated, QFrame):
    """The bar, its meaning in words, and whether what is heard counts as speech."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._heard: SoundHeard | None = None
        self.bar = LevelBar(theme)
        self._icon = IconLabel(theme, "microphone", "second", 16)
        self.word = Label(role="strong", wrap=True)
        self._voice_icon = IconLabel(theme, "circle-dashed", "second", 16)
        self.voice = Label()
        words = row(self._icon, spacing=6)
        words.addWidget(self.word, 1)
        words.addWidget(self._voice_icon)
        words.addWidget(self.voice)
        self.setLayout(column(self.bar, words, spacing=6))
        self._frames = QTimer(self, interval=_FRAME_MS)
        self._frames.timeout.connect(self.bar.fall)
        self._lost = QTimer(self, interval=_LOST_MS, singleShot=True)
        self._lost.timeout.connect(self.clear)
        self.retranslate()

    def take(self, heard: SoundHeard) -> None:
        """Show what the microphone hears now."""
        self._heard = heard
        self._frames.start()
        self._lost.start()
        self.bar.show_level(heard.rms_dbfs, heard.peak_dbfs, LOUDNESS_TOKENS[heard.loudness])
        self.retranslate()

    def clear(self) -> None:
        """The microphone is closed."""
        self._heard = None
        self._frames.stop()
        self.bar.show_level(_QUIETEST_DBFS, _QUIETEST_DBFS, "accent")
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        heard = self._heard
        if heard is None:
            self.word.setText(tr("The microphone is closed."))
            self._icon.show_icon("microphone-slash", "second")
            self.voice.setText(tr("No speech"))
            self._voice_icon.show_icon("circle-dashed", "second")
            self.bar.setAccessibleName(tr("Level of the microphone"))
            return
        self.word.setText(loudness_word(heard.loudness))
        self._icon.show_icon("microphone", LOUDNESS_TOKENS[heard.loudness])
        self.voice.setText(tr("Speech") if heard.voice else tr("No speech"))
        self._voice_icon.show_icon(
            "chat-circle-dots" if heard.voice else "circle-dashed", "accent" if heard.voice else "second"
        )
        self.bar.setAccessibleName(tr("Level of the microphone"))
        self.bar.setAccessibleDescription(
            tr("{level} dB, {word}", level=number(heard.rms_dbfs), word=self.word.text())
        )


def level_share(dbfs: float) -> float:
    """How far up a meter a level in dB relative to full scale is: 0 (-60 dB and below) to 1."""
    return min(1.0, max(0.0, 1.0 - dbfs / _QUIETEST_DBFS))
