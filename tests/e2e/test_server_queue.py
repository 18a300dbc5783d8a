"""One server, Redis, and workers that have the models: real processes, which come and go."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Iterator, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any

import psutil
import pytest
from redis import Redis

from tests.e2e.servers import LIMIT_S, Program, ask, asking, events, home_with, program, ready
from tests.engine_parts import SMALL, until
from tests.redis_server import PASSWORD, RedisServer, redis_server

SETTINGS: Mapping[str, object] = {
    "engine.model": SMALL,
    "engine.context_tokens": 1024,
    "server.concurrent": 2,
    "server.requests_per_minute": 100_000,
    "memory.enabled": False,
}
STORY = "Tell me a very long story about a ship that sails around the whole world."


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


def told(redis: Redis[Any], key: str) -> list[str]:
    """What the keys of that pattern hold."""
    return [text.decode() for name in redis.keys(key) if (text := redis.get(name)) is not None]


def under_way(redis: Redis[Any]) -> set[bytes]:
    """The requests that somebody waits for and a worker is at."""
    wanted, taken = (
        {key.rpartition(b":")[2] for key in redis.keys(f"jarvis:{what}:*")} for what in ("wanted", "taken")
    )
    return wanted & taken


def engine_of(worker: Program) -> psutil.Process:
    children = psutil.Process(worker.process.pid).children(recursive=True)
    return next(child for child in children if "llama_server.py" in " ".join(child.cmdline()[:4]))


def test_workers_answer_come_and_go(models_home: Path, redis: RedisServer, tmp_path: Path) -> None:
    def worker(name: str) -> Any:
        home = home_with(models_home, tmp_path / name)
        return program(
            home, "worker", "--redis-url", redis.url, settings=SETTINGS, JARVIS_REDIS_PASSWORD=PASSWORD
        )

    async def run(front: Program, first: Program, keys: Redis[Any]) -> None:
        async with front.client() as client:
            await ready(client)
            models = (await client.get("/v1/models")).json()["data"]
            assert SMALL in [model["id"] for model in models]
            whole = await ask(client, "Say the number 7.")
            assert (whole.status, whole.code) == (200, "")
            assert whole.text

            for child in psutil.Process(first.process.pid).children(recursive=True):
                assert PASSWORD not in child.environ().values()
            await comes_in_pieces_and_can_be_left(client, keys)
            await is_a_task(client)

            # the worker dies before it has said a word: another one answers
            engine_of(first).send_signal(signal.SIGSTOP)
            waiting = asyncio.create_task(ask(client, "Say the number 7."))
            await until(lambda: bool(under_way(keys)), LIMIT_S)
            with worker("second") as second:
                first.process.kill()
                assert await waiting == whole
                # it dies in the middle of an answer: that is said
                async with asking(client, STORY, max_tokens=500) as response:
                    async for event in events(response):
                        if "error" in event:
                            assert event["error"]["code"] == "server.worker_died"
                            break
                        second.process.kill()
                    else:
                        pytest.fail("it was not said")

                async def nobody_is_left() -> bool:
                    answer = await client.get("/ready")
                    reasons = [reason["code"] for reason in answer.json()["reasons"]]
                    return (answer.status_code, reasons) == (503, ["server.no_worker"])

                # A worker tells each second how it is, and is believed for four: perhaps that it loads.
                await until(nobody_is_left, LIMIT_S)
                assert (await ask(client, "Say the number 7.")).code == "server.no_worker"

    front_home = home_with(models_home, tmp_path / "front")
    with (
        worker("first") as first,
        program(
            front_home, "serve", "--queue", "celery", "--redis-url", redis.url, "--port", "18865",
            settings=SETTINGS, JARVIS_REDIS_PASSWORD=PASSWORD,
        ) as front,
        Redis(port=redis.port, password=PASSWORD) as keys,
    ):  # fmt: skip
        assert not psutil.Process(front.process.pid).children()  # it has no models
        asyncio.run(run(front, first, keys))
    for file in tmp_path.rglob("*"):
        if file.is_file() and not file.is_relative_to(models_home):
            assert PASSWORD.encode() not in file.read_bytes(), file


async def comes_in_pieces_and_can_be_left(client: Any, keys: Redis[Any]) -> None:
    async with asking(client, STORY, max_tokens=800) as response, aclosing(events(response)) as pieces:
        for _ in range(4):
            await anext(pieces)
    # the worker has noticed, and ended it

    def results() -> list[bool]:
        return [json.loads(text)["result"]["answered"] for text in told(keys, "celery-task-meta-*")]

    await until(lambda: False in results(), LIMIT_S)


async def is_a_task(client: Any) -> None:
    body = {"messages": [{"role": "user", "content": "Say the number 7."}], "max_tokens": 8, "temperature": 0}
    begun = (await client.post("/v1/tasks", json={"url": "/v1/chat/completions", "body": body})).json()

    async def done() -> bool:
        shown = (await client.get(f"/v1/tasks/{begun['id']}")).json()
        return bool(shown.get("result"))

    await until(done, LIMIT_S)


def test_one_jarvis_answers_for_another(models_home: Path, tmp_path: Path) -> None:
    """Nothing of queues: the address of one is the remote engine of the other."""
    lender = home_with(models_home, tmp_path / "lender")
    borrower = tmp_path / "borrower"
    borrower.mkdir()
    with program(lender, "serve", "--port", "18965", settings=SETTINGS) as serving:
        settings = {
            "engine.kind": "remote",
            "engine.remote.base_url": f"{serving.address}/v1",
            "engine.remote.model": SMALL,
            "memory.enabled": False,
        }
        with program(
            borrower, "ask", "Say the number 7.", settings=settings, JARVIS_REMOTE_API_KEY=serving.token
        ) as asked:
            assert (asked.told["engine"], asked.told["model"]) == ("remote", SMALL)
            assert asked.told["reply"]
