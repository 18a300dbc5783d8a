"""Between the wish to see where the time of an answer goes and what is written of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from jarvis_desktop.events import AnswerProfiled, ProfileAnswer, ProfilingChanged
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.main_window import MainWindow


class ProfilePresenter(QObject):
    """Binds the button of the status panel."""

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        turn = window.panel.turn
        turn.profile_wanted.connect(lambda on: bridge.post(ProfileAnswer(on)))
        bridge.on(ProfilingChanged, lambda event: turn.show_profiling(event.on))
        bridge.on(AnswerProfiled, lambda event: self._tell(event.path))

    def _tell(self, path: Path) -> None:
        self._window.remark.present(
            tr("A profile of the answer was saved."),
            tr("It names functions and their times, and nothing that was said. It opens in any browser."),
            tr("Show folder"),
            lambda: _show(path.parent),
        )


def _show(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
