"""A key that talks while it is held."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

RELEASE_DELAY_MS = 80  # some systems send a held key as pairs of release and press


class TalkKey(QObject):
    """Turns raw key events into one press and one release."""

    pressed = Signal()
    released = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held = False
        self._release = QTimer(self, singleShot=True, interval=RELEASE_DELAY_MS)
        self._release.timeout.connect(self.let_go)

    def key_down(self) -> None:
        """A press arrived, repeated or not."""
        self._release.stop()
        if not self._held:
            self._held = True
            self.pressed.emit()

    def key_up(self) -> None:
        """A release arrived; it counts unless a press follows at once."""
        if self._held:
            self._release.start()

    def let_go(self) -> None:
        """End the hold now, as when the window loses the keyboard."""
        self._release.stop()
        if self._held:
            self._held = False
            self.released.emit()
