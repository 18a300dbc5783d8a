"""What models that stand for another one have in common."""

from __future__ import annotations

from jarvis_desktop.events import EngineMeasured
from jarvis_desktop.ports import ChatModel


class StandIn:
    """The part of a `ports.ChatModel` that only tells about the model behind it, which may change."""

    def __init__(self, chat: ChatModel) -> None:
        self._chat = chat

    @property
    def model(self) -> str:
        return self._chat.model

    @property
    def engine(self) -> str:
        return self._chat.engine

    @property
    def pid(self) -> int | None:
        return self._chat.pid

    async def status(self) -> EngineMeasured | None:
        return await self._chat.status()
