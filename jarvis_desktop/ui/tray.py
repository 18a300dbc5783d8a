"""The icon beside the clock."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from jarvis_desktop.events import EarMode
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.icons import icon, pixmap
from jarvis_desktop.ui.indicator import Indication
from jarvis_desktop.ui.profile_menu import ProfileMenu
from jarvis_desktop.ui.theme import Theme

_SIZE = 32
_LOOK_MS = 2000  # whether the tray is still there, while a window can be reached from it only


class Tray(QObject):
    """Shows the state and offers what is wanted without the window, where the desktop has a tray."""

    show_wanted = Signal()
    talk_wanted = Signal()
    hands_free_wanted = Signal(bool)
    wake_word_wanted = Signal(bool)
    mute_wanted = Signal(bool)
    stop_wanted = Signal()
    memory_wanted = Signal()
    settings_wanted = Signal()
    privacy_wanted = Signal()
    quit_wanted = Signal()
    message_clicked = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._now = Indication()
        self._menu = QMenu()
        self.destroyed.connect(self._menu.deleteLater)  # a menu may belong to widgets only
        self.profiles = ProfileMenu(self._menu)
        self._state, self._show, self._talk, self._stop = (QAction(self) for _ in range(4))
        self._memory, self._privacy, self._settings, self._quit = (QAction(self) for _ in range(4))
        self._state.setEnabled(False)
        self._hands_free, self._wake_word, self._mute = (QAction(self, checkable=True) for _ in range(3))
        self._menu.addActions([self._state, self._show])
        self._menu.addSeparator()
        self._menu.addActions([self._talk, self._hands_free, self._wake_word, self._mute, self._stop])
        self._menu.addMenu(self.profiles)
        self._menu.addSeparator()
        self._menu.addActions([self._memory, self._privacy, self._settings, self._quit])
        for action, wish in (
            (self._hands_free, self.hands_free_wanted),
            (self._wake_word, self.wake_word_wanted),
            (self._mute, self.mute_wanted),
        ):
            action.triggered.connect(wish)
            action.triggered.connect(self._show_ticks)  # until it is done, the old state is in force
        for action, wanted in (
            (self._show, self.show_wanted),
            (self._talk, self.talk_wanted),
            (self._stop, self.stop_wanted),
            (self._memory, self.memory_wanted),
            (self._privacy, self.privacy_wanted),
            (self._settings, self.settings_wanted),
            (self._quit, self.quit_wanted),
        ):
            action.triggered.connect(wanted)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(self.message_clicked)
        self._held: QWidget | None = None
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._look_after_held)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()
        self._appear()

    @property
    def available(self) -> bool:
        """There is a tray now; it may come and go with the desktop's panel."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def hold(self, window: QWidget) -> None:
        """Hide a window. It comes back, without taking the keyboard, when the desktop's tray vanishes."""
        window.hide()
        self._held = window
        self._look.start()

    def show_state(self, now: Indication) -> None:
        """Take on a state."""
        self._appear()
        before, self._now = self._now, now
        self._show_ticks()
        if now != before:
            self._tint()
            self.retranslate()

    def tell(self, title: str, text: str) -> None:
        """A short message beside the icon."""
        self._icon.showMessage(title, text, QIcon(), 6000)

    def hide(self) -> None:
        """Leave the tray."""
        self._look.stop()
        self._icon.hide()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.profiles.retranslate()
        self._state.setText(self._now.word)
        self._talk.setText(tr("Finish talking") if self._now.ears is EarMode.HELD else tr("Talk"))
        self._hands_free.setText(tr("Hands-free"))
        self._wake_word.setText(tr("Wake word “Hey Jarvis”"))
        self._mute.setText(tr("Do not speak replies"))
        self._stop.setText(tr("Stop"))
        self._memory.setText(tr("What Jarvis remembers …"))
        self._privacy.setText(tr("Privacy …"))
        self._show.setText(tr("Show Jarvis"))
        self._settings.setText(tr("Settings"))
        self._quit.setText(tr("Quit"))
        self._icon.setToolTip(f"Jarvis – {self._now.word}\n{self._now.microphone}")

    def _show_ticks(self) -> None:
        self._hands_free.setChecked(self._now.hands_free)
        self._wake_word.setChecked(self._now.wake_word)
        self._mute.setChecked(self._now.muted)
        self._stop.setEnabled(self._now.stoppable)

    def _look_after_held(self) -> None:
        assert self._held is not None
        if self.available and not self._held.isVisible():
            return
        self._look.stop()
        self._held.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._held.show()
        self._held.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating, False)

    def _appear(self) -> None:
        # Again and again: the desktop's panel may start after this program.
        if self.available and not self._icon.isVisible():
            self._icon.show()

    def _tint(self) -> None:
        look, tokens = self._now.look, self._theme.tokens
        # A tray has its own ground; the accent is legible on light and dark ones.
        colour = getattr(tokens, "accent" if look.token == "second" else look.token)
        if not self._now.badged:
            self._icon.setIcon(icon(look.icon, colour, size=_SIZE))
            return
        picture = pixmap(look.icon, colour, _SIZE, 2.0)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        dot = QRectF(_SIZE - 11, _SIZE - 11, 10, 10)
        painter.setBrush(QColor(tokens.warning))
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        painter.drawEllipse(dot.adjusted(-2, -2, 2, 2))  # a gap sets it off
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.drawEllipse(dot)
        painter.end()
        self._icon.setIcon(QIcon(picture))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_wanted.emit()
