"""Keys that reach Jarvis while another program has the keyboard, on Windows: `RegisterHotKey`.

Tested for what it asks of the system; it has not run on Windows yet.
"""

from __future__ import annotations

import ctypes
from itertools import count
from types import MappingProxyType

from PySide6.QtCore import QAbstractNativeEventFilter, QCoreApplication, QKeyCombination, QObject, Qt, QTimer

from jarvis_desktop.ui.registered_keys import RegisteredKeys

_K, _M = Qt.Key, Qt.KeyboardModifier
_HOT_KEY = 0x0312  # kind of message
_ONCE = 0x4000  # not again while it is held
_LOOK_MS = 30  # Windows tells of the press alone
_MODIFIERS = {_M.AltModifier: 1, _M.ControlModifier: 2, _M.ShiftModifier: 4, _M.MetaModifier: 8}
_KEYS = MappingProxyType(
    {
        _K.Key_Tab: 0x09,
        _K.Key_Return: 0x0D,
        _K.Key_Pause: 0x13,
        _K.Key_Escape: 0x1B,
        _K.Key_PageUp: 0x21,
        _K.Key_PageDown: 0x22,
        _K.Key_End: 0x23,
        _K.Key_Home: 0x24,
        _K.Key_Left: 0x25,
        _K.Key_Up: 0x26,
        _K.Key_Right: 0x27,
        _K.Key_Down: 0x28,
        _K.Key_Print: 0x2C,
        _K.Key_Insert: 0x2D,
        _K.Key_Delete: 0x2E,
        _K.Key_Menu: 0x5D,
        _K.Key_ScrollLock: 0x91,
        _K.Key_MediaPlay: 0xB3,
        _K.Key_MediaTogglePlayPause: 0xB3,
    }
)
"""Virtual keys of those that type nothing."""

_FUNCTION_KEYS = range(_K.Key_F1.value, _K.Key_F24.value + 1)


class Message(ctypes.Structure):
    """MSG."""

    _fields_ = (
        ("window", ctypes.c_void_p),
        ("kind", ctypes.c_uint32),
        ("number", ctypes.c_size_t),
        ("keys", ctypes.c_ssize_t),
        ("time", ctypes.c_uint32),
        ("x", ctypes.c_int32),
        ("y", ctypes.c_int32),
    )


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, keys: WindowsKeys) -> None:
        super().__init__()
        self._keys = keys

    def nativeEventFilter(self, kind: object, message: int) -> object:
        if kind in (b"windows_generic_MSG", b"windows_dispatcher_MSG"):
            self._keys.take(Message.from_address(int(message)))
        return False, 0


class WindowsKeys(RegisteredKeys):
    """`user32` is the system's library. That a key went up is found by looking."""

    def __init__(self, user32: ctypes.CDLL, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._user32 = user32
        self._numbers = count(1)
        self._registered: dict[int, tuple[str, int]] = {}  # by its number: name and virtual key
        self._held: dict[str, int] = {}
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self._look_again)
        self._filter = _Filter(self)
        QCoreApplication.instance().installNativeEventFilter(self._filter)  # type: ignore[union-attr]

    def close(self) -> None:
        super().close()
        self._look.stop()
        QCoreApplication.instance().removeNativeEventFilter(self._filter)  # type: ignore[union-attr]

    def register(self, name: str, keys: QKeyCombination) -> bool:
        key = self._virtual_key(keys.key())
        modifiers = sum(bit for modifier, bit in _MODIFIERS.items() if modifier & keys.keyboardModifiers())
        number = next(self._numbers)
        if not key or not self._user32.RegisterHotKey(None, number, modifiers | _ONCE, key):
            return False
        self._registered[number] = name, key
        return True

    def let_go(self, name: str) -> None:
        for number, (registered, _) in tuple(self._registered.items()):
            if registered == name:
                self._user32.UnregisterHotKey(None, number)
                del self._registered[number]

    def take(self, message: Message) -> None:
        """A message of the event loop."""
        if message.kind == _HOT_KEY and message.number in self._registered:
            name, key = self._registered[message.number]
            self._held[name] = key
            self._look.start()
            self.pressed.emit(name)

    def _look_again(self) -> None:
        for name, key in tuple(self._held.items()):
            if not self._user32.GetAsyncKeyState(key) & 0x8000:
                del self._held[name]
                self.released.emit(name)
        if not self._held:
            self._look.stop()

    def _virtual_key(self, key: Qt.Key) -> int:
        """0 where the keyboard has no such key."""
        if key.value in _FUNCTION_KEYS:
            return 0x70 + key.value - _FUNCTION_KEYS.start
        if key in _KEYS or key.value > 0xFFFF:
            return _KEYS.get(key, 0)
        found: int = self._user32.VkKeyScanW(ord(chr(key.value).lower()))
        return found & 0xFF if found & 0xFFFF != 0xFFFF else 0
