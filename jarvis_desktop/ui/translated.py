"""Widgets whose texts follow the window's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    _Widget = QWidget
else:  # Qt takes one class of its own among the bases
    _Widget = object


class Translated(_Widget):
    """Stands before the class of Qt. `retranslate` sets all texts."""

    def retranslate(self) -> None:
        """All texts in the window's language."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
