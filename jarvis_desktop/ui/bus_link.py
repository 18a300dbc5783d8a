"""Talks to the session bus, in the thread of `session_bus`, which alone imports this: it takes its time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

from dbus_fast import BusType, DBusFastError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from jarvis_desktop.ui import session_bus
from jarvis_desktop.ui.session_bus import Call

_LOG = logging.getLogger(__name__)

Answered = Callable[[Call, list[Any] | None], None]
Heard = Callable[[str | None, str | None, str | None, list[Any]], None]
"""Called with interface, member and path of a signal, and what was said."""


def serve(calls: SimpleQueue[Call | None], answered: Answered, heard: Heard) -> None:
    """Make the calls until None comes; without a bus all of them are answered with None."""
    asyncio.run(_serve(calls, answered, heard))


async def _serve(calls: SimpleQueue[Call | None], answered: Answered, heard: Heard) -> None:
    def listen(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            heard(message.interface, message.member, message.path, message.body)

    bus: MessageBus | None = None
    try:
        bus = await MessageBus(bus_type=BusType.SESSION).connect()
        bus.add_message_handler(listen)
    except (OSError, EOFError, DBusFastError) as error:
        _LOG.info("no session bus: %s", error)
    under_way = set()
    while (call := await asyncio.to_thread(calls.get)) is not None:
        task = asyncio.create_task(_make(bus, call, answered))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    for task in under_way:
        task.cancel()
    if bus is not None:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]


async def _make(bus: MessageBus | None, call: Call, answered: Answered) -> None:
    body = None
    if bus is not None:
        message = Message(
            destination=call.service.name,
            path=call.service.path,
            interface=call.service.interface,
            member=call.member,
            signature=call.signature,
            body=[_packed(value) for value in call.body],
        )
        try:
            reply = await bus.call(message)
        except (OSError, EOFError, DBusFastError) as error:
            _LOG.info("%s was not called: %s", call.member, error)
        else:
            if reply.message_type is MessageType.METHOD_RETURN:
                body = reply.body
            else:
                _LOG.info("%s was refused: %s", call.member, reply.error_name)
    answered(call, body)


def _packed(value: Any) -> Any:
    """With the library's variants in the place of ours."""
    match value:
        case session_bus.Variant(signature, inner):
            return Variant(signature, _packed(inner))
        case dict():
            return {key: _packed(inner) for key, inner in value.items()}
        case list() | tuple():
            return [_packed(inner) for inner in value]
        case _:
            return value
