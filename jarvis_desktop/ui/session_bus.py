"""The message bus of a Linux desktop: messages beside the clock, shortcuts, settings for all programs.

Not Qt's own: it aborts when Python binds a shortcut.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

if sys.platform == "linux":
    from dbus_fast import BusType, DBusFastError, Message, MessageType
    from dbus_fast.aio import MessageBus

_PATIENCE_S = 2.0  # for a bus that hangs, at the end
_LOG = logging.getLogger(__name__)

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


class SessionBus(QObject):
    """Calls and listens to the bus from a thread of its own, which begins with the first call."""

    _arrived = Signal(object, object)  # what to call, and with which arguments

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._listeners: dict[tuple[str | None, str | None], Listener] = {}
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._jobs: asyncio.Queue[tuple[Message, Answer | None] | None]

    def call(
        self,
        service: Service,
        member: str,
        signature: str = "",
        body: Sequence[Any] = (),
        then: Answer | None = None,
    ) -> None:
        """Call a method; calls are sent in order. No bus, no such service, an error: all None for `then`."""
        if sys.platform != "linux":
            if then is not None:
                self._arrived.emit(then, (None,))
            return
        message = Message(
            destination=service.name,
            path=service.path,
            interface=service.interface,
            member=member,
            signature=signature,
            body=list(body),
        )
        self._put((message, then))

    def listen(self, service: Service, member: str, listener: Listener) -> None:
        """Hear a signal of that interface, whatever the object's path."""
        self._listeners[service.interface, member] = listener
        rule = f"type='signal',sender='{service.name}',interface='{service.interface}',member='{member}'"
        self.call(_BUS, "AddMatch", "s", [rule])

    def close(self) -> None:
        """Leave the bus. Safe to call twice."""
        if self._thread is not None:
            self._put(None)
            self._thread.join(_PATIENCE_S)
            self._thread = None

    @Slot(object, object)
    def _deliver(self, what: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        what(*arguments)

    def _put(self, job: tuple[Message, Answer | None] | None) -> None:
        if self._thread is None:
            self._loop, self._jobs = asyncio.new_event_loop(), asyncio.Queue()
            self._thread = threading.Thread(target=self._run, name="session bus", daemon=True)
            self._thread.start()
        self._loop.call_soon_threadsafe(self._jobs.put_nowait, job)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        bus: MessageBus | None = None
        try:
            bus = await MessageBus(bus_type=BusType.SESSION).connect()
            bus.add_message_handler(self._heard)
        except (OSError, EOFError, DBusFastError) as error:
            _LOG.info("no session bus: %s", error)
        under_way = set()
        while (job := await self._jobs.get()) is not None:
            task = asyncio.create_task(self._call(bus, *job))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        for task in under_way:
            task.cancel()
        if bus is not None:
            bus.disconnect()
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]

    async def _call(self, bus: MessageBus | None, message: Message, then: Answer | None) -> None:
        body = None
        if bus is not None:
            try:
                reply = await bus.call(message)
            except (OSError, EOFError, DBusFastError) as error:
                _LOG.info("%s was not called: %s", message.member, error)
            else:
                if reply.message_type is MessageType.METHOD_RETURN:
                    body = reply.body
                else:
                    _LOG.info("%s was refused: %s", message.member, reply.error_name)
        if then is not None:
            self._arrived.emit(then, (body,))

    def _heard(self, message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            listener = self._listeners.get((message.interface, message.member))
            if listener is not None:
                self._arrived.emit(listener, (message.path, message.body))


_BUS = Service("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
