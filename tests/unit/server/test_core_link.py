"""From one loop to another: results, errors, streams, and ends on both sides."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import aclosing

import pytest

from jarvis_desktop.errors import EngineError, JarvisError
from jarvis_desktop.server.core_link import AHEAD, CoreLink


@pytest.fixture
def core() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_work_is_done_on_the_cores_loop(core: asyncio.AbstractEventLoop) -> None:
    async def where() -> asyncio.AbstractEventLoop:
        return asyncio.get_running_loop()

    async def fails() -> None:
        raise EngineError("engine.died", "It stopped.")

    async def scenario() -> None:
        link = CoreLink(core)
        assert await link.call(where) is core
        with pytest.raises(EngineError, match="It stopped"):
            await link.call(fails)

    asyncio.run(scenario())


def test_a_stream_keeps_its_order_and_its_error(core: asyncio.AbstractEventLoop) -> None:
    async def numbers() -> AsyncIterator[int]:
        for number in range(500):
            yield number
        raise EngineError("engine.died", "It stopped.")

    came: list[int] = []

    async def scenario() -> None:
        async for number in CoreLink(core).stream(numbers):
            came.append(number)

    with pytest.raises(EngineError):
        asyncio.run(scenario())
    assert came == list(range(500))


def test_a_stream_runs_ahead_only_so_far_and_ends_when_it_is_left(core: asyncio.AbstractEventLoop) -> None:
    made: list[int] = []
    ended = threading.Event()

    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                made.append(len(made))
                yield made[-1]
        finally:
            ended.set()

    async def nothing() -> None: ...

    async def scenario() -> None:
        link = CoreLink(core)
        async with aclosing(link.stream(endless)) as numbers:
            assert await anext(numbers) == 0
            for _ in range(3 * AHEAD):  # turns of the core in which it could have gone on
                await link.call(nothing)
            assert len(made) <= AHEAD + 2
        assert await asyncio.to_thread(ended.wait, 5)

    asyncio.run(scenario())


def test_a_caller_that_is_cancelled_ends_the_work(core: asyncio.AbstractEventLoop) -> None:
    begun, ended = threading.Event(), threading.Event()

    async def waits() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def scenario() -> None:
        call = asyncio.create_task(CoreLink(core).call(waits))
        assert await asyncio.to_thread(begun.wait, 5)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await asyncio.to_thread(ended.wait, 5)

    asyncio.run(scenario())


def test_a_core_that_has_ended_is_a_clear_error(core: asyncio.AbstractEventLoop) -> None:
    begun: Future[asyncio.Task[None] | None] = Future()

    async def waits() -> None:
        begun.set_result(asyncio.current_task())
        await asyncio.Event().wait()

    async def scenario() -> None:
        waiting = asyncio.create_task(CoreLink(core).call(waits))
        task = await asyncio.wrap_future(begun)
        assert task is not None
        core.call_soon_threadsafe(task.cancel)
        with pytest.raises(JarvisError) as broken:
            await waiting
        assert broken.value.code == "server.stopping"

    asyncio.run(scenario())
