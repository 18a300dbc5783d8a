"""Models that crash or do not fit: the user is told in one line and gets an answer all the same."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from jarvis_desktop import app
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ModelError
from jarvis_desktop.events import Decided, Part, PartChanged, PartState
from tests.engine_parts import GOOD, GOOD_FILE, ROOT, SMALL, gguf
from tests.unit.orchestrator.model_files import LLAMA, write_gguf
from tests.witness import Witness

QUESTION = "What is the capital of France?"


@asynccontextmanager
async def assistant_with(
    models: Path, folder: Path, settings: dict[str, str]
) -> AsyncIterator[tuple[Assistant, Witness]]:
    paths = replace(Paths.choose(folder / "home"), models=models)
    witness = Witness()
    config = ConfigStore(paths.config_file, settings)
    config.load()
    async with app.session(paths, config, listener=witness) as assistant:
        yield assistant, witness


async def ask(assistant: Assistant) -> tuple[str, str]:
    """Who answered, and what."""
    now = asyncio.get_running_loop().time()
    turn = await assistant.ask(QUESTION, asked_at=now, remember=False)
    return turn.model, turn.reply


def test_a_crash_loop_ends_in_safe_mode(models_home: Path, tmp_path: Path) -> None:
    """After three deaths in a row the next smaller model on this machine answers."""
    gguf(models_home, GOOD, GOOD_FILE)
    gguf(models_home)

    async def run() -> None:
        async with assistant_with(models_home / "models", tmp_path, {}) as (assistant, witness):
            for _ in range(3):
                await assistant.loader.ready(Part.ENGINE)
                pid = assistant._parts.chat.pid
                assert pid is not None
                psutil.Process(pid).send_signal(signal.SIGKILL)
                while (await witness.next(PartChanged)).state is not PartState.FAILED:
                    pass
            model, reply = await ask(assistant)
            assert model == SMALL
            assert reply
            told = [str(event.remark) for event in witness.of(Decided)]
            assert told == [f"{GOOD} cannot be used now: {SMALL} answers instead."]

    asyncio.run(run())


def test_a_model_too_large_for_this_machine_is_never_begun(models_home: Path, tmp_path: Path) -> None:
    """The plan sees from the header that it cannot fit; what does fit answers."""
    gguf(models_home, GOOD, GOOD_FILE)
    huge = write_gguf(tmp_path / "huge.gguf", LLAMA)
    with huge.open("r+b") as file:
        file.truncate(psutil.virtual_memory().total + (1 << 30))  # a file with a hole takes no disk

    async def run() -> None:
        settings = {"JARVIS_ENGINE__MODEL": str(huge)}
        async with assistant_with(models_home / "models", tmp_path, settings) as (assistant, witness):
            model, reply = await ask(assistant)
            assert model == GOOD
            assert "Paris" in reply
            lines = [str((await witness.next(Decided)).remark) for _ in range(3)]
            assert lines[-1] == f"There is not enough memory for huge.gguf: {GOOD} answers instead."

    asyncio.run(run())


def test_where_nothing_else_is_installed_the_error_says_how_much_is_missing(
    models_home: Path, tmp_path: Path
) -> None:
    (tmp_path / "models").mkdir()
    huge = write_gguf(tmp_path / "huge.gguf", LLAMA)
    with huge.open("r+b") as file:
        file.truncate(psutil.virtual_memory().total + (1 << 30))

    async def run() -> None:
        settings = {"JARVIS_ENGINE__MODEL": str(huge)}
        async with assistant_with(tmp_path / "models", tmp_path, settings) as (assistant, _):
            with pytest.raises(ModelError) as raised:
                await ask(assistant)
            assert raised.value.code == "model.no_room"
            assert "huge.gguf" in raised.value.message

    asyncio.run(run())


@pytest.mark.skipif(sys.platform != "linux", reason="bounds the memory of a process as Linux does")
def test_memory_that_runs_out_lowers_the_plan_and_the_question_is_answered(
    models_home: Path, tmp_path: Path
) -> None:
    """The plan believes what the machine has; the engine gets no more than the system allows."""
    gguf(models_home, GOOD, GOOD_FILE)
    (tmp_path / "models").symlink_to(models_home / "models")
    ask = [sys.executable, "-m", "jarvis_desktop", "--home", str(tmp_path), "--json", "ask", QUESTION]
    done = subprocess.run(
        ["prlimit", f"--data={400 << 20}", *ask],
        env=os.environ | {"JARVIS_ENGINE__CONTEXT_TOKENS": "32768"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["reply"]
    assert f"There is not enough memory: {GOOD} goes on with 16384 tokens of context." in done.stderr
