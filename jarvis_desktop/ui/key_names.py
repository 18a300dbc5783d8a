"""Keys of the whole desktop: what X11 and the shortcut portal call them, and what can be wrong with them."""

from __future__ import annotations

from enum import Enum, auto
from types import MappingProxyType

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

_K = Qt.Key


class Trouble(Enum):
    """Why keys that were chosen do nothing."""

    NO_KEYS = auto()
    NEEDS_MODIFIER = auto()  # without one, nobody could type them any more
    TWICE = auto()
    OURS = auto()  # the window has them
    TAKEN = auto()
    REFUSED = auto()  # by the desktop, or by the user when it asked
    UNAVAILABLE = auto()  # the desktop lends none


_SYMBOLS = MappingProxyType(
    {
        _K.Key_Tab: ("Tab", 0xFF09),
        _K.Key_Return: ("Return", 0xFF0D),
        _K.Key_Escape: ("Escape", 0xFF1B),
        _K.Key_Pause: ("Pause", 0xFF13),
        _K.Key_ScrollLock: ("Scroll_Lock", 0xFF14),
        _K.Key_Home: ("Home", 0xFF50),
        _K.Key_Left: ("Left", 0xFF51),
        _K.Key_Up: ("Up", 0xFF52),
        _K.Key_Right: ("Right", 0xFF53),
        _K.Key_Down: ("Down", 0xFF54),
        _K.Key_PageUp: ("Prior", 0xFF55),
        _K.Key_PageDown: ("Next", 0xFF56),
        _K.Key_End: ("End", 0xFF57),
        _K.Key_Print: ("Print", 0xFF61),
        _K.Key_Insert: ("Insert", 0xFF63),
        _K.Key_Menu: ("Menu", 0xFF67),
        _K.Key_Delete: ("Delete", 0xFFFF),
        _K.Key_MediaPlay: ("XF86AudioPlay", 0x1008FF14),
        _K.Key_MediaTogglePlayPause: ("XF86AudioPlay", 0x1008FF14),
        _K.Key_MicMute: ("XF86AudioMicMute", 0x1008FFB2),
    }
)
"""Name and number of the symbols that follow no rule."""

_FUNCTION_KEYS = range(_K.Key_F1.value, _K.Key_F35.value + 1)
_LATIN_1 = range(0x20, 0x100)
_NEVER_TEXT = frozenset({_K.Key_Pause, _K.Key_ScrollLock, _K.Key_Print, _K.Key_Menu})
_MEDIA = range(_K.Key_Back.value, _K.Key_AltGr.value)

_PORTAL_MODIFIERS = MappingProxyType(
    {
        Qt.KeyboardModifier.ControlModifier: "CTRL",
        Qt.KeyboardModifier.AltModifier: "ALT",
        Qt.KeyboardModifier.ShiftModifier: "SHIFT",
        Qt.KeyboardModifier.MetaModifier: "LOGO",
    }
)


def combination(text: str) -> QKeyCombination | None:
    """The keys that a setting names (``Ctrl+Alt+Space``); None where it names none."""
    keys = QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)
    if keys.count() != 1:
        return None
    only: QKeyCombination = keys[0]  # type: ignore[index]  # missing in PySide's stubs
    return only if only.key() is not _K.Key_unknown else None


def takes_from_others(keys: QKeyCombination) -> bool:
    """Whether other programs could not be typed into or worked any more without these keys."""
    strong = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    if keys.keyboardModifiers() & (strong | Qt.KeyboardModifier.MetaModifier):
        return False
    key = keys.key()
    return not (key.value in _FUNCTION_KEYS or key.value in _MEDIA or key in _NEVER_TEXT)


def keysym(key: Qt.Key) -> int:
    """X11's number of the symbol on a key; 0 where it has none that is known here."""
    return _symbol(key)[1]


def character_keysym(character: str) -> int:
    """X11's number of the symbol that types a character; 0 for one that is no text."""
    if character in "\n\t":
        return 0xFF0D if character == "\n" else 0xFF09
    if not character.isprintable():
        return 0
    return ord(character) if ord(character) in _LATIN_1 else 0x01000000 | ord(character)


def portal_trigger(keys: QKeyCombination) -> str:
    """A combination as the shortcut portal writes it: ``CTRL+ALT+space``; empty where it cannot."""
    name = _symbol(keys.key())[0]
    held = [word for modifier, word in _PORTAL_MODIFIERS.items() if modifier & keys.keyboardModifiers()]
    return "+".join([*held, name]) if name else ""


def _symbol(key: Qt.Key) -> tuple[str, int]:
    if key.value in _FUNCTION_KEYS:
        number = key.value - _FUNCTION_KEYS.start
        return f"F{number + 1}", 0xFFBE + number
    if key.value in _LATIN_1:
        character = chr(key.value).lower()
        name = character if character.isascii() and character.isalnum() else _NAMES.get(character, "")
        return name, ord(character)
    if key.value < _K.Key_Escape.value:  # other scripts
        return "", character_keysym(chr(key.value).lower())
    return _SYMBOLS.get(key, ("", 0))


_NAMES = MappingProxyType(
    {
        " ": "space",
        "'": "apostrophe",
        ",": "comma",
        "-": "minus",
        ".": "period",
        "/": "slash",
        ";": "semicolon",
        "=": "equal",
        "[": "bracketleft",
        "\\": "backslash",
        "]": "bracketright",
        "`": "grave",
    }
)
"""What xkbcommon calls the signs of a keyboard."""
