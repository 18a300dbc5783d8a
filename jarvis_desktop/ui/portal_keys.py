"""Keys that reach Jarvis while another program has the keyboard, lent by a Linux desktop through its portal.

The way on Wayland. The keys of the settings are a wish; the desktop may ask the user, who can choose others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from itertools import count
from typing import Any

from PySide6.QtCore import QKeyCombination, QObject, Signal

from jarvis_desktop.config import describe
from jarvis_desktop.config.paths import APP_NAME
from jarvis_desktop.ui.i18n import tr_setting
from jarvis_desktop.ui.key_names import Trouble, portal_trigger
from jarvis_desktop.ui.session_bus import Service, SessionBus, Variant

_NAME, _PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_REGISTRY = Service(_NAME, _PATH, "org.freedesktop.host.portal.Registry")
_SHORTCUTS = Service(_NAME, _PATH, "org.freedesktop.portal.GlobalShortcuts")
_REQUEST = Service(_NAME, _PATH, "org.freedesktop.portal.Request")
_SESSION = "org.freedesktop.portal.Session"

_Results = dict[str, Any]
_Then = Callable[[_Results | None], None]


class PortalKeys(QObject):
    """Binds shortcuts in a session of the portal; they can be bound once, so each `bind` opens a new one."""

    pausable = False  # the desktop would ask the user each time

    pressed = Signal(str)
    released = Signal(str)
    refused = Signal(object)  # name -> `Trouble`
    changed = Signal()

    def __init__(self, bus: SessionBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._numbers = count(1)
        self._waiting: dict[str, _Then] = {}  # requests without an answer, by token
        self._session = ""
        self._wanted: Mapping[str, QKeyCombination] = {}
        bus.listen(_REQUEST, "Response", self._answered)
        bus.listen(_SHORTCUTS, "Activated", self._activated)
        bus.listen(_SHORTCUTS, "Deactivated", self._deactivated)
        # Before anything else: else a program outside a sandbox has no name that keys could be kept for.
        bus.call(_REGISTRY, "Register", "sa{sv}", [APP_NAME, {}])

    def bind(self, wanted: Mapping[str, QKeyCombination]) -> None:
        """Ask for these and for nothing else. `refused` is told of those that are not had."""
        self.close()
        self._wanted = dict(wanted)
        if wanted:
            options = {"session_handle_token": Variant("s", f"jarvis{next(self._numbers)}")}
            self._request("CreateSession", "", [], options, partial(self._opened, self._wanted))

    def close(self) -> None:
        """Let all keys go."""
        self._wanted = {}
        if self._session:
            self._bus.call(Service(_NAME, self._session, _SESSION), "Close")
            self._session = ""

    def _opened(self, wanted: Mapping[str, QKeyCombination], results: _Results | None) -> None:
        if wanted is not self._wanted:
            return  # others are wanted by now
        if results is None:
            self.refused.emit(dict.fromkeys(wanted, Trouble.UNAVAILABLE))
            return
        self._session = results["session_handle"].value
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
        body = [self._session, shortcuts, ""]
        self._request("BindShortcuts", "oa(sa{sv})s", body, {}, partial(self._bound, wanted))

    def _bound(self, wanted: Mapping[str, QKeyCombination], results: _Results | None) -> None:
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

    def _request(
        self, member: str, signature: str, body: list[Any], options: dict[str, Variant], then: _Then
    ) -> None:
        """Call a method of the portal that answers later; `then` gets the results, or None."""
        token = f"jarvis{next(self._numbers)}"
        self._waiting[token] = then
        body = [*body, options | {"handle_token": Variant("s", token)}]
        self._bus.call(_SHORTCUTS, member, f"{signature}a{{sv}}", body, then=partial(self._called, token))

    def _called(self, token: str, handle: list[Any] | None) -> None:
        if handle is None and (then := self._waiting.pop(token, None)):
            then(None)

    def _answered(self, path: str, body: list[Any]) -> None:
        # By its token and not by the handle that the call returns: the answer may overtake that.
        if then := self._waiting.pop(path.rpartition("/")[2], None):
            code, results = body
            then(results if code == 0 else None)
