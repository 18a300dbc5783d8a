"""What leaves the computer and what is kept on it, as the window sees it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jarvis_desktop.app import erasing
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import PrivacyShown
from jarvis_desktop.network.ledger import Ledger
from jarvis_desktop.network.watch import WATCH


class PrivacyKeeper:
    """A `ports.Privacy`; `encrypted` tells whether a keyring has the key of the memory."""

    def __init__(self, paths: Paths, encrypted: Callable[[], bool]) -> None:
        self._paths = paths
        self._encrypted = encrypted
        self._ledger = Ledger(paths.ledger)

    def shown(self) -> PrivacyShown:
        return PrivacyShown(self._ledger.read(), erasing.stored(self._paths), WATCH.seal)

    def clear(self) -> None:
        self._ledger.clear()

    def export(self, target: Path) -> None:
        try:
            self._ledger.export(target)
        except OSError as error:
            raise StorageError(
                "storage.not_exported",
                "{path} could not be written: {reason}.",
                "Choose another place.",
                path=target,
                reason=error.strerror or type(error).__name__,
            ) from error

    def begin_erasing(self, *, models: bool) -> None:
        erasing.begin(self._paths, models=models, encrypted=self._encrypted())
