"""Who may use the models now, of the programs that ask: a queue that is fair between clients."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from dataclasses import dataclass

from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import Category, JarvisError

WAIT_LIMIT_S = 120.0
"""Seconds after which a request that still waits is refused: whoever asked has mostly given up by then."""

_LONGEST_RETRY_S = 60
_NEWEST_SHARE = 0.2
"""How much the last answer counts for the mean time that one takes."""


@dataclass(eq=False, slots=True)
class _Waiter:
    client: str
    admitted: Future[None]


class Admission:
    """Gives places to requests, whatever event loop each of them waits on.

    A free place goes to the client that has the fewest under way, of these to the one that was given none for
    the longest; a client's own requests keep their order. When the queue is full, a client that has more
    waiting than others gives up its newest one for theirs.

    `limits` (concurrent, waiting) are asked for each time; `observe` hears (waiting, under way) whenever they
    change, `refused` the code of each refusal.
    """

    def __init__(
        self,
        limits: Callable[[], Server],
        observe: Callable[[int, int], None] = lambda waiting, running: None,
        refused: Callable[[str], None] = lambda code: None,
        *,
        wait_limit_s: float = WAIT_LIMIT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits
        self._observe = observe
        self._refused = refused
        self._wait_limit_s = wait_limit_s
        self._clock = clock
        self._lock = threading.Lock()  # around all that changes
        self._waiting: list[_Waiter] = []
        self._running: Counter[str] = Counter()
        self._given: Counter[str] = Counter()  # the number of the last place that each client was given
        self._places_given = 0
        self._mean_s: float | None = None

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def running(self) -> int:
        return self._running.total()

    @asynccontextmanager
    async def place(self, client: str) -> AsyncIterator[None]:
        """Wait for a place and keep it for the block.

        Raises `JarvisError` with the param ``retry_after`` (s): ``server.busy`` when others have filled the
        queue, or the wait is too long, ``server.too_many`` when the client has requests waiting already.
        """
        try:
            await self._enter(client)
        except JarvisError as error:
            self._refused(error.code)
            raise
        began = self._clock()
        try:
            yield
        finally:
            with self._lock:
                self._measure(self._clock() - began)
                self._leave(client)

    async def _enter(self, client: str) -> None:
        waiter = _Waiter(client, Future())
        with self._lock:
            self._queue(waiter)
            self._admit()
        try:
            async with asyncio.timeout(self._wait_limit_s):
                await asyncio.wrap_future(waiter.admitted)
        except BaseException as error:
            with self._lock:
                self._withdraw(waiter)
            if isinstance(error, TimeoutError):
                raise self._busy() from error
            raise

    def _withdraw(self, waiter: _Waiter) -> None:
        """Whoever waited does no more."""
        if waiter in self._waiting:
            self._waiting.remove(waiter)
            self._changed()
        elif not waiter.admitted.cancelled() and waiter.admitted.exception() is None:
            self._leave(waiter.client)  # it was given a place just before: somebody else gets it

    def _queue(self, waiter: _Waiter) -> None:
        """Take a request into the queue, in the place of another's where that is fair; raises when not."""
        limits = self._limits()
        self._forget_cancelled()
        if self.running >= limits.concurrent and self.waiting >= limits.waiting:
            lengths = Counter(other.client for other in self._waiting)
            longest, most = max(lengths.items(), key=lambda entry: entry[1], default=("", 0))
            own = lengths[waiter.client]
            if most < own + 2:  # giving way would only turn the tables
                raise self._too_many() if own else self._busy()
            newest = max(index for index, other in enumerate(self._waiting) if other.client == longest)
            displaced = self._waiting.pop(newest).admitted
            if displaced.set_running_or_notify_cancel():
                displaced.set_exception(self._too_many())
        self._waiting.append(waiter)
        self._changed()

    def _admit(self) -> None:
        """Give free places to those whose turn it is."""
        self._forget_cancelled()
        while self._waiting and self.running < self._limits().concurrent:
            waiter = min(self._waiting, key=self._rank)  # of equals the first, which is the oldest
            self._waiting.remove(waiter)
            if not waiter.admitted.set_running_or_notify_cancel():
                continue  # it gave up this moment
            self._running[waiter.client] += 1
            self._places_given += 1
            self._given[waiter.client] = self._places_given
            waiter.admitted.set_result(None)
        self._changed()

    def _rank(self, waiter: _Waiter) -> tuple[int, int]:
        return self._running[waiter.client], self._given[waiter.client]

    def _forget_cancelled(self) -> None:
        """Whoever gave up is woken a little later, and must not be given a place meanwhile."""
        self._waiting = [waiter for waiter in self._waiting if not waiter.admitted.cancelled()]

    def _leave(self, client: str) -> None:
        self._running[client] -= 1
        self._admit()

    def _changed(self) -> None:
        self._observe(self.waiting, self.running)

    def _measure(self, seconds: float) -> None:
        mean = seconds if self._mean_s is None else self._mean_s
        self._mean_s = mean + _NEWEST_SHARE * (seconds - mean)

    def _retry_after(self) -> int:
        """Seconds until the queue as it is now will have been served, as far as earlier answers tell."""
        rounds = (self.waiting + 1) / max(1, self._limits().concurrent)
        return max(1, min(_LONGEST_RETRY_S, math.ceil(rounds * (self._mean_s or 0.0))))

    def _busy(self) -> JarvisError:
        return JarvisError(
            "server.busy",
            "Jarvis is answering as many requests as it can.",
            "Ask again in {retry_after} s.",
            Category.TRANSIENT,
            retry_after=self._retry_after(),
        )

    def _too_many(self) -> JarvisError:
        return JarvisError(
            "server.too_many",
            "This program has more requests waiting than Jarvis can take.",
            "Ask again in {retry_after} s, or ask for less at once.",
            Category.TRANSIENT,
            retry_after=self._retry_after(),
        )
