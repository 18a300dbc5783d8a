"""A model in a worker process: loaded once, released whole, replaced when it dies under a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Reason
from jarvis_desktop.processes.pipe import Buffer, Reply
from jarvis_desktop.processes.worker import Worker


@dataclass(frozen=True, slots=True)
class Load:
    """What to load: the model's catalogue name, and the arguments of the worker's ``load``.

    `reason` is why its process may connect to other computers, if it may.
    """

    model: str
    args: Mapping[str, object]
    reason: Reason = Reason.UNEXPECTED


class ModelProcess:
    """One model in one child process running `module`.

    `wanted` says what to load with the settings in force; it is called on a worker thread, because it may
    hash files, and raises `ModelError` when the model is not there. `died` makes the error of a dead process.
    `env` is added to its environment.
    """

    def __init__(
        self,
        module: str,
        *,
        name: str,
        wanted: Callable[[], Load],
        died: Callable[[], JarvisError],
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._worker = Worker(module, name=name, died=died, env=env)
        self._wanted = wanted
        self._died = died
        self._loading = asyncio.Lock()
        self._closings = 0
        self.model = ""  # in the process; empty when none is loaded
        self.facts: Mapping[str, Any] = {}  # what the worker answered to the last load

    @property
    def pid(self) -> int | None:
        """The child, None while there is none."""
        return self._worker.pid

    async def load(self) -> None:
        """Start the process and load the wanted model; returns at once when one is loaded."""
        async with self._loading:
            if self.model and self._worker.running:
                return
            load = await asyncio.to_thread(self._wanted)
            await self._worker.start(load.reason)
            try:
                reply = await self._worker.call("load", b"", **load.args)
            except BaseException:
                await self._worker.stop()
                raise
            self.model, self.facts = load.model, reply.data

    async def unload(self) -> None:
        """End the process, which gives all its memory back."""
        async with self._loading:
            self.model = ""
            await self._worker.stop()

    async def close(self) -> None:
        """As `unload`; calls under way fail, where they would start another process after that."""
        self._closings += 1
        await self.unload()

    async def call(self, method: str, payload: Buffer = b"", **args: object) -> Reply:
        """A call to the loaded model; when the process dies under it, it is made once more by a new one."""
        closings = self._closings
        try:
            await self.load()
            return await self._worker.call(method, payload, **args)
        except JarvisError as error:
            if error.code != self._died().code or closings != self._closings:
                raise
        await self.load()
        return await self._worker.call(method, payload, **args)
