"""One language model to the rest of the program, several ways to have it: when one fails, the next is taken.

Failures that pass (a busy server) are tried again first. Each decision is told in one line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Remark
from jarvis_desktop.orchestrator.headers import ModelShape
from jarvis_desktop.orchestrator.plan import SHORTEST_CONTEXT
from jarvis_desktop.orchestrator.stand_in import StandIn
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatModel, ChatOptions

RETRIES = 2
RETRY_S = 0.5
"""Seconds before the first retry; each further one waits twice as long."""

_PASSES = frozenset({"engine.busy", "engine.failed"})
"""Worth asking the same engine again."""

_MEMORY = frozenset({"engine.out_of_memory", "model.no_room"})
_BROKEN = frozenset({"engine.crash_loop", "engine.start_failed", "engine.unreachable"})
"""Worth another way. What is missing (a file, a key, an environment) is not: the user has to see to it."""

_MODEST_CONTEXT = 2048


def ladder(
    engine: Engine, shape: ModelShape | None, others: Sequence[tuple[str, ModelShape]]
) -> list[Engine]:
    """Settings to try one after the other: as wanted, one answer at a time, less context, smaller models.

    `others` are chat models on this machine that llama.cpp runs, by name; `shape` is that of the model
    wanted, None on a server elsewhere. Last comes a server elsewhere, where one is set.
    """
    rungs = [engine]
    if engine.places > 1:
        engine = engine.model_copy(update={"places": 1})
        rungs.append(engine)
    if shape is not None:
        contexts = (engine.context_tokens // 2, engine.context_tokens // 4)
        rungs += [
            engine.model_copy(update={"context_tokens": tokens})
            for tokens in contexts
            if tokens >= SHORTEST_CONTEXT
        ]
    smaller = sorted(
        (other for other in others if shape is None or other[1].weights_bytes < shape.weights_bytes),
        key=lambda other: -other[1].weights_bytes,
    )
    modest = {"kind": "llama.cpp", "context_tokens": min(engine.context_tokens, _MODEST_CONTEXT)}
    rungs += [engine.model_copy(update={**modest, "model": name}) for name, _ in smaller]
    if engine.kind != "remote" and engine.remote.base_url and engine.remote.model:
        rungs.append(engine.model_copy(update={"kind": "remote"}))
    return rungs


class FallbackChat(StandIn):
    """A `ports.ChatModel` that goes down a ladder of settings, from those `wanted`.

    `make` gives a model that is not loaded for settings, `rungs` the ladder (blocking; asked for only when it
    is needed), and `tell` hears of each decision. After `unload` it begins at the top again.
    """

    def __init__(
        self,
        wanted: Engine,
        make: Callable[[Engine], ChatModel],
        rungs: Callable[[], Sequence[Engine]],
        tell: Callable[[Remark], None],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(make(wanted))
        self._wanted = wanted
        self._make = make
        self._rungs = rungs
        self._tell = tell
        self._sleep = sleep
        self._left: list[Engine] | None = None  # rungs below this one; None: nobody has looked
        self._engine = wanted
        self._moving = asyncio.Lock()

    async def load(self) -> None:
        """Load the first way that works; raises why the one wanted does not when none does."""
        async with self._moving:
            await self._load()

    async def unload(self) -> None:
        await self._chat.unload()
        async with self._moving:
            await self._chat.unload()
            self._back_to_top()

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        """As the model's own; a failure before the first word is met with another try where that may help."""
        retries = 0
        while True:
            chat, said = self._chat, False
            try:
                async with aclosing(chat.stream(messages, options)) as deltas:  # type: ignore[type-var]
                    async for delta in deltas:
                        said = said or bool(delta.text)
                        yield delta
                return
            except JarvisError as error:
                if said:
                    raise
                if error.code in _PASSES and retries < RETRIES:
                    self._tell(Remark("The language engine is busy: it is asked again."))
                    await self._sleep(RETRY_S * 2**retries)
                    retries += 1
                elif error.code == "engine.context_full" and not options.whole and _turns(messages):
                    self._tell(
                        Remark(
                            "The conversation is longer than the model can read: its beginning is left out."
                        )
                    )
                    messages = _shortened(messages)
                else:
                    await self._move_on(chat, error)

    async def _move_on(self, chat: ChatModel, error: JarvisError) -> None:
        """Have another way loaded in place of `chat`, unless that has been done; raises `error` otherwise."""
        async with self._moving:
            if chat is self._chat:
                await self._go_down(error)
                await self._load()

    async def _load(self) -> None:
        first: JarvisError | None = None
        while True:
            try:
                await self._chat.load()
                return
            except JarvisError as error:
                first = first or error
                try:
                    await self._go_down(error)
                except JarvisError:
                    self._back_to_top()
                    raise first from None

    async def _go_down(self, error: JarvisError) -> None:
        """Take the next rung that may help; raises `error` where there is none."""
        if error.code not in _MEMORY | _BROKEN:
            raise error
        if self._left is None:
            self._left = list(await asyncio.to_thread(self._rungs))[1:]
        if error.code in _BROKEN:  # less context does not mend what is broken
            here = self._engine.kind, self._engine.model
            self._left = [rung for rung in self._left if (rung.kind, rung.model) != here]
        if not self._left:
            raise error
        await self._chat.unload()
        before, self._engine = self._engine, self._left.pop(0)
        self._chat = self._make(self._engine)
        self._tell(_decision(error, before, self._engine))

    def _back_to_top(self) -> None:
        if self._engine is not self._wanted:
            self._engine, self._chat = self._wanted, self._make(self._wanted)
        self._left = None


def _turns(messages: Sequence[ChatMessage]) -> int:
    """Turns between the instructions and the question, which uses of tools may follow."""
    roles = [message.role for message in messages]
    return (len(roles) - 1 - roles[::-1].index("user") - 1) // 2


def _shortened(messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """Without the older half of the turns between instructions and question."""
    return [messages[0], *messages[1 + 2 * ((_turns(messages) + 1) // 2) :]]


def _decision(error: JarvisError, before: Engine, after: Engine) -> Remark:
    model = Path(before.model).name  # a model of the user's own is set by its path
    if before.places > after.places and before.model == after.model:
        return Remark(
            "There is not enough memory: {model} goes on with one answer at a time.", {"model": model}
        )
    other = after.remote.model if after.kind == "remote" else after.model
    if (before.kind, before.model) == (after.kind, after.model):
        return Remark(
            "There is not enough memory: {model} goes on with {tokens} tokens of context.",
            {"model": model, "tokens": after.context_tokens},
        )
    if error.code in _MEMORY:
        return Remark(
            "There is not enough memory for {model}: {other} answers instead.",
            {"model": model, "other": other},
        )
    return Remark("{model} cannot be used now: {other} answers instead.", {"model": model, "other": other})
