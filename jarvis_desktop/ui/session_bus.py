"""The message bus of a Linux desktop: messages beside the clock, shortcuts, settings for all programs.

Not Qt's own: it aborts when Python binds a shortcut.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

_PATIENCE_S = 2.0  # for a bus that hangs, at the end

Answer = Callable[[list[Any] | None], None]
"""Called on the GUI thread with what was answered; None where nobody could."""

Listener = Callable[[str, list[Any]], None]
"""Called on the GUI thread with the path of who signalled, and what was said."""


@dataclass(frozen=True, slots=True)
class Service:
    """An interface of an object of a program on the bus."""

    name: str
    path: str
    interface: str


@dataclass(frozen=True, slots=True)
class Variant:
    """A value of a type that the callee does not know before, by its signature."""

    signature: str
    value: Any


@dataclass(frozen=True, slots=True)
class Call:
    """A method to be called, and who waits for its answer."""

    service: Service
    member: str
    signature: str
    body: Sequence[Any]
    then: Answer | None


class SessionBus(QObject):
    """Calls and listens to the bus from a thread of its own, which begins with the first call."""

    _arrived = Signal(object, object)  # what to call, and with which arguments

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._listeners: dict[tuple[str | None, str | None], Listener] = {}
        self._thread: threading.Thread | None = None
        self._calls = SimpleQueue[Call | None]()

    def call(
        self,
        service: Service,
        member: str,
        signature: str = "",
        body: Sequence[Any] = (),
        then: Answer | None = None,
    ) -> None:
        """Call a method; calls are sent in order. No bus, no such service, an error: all None for `then`."""
        call = Call(service, member, signature, body, then)
        if sys.platform != "linux":
            self._answered(call, None)
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="session bus", daemon=True)
            self._thread.start()
        self._calls.put(call)

    def listen(self, service: Service, member: str, listener: Listener) -> None:
        """Hear a signal of that interface, whatever the object's path."""
        self._listeners[service.interface, member] = listener
        rule = f"type='signal',sender='{service.name}',interface='{service.interface}',member='{member}'"
        self.call(_BUS, "AddMatch", "s", [rule])

    def close(self) -> None:
        """Leave the bus. Safe to call twice."""
        if self._thread is not None:
            self._calls.put(None)
            self._thread.join(_PATIENCE_S)
            self._thread = None

    @Slot(object, object)
    def _deliver(self, what: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        what(*arguments)

    def _run(self) -> None:
        # Here, because it takes a sixth of a second, for which the window would wait.
        from jarvis_desktop.ui.bus_link import serve

        serve(self._calls, self._answered, self._heard)

    def _answered(self, call: Call, body: list[Any] | None) -> None:
        if call.then is not None:
            self._arrived.emit(call.then, (body,))

    def _heard(self, interface: str | None, member: str | None, path: str | None, body: list[Any]) -> None:
        listener = self._listeners.get((interface, member))
        if listener is not None:
            self._arrived.emit(listener, (path, body))


_BUS = Service("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
