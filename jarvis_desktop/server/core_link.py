"""From the server's loop to the core's, and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import aclosing
from typing import Any, TypeVar

from jarvis_desktop.errors import Category, JarvisError

AHEAD = 64
"""Pieces of a stream that may wait for a slow reader before the core waits, too."""

T = TypeVar("T")


class CoreLink:
    """Runs work on the core's loop for callers on another one.

    Cancelling a caller, or closing its iterator, cancels the work. Raises what the work raises, and
    `JarvisError` ``server.stopping`` when the core ends.
    """

    def __init__(self, core: asyncio.AbstractEventLoop) -> None:
        self._core = core

    async def call(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What the coroutine that `make` gives, on the core's loop, returns."""
        return await self._result(self._begin(make()))

    async def stream(self, make: Callable[[], AsyncIterator[T]]) -> AsyncGenerator[T, None]:
        """What the iterator that `make` gives, on the core's loop, gives."""
        here, room = asyncio.get_running_loop(), asyncio.Semaphore(AHEAD)
        arrived: asyncio.Queue[tuple[T] | None] = asyncio.Queue()

        async def pump() -> None:
            async with aclosing(make()) as items:  # type: ignore[type-var]
                async for item in items:
                    await room.acquire()
                    _tell(here, arrived.put_nowait, (item,))

        pumping = self._begin(pump())
        pumping.add_done_callback(lambda _: _tell(here, arrived.put_nowait, None))
        try:
            while (item := await arrived.get()) is not None:
                _tell(self._core, room.release)
                yield item[0]
            await self._result(pumping)
        finally:
            pumping.cancel()

    def _begin(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._core)
        except RuntimeError as error:  # it is closed
            work.close()
            raise stopping() from error

    async def _result(self, future: Future[T]) -> T:
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise stopping() from None  # the core's loop has ended


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., object], *args: object) -> None:
    """Have `what` called on a loop, which may be closed."""
    try:
        loop.call_soon_threadsafe(what, *args)
    except RuntimeError:
        return


def stopping() -> JarvisError:
    """What is told to whoever waits for an answer while the program ends."""
    return JarvisError(
        "server.stopping", "Jarvis is being closed.", "Ask again when it runs.", Category.TRANSIENT
    )
