"""Real engines that die, hang, cannot start or lose their parent: what the user hears, and what is left."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.errors import Category, EngineError, JarvisError, ModelError
from jarvis_desktop.ports import ChatMessage, ChatOptions
from tests.engine_parts import (
    LONG,
    ROOT,
    SMALL,
    TALE,
    VLLM_PYTHON,
    engine,
    gguf,
    loaded,
    processes,
    say,
    until,
)

HELLO = (ChatMessage("user", "Hello"),)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the faults are injected with POSIX signals")


async def error_of_load(model: ManagedChatModel) -> EngineError:
    with pytest.raises(EngineError) as caught:
        await model.load()
    assert processes(model) == []
    return caught.value


async def error_in_mid_answer(
    model: ManagedChatModel, strike: Callable[[int], None]
) -> tuple[str, EngineError]:
    """Text that came before, and the error after, `strike` hit the engine in the middle of an answer."""
    text = ""

    async def read() -> None:
        nonlocal text
        async with aclosing(model.stream(TALE, LONG)) as deltas:
            async for delta in deltas:
                if not text:
                    assert model.pid is not None
                    strike(model.pid)
                text += delta.text

    with pytest.raises(EngineError) as caught:
        await read()
    return text, caught.value


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


# --- death and hanging ------------------------------------------------------------------------------------


def test_killed_in_mid_answer_says_so_and_the_next_answer_works(models_home: Path) -> None:
    deaths: list[JarvisError] = []

    async def run() -> None:
        async with loaded(engine(gguf(models_home), on_died=deaths.append)) as model:
            first = model.pid
            text, error = await error_in_mid_answer(model, kill)
            assert text
            assert error.code == "engine.died"
            assert error.category is Category.TRANSIENT
            assert "SIGKILL" in error.message
            assert [death.code for death in deaths] == ["engine.died"]
            assert (await say(model, HELLO))[0]
            assert model.pid not in (None, first)

    asyncio.run(run())


def test_killed_while_idle_is_noticed_and_the_next_answer_works(models_home: Path) -> None:
    deaths: list[JarvisError] = []

    async def run() -> None:
        async with loaded(engine(gguf(models_home), on_died=deaths.append)) as model:
            assert model.pid is not None
            kill(model.pid)
            await until(lambda: bool(deaths))
            assert model.pid is None
            assert (await say(model, HELLO))[0]

    asyncio.run(run())
    assert [death.code for death in deaths] == ["engine.died"]


def test_a_hang_in_mid_answer_ends_it_and_the_next_answer_works(models_home: Path) -> None:
    async def run() -> None:
        model = ManagedChatModel(engine(gguf(models_home))._launcher, SMALL)
        async with loaded(model):
            text, error = await error_in_mid_answer(model, freeze)
            assert text
            assert error.code == "engine.died"  # long before the answer would be waited for in vain
            assert model.pid is None  # a frozen process holds its memory: it is not kept
            assert (await say(model, HELLO))[0]

    asyncio.run(run())


def test_a_frozen_engine_is_still_unloaded(models_home: Path) -> None:
    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:
            assert model.pid is not None
            freeze(model.pid)

    asyncio.run(run())


def test_unloading_in_mid_answer_ends_the_answer(models_home: Path) -> None:
    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:

            async def read() -> None:
                async with aclosing(model.stream(TALE, LONG)) as deltas:
                    async for _ in deltas:
                        begun.set()

            begun = asyncio.Event()
            reading = asyncio.create_task(read())
            await begun.wait()
            await model.unload()
            with pytest.raises(EngineError) as caught:
                await reading
            assert caught.value.code == "engine.not_ready"

    asyncio.run(run())


def test_three_deaths_without_an_answer_leave_it_alone_until_somebody_looks(models_home: Path) -> None:
    deaths: list[JarvisError] = []

    async def run() -> None:
        async with loaded(engine(gguf(models_home), on_died=deaths.append)) as model:
            codes = [(await error_in_mid_answer(model, kill))[1].code for _ in range(3)]
            assert codes == ["engine.died", "engine.died", "engine.crash_loop"]
            for attempt in (say(model, HELLO), model.load()):
                with pytest.raises(EngineError) as caught:
                    await attempt
                assert caught.value.code == "engine.crash_loop"
                assert caught.value.category is Category.PERMANENT
            assert model.pid is None
            await model.unload()
            await model.load()
            assert (await say(model, HELLO))[0]

    asyncio.run(run())
    assert [death.code for death in deaths] == ["engine.died", "engine.died", "engine.crash_loop"]


def test_deaths_with_answers_in_between_are_no_crash_loop(models_home: Path) -> None:
    async def run() -> None:
        async with loaded(engine(gguf(models_home))) as model:
            for _ in range(4):
                assert (await say(model, HELLO, ChatOptions(max_tokens=3)))[1].completion_tokens
                assert model.pid is not None
                kill(model.pid)
            assert (await say(model, HELLO))[0]

    asyncio.run(run())


# --- starts that fail -------------------------------------------------------------------------------------


def test_a_damaged_file_is_refused_with_the_engines_own_words(models_home: Path, tmp_path: Path) -> None:
    whole = gguf(models_home).read_bytes()
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(whole[: len(whole) // 2])
    text = tmp_path / "text.gguf"
    text.write_text("this is no model")

    async def run(path: Path) -> EngineError:
        return await error_of_load(engine(path))

    error = asyncio.run(run(cut))
    assert error.code == "engine.start_failed"
    assert "corrupted or incomplete" in error.message
    assert error.hint
    error = asyncio.run(run(text))
    assert error.code == "engine.start_failed"
    assert "gguf" in error.message.lower()
    assert error.exit_status == 5


def test_a_missing_model_is_the_stores_error_and_no_crash(tmp_path: Path) -> None:
    def missing() -> Path:
        raise ModelError("model.missing", "The model is not here.")

    async def run() -> None:
        model = engine(missing)
        for _ in range(5):  # never counted towards a crash loop
            with pytest.raises(ModelError) as caught:
                await model.load()
            assert caught.value.code == "model.missing"
        gone = await error_of_load(engine(tmp_path / "gone.gguf"))
        assert gone.code == "engine.start_failed"

    asyncio.run(run())


def test_an_engine_that_cannot_start_is_tried_three_times_then_left_alone(tmp_path: Path) -> None:
    bad = tmp_path / "bad.gguf"
    bad.write_text("no model")

    async def run() -> list[str]:
        model = engine(bad)
        return [(await error_of_load(model)).code for _ in range(5)]

    assert asyncio.run(run()) == ["engine.start_failed"] * 3 + ["engine.crash_loop"] * 2


def test_a_taken_port_is_named_and_a_free_one_is_used(models_home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Engine(model=SMALL, threads=1, context_tokens=512, port=port)

        async def refused() -> EngineError:
            return await error_of_load(engine(gguf(models_home), settings))

        error = asyncio.run(refused())
        assert error.code == "engine.port_taken"
        assert str(port) in error.message
        assert "engine.port" in error.hint
        assert error.exit_status == 5

    async def works() -> None:
        async with loaded(engine(gguf(models_home), settings)) as model:
            assert model.pid is not None
            listening = {c.laddr.port for c in psutil.Process(model.pid).net_connections("tcp")}
            assert port in listening
            assert (await say(model, HELLO))[0]
            kill(model.pid)
            assert (await say(model, HELLO))[0]  # the same port again, at once

    asyncio.run(works())


def test_unloading_while_loading_ends_both_soon(models_home: Path) -> None:
    async def run() -> None:
        model = engine(gguf(models_home))
        loading = asyncio.create_task(model.load())
        await until(lambda: model.pid is not None)
        async with asyncio.timeout(5):
            await model.unload()
            with pytest.raises(EngineError) as caught:
                await loading
        assert caught.value.code == "engine.not_ready"
        assert model.pid is None

    asyncio.run(run())


def test_cancelling_a_load_leaves_nothing(models_home: Path) -> None:
    async def run() -> None:
        model = engine(gguf(models_home))
        loading = asyncio.create_task(model.load())
        await until(lambda: model.pid is not None)
        family = processes(model)
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
        assert not any(p.is_running() for p in family)
        await model.unload()

    asyncio.run(run())


def test_nobody_answers_before_somebody_loads(models_home: Path) -> None:
    async def run() -> EngineError:
        with pytest.raises(EngineError) as caught:
            await say(engine(gguf(models_home)), HELLO)
        return caught.value

    assert asyncio.run(run()).code == "engine.not_ready"


def test_a_question_during_loading_waits_for_it(models_home: Path) -> None:
    async def run() -> str:
        model = engine(gguf(models_home))
        loading = asyncio.create_task(model.load())
        await asyncio.sleep(0)
        async with loaded(model):
            text, _ = await say(model, HELLO)
            await loading
            return text

    assert asyncio.run(run())


def test_without_vllm_the_way_to_install_it_is_told(tmp_path: Path) -> None:
    async def run() -> EngineError:
        settings = Engine(kind="vllm", model=SMALL, vllm={"python": str(tmp_path / "no" / "python")})
        return await error_of_load(engine(tmp_path, settings, tmp_path))

    error = asyncio.run(run())
    assert error.code == "engine.vllm_missing"
    assert "pip install" in error.hint
    assert error.exit_status == 5


@pytest.mark.skipif(not VLLM_PYTHON.is_file(), reason="needs vLLM's environment .venv-vllm")
def test_vllm_that_cannot_start_says_why(tmp_path: Path) -> None:
    """The real reason stands before a long traceback and vLLM's own closing words."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"model_type": "no-such-architecture"}')

    async def run() -> EngineError:
        settings = Engine(kind="vllm", model=SMALL, vllm={"python": str(VLLM_PYTHON)})
        return await error_of_load(engine(tmp_path / "model", settings, tmp_path / "cache"))

    error = asyncio.run(run())
    assert error.code == "engine.start_failed"
    assert "no-such-architecture" in error.message


# --- orphans ----------------------------------------------------------------------------------------------

PROGRAM = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from contextlib import aclosing
    from tests.engine_parts import LONG, TALE, engine, processes

    async def main():
        model = engine(Path(sys.argv[1]))
        await model.load()
        async with aclosing(model.stream(TALE, LONG)) as deltas:
            async for _ in deltas:
                print(*(process.pid for process in processes(model)), flush=True)

    asyncio.run(main())
""")


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM])
def test_the_engine_dies_with_the_program(models_home: Path, death: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM, str(gguf(models_home))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        family = [psutil.Process(int(pid)) for pid in program.stdout.readline().split()]
        assert len(family) >= 2  # the engine and its guardian
        program.send_signal(death)
    deadline = time.monotonic() + 20
    while any(process.is_running() for process in family):
        assert time.monotonic() < deadline, f"survivors: {family}"
        time.sleep(0.02)
