"""Keys that reach Jarvis while another program has the keyboard, on X11: grabbed from the server."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QKeyCombination, QObject, QSocketNotifier, Qt, Signal

from jarvis_desktop.ui.key_names import Trouble, keysym
from jarvis_desktop.ui.x11_server import X11Server, free

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
        self._x = X11Server()
        self._xcb = self._x.xcb
        descriptor = self._xcb.xcb_get_file_descriptor(self._x.connection)
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._take_events)

    def bind(self, wanted: Mapping[str, QKeyCombination]) -> None:
        """Grab these and nothing else. `refused` is told of those that another program has, or no key."""
        self._xcb.xcb_ungrab_key(self._x.connection, 0, self._x.root, 1 << 15)  # any key, any modifiers
        self._grabbed = {}
        layout = self._x.layout()
        taken = {}
        for name, combination in wanted.items():
            place = _find(layout, combination)
            if place is None or not all(self._grab(place[0], place[1] | locks) for locks in _LOCKS):
                taken[name] = Trouble.TAKEN
            else:
                self._grabbed[place] = name
        self._xcb.xcb_flush(self._x.connection)
        self._take_events()  # those that came with the answers wake no notifier
        if taken:
            self.refused.emit(taken)

    def close(self) -> None:
        """Let all keys go."""
        self._notifier.setEnabled(False)
        self._x.close()

    def _grab(self, key_code: int, modifiers: int) -> bool:
        asynchronous = 1
        cookie = self._xcb.xcb_grab_key_checked(
            self._x.connection, 0, self._x.root, modifiers, key_code, asynchronous, asynchronous
        )
        error = self._xcb.xcb_request_check(self._x.connection, cookie)
        if error:
            free(error)
        return not error

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
        if self._xcb.xcb_connection_has_error(self._x.connection):
            self._notifier.setEnabled(False)

    def _events(self) -> Iterator[tuple[int, int, int]]:
        """Type, key code and modifiers (without the locks) of each event that is there."""
        while event := self._xcb.xcb_poll_for_event(self._x.connection):
            kind, key_code, state = struct.unpack("=BB26xH", ctypes.string_at(event, 30))
            free(event)
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
