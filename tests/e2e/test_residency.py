"""Real models come and go without leaving anything behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psutil

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.orchestrator.plan import Machine, Memory, PlanPart
from jarvis_desktop.orchestrator.residency import Residency
from jarvis_desktop.orchestrator.resident import ResidentChat
from jarvis_desktop.ports import ChatMessage
from jarvis_desktop.telemetry.resources import resident_mib
from tests.engine_parts import GOOD, GOOD_FILE, SMALL, engine, gguf, say

CYCLES = 100
SIDE_BY_SIDE = 2  # as many as the smallest machine has cores
HELLO = [ChatMessage("user", "Hi")]


def chat(residency: Residency, path: Path, name: str, mib: float) -> ResidentChat:
    model = engine(path, Engine(model=name, threads=1, context_tokens=512))
    return ResidentChat(residency, name, model, lambda _: PlanPart(name, "chat", "cpu", mib, 0, 0))


def test_a_hundred_times_in_and_out_leaves_nothing(models_home: Path) -> None:
    async def run() -> None:
        residency = Residency(lambda: Machine(Memory(20_000, 24_000)), at_once=SIDE_BY_SIDE)
        models = [
            chat(residency, gguf(models_home), f"{SMALL} {number}", 200) for number in range(SIDE_BY_SIDE)
        ]
        own = psutil.Process()
        after_first: tuple[float, int, int] | None = None
        for _ in range(CYCLES // SIDE_BY_SIDE):
            await asyncio.gather(*(model.load() for model in models))
            assert len({model.pid for model in models} - {None}) == SIDE_BY_SIDE
            await asyncio.gather(*(model.unload() for model in models))
            # The first cycle brings what stays for good: threads of the executor, imported modules.
            after_first = after_first or (own.memory_info().rss, own.num_fds(), own.num_threads())
        assert own.children(recursive=True) == []
        assert own.num_fds() <= after_first[1] + 1
        assert own.num_threads() <= after_first[2] + 4  # the executor's threads come one by one
        assert own.memory_info().rss - after_first[0] < 10 << 20

    asyncio.run(run())


def test_a_second_model_takes_the_place_of_the_first_where_only_one_fits(models_home: Path) -> None:
    async def run() -> None:
        residency = Residency(lambda: Machine(Memory(1300, 24_000)))
        small = chat(residency, gguf(models_home), SMALL, 200)
        good = chat(residency, gguf(models_home, GOOD, GOOD_FILE), GOOD, 650)
        await say(small, HELLO)
        first = small.pid
        assert first is not None
        await say(good, HELLO)
        assert small.pid is None
        assert resident_mib(first) == 0
        await say(small, HELLO)  # and comes back when it is asked
        assert (small.pid is None, good.pid is None) == (False, True)
        await small.unload()

    asyncio.run(run())
