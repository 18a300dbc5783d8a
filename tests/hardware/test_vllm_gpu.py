"""vLLM on a real graphics card. On a machine that has one:

    JARVIS_TEST_VLLM_PYTHON=/path/to/python .venv/bin/python -m pytest tests/hardware -m gpu

(the variable is not needed where vLLM is in ``.venv-vllm``).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pynvml
import pytest

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.launch import VllmLauncher
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.ports import ChatMessage, ChatOptions
from tests.engine_parts import ROOT, SMALL, VLLM_PYTHON, engine, loaded, say, until, vllm_folder

pytestmark = [pytest.mark.gpu, pytest.mark.timeout(1800)]

CYCLES = 3
LEFT_MIB = 10
"""What may still be missing after an engine has gone: the driver's own bookkeeping."""


@pytest.fixture(scope="module", autouse=True)
def card() -> Iterator[None]:
    """Skips where NVIDIA's library finds no card."""
    try:
        pynvml.nvmlInit()
        count = pynvml.nvmlDeviceGetCount()
    except pynvml.NVMLError as error:
        pytest.skip(f"needs an NVIDIA GPU: {error}")
    if not count:
        pytest.skip("needs an NVIDIA GPU: the driver lists none")
    yield
    pynvml.nvmlShutdown()


def used_mib() -> float:
    """Graphics memory in use on the first card, by whomever."""
    used: int = pynvml.nvmlDeviceGetMemoryInfo(pynvml.nvmlDeviceGetHandleByIndex(0)).used
    return used / 2**20


def settings(**vllm: object) -> Engine:
    return Engine(kind="vllm", model=SMALL, context_tokens=4096, vllm={"python": str(VLLM_PYTHON), **vllm})


@dataclass(frozen=True)
class DummyLauncher(VllmLauncher):
    """Starts vLLM with random weights: memory as a real model, no files to fetch."""

    def _options(self, path: Path) -> tuple[str, ...]:
        return (*super()._options(path), "--load-format=dummy")


@pytest.fixture(scope="module")
def large_folder(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of some 3 GiB without weights: SmolLM2's tokenizer and a larger configuration."""
    folder = tmp_path_factory.mktemp("large-model")
    for file in vllm_folder(models_home).iterdir():
        if file.suffix != ".safetensors":
            shutil.copy(file, folder)
    config = json.loads((folder / "config.json").read_text())
    larger = {
        "hidden_size": 2048,
        "intermediate_size": 8192,
        "num_hidden_layers": 24,
        "num_attention_heads": 32,
        "num_key_value_heads": 8,
        "head_dim": 64,
    }
    (folder / "config.json").write_text(json.dumps(config | larger))
    return folder


def dummy(folder: Path, cache: Path) -> ManagedChatModel:
    launcher = DummyLauncher(settings(gpu_memory_utilization=0.5), lambda: folder, SMALL, ROOT, cache)
    return ManagedChatModel(launcher, SMALL)


def test_the_tuned_start_answers(models_home: Path, tmp_path: Path) -> None:
    """With the settings as they come, of which the installed version knows every one."""
    folder = vllm_folder(models_home)

    async def run() -> None:
        async with loaded(engine(folder, settings(), tmp_path / "cache")) as model:
            assert model.unsupported == ()
            question = [ChatMessage("user", "Name three colours.")]
            answers = await asyncio.gather(*(say(model, question, ChatOptions(64, 0.0)) for _ in range(16)))
            assert all(text.strip() for text, _ in answers)
            assert all(usage.tokens_per_second > 0 for _, usage in answers)

    asyncio.run(run())


def test_unloading_gives_all_graphics_memory_back(large_folder: Path, tmp_path: Path) -> None:
    async def run() -> None:
        before = used_mib()
        for _ in range(CYCLES):
            async with loaded(dummy(large_folder, tmp_path / "cache")) as model:
                assert used_mib() > before + 2048
                await say(model, [ChatMessage("user", "Hello")], ChatOptions(max_tokens=8))
            await until(lambda: used_mib() <= before + LEFT_MIB)

    asyncio.run(run())


@pytest.mark.skipif(os.name == "nt", reason="the fault is injected with a POSIX signal")
def test_a_killed_engine_gives_all_graphics_memory_back(large_folder: Path, tmp_path: Path) -> None:
    async def run() -> None:
        before = used_mib()
        async with loaded(dummy(large_folder, tmp_path / "cache")) as model:
            assert model.pid is not None
            os.kill(model.pid, signal.SIGKILL)
            await until(lambda: used_mib() <= before + LEFT_MIB)
            text, _ = await say(model, [ChatMessage("user", "Hello")], ChatOptions(max_tokens=8))
            assert text  # started anew
        await until(lambda: used_mib() <= before + LEFT_MIB)

    asyncio.run(run())
