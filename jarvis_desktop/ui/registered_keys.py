"""Keys of the whole desktop where a system has each registered by itself: Windows and macOS."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QKeyCombination, QObject, Signal

from jarvis_desktop.ui.key_names import Trouble


class RegisteredKeys(QObject):
    """Registers what is new and lets go of the rest; what stays is not touched, for it may be held now."""

    pausable = True

    pressed = Signal(str)
    released = Signal(str)
    refused = Signal(object)  # name -> `Trouble`
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._had: dict[str, QKeyCombination] = {}

    def bind(self, wanted: Mapping[str, QKeyCombination]) -> None:
        """Have these and nothing else. `refused` is told of those that another program has, or no key."""
        for name, keys in tuple(self._had.items()):
            if wanted.get(name) != keys:
                self.let_go(name)
                del self._had[name]
        taken = {}
        for name, keys in wanted.items():
            if name in self._had:
                continue
            if self.register(name, keys):
                self._had[name] = keys
            else:
                taken[name] = Trouble.TAKEN
        if taken:
            self.refused.emit(taken)

    def close(self) -> None:
        """Let all keys go."""
        self.bind({})

    def register(self, name: str, keys: QKeyCombination) -> bool:
        """Have the system tell of these keys; False where it does not."""
        raise NotImplementedError

    def let_go(self, name: str) -> None:
        """The opposite of `register`."""
        raise NotImplementedError
