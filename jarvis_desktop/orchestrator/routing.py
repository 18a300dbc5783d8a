"""Fits the prompt, the sampling and the model to how hard a question is, and gives known answers again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

from jarvis_desktop.config import profiles
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import Route, Tier
from jarvis_desktop.orchestrator.answer_cache import AnswerCache, CacheKey
from jarvis_desktop.orchestrator.cacheable import is_cacheable
from jarvis_desktop.orchestrator.difficulty import difficulty
from jarvis_desktop.ports import Approach, Asked, ChatOptions
from jarvis_desktop.resources import resource


def approach(question: str, config: Config) -> Approach:
    """How to answer a question under these settings: the prompt of its tier, and the user's own words."""
    found = difficulty(question)
    tier = found.tier if config.routing.tier == "auto" else Tier(config.routing.tier)
    routing, engine = config.routing, config.engine
    temperature, model = {
        Tier.CHAT: (engine.temperature, ""),
        Tier.TECHNICAL: (min(engine.temperature, routing.technical_temperature), routing.technical_model),
        Tier.REASONING: (min(engine.temperature, routing.reasoning_temperature), routing.reasoning_model),
    }[tier]
    return Approach(
        Route(found.score, tier, profile="" if profiles.missing(config) else config.conversation.profile),
        _with_own_words(tier, config),
        ChatOptions(engine.max_tokens, temperature, model=model if model != engine.model else ""),
    )


def beginnings(config: Config) -> list[str]:
    """The instructions a question may get under these settings, the easiest tier's first."""
    tiers = Tier if config.routing.tier == "auto" else [Tier(config.routing.tier)]
    return [_with_own_words(tier, config) for tier in tiers]


def _with_own_words(tier: Tier, config: Config) -> str:
    shipped, own = instructions(tier), config.conversation.instructions.strip()
    return f"{shipped}\n\n{own}" if own else shipped


@cache
def instructions(tier: Tier) -> str:
    """The shipped system prompt of a tier."""
    return resource("resources", "prompts", f"{tier}.txt").read_text(encoding="utf-8").strip()


class KnownAnswers:
    """`ports.Answers` on disk, while `wanted` says so."""

    def __init__(self, cache: AnswerCache, wanted: Callable[[], bool]) -> None:
        self._cache = cache
        self._wanted = wanted

    async def find(self, asked: Asked) -> str | None:
        if not self._usable(asked):
            return None
        return await asyncio.to_thread(self._cache.get, _key(asked))

    async def keep(self, asked: Asked, answer: str) -> None:
        if self._usable(asked):
            await asyncio.to_thread(self._cache.put, _key(asked), answer)

    async def counts(self) -> tuple[int, int]:
        stats = await asyncio.to_thread(self._cache.stats)
        return stats.hits, stats.hits + stats.misses

    async def clear(self) -> None:
        await asyncio.to_thread(self._cache.clear)

    def _usable(self, asked: Asked) -> bool:
        return self._wanted() and is_cacheable(asked.question)


def _key(asked: Asked) -> CacheKey:
    return CacheKey(
        model=asked.model,
        tier=asked.approach.route.tier,
        instructions=f"{asked.approach.instructions}\n{asked.approach.options}",
        question=asked.question,
        language=asked.language,
        recalled="",
        context="\n".join(f"{message.role}: {message.content}" for message in asked.earlier),
    )
