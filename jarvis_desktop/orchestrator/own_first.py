"""The user's own answers come before those that can wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from jarvis_desktop.orchestrator.stand_in import StandIn
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatModel, ChatOptions


class OwnFirst(StandIn):
    """A `ports.ChatModel` that heeds `ChatOptions.patient`: such answers begin when no other is generated."""

    def __init__(self, chat: ChatModel) -> None:
        super().__init__(chat)
        self._own = 0
        self._free = asyncio.Event()
        self._free.set()

    async def load(self) -> None:
        await self._chat.load()

    async def unload(self) -> None:
        await self._chat.unload()

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        """As the model's own."""
        if options.patient:
            await self._free.wait()
        else:
            self._own += 1
            self._free.clear()
        try:
            async with aclosing(self._chat.stream(messages, options)) as deltas:  # type: ignore[type-var]
                async for delta in deltas:
                    yield delta
        finally:
            if not options.patient:
                self._own -= 1
                if not self._own:
                    self._free.set()
