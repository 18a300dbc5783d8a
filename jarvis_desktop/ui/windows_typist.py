"""Types into the program that has the keyboard on Windows: `SendInput`, with characters in the place of keys.

Tested for what it sends; it has not run on Windows yet.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

from PySide6.QtCore import QObject

from jarvis_desktop.errors import DesktopError
from jarvis_desktop.ui.typist import Typist

_KEYBOARD = 1  # kind of input
_UP, _UNICODE = 2, 4
_RETURN = 0x0D
_MODIFIERS = (0x10, 0x11, 0x12, 0x5B, 0x5C)  # Shift, Ctrl, Alt and the two logo keys


class KeyboardInput(ctypes.Structure):
    """KEYBDINPUT."""

    _fields_ = (
        ("key", ctypes.c_uint16),
        ("scan", ctypes.c_uint16),
        ("flags", ctypes.c_uint32),
        ("time", ctypes.c_uint32),
        ("extra", ctypes.c_size_t),
    )


class _MouseInput(ctypes.Structure):
    """MOUSEINPUT, the largest kind of input: it gives the union its size."""

    _fields_ = (
        ("dx", ctypes.c_int32),
        ("dy", ctypes.c_int32),
        ("data", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("time", ctypes.c_uint32),
        ("extra", ctypes.c_size_t),
    )


class _Kinds(ctypes.Union):
    _fields_ = (("keyboard", KeyboardInput), ("mouse", _MouseInput))


class Input(ctypes.Structure):
    """INPUT."""

    _fields_ = (("kind", ctypes.c_uint32), ("of", _Kinds))


class WindowsTypist(Typist):
    """`user32` is the system's library."""

    def __init__(self, user32: ctypes.CDLL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._user32 = user32

    def place(self) -> object:
        return self._user32.GetForegroundWindow()

    def modifiers_held(self) -> bool:
        return any(self._user32.GetAsyncKeyState(key) & 0x8000 for key in _MODIFIERS)

    def send(self, text: str) -> str:
        events = list(_events(text))
        inputs = (Input * len(events))(*events)
        if self._user32.SendInput(len(inputs), inputs, ctypes.sizeof(Input)) != len(inputs):
            raise DesktopError(
                "desktop.typing_refused",
                "Windows did not let Jarvis type into this program.",
                "It may run as administrator. Dictate into Jarvis’ own window and copy the text.",
            )
        return ""


def _events(text: str) -> Iterator[Input]:
    """Each UTF-16 unit down and up; line breaks are keys, for no program takes their character for one."""
    units = text.encode("utf-16-le")
    for low, high in zip(units[::2], units[1::2], strict=True):
        unit = low | high << 8
        key, scan, flags = (_RETURN, 0, 0) if unit == ord("\n") else (0, unit, _UNICODE)
        for way in (0, _UP):
            yield Input(_KEYBOARD, _Kinds(keyboard=KeyboardInput(key, scan, flags | way)))
