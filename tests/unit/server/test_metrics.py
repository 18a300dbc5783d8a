"""`/metrics` of a server over an assistant: what was answered, how it ended, and how the machine is now."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families as families

from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import EngineError, JarvisError
from jarvis_desktop.events import EngineMeasured, ResourcesSampled, WatchMachine
from jarvis_desktop.ports import ChatMessage, ChatOptions, ChatRequest
from jarvis_desktop.server import metrics_route
from jarvis_desktop.server.app import guarded_app
from jarvis_desktop.server.context import ServerContext, Unlimited, unguarded
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.server.measuring import MeasuredService
from jarvis_desktop.telemetry.metrics import OTHER, Metrics
from tests.fakes import FakeChat, fake_parts
from tests.unit.assistant.harness import running
from tests.witness import Witness

CANARY = "the walrus sings at midnight"
OF_ANSWER = 'engine="fake",model="fake-chat"'
QUESTION = ChatRequest((ChatMessage("user", CANARY),), ChatOptions())


class Served:
    """A server's application over an assistant on fakes, asked without a network."""

    def __init__(
        self,
        assistant: Assistant,
        witness: Witness,
        core: asyncio.AbstractEventLoop,
        measure: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        metrics = Metrics()
        assistant.subscribe(metrics.take)
        self.assistant, self.witness = assistant, witness
        self.service = MeasuredService(assistant.service, metrics, lambda: assistant.answered_by)
        context = ServerContext(
            service=self.service,
            link=CoreLink(core),
            settings=Server,
            admission=Unlimited(),
            guard=unguarded,
            metrics=metrics,
            measure=measure or assistant.measure,
        )
        transport = httpx.ASGITransport(guarded_app(context))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    async def samples(self) -> dict[str, float]:
        """All that is told, each as Prometheus writes it, like ``name{label="value"}``."""
        reply = await self.client.get("/metrics")
        assert reply.status_code == 200
        return {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in reply.text.splitlines()
            if not line.startswith("#")
        }


@asynccontextmanager
async def served(chat: FakeChat | None = None) -> AsyncIterator[Served]:
    async with running(fake_parts(chat=chat), preload=True) as (assistant, witness):
        server = Served(assistant, witness, asyncio.get_running_loop())
        async with server.client:
            yield server


def test_an_answer_for_a_program_is_counted_and_timed_like_one_for_the_user() -> None:
    async def scenario() -> None:
        async with served() as server:
            async with aclosing(server.service.chat(QUESTION)) as pieces:
                async for _ in pieces:
                    pass
            told = await server.samples()
            assert told[f'jarvis_answers_total{{{OF_ANSWER},outcome="answered",tier=""}}'] == 1
            for stage in ("first_token", "total"):
                key = f'jarvis_turn_stage_seconds_count{{model="fake-chat",stage="{stage}",tier=""}}'
                assert told[key] == 1
            assert told["jarvis_ready"] == 1
            assert told['jarvis_part_state{part="engine",state="ready"}'] == 1
            again = await server.samples()
            assert (
                again['jarvis_http_requests_total{client="",method="GET",route="/metrics",status="200"}'] == 1
            )
            assert again['jarvis_http_first_chunk_seconds_count{route="/metrics"}'] == 1
            assert not any(CANARY in key for key in again)

    asyncio.run(scenario())


def test_answers_that_failed_or_were_left_are_told_apart() -> None:
    async def scenario() -> None:
        dying = FakeChat()
        dying.error = EngineError("engine.died", "The engine died.")
        async with served(dying) as server:
            with pytest.raises(JarvisError):
                async for _ in server.service.chat(QUESTION):
                    pass
            told = await server.samples()
            assert told[f'jarvis_answers_total{{{OF_ANSWER},outcome="failed",tier=""}}'] == 1
            error = 'category="permanent",code="engine.died",stage="engine"'
            assert told[f"jarvis_errors_total{{{error}}}"] == 1
        async with served() as server:
            async with aclosing(server.service.chat(QUESTION)) as pieces:
                await anext(pieces)
            told = await server.samples()
            assert told[f'jarvis_answers_total{{{OF_ANSWER},outcome="interrupted",tier=""}}'] == 1

    asyncio.run(scenario())


def test_the_machine_is_measured_for_a_reader_while_no_window_shows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario() -> None:
        async with served() as server:
            await server.witness.next(ResourcesSampled)
            server.assistant.post(WatchMachine(False))
            monkeypatch.setattr(metrics_route, "FRESH_SECONDS", 0)
            before = len(server.witness.of(ResourcesSampled))
            assert (await server.samples())["jarvis_memory_bytes"] > 0
            assert len(server.witness.of(ResourcesSampled)) == before + 1
            monkeypatch.setattr(metrics_route, "FRESH_SECONDS", 60)
            await server.samples()
            assert len(server.witness.of(ResourcesSampled)) == before + 1, "what is fresh is told again"

    asyncio.run(scenario())


def test_a_core_that_hangs_does_not_keep_the_reader_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics_route, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(metrics_route, "FRESH_SECONDS", 0)

    async def scenario() -> None:
        here, free = asyncio.get_running_loop(), threading.Event()
        cores: asyncio.Future[asyncio.AbstractEventLoop] = here.create_future()

        async def hang() -> None:
            here.call_soon_threadsafe(cores.set_result, asyncio.get_running_loop())
            free.wait()

        thread = threading.Thread(target=lambda: asyncio.run(hang()))
        thread.start()
        try:
            async with running(fake_parts()) as (assistant, witness):
                server = Served(assistant, witness, await cores)
                told = await asyncio.wait_for(server.samples(), 5)
                assert told["jarvis_ready"] == 0
        finally:
            free.set()
            thread.join()

    asyncio.run(scenario())


def test_a_machine_that_is_slow_to_measure_is_told_to_the_next_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(metrics_route, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(metrics_route, "FRESH_SECONDS", 0)

    async def scenario() -> None:
        begun, enough = 0, asyncio.Event()

        async def slow() -> None:
            nonlocal begun
            begun += 1
            await enough.wait()
            assistant.emit(EngineMeasured(0.5, None, 7, 0, None))

        async with running(fake_parts()) as (assistant, witness):
            server = Served(assistant, witness, asyncio.get_running_loop(), measure=slow)
            for _ in range(3):
                await server.samples()
            assert begun == 1
            enough.set()
            await witness.next(EngineMeasured)
            assert (await server.samples())["jarvis_engine_running"] == 7

    asyncio.run(scenario())


def test_each_reason_to_refuse_a_place_is_counted_and_known_from_the_start() -> None:
    metrics = Metrics()
    metrics.refused("server.busy")
    told = metrics.text()[0].decode()
    assert 'jarvis_queue_refused_total{code="server.busy"} 1.0' in told
    assert 'jarvis_queue_refused_total{code="server.too_many"} 0.0' in told


def test_what_a_client_makes_up_is_no_label() -> None:
    async def scenario() -> None:
        async with served() as server:
            await server.client.request("WALRUS", f"/{CANARY}")
            told = await server.samples()
            request = f'client="",method="{OTHER}",route="{OTHER}",status="404"'
            assert told[f"jarvis_http_requests_total{{{request}}}"] == 1
            assert not any("WALRUS" in key or "walrus" in key for key in told)

    asyncio.run(scenario())


def test_the_format_is_the_one_that_prometheus_asks_for() -> None:
    async def scenario() -> None:
        async with served() as server:
            plain = await server.client.get("/metrics")
            assert plain.headers["content-type"].startswith("text/plain; version=0.0.4")
            assert "jarvis_build_info" in {family.name for family in families(plain.text)}
            asked = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3"}
            opened = await server.client.get("/metrics", headers=asked)
            assert opened.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
            assert opened.text.endswith("# EOF\n")

    asyncio.run(scenario())
