"""Keys that work while another program has the keyboard: talk, dictate, and show or hide the window."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtCore import QKeyCombination, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QShortcut
from PySide6.QtWidgets import QApplication, QKeySequenceEdit, QWidget

from jarvis_desktop.config import describe
from jarvis_desktop.config.schema import Config
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.key_names import Trouble, combination, takes_from_others
from jarvis_desktop.ui.mac_keys import MacKeys
from jarvis_desktop.ui.portal import Portal
from jarvis_desktop.ui.portal_keys import PortalKeys
from jarvis_desktop.ui.registered_keys import RegisteredKeys
from jarvis_desktop.ui.talk_key import TalkKey
from jarvis_desktop.ui.windows_keys import WindowsKeys
from jarvis_desktop.ui.x11_keys import X11Keys

_LOG = logging.getLogger(__name__)

TALK, SHOW = "desktop.talk_shortcut", "desktop.show_shortcut"
DICTATE = "desktop.dictation_shortcut"

_ESCAPE = "escape"
_CARBON = "/System/Library/Frameworks/Carbon.framework/Carbon"

Keyboard = X11Keys | PortalKeys | RegisteredKeys
"""What lends keys of the whole desktop."""

KEYBOARDS: Mapping[str, Callable[[Portal, QObject], Keyboard]] = MappingProxyType(
    {
        "xcb": lambda _, parent: X11Keys(parent),
        "wayland": PortalKeys,
        "windows": lambda _, parent: WindowsKeys(ctypes.CDLL("user32"), parent),
        "cocoa": lambda _, parent: MacKeys(ctypes.CDLL(_CARBON), parent),
    }
)
"""By the name of Qt's platform."""


def platform_of(qt_platform: str, environ: Mapping[str, str]) -> str:
    """Whose keys these are: an X server that is a guest of Wayland's has only those of its own windows."""
    return "wayland" if qt_platform == "xcb" and environ.get("WAYLAND_DISPLAY") else qt_platform


class GlobalKeys(QObject):
    """Has the keys that the settings say, and knows what is wrong with them."""

    trouble_changed = Signal()
    cancelled = Signal()  # Escape, while it was held

    def __init__(self, app: QApplication, window: QWidget, portal: Portal) -> None:
        super().__init__(window)
        self._portal = portal
        self._window = window
        self._chosen: dict[str, str] = {}
        self._keyboard: Keyboard | None = None
        self._choosing = False
        self._with_escape = False
        self.talk, self.dictate, self.show = TalkKey(self), TalkKey(self), TalkKey(self)
        self._keys = {TALK: self.talk, DICTATE: self.dictate, SHOW: self.show}
        self.trouble: dict[str, Trouble] = {}
        app.focusChanged.connect(self._focus_changed)

    def use(self, config: Config) -> None:
        """Take on the keys of the settings."""
        chosen = {name: str(describe.value_of(config, name)) for name in self._keys}
        if chosen != self._chosen:
            self._chosen = chosen
            self._bind()

    def hold_escape(self, on: bool) -> None:
        """Take Escape from the other programs, or give it back, where that needs no leave of the user's."""
        if on != self._with_escape and self._keyboard is not None and self._keyboard.pausable:
            self._with_escape = on
            self._bind()

    def close(self) -> None:
        """Let all keys go. Safe to call twice."""
        if self._keyboard is not None:
            self._keyboard.close()
            self._keyboard = None

    def _bind(self) -> None:
        sound, trouble = self._sort({} if self._choosing else self._chosen)
        if sound and self._keyboard is None:
            self._keyboard = self._open()
        if self._keyboard is None:
            trouble |= dict.fromkeys(sound, Trouble.UNAVAILABLE)
        if not self._choosing:
            self._tell(dict.fromkeys(self._keys) | trouble)
        if self._keyboard is not None:
            self._keyboard.bind(sound | self._escapes(sound.get(DICTATE)))

    def _sort(self, chosen: Mapping[str, str]) -> tuple[dict[str, QKeyCombination], dict[str, Trouble]]:
        """What can be asked for, and what is wrong with the rest."""
        ours = {combination(shortcut.key().toString()) for shortcut in self._window.findChildren(QShortcut)}
        sound: dict[str, QKeyCombination] = {}
        trouble = {}
        for name, text in chosen.items():
            if not text:
                continue
            keys = combination(text)
            if keys is None:
                trouble[name] = Trouble.NO_KEYS
            elif takes_from_others(keys):
                trouble[name] = Trouble.NEEDS_MODIFIER
            elif keys in ours:
                trouble[name] = Trouble.OURS
            elif keys in sound.values():
                trouble[name] = Trouble.TWICE
            else:
                sound[name] = keys
        return sound, trouble

    def _escapes(self, dictate: QKeyCombination | None) -> dict[str, QKeyCombination]:
        """Escape alone, and with what is held of the keys of dictation."""
        if not self._with_escape:
            return {}
        modifiers = Qt.KeyboardModifier.NoModifier
        held = dictate.keyboardModifiers() if dictate is not None else modifiers
        escapes = [QKeyCombination(each, Qt.Key.Key_Escape) for each in {modifiers, held}]
        return {f"{_ESCAPE}-{number}": keys for number, keys in enumerate(escapes)}

    def _open(self) -> Keyboard | None:
        kind = KEYBOARDS.get(platform_of(QGuiApplication.platformName(), os.environ))
        if kind is None:
            return None
        try:
            keyboard = kind(self._portal, self)
        except OSError as error:
            _LOG.info("no keys of the whole desktop: %s", error)
            return None
        keyboard.pressed.connect(self._pressed)
        keyboard.released.connect(self._released)
        keyboard.refused.connect(self._tell)
        keyboard.changed.connect(self._bind)
        return keyboard

    def _pressed(self, name: str) -> None:
        if name in self._keys:
            self._keys[name].key_down()
        else:
            self.cancelled.emit()

    def _released(self, name: str) -> None:
        if name in self._keys:
            self._keys[name].key_up()

    def _tell(self, news: Mapping[str, Trouble | None]) -> None:
        """What is wrong (None: nothing) with these keys now."""
        known = {**self.trouble, **news}
        ours = {name: known.get(name) for name in self._keys}
        self.trouble = {name: trouble for name, trouble in ours.items() if trouble is not None}
        for name, trouble in self.trouble.items():
            _LOG.info("the keys of %s do nothing: %s", name, trouble.name)
        self.trouble_changed.emit()

    def _focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        # Keys that are had already would do their work in place of being chosen again.
        choosing = isinstance(now, QKeySequenceEdit)
        pausable = self._keyboard is not None and self._keyboard.pausable
        if choosing != self._choosing and pausable:
            self._choosing = choosing
            self._bind()


def trouble_text(trouble: Trouble) -> str:
    """What is wrong and what to do, in the window's language."""
    return {
        Trouble.NO_KEYS: tr("These are no keys. Choose others by pressing them."),
        Trouble.NEEDS_MODIFIER: tr(
            "You could no longer type these keys. Press Ctrl, Alt or the logo key too."
        ),
        Trouble.TWICE: tr("The same keys are chosen above. Choose others."),
        Trouble.OURS: tr("Jarvis’ window uses these keys already. Choose others."),
        Trouble.TAKEN: tr("Another program has these keys, or this keyboard lacks them. Choose others."),
        Trouble.REFUSED: tr("The desktop does not lend these keys. Choose others, or allow it there."),
        Trouble.UNAVAILABLE: tr(
            "This desktop gives programs no keys of their own. In its keyboard settings, "
            "bind keys to the commands “jarvis run --talk”, “jarvis run --dictate” and “jarvis run --show”."
        ),
    }[trouble]
