"""The engine reads what prompts begin with while nobody asks: a question then has less to wait for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.assistant.tasks import cancel
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import ChatMessage, greet

log = logging.getLogger(__name__)


class BeginningsReader:
    """Has the instructions of `Parts.beginnings` read in the background. All methods run on the core thread.

    `ready` tells whether the engine is loaded: reading never loads a model. An engine elsewhere is not asked.
    """

    def __init__(self, parts: Parts, ready: Callable[[], bool]) -> None:
        self._parts = parts
        self._ready = ready
        self._left: list[str] = []
        self._held = False
        self._work: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Read all of them, now or once nothing holds it: the engine is new, or they are."""
        first, *others = self._parts.beginnings()
        # The commonest comes first, and once more at the end: an engine is quickest with what it read last.
        self._left = [first, *others, first] if others else [first]
        self._start()

    def hold(self) -> None:
        """Somebody asks, or is about to: whatever is being read is dropped at once."""
        self._held = True
        if self._work is not None:
            self._work.cancel()

    def go_on(self) -> None:
        """Read what is left."""
        self._held = False
        self._start()

    async def stop(self) -> None:
        """Drop everything, and wait until the engine is free."""
        self._left = []
        if self._work is not None:
            await cancel(self._work)

    def _start(self) -> None:
        before = self._work
        if self._held or not self._left:
            return
        if before is not None and not before.done() and not before.cancelling():
            return  # it takes up what was changed
        self._work = asyncio.create_task(self._read(), name="beginnings")

    async def _read(self) -> None:
        while self._left and self._ready() and self._parts.chat.engine != "remote":
            text = self._left[0]
            try:
                await greet(self._parts.chat, ChatMessage("system", text))
            except JarvisError as error:
                log.info("the beginnings of prompts were not read: %s", error.code)  # a question tells more
                self._left = []
                return
            if self._left and self._left[0] is text:
                del self._left[0]
