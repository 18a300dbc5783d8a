"""Background tasks that never fail in silence."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from jarvis_desktop.errors import defective
from jarvis_desktop.events import Event, Failed

log = logging.getLogger(__name__)

T = TypeVar("T")


def spawn(work: Coroutine[Any, Any, T], name: str, emit: Callable[[Event], None]) -> asyncio.Task[T]:
    """Run `work` in the background; a defect in it is logged with its traceback and told to the user."""

    def finished(task: asyncio.Task[T]) -> None:
        if task.cancelled() or (defect := task.exception()) is None:
            return
        log.error("defect in task %s", name, exc_info=defect)
        emit(Failed(defective(name)))

    task = asyncio.get_running_loop().create_task(work, name=name)
    task.add_done_callback(finished)
    return task


async def cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait until it is gone; its outcome is of no interest any more."""
    task.cancel()
    await asyncio.wait([task])
