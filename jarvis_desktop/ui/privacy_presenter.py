"""Translates between the core's events and the privacy window, and binds what leads there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import (
    ConnectionNoted,
    ErasingBegun,
    Failed,
    LedgerExported,
    PrivacyShown,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.privacy_window import SEAL, PrivacyWindow
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import bring_to_front


class PrivacyPresenter(QObject):
    """Makes the privacy window when it is first wanted; `quit_` ends the program."""

    def __init__(self, bridge: Bridge, window: MainWindow, theme: Theme, quit_: Callable[[], None]) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self._privacy: PrivacyWindow | None = None
        window.privacy_wanted.connect(self.open)
        bridge.config_changed.connect(self._config_changed)
        bridge.on(PrivacyShown, self._shown)
        bridge.on(ConnectionNoted, self._noted)
        bridge.on(LedgerExported, self._exported)
        bridge.on(Failed, self._failed)
        bridge.on(ErasingBegun, lambda _: quit_())

    def open(self) -> PrivacyWindow:
        """Show the privacy window."""
        if self._privacy is None:
            self._privacy = PrivacyWindow(self._theme)
            self._privacy.asked.connect(self._bridge.post)
            self._privacy.seal_wanted.connect(self._seal)
            self._privacy.take_settings(offline=self._bridge.settings.current.privacy.offline)
        bring_to_front(self._privacy)
        return self._privacy

    def close(self) -> None:
        """Put the window away for good."""
        if self._privacy is not None:
            self._privacy.hide()
            self._privacy.deleteLater()
            self._privacy = None

    def _seal(self, on: bool) -> None:
        try:
            self._bridge.settings.patch({SEAL: on})
        except ConfigError as error:
            if self._privacy is not None:
                self._privacy.take_settings(offline=self._bridge.settings.current.privacy.offline)
                self._privacy.take_failure(error)

    def _config_changed(self, config: Config) -> None:
        if self._privacy is not None:
            self._privacy.take_settings(offline=config.privacy.offline)

    def _shown(self, event: PrivacyShown) -> None:
        if self._privacy is not None:
            self._privacy.take_all(event)

    def _noted(self, event: ConnectionNoted) -> None:
        if self._privacy is not None:
            self._privacy.take_connection(event.connection)

    def _exported(self, event: LedgerExported) -> None:
        if self._privacy is not None:
            self._privacy.take_export(event.path)

    def _failed(self, event: Failed) -> None:
        if self._privacy is not None and event.error.code in ("storage.not_erased", "storage.not_exported"):
            self._privacy.take_failure(event.error)
