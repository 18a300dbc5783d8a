"""Carries the question for updates to the core, and the answer back."""

from __future__ import annotations

from PySide6.QtCore import QObject

from jarvis_desktop.events import CheckForUpdates, UpdatesChecked
from jarvis_desktop.ui.about_dialog import AboutDialog
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import bring_to_front


class AboutPresenter(QObject):
    """Makes the dialog when it is first wanted."""

    def __init__(self, bridge: Bridge, window: MainWindow, theme: Theme) -> None:
        super().__init__()
        self._bridge, self._window, self._theme = bridge, window, theme
        self._about: AboutDialog | None = None
        bridge.on(UpdatesChecked, self._checked)

    def open(self) -> AboutDialog:
        """Show it."""
        if self._about is None:
            self._about = AboutDialog(self._theme, self._window)
            self._about.check_wanted.connect(lambda: self._bridge.post(CheckForUpdates()))
        bring_to_front(self._about)
        return self._about

    def _checked(self, event: UpdatesChecked) -> None:
        if self._about is not None:
            self._about.show_found(event)
            self._window.announce(self._about.answer.text() or self._about.problem.text())
