"""Types into the program that has the keyboard on X11, by the server's own test extension.

A character that no key has in the layout in use is lent one of the key codes that no keyboard uses. It stays
lent, for a program looks up what a key means when it reads it, which may be long after it was typed.
"""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Mapping

from PySide6.QtCore import QObject

from jarvis_desktop.ui.key_names import character_keysym
from jarvis_desktop.ui.typist import Typist
from jarvis_desktop.ui.x11_server import X11Server

_FAKE_INPUT, _USE_EXTENSION, _GET_STATE = 2, 0, 4  # requests
_PRESS, _RELEASE = 2, 3
_CAPS_LOCK, _NUM_LOCK = 2, 16  # modifiers that nobody holds
_SHIFT = 0xFFE1
_NONE = (0, 0)

_Pair = tuple[int, int]
"""The symbols of a key: plain and shifted."""


class X11Typist(Typist):
    """Types on a connection of its own."""

    def __init__(self, parent: QObject | None = None) -> None:
        """Raises OSError where there is no X server, or one that lets nobody type."""
        super().__init__(parent)
        self._x = X11Server()
        self._test = self._x.extension("XTEST")
        self._keyboard = self._x.extension("XKEYBOARD")
        self._x.send(self._keyboard, _USE_EXTENSION, struct.pack("=HH", 1, 0), replied=True)
        self._lent: set[int] = set()
        self._open = True

    def place(self) -> object:
        return self._x.focus()

    def modifiers_held(self) -> bool:
        held, _, _ = self._state()
        return bool(held & ~(_CAPS_LOCK | _NUM_LOCK))

    def close(self) -> None:
        super().close()
        if self._open:
            self._open = False
            for key_code in self._lent:
                self._give(key_code, _NONE)
            self._x.close()

    def send(self, text: str) -> str:
        _, locked, group = self._state()
        layout = {key_code: _pair(symbols, group) for key_code, symbols in self._x.layout().items()}
        typed = self._lend(text, layout)
        keys = _keys(layout)
        shift = keys[_SHIFT][0]
        for character in typed:
            if (symbol := character_keysym(character)) not in keys:
                continue  # a character that is no text
            key_code, shifted = keys[symbol]
            if _cases(character) == layout[key_code]:
                shifted ^= bool(locked & _CAPS_LOCK)
            held = (shift, key_code) if shifted else (key_code,)
            for each in held:
                self._fake(_PRESS, each)
            for each in reversed(held):
                self._fake(_RELEASE, each)
        self._x.xcb.xcb_flush(self._x.connection)
        return text[len(typed) :]

    def _lend(self, text: str, layout: dict[int, _Pair]) -> str:
        """See to it that each character has a key; returns as much of the text as there are keys for."""
        known = _keys(layout)
        needed = {known[symbol][0] for symbol in map(character_keysym, text) if symbol in known}
        unused = [key_code for key_code in self._x.key_codes[1:] if layout[key_code] == _NONE]
        spare = [*unused, *(self._lent - needed)]
        for place, character in enumerate(text):
            symbol = character_keysym(character)
            if not symbol or symbol in known:
                continue
            if not spare:
                return text[:place]
            key_code = spare.pop(0)
            layout[key_code] = _cases(character)
            self._give(key_code, layout[key_code])
            self._lent.add(key_code)
            known = _keys(layout)
        return text

    def _give(self, key_code: int, symbols: _Pair) -> None:
        pair = (ctypes.c_uint32 * 2)(*symbols)
        self._x.xcb.xcb_change_keyboard_mapping(self._x.connection, 1, key_code, 2, pair)
        self._x.xcb.xcb_flush(self._x.connection)

    def _fake(self, kind: int, key_code: int) -> None:
        self._x.send(self._test, _FAKE_INPUT, struct.pack("=BB30x", kind, key_code))

    def _state(self) -> tuple[int, int, int]:
        """Modifiers that are held and that are locked, and the number of the layout in use."""
        core_keyboard = 0x100
        request = struct.pack("=HH", core_keyboard, 0)
        reply = self._x.send(self._keyboard, _GET_STATE, request, replied=True)
        held, _latched, locked, group = reply[9:13]
        return held, locked, group


def _pair(symbols: tuple[int, ...], group: int) -> _Pair:
    """What a key types in a layout; one that has no symbols there types those of the first."""
    ours = symbols[2 * group : 2 * group + 2] if group < 2 else ()  # others stand elsewhere in the table
    plain, shifted = ours if any(ours) else (symbols[0], symbols[1])
    return plain, shifted


def _keys(layout: Mapping[int, _Pair]) -> dict[int, tuple[int, bool]]:
    """Symbol -> the key that types it, and whether with Shift."""
    shifted = {pair[1]: (key_code, True) for key_code, pair in layout.items()}
    return shifted | {pair[0]: (key_code, False) for key_code, pair in layout.items()}


def _cases(character: str) -> _Pair:
    """The symbols of a key for a character: a letter's small and capital ones, so that Caps Lock knows it."""
    small, capital = character.lower(), character.upper()
    if len(small) != 1 or len(capital) != 1 or small == capital:
        small = capital = character
    return character_keysym(small), character_keysym(capital)
