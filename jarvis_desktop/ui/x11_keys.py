"""Keys that reach Jarvis while another program has the keyboard, on X11: grabbed from the server by libxcb.

A connection of its own beside Qt's, so that a refused grab is an answer to us and not an error within Qt.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QKeyCombination, QObject, QSocketNotifier, Qt, Signal

from jarvis_desktop.ui.key_names import Trouble, keysym

_PRESS, _RELEASE, _MAPPING_CHANGED = 2, 3, 34  # types of events
_SHIFT, _CAPS_LOCK, _CONTROL, _ALT, _NUM_LOCK, _SUPER = 1, 2, 4, 8, 16, 64
_MASKS = {
    Qt.KeyboardModifier.ShiftModifier: _SHIFT,
    Qt.KeyboardModifier.ControlModifier: _CONTROL,
    Qt.KeyboardModifier.AltModifier: _ALT,
    Qt.KeyboardModifier.MetaModifier: _SUPER,
}
_LOCKS = (0, _CAPS_LOCK, _NUM_LOCK, _CAPS_LOCK | _NUM_LOCK)
"""A grab is of exact modifiers: one for each state of the locks, which do not count."""

_REPLY_HEADER = 32  # bytes


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Screens(ctypes.Structure):
    _fields_ = (("data", ctypes.POINTER(ctypes.c_uint32)), ("rem", ctypes.c_int), ("index", ctypes.c_int))


class X11Keys(QObject):
    """Grabs combinations of keys; a held key that repeats comes as pairs of release and press."""

    pausable = True

    pressed = Signal(str)
    released = Signal(str)
    refused = Signal(object)  # name -> `Trouble`
    changed = Signal()  # the keyboard has another layout: bind again

    def __init__(self, parent: QObject | None = None) -> None:
        """Raises OSError where there is no X server or no libxcb."""
        super().__init__(parent)
        self._grabbed: dict[tuple[int, int], str] = {}  # key code and modifiers -> name
        self._xcb = _library()
        self._server = self._xcb.xcb_connect(None, None)
        if self._xcb.xcb_connection_has_error(self._server):
            self._xcb.xcb_disconnect(self._server)
            raise OSError("no X server")
        setup = self._xcb.xcb_get_setup(self._server)
        self._key_codes = range(setup[34], setup[35] + 1)
        self._root = self._xcb.xcb_setup_roots_iterator(setup).data[0]
        descriptor = self._xcb.xcb_get_file_descriptor(self._server)
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._take_events)

    def bind(self, wanted: Mapping[str, QKeyCombination]) -> None:
        """Grab these and nothing else. `refused` is told of those that another program has, or no key."""
        self._xcb.xcb_ungrab_key(self._server, 0, self._root, 1 << 15)  # any key, any modifiers
        self._grabbed = {}
        layout = self._layout()
        taken = {}
        for name, combination in wanted.items():
            place = _find(layout, combination)
            if place is None or not all(self._grab(place[0], place[1] | locks) for locks in _LOCKS):
                taken[name] = Trouble.TAKEN
            else:
                self._grabbed[place] = name
        self._xcb.xcb_flush(self._server)
        self._take_events()  # those that came with the answers wake no notifier
        if taken:
            self.refused.emit(taken)

    def close(self) -> None:
        """Let all keys go."""
        self._notifier.setEnabled(False)
        self._xcb.xcb_disconnect(self._server)

    def _grab(self, key_code: int, modifiers: int) -> bool:
        asynchronous = 1
        cookie = self._xcb.xcb_grab_key_checked(
            self._server, 0, self._root, modifiers, key_code, asynchronous, asynchronous
        )
        error = self._xcb.xcb_request_check(self._server, cookie)
        if error:
            _free(error)
        return not error

    def _layout(self) -> dict[int, tuple[int, ...]]:
        """Key code -> its symbols: plain and shifted of the first layout, of the second, and so on."""
        first, count = self._key_codes.start, len(self._key_codes)
        cookie = self._xcb.xcb_get_keyboard_mapping(self._server, first, count)
        reply = self._xcb.xcb_get_keyboard_mapping_reply(self._server, cookie, None)
        if not reply:
            return {}
        per_key = ctypes.string_at(reply + 1, 1)[0]
        symbols = struct.unpack(
            f"={count * per_key}I", ctypes.string_at(reply + _REPLY_HEADER, 4 * count * per_key)
        )
        _free(reply)
        return {first + index: symbols[index * per_key : (index + 1) * per_key] for index in range(count)}

    def _take_events(self) -> None:
        for kind, key_code, state in self._events():
            if kind == _PRESS and (name := self._grabbed.get((key_code, state))):
                self.pressed.emit(name)
            elif kind == _RELEASE:  # the modifiers may have been let go before
                for (grabbed, _), name in tuple(self._grabbed.items()):
                    if grabbed == key_code:
                        self.released.emit(name)
            elif kind == _MAPPING_CHANGED:
                self.changed.emit()
        if self._xcb.xcb_connection_has_error(self._server):
            self._notifier.setEnabled(False)

    def _events(self) -> Iterator[tuple[int, int, int]]:
        """Type, key code and modifiers (without the locks) of each event that is there."""
        while event := self._xcb.xcb_poll_for_event(self._server):
            kind, key_code, state = struct.unpack("=BB26xH", ctypes.string_at(event, 30))
            _free(event)
            yield kind & 0x7F, key_code, state & (_SHIFT | _CONTROL | _ALT | _SUPER)


def _find(layout: Mapping[int, tuple[int, ...]], combination: QKeyCombination) -> tuple[int, int] | None:
    """Key code and modifiers of a combination; None where the keyboard has no such key."""
    modifiers = combination.keyboardModifiers()
    mask = sum(bit for modifier, bit in _MASKS.items() if modifier & modifiers)
    wanted = keysym(combination.key())
    for column, shifted in enumerate((0, _SHIFT, 0, _SHIFT)):
        for key_code, symbols in layout.items():
            if column < len(symbols) and symbols[column] == wanted:
                return key_code, mask | shifted
    return None


def _free(address: int) -> None:
    ctypes.CDLL(None).free(ctypes.c_void_p(address))


def _library() -> ctypes.CDLL:
    """libxcb with the types of what is used of it; raises OSError where there is none."""
    xcb = ctypes.CDLL("libxcb.so.1")
    pointer, byte, short, word = ctypes.c_void_p, ctypes.c_uint8, ctypes.c_uint16, ctypes.c_uint32
    for name, result, *arguments in (
        ("connect", pointer, pointer, pointer),
        ("connection_has_error", ctypes.c_int, pointer),
        ("disconnect", None, pointer),
        ("flush", ctypes.c_int, pointer),
        ("get_file_descriptor", ctypes.c_int, pointer),
        ("get_setup", ctypes.POINTER(byte), pointer),
        ("setup_roots_iterator", _Screens, ctypes.POINTER(byte)),
        ("grab_key_checked", _Cookie, pointer, byte, word, short, byte, byte, byte),
        ("ungrab_key", _Cookie, pointer, byte, word, short),
        ("request_check", pointer, pointer, _Cookie),
        ("get_keyboard_mapping", _Cookie, pointer, byte, byte),
        ("get_keyboard_mapping_reply", pointer, pointer, _Cookie, pointer),
        ("poll_for_event", pointer, pointer),
    ):
        function = getattr(xcb, f"xcb_{name}")
        function.restype, function.argtypes = result, arguments
    return xcb
