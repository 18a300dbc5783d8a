"""Keys that reach Jarvis while another program has the keyboard, lent by a Linux desktop through its portal.

The way on Wayland. The keys of the settings are a wish; the desktop may ask the user, who can choose others.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QKeyCombination, QObject, Signal

from jarvis_desktop.config import describe
from jarvis_desktop.ui.i18n import tr_setting
from jarvis_desktop.ui.key_names import Trouble, portal_trigger
from jarvis_desktop.ui.portal import NAME, PATH, Portal, Results
from jarvis_desktop.ui.session_bus import Service, Variant

_SHORTCUTS = Service(NAME, PATH, "org.freedesktop.portal.GlobalShortcuts")


class PortalKeys(QObject):
    """Binds shortcuts in a session of the portal; they can be bound once, so each `bind` opens a new one."""

    pausable = False  # the desktop would ask the user each time

    pressed = Signal(str)
    released = Signal(str)
    refused = Signal(object)  # name -> `Trouble`
    changed = Signal()

    def __init__(self, portal: Portal, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._portal = portal
        self._session = ""
        self._wanted: Mapping[str, QKeyCombination] = {}
        portal.bus.listen(_SHORTCUTS, "Activated", self._activated)
        portal.bus.listen(_SHORTCUTS, "Deactivated", self._deactivated)

    def bind(self, wanted: Mapping[str, QKeyCombination]) -> None:
        """Ask for these and for nothing else. `refused` is told of those that are not had."""
        self.close()
        self._wanted = dict(wanted)
        if wanted:
            self._portal.open_session(_SHORTCUTS, partial(self._opened, self._wanted))

    def close(self) -> None:
        """Let all keys go."""
        self._wanted = {}
        if self._session:
            self._portal.close_session(self._session)
            self._session = ""

    def _opened(self, wanted: Mapping[str, QKeyCombination], session: str | None) -> None:
        if wanted is not self._wanted:
            return  # others are wanted by now
        if session is None:
            self.refused.emit(dict.fromkeys(wanted, Trouble.UNAVAILABLE))
            return
        self._session = session
        shortcuts = [
            [
                name,
                {
                    "description": Variant("s", tr_setting(describe.find(name).title)),
                    "preferred_trigger": Variant("s", portal_trigger(keys)),
                },
            ]
            for name, keys in wanted.items()
        ]
        body = [session, shortcuts, ""]
        then = partial(self._bound, wanted)
        self._portal.request(_SHORTCUTS, "BindShortcuts", "oa(sa{sv})s", body, {}, then)

    def _bound(self, wanted: Mapping[str, QKeyCombination], results: Results | None) -> None:
        if wanted is not self._wanted:
            return
        had = dict(results["shortcuts"].value) if results is not None else {}
        if missing := [name for name in wanted if name not in had]:
            self.refused.emit(dict.fromkeys(missing, Trouble.REFUSED))

    def _activated(self, _path: str, body: list[Any]) -> None:
        session, name, _time, options = body
        if session == self._session:
            if "activation_token" in options:
                os.environ["XDG_ACTIVATION_TOKEN"] = options["activation_token"].value
            self.pressed.emit(name)

    def _deactivated(self, _path: str, body: list[Any]) -> None:
        if body[0] == self._session:
            self.released.emit(body[1])
