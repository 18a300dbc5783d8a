"""A conversation with an assistant that has a memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.events import MemoryItem, MemoryKind, SubmitText, TurnFinished
from tests.fakes import FakeAnswers, FakeChat, FakeHistory, FakeMemory, fake_parts
from tests.unit.assistant.harness import running
from tests.witness import Witness


class Talk:
    """A conversation with an assistant that has a memory."""

    def __init__(self, parts: Parts, assistant: Assistant, witness: Witness) -> None:
        self.parts = parts
        self.assistant = assistant
        self.witness = witness

    async def say(self, text: str) -> TurnFinished:
        self.assistant.post(SubmitText(text))
        return await self.witness.next(TurnFinished)

    async def told(self, text: str) -> str:
        return (await self.say(text)).reply

    @property
    def memory(self) -> FakeMemory:
        assert isinstance(self.parts.memory, FakeMemory)
        return self.parts.memory

    @property
    def chat(self) -> FakeChat:
        assert isinstance(self.parts.chat, FakeChat)
        return self.parts.chat

    @property
    def answers(self) -> FakeAnswers:
        assert isinstance(self.parts.answers, FakeAnswers)
        return self.parts.answers

    @property
    def items(self) -> list[MemoryItem]:
        return [item for _, item in self.memory.items.values()]

    def texts(self, kind: MemoryKind) -> list[str]:
        return [item.text for item in self.items if item.kind is kind and not item.superseded_by]

    @property
    def stored(self) -> str:
        """Everything that the history holds."""
        assert isinstance(self.parts.history, FakeHistory)
        return "\n".join(message.text for rows in self.parts.history.rows.values() for message in rows)


def talk(reply: str, scenario: Callable[[Talk], Coroutine[Any, Any, None]]) -> None:
    async def life() -> None:
        parts = fake_parts(chat=FakeChat(reply))
        parts.memory = FakeMemory()
        async with running(parts) as (assistant, witness):
            await scenario(Talk(parts, assistant, witness))

    asyncio.run(life())
