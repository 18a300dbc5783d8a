"""Where the window was and which panes it showed, kept for the next start."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from jarvis_desktop.ui.main_window import MainWindow


class WindowState:
    """A small file of its own: it is no setting, and losing it costs nothing."""

    def __init__(self, file: Path) -> None:
        self._stored = QSettings(str(file), QSettings.Format.IniFormat)

    def restore(self, window: MainWindow) -> None:
        """Put the window where it was; where that is on no screen any more, Qt finds it a place."""
        geometry = self._stored.value("geometry")
        if isinstance(geometry, QByteArray):
            window.restoreGeometry(geometry)
        sidebar, panel = window.panes
        window.show_panes(self._switch("sidebar", sidebar), self._switch("panel", panel))

    def keep(self, window: MainWindow) -> None:
        """Note where the window is."""
        self._stored.setValue("geometry", window.saveGeometry())
        sidebar, panel = window.panes
        self._stored.setValue("sidebar", sidebar)
        self._stored.setValue("panel", panel)
        self._stored.sync()

    def _switch(self, name: str, default: bool) -> bool:
        return str(self._stored.value(name, default)).lower() == "true"
