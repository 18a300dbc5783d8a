"""What answers, and the tools it may use."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from types import MappingProxyType

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import EngineMeasured, Usage
from jarvis_desktop.ports import Asked, ChatDelta, ChatMessage, ChatOptions, ToolCall, ToolResult, ToolSpec
from tests.fakes.models import FakeModel


class FakeChat(FakeModel):
    """Answers with `reply` word by word; `error` comes after the words; `hold` pauses before each.

    While tools are offered it asks for `wishes` first, one round of calls for each time it is asked.
    """

    def __init__(self, reply: str = "All is well.") -> None:
        super().__init__("fake-chat")
        self.engine = "fake"
        self.reply = reply
        self.error: JarvisError | None = None
        self.hold: asyncio.Semaphore | None = None
        self.prompts: list[Sequence[ChatMessage]] = []
        self.wishes: list[tuple[ToolCall, ...]] = []
        self.offered: list[tuple[ToolSpec, ...]] = []
        self.aborted = 0
        self.told: EngineMeasured | None = None

    async def status(self) -> EngineMeasured | None:
        return self.told

    async def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        self.prompts.append(list(messages))
        self.offered.append(options.tools)
        if options.tools and self.wishes:
            yield ChatDelta("", Usage(1, 1, 10.0), calls=self.wishes.pop(0))
            return
        try:
            for number, word in enumerate(self.reply.split()):
                if self.hold is not None:
                    await self.hold.acquire()
                yield ChatDelta(word if number == 0 else " " + word)
            if self.error is not None:
                raise self.error
            yield ChatDelta("", Usage(1, len(self.reply.split()), 10.0))
        except (asyncio.CancelledError, GeneratorExit):
            self.aborted += 1
            raise


class FakeAnswers:
    """Gives the `known` answers, by question; what is `remembered` later it does not give."""

    def __init__(self, known: Mapping[str, str] = MappingProxyType({})) -> None:
        self.known = known
        self.remembered: list[str] = []
        self.asked: list[str] = []

    async def find(self, asked: Asked) -> str | None:
        self.asked.append(asked.question)
        return self.known.get(asked.question)

    async def counts(self) -> tuple[int, int]:
        return sum(question in self.known for question in self.asked), len(self.asked)

    async def keep(self, asked: Asked, answer: str) -> None:
        self.remembered.append(answer)

    async def clear(self) -> None:
        self.known, self.remembered = {}, []


class FakeTools:
    """Tools that answer with `results`, by name; what is `used` they remember. `hold` pauses before each."""

    def __init__(self, *specs: ToolSpec, results: Mapping[str, ToolResult] = MappingProxyType({})) -> None:
        self.offer = specs
        self.results = results
        self.used: list[tuple[str, Mapping[str, object]]] = []
        self.hold: asyncio.Semaphore | None = None

    async def specs(self) -> tuple[ToolSpec, ...]:
        return self.offer

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        self.used.append((name, arguments))
        if self.hold is not None:
            await self.hold.acquire()
        return self.results.get(name, ToolResult("done"))
