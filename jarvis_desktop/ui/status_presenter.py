"""Between what the core measures and the status panel: shown while the window is, and asked for only then."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject

from jarvis_desktop.events import (
    CachesMeasured,
    EngineMeasured,
    PhaseChanged,
    ResourcesSampled,
    WatchMachine,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.main_window import MainWindow

_SEEN_OR_NOT = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.WindowStateChange)


class StatusPresenter(QObject):
    """Has the machine watched while the window can be seen."""

    def __init__(self, bridge: Bridge, window: MainWindow) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._watched: bool | None = None  # None until the core runs, which begins by watching
        bridge.on(ResourcesSampled, self._resources_sampled)
        bridge.on(EngineMeasured, window.panel.show_engine)
        bridge.on(CachesMeasured, window.panel.show_caches)
        bridge.on(PhaseChanged, self._core_runs)
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SEEN_OR_NOT and self._watched is not None:
            self._watch()
        return False

    def _core_runs(self, event: PhaseChanged) -> None:
        if self._watched is None:
            self._watched = True
            self._watch()

    def _watch(self) -> None:
        seen = self._window.isVisible() and not self._window.isMinimized()
        if seen != self._watched:
            self._watched = seen
            self._bridge.post(WatchMachine(seen))

    def _resources_sampled(self, event: ResourcesSampled) -> None:
        self._window.panel.show_resources(event)
        self._window.show_foot()
