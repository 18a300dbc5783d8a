"""The small button beside the microphone: when does Jarvis listen?"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.indicator import Indication
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import IconButton


class ListenButton(IconButton):
    """Opens a menu of the ways to listen; what is chosen is a wish, `show_state` tells what came of it."""

    hands_free_wanted = Signal(bool)
    wake_word_wanted = Signal(bool)
    barge_in_wanted = Signal(bool)
    settings_wanted = Signal()
    doctor_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "caret-up", size=14)
        self._now = Indication()
        self._may_interrupt = True
        self.setProperty("kind", "menu")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.by_key, self.by_name, self.always = (QAction(self, checkable=True) for _ in range(3))
        self.barge_in = QAction(self, checkable=True)
        self._settings, self._doctor = QAction(self), QAction(self)
        ways = QActionGroup(self)
        for way in (self.by_key, self.by_name, self.always):
            ways.addAction(way)
        menu = QMenu(self)
        menu.addActions(ways.actions())
        menu.addSeparator()
        menu.addAction(self.barge_in)
        menu.addSeparator()
        menu.addActions([self._settings, self._doctor])
        self.setMenu(menu)
        ways.triggered.connect(self._chosen)
        self.barge_in.triggered.connect(self._barge_in_chosen)
        self._settings.triggered.connect(self.settings_wanted)
        self._doctor.triggered.connect(self.doctor_wanted)
        self._show()

    def show_state(self, now: Indication) -> None:
        """Tick the way in force."""
        self._now = now
        self._show()

    def show_barge_in(self, on: bool) -> None:
        """Tick whether answers may be interrupted by voice."""
        self._may_interrupt = on
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._show()

    def _chosen(self, way: QAction) -> None:
        # The wake word first, so that the microphone is not closed in between.
        if way is not self.always:
            self.wake_word_wanted.emit(way is self.by_name)
        self.hands_free_wanted.emit(way is self.always)
        self._show()  # until it is done, the old one is in force

    def _barge_in_chosen(self, on: bool) -> None:
        self.barge_in_wanted.emit(on)
        self._show()

    def _show(self) -> None:
        self.by_key.setText(tr("Only when I press to talk"))
        self.by_name.setText(tr("When I say “Hey Jarvis”"))
        self.always.setText(tr("All the time (hands-free)"))
        self.barge_in.setText(tr("Let me interrupt by voice"))
        self._settings.setText(tr("Listening settings …"))
        self._doctor.setText(tr("Audio doctor …"))
        way = self.always if self._now.hands_free else self.by_name if self._now.wake_word else self.by_key
        way.setChecked(True)
        self.barge_in.setChecked(self._may_interrupt)
        self.describe(tr("When Jarvis listens"))
        self.setAccessibleDescription(way.text())
