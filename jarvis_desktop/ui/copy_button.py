"""A button that puts a text on the clipboard, and shows that it did."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import IconButton

_DONE_MS = 1500


class CopyButton(IconButton):
    """Copies what `text` gives when it is pressed; `called` gives what the button is called."""

    def __init__(
        self, theme: Theme, text: Callable[[], str], called: Callable[[], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, "copy", size=16)
        if parent is not None:
            self.setParent(parent)
        self._text = text
        self._called = called
        self._done = QTimer(self, singleShot=True, interval=_DONE_MS)
        self._done.timeout.connect(self._rest)
        self.clicked.connect(self._copy)
        self._rest()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._rest()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text())
        self.show_icon("check-circle", "accent")
        self.describe(tr("Copied"))
        self._done.start()

    def _rest(self) -> None:
        self.show_icon("copy", "second")
        self.describe(self._called())
