"""Typing into the program that has the keyboard: what each system's way of it has in common."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from jarvis_desktop.errors import DesktopError

_LOOK_MS = 20  # between two looks at what is still held
_SETTLE_MS = 300  # for programs to read what was typed, before the rest of it


class Typist(QObject):
    """Types once no modifier is held, for a text typed under Ctrl would be a row of commands."""

    failed = Signal(object)  # `DesktopError`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting = ""
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._go_on)

    def type(self, text: str) -> None:
        """Type a text, line breaks as the Return key; returns at once. `failed` tells why it could not be."""
        self._waiting += text
        if not self._again.isActive():
            self._go_on()

    def prepare(self) -> None:
        """There will be something to type: get leave for it, where that takes the user."""

    def place(self) -> object:
        """Where it would be typed now, as far as the system tells: the same object, the same window."""
        return None

    def close(self) -> None:
        """Type no more. Safe to call twice."""
        self._again.stop()
        self._waiting = ""

    def modifiers_held(self) -> bool:
        """Whether the user holds Shift, Ctrl, Alt or the logo key, as far as the system tells."""
        return False

    def send(self, text: str) -> str:
        """Type now; returns what has to wait a moment. Raises `DesktopError`."""
        raise NotImplementedError

    def _go_on(self) -> None:
        if self.modifiers_held():
            self._again.start(_LOOK_MS)
            return
        try:
            self._waiting = self.send(self._waiting)
        except DesktopError as error:
            self._waiting = ""
            self.failed.emit(error)
        if self._waiting:
            self._again.start(_SETTLE_MS)
