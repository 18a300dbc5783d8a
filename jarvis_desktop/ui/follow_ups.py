"""Suggested questions below the newest answer."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import TextButton, column, plain_tip

_PADDING = 24


class FollowUps(QWidget):
    """A button for each question, which asks it."""

    asked = Signal(str)

    def __init__(self, theme: Theme, questions: Sequence[str]) -> None:
        super().__init__()
        self._chips = [(TextButton(theme, "chip"), question) for question in questions]
        layout = column(spacing=6, margins=(0, 4, 0, 0))
        for chip, question in self._chips:
            chip.setMinimumWidth(_PADDING)
            chip.setToolTip(plain_tip(question))
            chip.clicked.connect(lambda _=False, chosen=question: self.asked.emit(chosen))
            layout.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)
        self.setLayout(layout)
        self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    def _fit(self) -> None:
        for chip, question in self._chips:
            room = max(_PADDING, self.width() - _PADDING)
            shown = chip.fontMetrics().elidedText(question, Qt.TextElideMode.ElideRight, room)
            chip.setText(shown.replace("&", "&&"))
            chip.setAccessibleName(question)

    def _retranslate(self) -> None:
        for chip, _ in self._chips:
            chip.setAccessibleDescription(tr("Asks this question"))
