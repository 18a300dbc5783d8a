"""Speaks texts of Jarvis' own, such as that a timer has run out, beside the dialogue."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

from jarvis_desktop.assistant.ears import Ears
from jarvis_desktop.assistant.tasks import cancel, spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Event


class Announcer:
    """One text after the other, each once no answer is under way. `turn` is the task of the latest answer.

    To the `ears` a text is like an answer: what is heard meanwhile may be its echo.
    """

    def __init__(
        self,
        say: Callable[[str], Awaitable[object]],
        ears: Ears,
        turn: Callable[[], asyncio.Task[None] | None],
        emit: Callable[[Event], None],
    ) -> None:
        self.text = ""
        """What is being spoken now."""

        self._say = say
        self._ears = ears
        self._turn = turn
        self._emit = emit
        self._waiting: deque[str] = deque()
        self._task: asyncio.Task[None] | None = None
        self._speaking: asyncio.Task[None] | None = None

    def announce(self, text: str) -> None:
        """Speak a text as soon as may be."""
        self._waiting.append(text)
        if self._task is None or self._task.done():
            self._task = spawn(self._speak_all(), "announcements", self._emit)

    async def hush(self) -> None:
        """End the text that is being spoken; those that wait are not touched."""
        if self._speaking is not None:
            await cancel(self._speaking)

    async def stop(self) -> None:
        """End all of it."""
        if self._task is not None:
            await cancel(self._task)
        await self.hush()

    async def _speak_all(self) -> None:
        while self._waiting:
            while (turn := self._turn()) is not None and not turn.done():
                await asyncio.wait([turn])
            text = self._waiting.popleft()
            self._speaking = spawn(self._speak(text), "announcement", self._emit)
            await asyncio.wait([self._speaking])

    async def _speak(self, text: str) -> None:
        self.text = text
        self._ears.answer_begins()
        try:
            with suppress(JarvisError):  # it is on the screen as well
                await self._say(text)
        finally:
            self.text = ""
            self._ears.answer_ends()
