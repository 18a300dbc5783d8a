"""Work that goes on while nobody waits at the other end of a connection."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from jarvis_desktop.errors import Category, JarvisError, defective
from jarvis_desktop.server.errors import RequestError, error_data

_log = logging.getLogger(__name__)

MOST_TASKS = 200
"""Of all clients together; the oldest that have ended make room. A result takes 6 MB at most."""

MOST_OF_ONE = 50
"""Tasks of one client, whose own make room first."""

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
    """One piece of work of one client. `progress` says in words how far it has come."""

    id: str
    client: str
    url: str
    created: float
    state: State = State.QUEUED
    progress: str = ""
    result: Mapping[str, Any] | None = None
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
        self.tell(state)

    @property
    def over(self) -> bool:
        return self.ended is not None


Work = Callable[[Task], Awaitable[Mapping[str, Any]]]


class TaskStore:
    """The tasks of one server, in memory only. All methods belong to its loop."""

    def __init__(
        self, most: int = MOST_TASKS, most_of_one: int = MOST_OF_ONE, kept_s: float = KEPT_SECONDS
    ) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._kept_s = kept_s
        self._tasks: dict[str, Task] = {}

    def begin(self, task_id: str, client: str, url: str, work: Work) -> Task:
        """Have `work` done. Raises `JarvisError` ``server.too_many`` when there is no room."""
        self._drop_old()
        self._make_room([task for task in self._tasks.values() if task.client == client], self._most_of_one)
        self._make_room(list(self._tasks.values()), self._most)
        task = Task(task_id, client, url, time.time())
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

    def _make_room(self, tasks: Sequence[Task], most: int) -> None:
        """For one more among `tasks`."""
        if len(tasks) < most:
            return
        oldest = next((task for task in tasks if task.over), None)
        if oldest is None:
            raise JarvisError(
                "server.too_many",
                "{count} tasks are waiting or under way.",
                "Ask again when some have ended.",
                Category.TRANSIENT,
                count=most,
                retry_after=10,
            )
        del self._tasks[oldest.id]

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
