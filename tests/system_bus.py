"""A system bus of a test's own, and the login service on it."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from dbus_fast import BusType, Message
from dbus_fast.aio import MessageBus

from jarvis_desktop.processes.suspend import Power
from tests.dbus import bus


@pytest.fixture
def system_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[subprocess.Popen[str]]:
    """A system bus of the test's own."""
    with bus("system", tmp_path, monkeypatch) as daemon:
        yield daemon


class Login:
    """Announces sleep and waking as logind does, from a connection of its own."""

    def __init__(self) -> None:
        self._bus = MessageBus(bus_type=BusType.SYSTEM)

    async def __aenter__(self) -> Login:
        await self._bus.connect()
        await self._bus.request_name("org.freedesktop.login1")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._bus.disconnect()
        await self._bus.wait_for_disconnect()

    async def tell(self, sleeps: bool, interface: str = "org.freedesktop.login1.Manager") -> None:
        signal = Message.new_signal("/org/freedesktop/login1", interface, "PrepareForSleep", "b", [sleeps])
        await self._bus.send(signal)

    async def send_to_sleep(self, told: AsyncGenerator[Power, None]) -> None:
        """Announce sleep until the program has heard it: nothing else shows that it listens by now."""
        heard = asyncio.ensure_future(anext(told))
        while not heard.done():
            await self.tell(sleeps=True)
            await asyncio.wait([heard], timeout=0.05)
        assert heard.result() is Power.SLEEPS
