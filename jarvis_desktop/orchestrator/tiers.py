"""The engine's own model, and beside it those that single kinds of question ask for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Remark
from jarvis_desktop.orchestrator.stand_in import StandIn
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatModel, ChatOptions


class TieredChat(StandIn):
    """A `ports.ChatModel` that heeds `ChatOptions.model`: loaded when first asked, `main` where it fails.

    `other` makes a model by name, not loaded; `tell` hears when `main` has to stand in.
    """

    def __init__(
        self, main: ChatModel, other: Callable[[str], ChatModel], tell: Callable[[Remark], None]
    ) -> None:
        super().__init__(main)
        self._other = other
        self._tell = tell
        self._others: dict[str, ChatModel] = {}

    async def load(self) -> None:
        """Load the engine's own model; the others come when they are asked."""
        await self._chat.load()

    async def unload(self) -> None:
        others, self._others = self._others, {}
        await asyncio.gather(*(chat.unload() for chat in (self._chat, *others.values())))

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        """As the model's own that `options` names."""
        said = False
        for chat in self._candidates(options.model):
            try:
                async with aclosing(chat.stream(messages, options)) as deltas:  # type: ignore[type-var]
                    async for delta in deltas:
                        said = said or bool(delta.text)
                        yield delta
                return
            except JarvisError:
                if said or chat is self._chat:
                    raise
                self._tell(
                    Remark(
                        "{model} cannot be used now: {other} answers instead.",
                        {"model": chat.model, "other": self._chat.model},
                    )
                )

    def _candidates(self, name: str) -> Sequence[ChatModel]:
        if name in ("", self._chat.model):
            return (self._chat,)
        if name not in self._others:
            self._others[name] = self._other(name)
        return self._others[name], self._chat
