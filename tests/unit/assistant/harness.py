"""Runs an assistant on fakes and lets a test wait for what it tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from jarvis_desktop.assistant import Assistant, Parts
from jarvis_desktop.config.schema import Config
from tests.witness import Witness


@asynccontextmanager
async def running(
    parts: Parts, *, config: Config | None = None, answers: bool = True, preload: bool = False
) -> AsyncIterator[tuple[Assistant, Witness]]:
    settings = config or Config()
    assistant = Assistant(parts, lambda: settings, answers=answers)
    witness = Witness()
    assistant.subscribe(witness)
    await assistant.start(preload=preload)
    try:
        yield assistant, witness
    finally:
        await assistant.stop()


async def until(condition: Callable[[], bool]) -> None:
    """Let the assistant work until something is so that no event tells."""
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)
