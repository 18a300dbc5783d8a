"""Keys that reach Jarvis while another program has the keyboard, on macOS: hot keys of Carbon.

They are the one way there that needs no leave to read every key. A letter is where it stands on an American
keyboard. Tested for what it asks of the system; it has not run on macOS yet.
"""

from __future__ import annotations

import ctypes
from itertools import count
from types import MappingProxyType

from PySide6.QtCore import QKeyCombination, QObject, Qt

from jarvis_desktop.ui.registered_keys import RegisteredKeys

_K, _M = Qt.Key, Qt.KeyboardModifier
_KEYBOARD = int.from_bytes(b"keyb", "big")  # class of events
_PRESSED, _RELEASED = 5, 6  # kinds of them
_DIRECT_OBJECT, _HOT_KEY_ID = int.from_bytes(b"----", "big"), int.from_bytes(b"hkid", "big")
_OURS = int.from_bytes(b"Jrvs", "big")
# What Qt calls Ctrl is the Command key there, and Meta is Control.
_MODIFIERS = {
    _M.ControlModifier: 0x100,
    _M.ShiftModifier: 0x200,
    _M.AltModifier: 0x800,
    _M.MetaModifier: 0x1000,
}
_LETTERS = "asdfhgzxcv\0bqweryt123465=97-80]ou[ip\0lj'k;\\,/nm.\0 `"
_KEYS = MappingProxyType(
    {
        _K.Key_Return: 36,
        _K.Key_Tab: 48,
        _K.Key_Escape: 53,
        _K.Key_F17: 64,
        _K.Key_F18: 79,
        _K.Key_F19: 80,
        _K.Key_F20: 90,
        _K.Key_F5: 96,
        _K.Key_F6: 97,
        _K.Key_F7: 98,
        _K.Key_F3: 99,
        _K.Key_F8: 100,
        _K.Key_F9: 101,
        _K.Key_F11: 103,
        _K.Key_F13: 105,
        _K.Key_F16: 106,
        _K.Key_F14: 107,
        _K.Key_F10: 109,
        _K.Key_F12: 111,
        _K.Key_F15: 113,
        _K.Key_Insert: 114,
        _K.Key_Home: 115,
        _K.Key_PageUp: 116,
        _K.Key_Delete: 117,
        _K.Key_F4: 118,
        _K.Key_End: 119,
        _K.Key_F2: 120,
        _K.Key_PageDown: 121,
        _K.Key_F1: 122,
        _K.Key_Left: 123,
        _K.Key_Right: 124,
        _K.Key_Down: 125,
        _K.Key_Up: 126,
    }
)
"""Key codes of those that type nothing."""


class HotKeyId(ctypes.Structure):
    """EventHotKeyID."""

    _fields_ = (("signature", ctypes.c_uint32), ("number", ctypes.c_uint32))


class _Kind(ctypes.Structure):
    _fields_ = (("event_class", ctypes.c_uint32), ("event_kind", ctypes.c_uint32))


Handler = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
"""Called by the system with an event."""


class MacKeys(RegisteredKeys):
    """`carbon` is the framework. Its events come on Qt's thread."""

    def __init__(self, carbon: ctypes.CDLL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._carbon = _typed(carbon)
        self._numbers = count(1)
        self._registered: dict[int, tuple[str, ctypes.c_void_p]] = {}  # by its number: name and reference
        self._target = carbon.GetApplicationEventTarget()
        self._handler = Handler(self._take)  # the system keeps its address
        self._installed = ctypes.c_void_p()
        kinds = (_Kind * 2)(_Kind(_KEYBOARD, _PRESSED), _Kind(_KEYBOARD, _RELEASED))
        place = ctypes.byref(self._installed)
        carbon.InstallEventHandler(self._target, self._handler, len(kinds), kinds, None, place)

    def close(self) -> None:
        super().close()
        self._carbon.RemoveEventHandler(self._installed)

    def register(self, name: str, keys: QKeyCombination) -> bool:
        key_code = _key_code(keys.key())
        modifiers = sum(bit for modifier, bit in _MODIFIERS.items() if modifier & keys.keyboardModifiers())
        number, reference = next(self._numbers), ctypes.c_void_p()
        if key_code is None or self._carbon.RegisterEventHotKey(
            key_code, modifiers, HotKeyId(_OURS, number), self._target, 0, ctypes.byref(reference)
        ):
            return False
        self._registered[number] = name, reference
        return True

    def let_go(self, name: str) -> None:
        for number, (registered, reference) in tuple(self._registered.items()):
            if registered == name:
                self._carbon.UnregisterEventHotKey(reference)
                del self._registered[number]

    def _take(self, _next: int, event: int, _data: int) -> int:
        which = HotKeyId()
        size = ctypes.sizeof(which)
        self._carbon.GetEventParameter(
            event, _DIRECT_OBJECT, _HOT_KEY_ID, None, size, None, ctypes.byref(which)
        )
        if which.number in self._registered:
            name, _ = self._registered[which.number]
            down = self._carbon.GetEventKind(event) == _PRESSED
            (self.pressed if down else self.released).emit(name)
        return 0


def _key_code(key: Qt.Key) -> int | None:
    if key in _KEYS:
        return _KEYS[key]
    place = _LETTERS.find(chr(key.value).lower()) if 0x20 <= key.value < 0x100 else -1
    return place if place >= 0 else None


def _typed(carbon: ctypes.CDLL) -> ctypes.CDLL:
    pointer, word, size = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_ulong
    for name, result, *arguments in (
        ("GetApplicationEventTarget", pointer),
        ("InstallEventHandler", ctypes.c_int32, pointer, Handler, size, pointer, pointer, pointer),
        ("RemoveEventHandler", ctypes.c_int32, pointer),
        ("RegisterEventHotKey", ctypes.c_int32, word, word, HotKeyId, pointer, word, pointer),
        ("UnregisterEventHotKey", ctypes.c_int32, pointer),
        ("GetEventParameter", ctypes.c_int32, pointer, word, word, pointer, size, pointer, pointer),
        ("GetEventKind", word, pointer),
    ):
        function = getattr(carbon, name)
        function.restype, function.argtypes = result, arguments
    return carbon
