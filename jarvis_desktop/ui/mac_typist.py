"""Types into the program that has the keyboard on macOS: keyboard events that carry text, by Core Graphics.

Tested for what it sends; it has not run on macOS yet.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

from PySide6.QtCore import QObject

from jarvis_desktop.errors import DesktopError
from jarvis_desktop.ui.typist import Typist

_SESSION = 1  # where events are posted: kCGSessionEventTap
_COMBINED = 0  # state of all keyboards: kCGEventSourceStateCombinedSessionState
_MODIFIERS = 0x1E0000  # Shift, Ctrl, Alt and Command
_RETURN = 36  # key code
_MOST_UNITS = 20  # of UTF-16, in one event


class MacTypist(Typist):
    """`services` is the framework ApplicationServices."""

    def __init__(self, services: ctypes.CDLL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._services = _typed(services)

    def prepare(self) -> None:
        try:
            self._check()
        except DesktopError as error:
            self.failed.emit(error)

    def modifiers_held(self) -> bool:
        return bool(self._services.CGEventSourceFlagsState(_COMBINED) & _MODIFIERS)

    def send(self, text: str) -> str:
        self._check()
        for piece in _pieces(text):
            for down in (True, False):
                self._post(piece, down)
        return ""

    def _check(self) -> None:
        if not self._services.AXIsProcessTrusted():
            raise DesktopError(
                "desktop.typing_refused",
                "macOS does not let Jarvis type into other programs.",
                "Allow it in System Settings, Privacy & Security, Accessibility, and start Jarvis again.",
            )

    def _post(self, piece: str, down: bool) -> None:
        services = self._services
        event = services.CGEventCreateKeyboardEvent(None, _RETURN if piece == "\n" else 0, down)
        services.CGEventSetFlags(event, 0)
        if piece != "\n":
            data = piece.encode("utf-16-le")
            units = (ctypes.c_uint16 * (len(data) // 2)).from_buffer_copy(data)
            services.CGEventKeyboardSetUnicodeString(event, len(units), units)
        services.CGEventPost(_SESSION, event)
        services.CFRelease(event)


def _pieces(text: str) -> Iterator[str]:
    """What fits into an event each, no character torn; a line break alone."""
    piece, units = "", 0
    for character in text:
        size = 2 if ord(character) > 0xFFFF else 1
        if piece and (character == "\n" or piece == "\n" or units + size > _MOST_UNITS):
            yield piece
            piece, units = "", 0
        piece += character
        units += size
    if piece:
        yield piece


def _typed(services: ctypes.CDLL) -> ctypes.CDLL:
    pointer = ctypes.c_void_p
    for name, result, *arguments in (
        ("AXIsProcessTrusted", ctypes.c_bool),
        ("CGEventSourceFlagsState", ctypes.c_uint64, ctypes.c_int32),
        ("CGEventCreateKeyboardEvent", pointer, pointer, ctypes.c_uint16, ctypes.c_bool),
        ("CGEventSetFlags", None, pointer, ctypes.c_uint64),
        ("CGEventKeyboardSetUnicodeString", None, pointer, ctypes.c_ulong, pointer),
        ("CGEventPost", None, ctypes.c_uint32, pointer),
        ("CFRelease", None, pointer),
    ):
        function = getattr(services, name)
        function.restype, function.argtypes = result, arguments
    return services
