"""Types into the program that has the keyboard through the portal of a Linux desktop: the way on Wayland.

The desktop asks the user for leave, once while Jarvis runs. It finds the keys for the symbols itself.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from jarvis_desktop.errors import DesktopError
from jarvis_desktop.ui.key_names import character_keysym
from jarvis_desktop.ui.portal import NAME, PATH, SESSION, Portal, Results
from jarvis_desktop.ui.session_bus import Service, Variant
from jarvis_desktop.ui.typist import Typist

_REMOTE_DESKTOP = Service(NAME, PATH, "org.freedesktop.portal.RemoteDesktop")
_KEYBOARD = 1
_DOWN, _UP = 1, 0


class PortalTypist(Typist):
    """Types in a session that stays open until the program ends or the desktop closes it."""

    def __init__(self, portal: Portal, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._portal = portal
        self._session = ""
        self._asking = self._granted = False
        portal.bus.listen(Service(NAME, PATH, SESSION), "Closed", self._closed)

    def prepare(self) -> None:
        if not (self._granted or self._asking):
            self._asking = True
            self._portal.open_session(_REMOTE_DESKTOP, self._opened)

    def type(self, text: str) -> None:
        self._waiting += text
        self.prepare()
        if self._granted:
            self._go_on()

    def close(self) -> None:
        super().close()
        if self._session:
            self._portal.close_session(self._session)
        self._forget()

    def send(self, text: str) -> str:
        for symbol in filter(None, map(character_keysym, text)):
            for state in (_DOWN, _UP):
                body = [self._session, {}, symbol, state]
                self._portal.bus.call(_REMOTE_DESKTOP, "NotifyKeyboardKeysym", "oa{sv}iu", body)
        return ""

    def _opened(self, session: str | None) -> None:
        if session is None:
            self._refused()
            return
        self._session = session
        kinds = {"types": Variant("u", _KEYBOARD)}
        self._portal.request(_REMOTE_DESKTOP, "SelectDevices", "o", [session], kinds, self._selected)

    def _selected(self, results: Results | None) -> None:
        if results is None:
            self._refused()
        else:
            self._portal.request(_REMOTE_DESKTOP, "Start", "os", [self._session, ""], {}, self._started)

    def _started(self, results: Results | None) -> None:
        if results is None or not results["devices"].value & _KEYBOARD:
            self._refused()
            return
        self._asking, self._granted = False, True
        self._go_on()

    def _refused(self) -> None:
        self.close()
        self.failed.emit(
            DesktopError(
                "desktop.typing_refused",
                "The desktop does not let Jarvis type into other programs.",
                "Dictate again and allow it when the desktop asks. One that never asks does not offer it: "
                "dictate into Jarvis’ own window, or use an X11 session.",
            )
        )

    def _closed(self, path: str, _body: list[Any]) -> None:
        if path == self._session:
            self._forget()

    def _forget(self) -> None:
        self._session = ""
        self._asking = self._granted = False
