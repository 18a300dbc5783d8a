"""The memory's process beside a session: at work, or ended, as the settings say."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from jarvis_desktop.config.schema import Memory
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Remark

if TYPE_CHECKING:
    from jarvis_desktop.memory.process import MemoryProcess

log = logging.getLogger(__name__)


class MemoryKeeper:
    """In charge of the process; `tell` and `warn` hear of what it does, and what goes wrong there."""

    def __init__(
        self,
        folder: Path,
        settings: Callable[[], Memory],
        model_folder: Callable[[str], Path],
        tell: Callable[[Remark], None],
        warn: Callable[[JarvisError], None],
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._model_folder = model_folder
        self._tell = tell
        self._warn = warn
        self._process: MemoryProcess | None = None
        self._tends = False  # in a program that stays: watched folders are followed
        self._watching: asyncio.Task[None] | None = None

    @property
    def wanted(self) -> bool:
        """Whether the settings have it in use."""
        return self._settings().enabled

    def process(self) -> MemoryProcess:
        """What is remembered beyond conversations; it starts with the first call."""
        from jarvis_desktop.memory.process import MemoryProcess

        if self._process is None:
            self._process = MemoryProcess(self._folder, self._settings, self._model_folder, self._warn)
        return self._process

    async def tend(self) -> None:
        """Have what was left or is due done, and follow watched folders from now on."""
        try:
            if self.wanted:
                await self.process().load()
        except JarvisError as error:  # told to whoever asks the memory for something
            log.warning("%s", error.code)
        self._tends = True
        if self.wanted:
            await self.follow()

    async def follow(self) -> None:
        """Follow watched folders, or end everything, as the settings say."""
        if not self.wanted:
            await self.close()
        elif self._tends and self._watching is None:
            from jarvis_desktop.memory.watching import FolderWatch

            watch = FolderWatch(self.process(), lambda: self._settings().watched_folders, self._tell)
            self._watching = asyncio.create_task(watch.run(), name="watched folders")

    async def close(self) -> None:
        """End the process, and before it what would start it again."""
        from jarvis_desktop.assistant.tasks import cancel

        watching, self._watching = self._watching, None
        if watching is not None:
            await cancel(watching)
        if self._process is not None:
            await self._process.unload()
