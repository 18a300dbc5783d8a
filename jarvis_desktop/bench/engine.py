"""The language engine under load: time to the first token and answers a second, one and many at once.

Every question begins with the same instructions, as in use: an engine that keeps what it has read shows it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import numpy as np

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Usage
from jarvis_desktop.ports import ChatMessage, ChatModel, ChatOptions

LEVELS = (1, 4, 16, 64)
"""Questions at once."""

_FEWEST = 4  # answers at a level, else one a place
_OPTIONS = ChatOptions(max_tokens=24, temperature=0.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question got: seconds to the first token, tokens, and their rate after the first."""

    first_token_s: float
    tokens: int
    tokens_per_second: float


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to run the engine; what is not `tuned` is left as the engine's own makers chose it."""

    name: str
    settings: Engine
    tuned: bool = True


def variants(engine: Engine) -> list[Variant]:
    """What is compared: the settings in force, the engine's own defaults, vLLM without its prefix cache."""
    if engine.kind == "remote":
        return [Variant("as set", engine)]
    compared = [Variant("as set", engine), Variant("engine's defaults", engine, tuned=False)]
    if engine.kind == "vllm":
        without = engine.vllm.model_copy(update={"enable_prefix_caching": False})
        compared.append(Variant("no prefix cache", engine.model_copy(update={"vllm": without})))
    return compared


async def measure(
    engine: Engine,
    make: Callable[[Variant], ChatModel],
    instructions: str,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """A row for each variant and number of questions at once; raises `JarvisError`.

    `make` gives a model that is not loaded; `instructions` stand before each question. Times are ms, rates
    per second. An engine that cannot run with its own defaults (they may want more memory than there is) is
    told in `skipped`.
    """
    beginning = ChatMessage("system", instructions)
    rows, skipped = [], {}
    for variant in variants(engine):
        try:
            rows += await _rows(variant, make(variant), beginning, progress)
        except JarvisError as error:
            if variant.tuned:
                raise
            skipped[variant.name] = str(error)
    return {"engine": engine.kind, "model": engine.model, "rows": rows, "skipped": skipped}


async def _rows(
    variant: Variant, chat: ChatModel, beginning: ChatMessage, progress: Callable[[str], None]
) -> list[dict[str, Any]]:
    begun, rows = time.perf_counter(), []
    try:
        await chat.load()
        about = {"variant": variant.name, "loaded_s": round(time.perf_counter() - begun, 1)}
        await answer(chat, beginning, 0)  # has the instructions in its cache, where there is one
        for at_once in LEVELS:
            progress(f"{variant.name}: {at_once} at once")
            rows.append(about | await level(chat, beginning, at_once))
    finally:
        await chat.unload()
    return rows


async def level(chat: ChatModel, beginning: ChatMessage, at_once: int) -> dict[str, Any]:
    """Questions behind `beginning`, so many at once: answers and tokens per second, time to a first token."""
    places = asyncio.Semaphore(at_once)

    async def one(number: int) -> Answer:
        async with places:
            return await answer(chat, beginning, number)

    count = max(_FEWEST, at_once)
    begun = time.perf_counter()
    answers = await asyncio.gather(*(one(number) for number in range(count)))
    seconds = time.perf_counter() - begun
    first = [1000 * answer.first_token_s for answer in answers]
    return {
        "at_once": at_once,
        "answers": count,
        "answers_per_s": round(count / seconds, 2),
        "tokens_per_s": round(sum(answer.tokens for answer in answers) / seconds, 1),
        "ttft_ms": {"p50": round(float(np.median(first))), "p95": round(float(np.percentile(first, 95)))},
    }


async def answer(chat: ChatModel, beginning: ChatMessage, number: int) -> Answer:
    """Ask for a sentence; another `number` is another question behind the same `beginning`."""
    question = (beginning, ChatMessage("user", f"Write a sentence about the number {number}."))
    begun = time.perf_counter()
    first, usage = 0.0, Usage()
    async with aclosing(chat.stream(question, _OPTIONS)) as deltas:  # type: ignore[type-var]
        async for delta in deltas:
            first = first or time.perf_counter() - begun
            usage = delta.usage or usage
    return Answer(first, usage.completion_tokens, usage.tokens_per_second)


def table(data: dict[str, Any]) -> str:
    """The rows for people."""
    lines = [f"{data['engine']}, {data['model']}"]
    lines.append(
        f"{'variant':18} {'at once':>8} {'answers/s':>10} {'tokens/s':>9} {'TTFT p50':>9} {'p95 ms':>8}"
    )
    lines += [
        f"{row['variant']:18} {row['at_once']:8} {row['answers_per_s']:10.2f} {row['tokens_per_s']:9.1f} "
        f"{row['ttft_ms']['p50']:9} {row['ttft_ms']['p95']:8}"
        for row in data["rows"]
    ]
    lines += [f"{name}: {why}" for name, why in data["skipped"].items()]
    return "\n".join(lines)
