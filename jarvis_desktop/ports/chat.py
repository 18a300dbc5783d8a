"""Language models, and answers that are given again without one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Literal, Protocol

from jarvis_desktop.events import EngineMeasured, Route, Usage
from jarvis_desktop.ports.model import ManagedModel
from jarvis_desktop.ports.tools import ToolCall, ToolSpec


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """`calls` are what an assistant's message asks for; `call_id` tells what a tool's message answers."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Sampling of one reply, and the `tools` that it may ask for.

    `model` names another one than the engine's own to answer ("": that one). A `patient` reply is begun when
    the user waits for none. None leaves a choice to the engine. `response_format` is OpenAI's, which holds
    the answer to JSON. `whole` messages are read as they are or not at all; else the oldest turns are left
    out where all of them are too long. With `must_call` the reply is a use of one of the `tools`.
    """

    max_tokens: int = 512
    temperature: float = 0.7
    stop: tuple[str, ...] = field(default=())
    model: str = ""
    tools: tuple[ToolSpec, ...] = ()
    must_call: bool = False
    patient: bool = False
    top_p: float | None = None
    seed: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    response_format: Mapping[str, object] | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ChatDelta:
    """A piece of a reply. The last one carries `usage`, an empty or non-empty `text`, and who answered.

    It carries the `calls` as well: the model goes on when it has read what came of them. A reply that is
    `cut` had come to the most tokens it may have.
    """

    text: str
    usage: Usage | None = None
    model: str = ""
    engine: str = ""
    calls: tuple[ToolCall, ...] = ()
    cut: bool = False


class Answering(Protocol):
    """Whatever generates answers: a language model, or the client of a server that runs one."""

    def stream(self, messages: Sequence[ChatMessage], options: ChatOptions) -> AsyncIterator[ChatDelta]:
        """Tokens as they are generated. Closing or cancelling the iterator aborts generation in the engine.

        Raises `EngineError` (`engine.not_ready`, `engine.died`, `engine.timeout`, ...), also mid-stream.
        """
        ...


class ChatModel(Answering, ManagedModel, Protocol):
    """A language model behind any engine."""

    @property
    def engine(self) -> str:
        """Kind of engine: ``llama.cpp``, ``vllm`` or ``remote``."""
        ...

    async def status(self) -> EngineMeasured | None:
        """What the engine tells of itself now; None while it tells nothing, or not at all."""
        ...


async def greet(chat: Answering, *before: ChatMessage) -> None:
    """Have one token generated that nobody reads: `chat` answers, and has read what comes `before` it.

    Raises what `stream` raises; cancelling aborts it.
    """
    prompt = (*before, ChatMessage("user", "Hi"))
    options = ChatOptions(max_tokens=1, patient=True)
    async with aclosing(chat.stream(prompt, options)) as deltas:  # type: ignore[type-var]
        async for _ in deltas:
            pass


@dataclass(frozen=True, slots=True)
class Approach:
    """How a question is to be answered."""

    route: Route
    instructions: str  # the system prompt
    options: ChatOptions


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all that its answer depends on."""

    question: str
    language: str  # ISO 639-1, "" unknown
    approach: Approach
    model: str
    earlier: tuple[ChatMessage, ...]  # the turns before it, as the prompt holds them


class Answers(Protocol):
    """Answers that may be given again. No method raises: what is not known is answered anew."""

    async def find(self, asked: Asked) -> str | None:
        """The answer this was given before, while it may still be used."""
        ...

    async def keep(self, asked: Asked, answer: str) -> None:
        """Remember an answer, where questions of its kind have one that lasts."""
        ...

    async def counts(self) -> tuple[int, int]:
        """How many questions, since the start, had an answer here, and how many were looked for."""
        ...

    async def clear(self) -> None:
        """Wipe all of them, because one may repeat what is to be forgotten."""
        ...
