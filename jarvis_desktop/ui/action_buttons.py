"""Small buttons at messages and code, each named in the window's language."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconButton

_SIZE = 16
_DONE_MS = 1500


class ActionButton(Translated, IconButton):
    """A picture that `called` gives its name."""

    def __init__(self, theme: Theme, icon: str, called: Callable[[], str]) -> None:
        super().__init__(theme, icon, size=_SIZE)
        self._called = called
        self.retranslate()

    def retranslate(self) -> None:
        """Ask for the name again."""
        self.describe(self._called())


class CopyButton(ActionButton):
    """Copies what `text` gives when it is pressed."""

    def __init__(self, theme: Theme, text: Callable[[], str], called: Callable[[], str]) -> None:
        super().__init__(theme, "copy", called)
        self._text = text
        self._done = QTimer(self, singleShot=True, interval=_DONE_MS)
        self._done.timeout.connect(self._rest)
        self.clicked.connect(self._copy)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._text())
        self.show_icon("check-circle", "accent")
        self.describe(tr("Copied"))
        self._done.start()

    def _rest(self) -> None:
        self.show_icon("copy", "second")
        self.retranslate()
