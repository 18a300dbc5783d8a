"""Many at once: each has a whole answer or a clean refusal, and the server can always be asked how it is."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.servers import Program, ask, home_with, program, ready
from tests.engine_parts import SMALL

PLACES, QUEUE = 4, 40
SETTINGS = {
    "engine.model": SMALL,
    "engine.context_tokens": 512,
    "server.concurrent": PLACES,
    "server.waiting": QUEUE,
    "server.requests_per_minute": 100_000,
    "memory.enabled": False,
}
SLOW_S = 2.0
"""Only a server that waits for its engine takes so long to say how it is."""


@pytest.fixture(scope="module")
def server(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    home = home_with(models_home, tmp_path_factory.mktemp("home"))
    with program(home, "serve", "--port", "18765", settings=SETTINGS) as serving:
        yield serving


@asynccontextmanager
async def probed(client: httpx.AsyncClient) -> AsyncIterator[list[float]]:
    """How long `/health` and `/ready` take, asked every 100 ms during the block (s)."""
    took: list[float] = []

    async def probe() -> None:
        while True:
            for path in ("/health", "/ready"):
                began = time.monotonic()
                response = await client.get(path)
                took.append(time.monotonic() - began)
                assert response.status_code == 200, response.text
            await asyncio.sleep(0.1)

    probing = asyncio.create_task(probe())
    try:
        yield took
    finally:
        probing.cancel()
        await asyncio.wait([probing])
    assert probing.cancelled()


def test_twenty_streams_at_once_are_all_answered(server: Program) -> None:
    async def run() -> None:
        async with server.client() as client:
            await ready(client)
            async with probed(client) as took:
                answers = await asyncio.gather(*(ask(client, f"Say the number {n}.") for n in range(20)))
            assert {(answer.status, answer.code) for answer in answers} == {(200, "")}
            assert all(answer.text for answer in answers)
            assert sorted(took)[len(took) // 2] < SLOW_S

    asyncio.run(run())


def test_of_a_hundred_at_once_each_has_a_whole_answer_or_a_clean_refusal(server: Program) -> None:
    async def run() -> None:
        async with server.client() as client:
            await ready(client)
            async with probed(client) as took:
                answers = await asyncio.gather(
                    *(ask(client, f"Say the number {n}.", max_tokens=4) for n in range(100))
                )
            got = Counter(answer.code for answer in answers)
            refused = [answer for answer in answers if answer.code]
            assert got[""] >= PLACES + QUEUE
            assert all(answer.text for answer in answers if not answer.code)
            assert refused
            assert {answer.code for answer in refused} <= {"server.too_many", "server.busy"}
            assert {answer.status for answer in refused} <= {429, 503}
            assert all(answer.retry_after and answer.retry_after >= 1 for answer in refused)
            assert sorted(took)[len(took) // 2] < SLOW_S
            assert (await ask(client, "Say the number 1.")).text  # and afterwards all is as before

    asyncio.run(run())
