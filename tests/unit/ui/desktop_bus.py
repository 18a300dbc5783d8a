"""A session bus of the test's own, with a desktop on it that answers as the test says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType, NameFlag
from dbus_fast.aio import MessageBus

from tests.dbus import bus

Answer = tuple[str, list[Any]]  # signature and body


class FakeDesktop:
    """Services of a desktop: `answers` by method; every call is kept in `calls`, in order."""

    def __init__(self, names: Sequence[str]) -> None:
        self.answers: dict[str, Callable[[Message], Answer]] = {}
        self.calls: list[tuple[str, list[Any]]] = []
        self._names = names
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._bus = self._do(self._connect())

    def called(self, member: str) -> list[list[Any]]:
        """What a method was called with, each time."""
        return [body for name, body in self.calls if name == member]

    def signal(self, path: str, interface: str, member: str, signature: str, body: list[Any]) -> None:
        """Say something to all."""
        message = Message.new_signal(path, interface, member, signature, body)
        self._loop.call_soon_threadsafe(self._bus.send, message)

    def close(self) -> None:
        self._do(self._leave())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Any) -> Any:
        done: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(10)

    async def _connect(self) -> MessageBus:
        bus = await MessageBus(bus_type=BusType.SESSION).connect()
        bus.add_message_handler(self._called)
        for name in self._names:
            await bus.request_name(name, NameFlag.DO_NOT_QUEUE)
        return bus

    async def _leave(self) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    def _called(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.member not in self.answers:
            return None
        self.calls.append((message.member, message.body))
        return Message.new_method_return(message, *self.answers[message.member](message))


@contextmanager
def fake_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Iterator[FakeDesktop]:
    """A desktop that has these names, on the bus that this process finds from now on."""
    with bus("session", tmp_path, monkeypatch), closing(FakeDesktop(names)) as desktop:
        yield desktop
