"""Work that goes on while nobody waits at the other end of a connection."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jarvis_desktop.errors import Category, JarvisError, defective
from jarvis_desktop.server.errors import RequestError, error_data

_log = logging.getLogger(__name__)

MOST_TASKS = 200
"""Of all clients together; the oldest that have ended make room."""

MOST_OF_ONE = 50
"""Tasks of one client, whose own make room first."""

MOST_BYTES = 128 << 20
"""Of what is asked by tasks under way and of kept results, half of it for one client. The oldest results make
room."""

KEPT_SECONDS = 3600.0
"""How long the result of a task that has ended can be had."""


class State(StrEnum):
    """How far a task has come."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass
class Task:
    """One piece of work of one client. `progress` says in words how far it has come, `result` is JSON.

    `size` is what its request takes, then its result, in bytes.
    """

    id: str
    client: str
    url: str
    created: float
    size: int = 0
    state: State = State.QUEUED
    progress: str = ""
    result: str | None = None
    error: Mapping[str, Any] | None = None
    ended: float | None = None
    ended_at: float = 0.0  # the same on a clock that nobody sets
    running: asyncio.Task[None] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, state: State, progress: str = "") -> None:
        """It has come so far."""
        self.state, self.progress = state, progress
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def end(self, state: State) -> None:
        """It is over."""
        self.ended, self.ended_at = time.time(), time.monotonic()
        self.size = len(self.result or "")
        self.tell(state)

    @property
    def over(self) -> bool:
        return self.ended is not None


Work = Callable[[Task], Awaitable[str]]
"""Gives the result, as JSON."""


class TaskStore:
    """The tasks of one server, in memory only. All methods belong to its loop."""

    def __init__(
        self,
        most: int = MOST_TASKS,
        most_of_one: int = MOST_OF_ONE,
        kept_s: float = KEPT_SECONDS,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._kept_s = kept_s
        self._most_bytes = most_bytes
        self._tasks: dict[str, Task] = {}

    def begin(self, task_id: str, client: str, url: str, work: Work, size: int = 0) -> Task:
        """Have `work` done, for a request of `size` bytes.

        Raises `JarvisError` ``server.too_many`` when there is no room.
        """
        self._drop_old()
        if not self._make_room(client, 1, size):
            raise JarvisError(
                "server.too_many",
                "{count} tasks are waiting or under way.",
                "Ask again when some have ended.",
                Category.TRANSIENT,
                count=sum(not task.over for task in self._tasks.values()),
                retry_after=10,
            )
        task = Task(task_id, client, url, time.time(), size)
        task.running = asyncio.create_task(self._run(task, work), name="server task")
        self._tasks[task_id] = task
        return task

    def find(self, task_id: str, client: str) -> Task:
        """A client's own task; raises `RequestError` (404) for all others."""
        self._drop_old()
        task = self._tasks.get(task_id)
        if task is None or task.client != client:
            raise RequestError(
                "server.no_task",
                "There is no task {id}.",
                "Results are kept for {minutes} minutes, until Jarvis ends.",
                status=404,
                id=task_id,
                minutes=round(self._kept_s / 60),
            )
        return task

    async def cancel(self, task: Task) -> None:
        """End a task that is not over; forget one that is."""
        if task.over:
            del self._tasks[task.id]
        elif task.running is not None:
            task.running.cancel()
            await asyncio.wait({task.running})
            if not task.over:  # it had not begun
                task.end(State.CANCELLED)

    async def _run(self, task: Task, work: Work) -> None:
        state = State.FAILED
        try:
            task.result = await work(task)
            self._make_room(task.client, 0, len(task.result) - task.size)
            state = State.DONE
        except JarvisError as error:
            task.error = error_data(error)["error"]
        except asyncio.CancelledError:
            state = State.CANCELLED
        except Exception:
            _log.exception("a task could not be done")
            task.error = error_data(defective("server"))["error"]
        finally:
            task.end(state)

    def _make_room(self, client: str, count: int, size: int) -> bool:
        """Forget results, the oldest first, for more tasks of a client, and bytes; whether it fits."""
        own = [task for task in self._tasks.values() if task.client == client]
        return self._forget(own, self._most_of_one - count, self._most_bytes // 2 - size) and self._forget(
            list(self._tasks.values()), self._most - count, self._most_bytes - size
        )

    def _forget(self, tasks: list[Task], most: int, most_bytes: int) -> bool:
        """Forget results until no more than so many `tasks` are left; nothing where that is not enough."""
        results = sorted((task for task in tasks if task.over), key=lambda task: task.ended_at)
        count, size = len(tasks), sum(task.size for task in tasks)
        if count - len(results) > most or size - sum(task.size for task in results) > most_bytes:
            return False
        for task in results:
            if count <= most and size <= most_bytes:
                break
            del self._tasks[task.id]
            count, size = count - 1, size - task.size
        return True

    def _drop_old(self) -> None:
        now = time.monotonic()
        self._tasks = {
            task_id: task
            for task_id, task in self._tasks.items()
            if not task.over or now - task.ended_at < self._kept_s
        }


async def followed(task: Task) -> AsyncGenerator[Task, None]:
    """The task now, and each time it has changed, until it is over."""
    while True:
        changed = task.changed
        yield task
        if task.over:
            return
        await changed.wait()
