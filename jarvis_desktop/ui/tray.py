"""The icon beside the clock."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.icons import icon
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.words import MOOD_LOOKS, Mood, mood_word


class Tray(QObject):
    """Shows the state and offers show, listen and quit, where the desktop has a tray."""

    show_wanted = Signal()
    listen_wanted = Signal(bool)
    quit_wanted = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mood = Mood.OFF
        self._menu = QMenu()
        self._show = QAction(self)
        self._listen = QAction(self, checkable=True)
        self._quit = QAction(self)
        self._menu.addActions([self._show, self._listen])
        self._menu.addSeparator()
        self._menu.addAction(self._quit)
        self._show.triggered.connect(self.show_wanted)
        self._listen.triggered.connect(self.listen_wanted)
        self._quit.triggered.connect(self.quit_wanted)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()
        self._appear()

    @property
    def available(self) -> bool:
        """There is a tray now; it may come and go with the desktop's panel."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_mood(self, mood: Mood, hands_free: bool) -> None:
        """Take on a state."""
        self._appear()
        self._listen.setChecked(hands_free)
        if mood is not self._mood:
            self._mood = mood
            self._tint()
            self.retranslate()

    def tell(self, title: str, text: str) -> None:
        """A short message beside the icon."""
        self._icon.showMessage(title, text, QIcon(), 6000)

    def hide(self) -> None:
        """Leave the tray."""
        self._icon.hide()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self._show.setText(tr("Show Jarvis"))
        self._listen.setText(tr("Listen hands-free"))
        self._quit.setText(tr("Quit"))
        self._icon.setToolTip(f"Jarvis – {mood_word(self._mood)}")

    def _appear(self) -> None:
        # Again and again: the desktop's panel may start after this program.
        if self.available and not self._icon.isVisible():
            self._icon.show()

    def _tint(self) -> None:
        look = MOOD_LOOKS[self._mood]
        # A tray has its own ground; the accent is legible on light and dark ones.
        token = "accent" if look.token == "second" else look.token
        self._icon.setIcon(icon(look.icon, getattr(self._theme.tokens, token), size=32))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_wanted.emit()
