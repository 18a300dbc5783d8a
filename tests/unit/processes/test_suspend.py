"""Falling asleep and waking up, with a login service and clocks that the test moves."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import chain, repeat

import pytest

from jarvis_desktop.processes import suspend
from jarvis_desktop.processes.suspend import Power, time_asleep, watch
from tests.system_bus import Login, system_bus

__all__ = ["system_bus"]  # a fixture


class Clock:
    """Seconds slept away, as the test says."""

    def __init__(self) -> None:
        self.slept = 0.0

    def __call__(self) -> float:
        return self.slept


async def next_but_sleep(told: AsyncGenerator[Power, None]) -> Power:
    while (power := await anext(told)) is Power.SLEEPS:
        pass
    return power


@pytest.mark.usefixtures("system_bus")
def test_the_login_service_announces_sleep_and_waking() -> None:
    async def night() -> Power:
        async with Login() as login, aclosing(watch()) as told:
            await login.send_to_sleep(told)
            await login.tell(sleeps=False)
            return await next_but_sleep(told)

    assert asyncio.run(night()) is Power.WOKE


@pytest.mark.usefixtures("system_bus")
@pytest.mark.parametrize("clock_is_first", [False, True])
def test_a_waking_is_told_once_though_login_service_and_clock_both_notice(
    monkeypatch: pytest.MonkeyPatch, clock_is_first: bool
) -> None:
    monkeypatch.setattr(suspend, "_LOOK_S", 0.01)

    async def night() -> list[Power]:
        clock = Clock()
        async with Login() as login, aclosing(watch(clock)) as told:
            await login.send_to_sleep(told)
            clock.slept = 3600.0
            if clock_is_first:
                first = await next_but_sleep(told)
                await login.tell(sleeps=False)
            else:
                await login.tell(sleeps=False)
                first = await next_but_sleep(told)
            await login.tell(sleeps=True)
            return [first, await anext(told)]

    assert asyncio.run(night()) == [Power.WOKE, Power.SLEEPS]


@pytest.mark.usefixtures("system_bus")
def test_other_signals_of_the_same_name_mean_nothing() -> None:
    async def night() -> Power:
        async with Login() as login, aclosing(watch()) as told:
            await login.send_to_sleep(told)
            await login.tell(sleeps=False, interface="org.example.Clock")
            await login.tell(sleeps=True)
            return await anext(told)

    assert asyncio.run(night()) is Power.SLEEPS


@pytest.mark.parametrize("address", ["unix:path=/nonexistent/bus", "nonsense"])
def test_without_a_login_service_the_clocks_tell_of_every_waking(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
    monkeypatch.setattr(suspend, "_LOOK_S", 0.01)

    looks = chain([0.0, 0.0, 3600.0, 3600.0, 7200.0], repeat(7200.0))

    async def nights() -> list[Power]:
        async with aclosing(watch(looks.__next__)) as told:
            return [await anext(told), await anext(told)]

    assert asyncio.run(nights()) == [Power.WOKE, Power.WOKE]


def test_the_clocks_go_on_when_the_system_bus_dies(
    system_bus: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suspend, "_LOOK_S", 0.01)

    async def night() -> Power:
        clock = Clock()
        async with aclosing(watch(clock)) as told:
            async with Login() as login:
                await login.send_to_sleep(told)
                await login.tell(sleeps=False)
                assert await next_but_sleep(told) is Power.WOKE
            system_bus.kill()
            system_bus.wait()
            clock.slept = 60.0
            return await next_but_sleep(told)

    assert asyncio.run(night()) is Power.WOKE


def test_a_computer_that_is_awake_does_not_count_as_asleep() -> None:
    assert time_asleep() == pytest.approx(time_asleep(), abs=0.5)
