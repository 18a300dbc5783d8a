"""Real engines with real models: answer, count, stop when asked, keep to themselves, leave nothing behind."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import httpx
import psutil
import pytest

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.launch import VllmLauncher
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.engine.remote import RemoteChatModel
from jarvis_desktop.errors import Category, EngineError
from jarvis_desktop.orchestrator.headers import read_shape
from jarvis_desktop.orchestrator.plan import Machine, Memory, engine_part
from jarvis_desktop.ports import ChatMessage, ChatOptions
from jarvis_desktop.telemetry.resources import resident_mib
from tests.engine_parts import (
    GOOD,
    GOOD_FILE,
    LONG,
    ROOT,
    SMALL,
    TALE,
    VLLM_PYTHON,
    engine,
    gguf,
    key_of,
    loaded,
    processes,
    say,
    until,
    vllm_folder,
)

FROZEN_S = 8.0
"""Silence after which an engine counts as hung: longer than any step takes on a busy machine."""

JARVIS = ChatMessage("system", "You are Jarvis, a helpful assistant. Answer in one short sentence.")


def address(pid: int) -> str:
    """Where the engine's server listens, as the operating system sees it."""
    ports = {c.laddr for c in psutil.Process(pid).net_connections("tcp") if c.status == psutil.CONN_LISTEN}
    assert len(ports) == 1
    ip, port = ports.pop()
    assert ip == "127.0.0.1"
    return f"http://{ip}:{port}"


# --- llama.cpp --------------------------------------------------------------------------------------------


def test_llama_answers_in_both_languages_and_counts_tokens(models_home: Path) -> None:
    async def run() -> None:
        settings = Engine(model=GOOD, threads=1)
        async with loaded(engine(gguf(models_home, GOOD, GOOD_FILE), settings)) as model:
            assert (model.engine, model.model) == ("llama.cpp", GOOD)
            text, usage = await say(model, [JARVIS, ChatMessage("user", "What is the capital of France?")])
            assert "Paris" in text
            assert usage.prompt_tokens > 20
            assert 1 < usage.completion_tokens <= 64
            assert usage.tokens_per_second > 0
            text, _ = await say(model, [JARVIS, ChatMessage("user", "¿Cuál es la capital de España?")])
            assert "Madrid" in text

    asyncio.run(run())


def test_llama_keeps_to_the_longest_answer_and_to_stop_words(models_home: Path) -> None:
    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:
            _, usage = await say(model, TALE, ChatOptions(max_tokens=7))
            assert usage.completion_tokens == 7
            text, _ = await say(model, TALE, ChatOptions(max_tokens=200, temperature=0.0, stop=("the",)))
            assert text
            assert "the" not in text

    asyncio.run(run())


def test_llama_is_told_to_stop_and_frees_its_place(models_home: Path) -> None:
    """Leaving a long answer aborts it in the engine: its only place is free for the next question."""

    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:
            for _ in range(3):
                async with aclosing(model.stream(TALE, LONG)) as deltas:
                    await anext(deltas)
                    await anext(deltas)
            assert model.pid is not None
            key = key_of(model)
            async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http:

                async def idle() -> bool:
                    slots = (await http.get(f"{address(model.pid or 0)}/slots")).json()
                    return [slot["is_processing"] for slot in slots] == [False]

                await until(idle)
            assert (await say(model, [ChatMessage("user", "Hi")]))[0]

    asyncio.run(run())


def test_llama_answers_side_by_side_each_with_a_context_of_its_own(models_home: Path) -> None:
    """A short question is answered while a long answer is generated; neither takes room from the other."""

    async def run() -> None:
        settings = Engine(model=SMALL, threads=1, context_tokens=512, places=2)
        async with loaded(engine(gguf(models_home), settings)) as model:
            async with aclosing(model.stream(TALE, LONG)) as deltas:
                await anext(deltas)
                text, _ = await say(model, [ChatMessage("user", "Hi")], ChatOptions(8, 0.0))
                assert text
                assert (await anext(deltas)).text
            long = [ChatMessage("user", "word " * 400)]
            answers = await asyncio.gather(*(say(model, long, ChatOptions(8, 0.0)) for _ in range(2)))
            assert answers[0][0] == answers[1][0]

    asyncio.run(run())


def test_llama_reads_a_repeated_beginning_only_once(models_home: Path) -> None:
    """Instructions read once are in the engine's cache for the next question."""
    instructions = ChatMessage("system", " ".join(f"Rule {n}: be kind to number {n}." for n in range(60)))

    async def cached(model_key: str, url: str, messages: list[ChatMessage]) -> tuple[int, int]:
        body = {
            "messages": [{"role": m.role, "content": m.content} for m in messages],
            "max_tokens": 1,
            "temperature": 0,
        }
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {model_key}"}, timeout=60) as http:
            usage = (await http.post(f"{url}/v1/chat/completions", json=body)).json()["usage"]
        return usage["prompt_tokens_details"]["cached_tokens"], usage["prompt_tokens"]

    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:
            assert model.pid is not None
            key = key_of(model)
            await say(model, [instructions, ChatMessage("user", "Hi")])
            question = [instructions, ChatMessage("user", "What is rule seven?")]
            known, total = await cached(key, address(model.pid), question)
            assert known > 0.9 * total

    asyncio.run(run())


def test_llama_listens_only_to_who_has_the_key(models_home: Path) -> None:
    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:
            assert model.pid is not None
            url = address(model.pid)
            await refuses_strangers(url, {"/health"})
            async with httpx.AsyncClient() as http:
                page = await http.options(
                    f"{url}/v1/chat/completions", headers={"Origin": "http://evil.test"}
                )
                assert page.headers.get("access-control-allow-origin", "") == ""
            arguments = [argument for p in processes(model) for argument in p.cmdline()]
            key = key_of(model)
            assert not any(key in argument for argument in arguments)  # all users can read arguments

    asyncio.run(run())


async def refuses_strangers(url: str, public: set[str]) -> None:
    """Every route but `public` ones, which tell nothing, answers 401 or 404 without the right key."""
    chat = {"model": SMALL, "messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    posts = (
        "/v1/chat/completions", "/v1/completions", "/completion", "/invocations", "/tokenize",
        "/apply-template", "/inference/v1/generate", "/v1/responses", "/v1/messages", "/api/chat",
    )  # fmt: skip
    gets = (
        "/v1/models",
        "/models",
        "/slots",
        "/metrics",
        "/props",
        "/health",
        "/docs",
        "/openapi.json",
        "/version",
    )
    async with httpx.AsyncClient(timeout=20) as http:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "wrong"}):
            for route in posts:
                assert (await http.post(url + route, json=chat, headers=headers)).status_code in (401, 404), (
                    route
                )
            for route in gets:
                if route not in public:
                    assert (await http.get(url + route, headers=headers)).status_code in (401, 404), route


def test_llama_keeps_quiet_about_what_was_said(models_home: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def run() -> str:
        async with loaded(engine(gguf(models_home))) as model:
            question = ChatMessage("user", "Repeat this word: xylocanary.")
            return (await say(model, [question], ChatOptions(max_tokens=30, temperature=0.0)))[0]

    answer = asyncio.run(run())
    assert "listening" in caplog.text  # the engine's own output is in the log
    assert "xylocanary" not in caplog.text
    assert answer.strip()[:40] not in caplog.text


def test_llama_tells_how_far_loading_is(models_home: Path) -> None:
    shares: list[float] = []

    async def run() -> None:
        async with loaded(engine(gguf(models_home, GOOD, GOOD_FILE), on_progress=shares.append)):
            pass

    asyncio.run(run())
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 2


def test_a_conversation_too_long_for_the_model_is_called_that(models_home: Path) -> None:
    async def run() -> None:
        settings = Engine(model=SMALL, threads=1, context_tokens=512)
        async with loaded(engine(gguf(models_home), settings)) as model:
            await say(model, [ChatMessage("user", "one two three " * 400)])

    with pytest.raises(EngineError) as caught:
        asyncio.run(run())
    assert caught.value.code == "engine.context_full"


def test_many_questions_at_once_are_answered_in_turn(models_home: Path) -> None:
    """llama.cpp has one place: the others wait, which is not taken for a hang, and may leave the queue."""
    answered: list[int] = []

    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:

            async def one(number: int) -> None:
                text, _ = await say(model, TALE, ChatOptions(40, 0.0))
                assert text
                answered.append(number)
                questions[2].cancel()

            questions = [asyncio.create_task(one(number)) for number in range(5)]
            await asyncio.gather(*questions, return_exceptions=True)

    asyncio.run(run())
    assert answered == [0, 1, 3, 4]


# --- remote -----------------------------------------------------------------------------------------------


def test_remote_is_any_server_of_the_same_protocol(models_home: Path) -> None:
    """Our own llama.cpp server stands in for a machine elsewhere; a wrong key and no server say so."""

    async def run() -> list[str]:
        codes: list[str] = []
        async with loaded(engine(gguf(models_home))) as server:
            assert server.pid is not None
            url = f"{address(server.pid)}/v1"
            key = key_of(server)
            remote = RemoteChatModel(url, SMALL, key)
            await remote.load()
            text, usage = await say(remote, TALE, ChatOptions(max_tokens=12))
            assert text
            assert usage.completion_tokens == 12
            assert (remote.engine, remote.model, remote.pid) == ("remote", SMALL, None)
            await remote.unload()
            for stranger in (RemoteChatModel(url, SMALL, "wrong"), RemoteChatModel("", "")):
                with pytest.raises(EngineError) as caught:
                    await stranger.load()
                codes.append(caught.value.code)
        gone = RemoteChatModel(url, SMALL, key)
        with pytest.raises(EngineError) as caught:
            await gone.load()
        return [*codes, caught.value.code]

    assert asyncio.run(run()) == ["engine.unauthorised", "engine.remote_unset", "engine.unreachable"]


# --- vLLM -------------------------------------------------------------------------------------------------


class FutureLauncher(VllmLauncher):
    """Sets an option that the installed vLLM cannot know."""

    def _options(self, path: Path) -> tuple[str, ...]:
        return (*super()._options(path), "--option-of-a-later-version=7")


@pytest.mark.timeout(600)
def test_vllm_takes_what_was_planned_answers_aborts_keeps_its_door_shut_and_leaves_nothing(
    models_home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A start takes some 30 s: one serves nearly all looks at it."""
    folder = vllm_folder(models_home)
    caplog.set_level(logging.DEBUG)
    shares: list[float] = []
    lacking: list[str] = []
    settings = Engine(
        kind="vllm",
        model=SMALL,
        context_tokens=2048,
        vllm={"python": str(VLLM_PYTHON), "cpu_kv_cache_gb": 0.25},
    )

    async def run() -> None:
        launcher = FutureLauncher(settings, lambda: folder, SMALL, ROOT, tmp_path / "cache")
        async with loaded(
            ManagedChatModel(
                launcher,
                SMALL,
                on_progress=shares.append,
                on_unsupported=lacking.append,
                stall_s=FROZEN_S,
            )
        ) as model:
            assert (model.engine, model.model) == ("vllm", SMALL)
            # named, left out, and all else is known to the installed version
            assert lacking == ["--option-of-a-later-version"]
            assert model.pid is not None
            planned = engine_part(settings, read_shape(folder), Machine(Memory(20_000, 24_000)))
            assert resident_mib(model.pid) == pytest.approx(planned.total_mib, rel=0.1)
            url = next(u for line in caplog.messages for u in re.findall(r"listening (http://\S+)", line))
            key = key_of(model)

            text, usage = await say(model, TALE, ChatOptions(max_tokens=24, temperature=0.0))
            assert text.strip()
            assert usage.completion_tokens == 24
            assert usage.prompt_tokens > 10
            assert usage.tokens_per_second > 0

            async def under_way() -> int:
                status = await model.status()
                assert status is not None
                return status.running

            async def at_work() -> bool:
                return await under_way() == 1

            async def idle() -> bool:
                return await under_way() == 0

            async with aclosing(model.stream(TALE, LONG)) as deltas:
                await anext(deltas)
                await until(at_work)
            await until(idle)
            await answers_many_at_once_and_reads_their_beginning_once(model)

            await refuses_strangers(url, set())
            listening = [
                connection.laddr.ip
                for process in processes(model)
                for connection in process.net_connections("inet")
                if connection.status == psutil.CONN_LISTEN
            ]
            assert listening
            assert {ip for ip in listening if ip not in ("127.0.0.1", "::1")} == set()
            assert not any(key in argument for p in processes(model) for argument in p.cmdline())
            await one_that_hangs_or_dies_is_ended_and_started_anew(model)

    before = shared_memory()
    asyncio.run(run())
    first_start = shares[: shares.index(1.0) + 1]
    assert first_start == sorted(first_start)
    assert len(first_start) > 3
    assert "ship that sails" not in caplog.text
    asyncio.run(until(lambda: shared_memory() <= before))


async def answers_many_at_once_and_reads_their_beginning_once(model: ManagedChatModel) -> None:
    """Twenty streams side by side, with the same instructions before each question."""
    rules = ChatMessage("system", " ".join(f"Rule {n}: be kind to number {n}." for n in range(40)))
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            status = await model.status()
            most = max(most, status.running if status else 0)
            await asyncio.sleep(0.05)

    before = await model.status()
    watching = asyncio.create_task(watch())
    questions = [[rules, ChatMessage("user", f"What is rule {n}?")] for n in range(20)]
    answers = await asyncio.gather(*(say(model, each, ChatOptions(12, 0.0)) for each in questions))
    watching.cancel()
    after = await model.status()
    assert all(usage.completion_tokens for _, usage in answers)
    assert most > 4  # batched, not one after the other
    assert before is not None
    assert after is not None
    assert (after.running, after.waiting) == (0, 0)
    assert after.prefix_hits is not None
    assert after.prefix_hits > max(0.5, before.prefix_hits or 0.0)
    assert after.first_token_ms is not None
    assert after.first_token_ms > 0


async def one_that_hangs_or_dies_is_ended_and_started_anew(model: ManagedChatModel) -> None:
    """What computes freezes, then dies, while the server above it still runs, and is not believed."""
    error = await error_when_all_that_compute(psutil.Process.suspend, model)
    assert error.code == "engine.died"
    text, _ = await say(model, TALE, ChatOptions(12, 0.0))
    assert text.strip()
    error = await error_when_all_that_compute(psutil.Process.kill, model)
    assert error.code == "engine.died"


async def error_when_all_that_compute(
    meet_their_fate: Callable[[psutil.Process], None], model: ManagedChatModel
) -> EngineError:
    """How an answer under way ends; checks that nothing of the engine is left."""
    family, told = processes(model), ""

    async def read() -> None:
        nonlocal told
        async with aclosing(model.stream(TALE, LONG)) as deltas:
            async for delta in deltas:
                if not told:
                    for process in those_that_compute(family):
                        meet_their_fate(process)
                told += delta.text

    with pytest.raises(EngineError) as caught:
        await read()
    assert told
    assert caught.value.category is Category.TRANSIENT
    assert model.pid is None
    await until(lambda: not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in family))
    return caught.value


def those_that_compute(family: Sequence[psutil.Process]) -> list[psutil.Process]:
    """vLLM's workers: those of its processes that hold the model's weights."""
    largest = max(process.memory_info().rss for process in family)
    return [process for process in family if process.memory_info().rss > largest / 2]


def shared_memory() -> set[str]:
    """Segments that Python's multiprocessing made; one left behind takes memory until the next boot."""
    place = Path("/dev/shm")
    return (
        {p.name for p in place.iterdir() if p.name.startswith(("psm_", "sem."))} if place.is_dir() else set()
    )
