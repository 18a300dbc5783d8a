"""The portal of a Linux desktop: what it lends is asked for by requests that it answers later."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from jarvis_desktop.config.paths import APP_NAME
from jarvis_desktop.ui.session_bus import Service, SessionBus, Variant

NAME, PATH = "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop"
_REGISTRY = Service(NAME, PATH, "org.freedesktop.host.portal.Registry")
_REQUEST = Service(NAME, PATH, "org.freedesktop.portal.Request")
SESSION = "org.freedesktop.portal.Session"

Results = dict[str, Any]
Then = Callable[[Results | None], None]
"""Called with the results of a request; None where the desktop or the user refused it."""


class Portal:
    """Makes requests; there is one of these for a bus."""

    def __init__(self, bus: SessionBus) -> None:
        self.bus = bus
        self._numbers = count(1)
        self._waiting: dict[str, Then] = {}  # requests without an answer, by token
        self._known = False

    def open_session(self, interface: Service, then: Callable[[str | None], None]) -> None:
        """Begin a session of an interface; `then` gets its path."""
        options = {"session_handle_token": Variant("s", f"jarvis{next(self._numbers)}")}
        self.request(
            interface,
            "CreateSession",
            "",
            [],
            options,
            lambda results: then(results["session_handle"].value if results is not None else None),
        )

    def close_session(self, session: str) -> None:
        """End a session, and what it lent."""
        self.bus.call(Service(NAME, session, SESSION), "Close")

    def request(
        self,
        interface: Service,
        member: str,
        signature: str,
        body: list[Any],
        options: dict[str, Variant],
        then: Then,
    ) -> None:
        """Call a method that answers later; its options come last."""
        if not self._known:
            self._known = True
            self.bus.listen(_REQUEST, "Response", self._answered)
            # Before anything else: else a program outside a sandbox has no name that anything is kept for.
            self.bus.call(_REGISTRY, "Register", "sa{sv}", [APP_NAME, {}])
        token = f"jarvis{next(self._numbers)}"
        self._waiting[token] = then
        body = [*body, options | {"handle_token": Variant("s", token)}]
        self.bus.call(interface, member, f"{signature}a{{sv}}", body, then=partial(self._called, token))

    def _called(self, token: str, handle: list[Any] | None) -> None:
        if handle is None and (then := self._waiting.pop(token, None)):
            then(None)

    def _answered(self, path: str, body: list[Any]) -> None:
        # By its token and not by the handle that the call returns: the answer may overtake that.
        if then := self._waiting.pop(path.rpartition("/")[2], None):
            code, results = body
            then(results if code == 0 else None)
