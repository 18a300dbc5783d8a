"""vLLM on a real graphics card. On a machine that has one:

    JARVIS_TEST_VLLM_PYTHON=/path/to/python .venv/bin/python -m pytest tests/hardware -m gpu

(the variable is not needed where vLLM is in ``.venv-vllm``).
"""

from __future__ import annotations

import asyncio
import json
import math
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
from jarvis_desktop.orchestrator.headers import read_shape
from jarvis_desktop.orchestrator.plan import engine_part, fitted
from jarvis_desktop.orchestrator.planner import machine_from
from jarvis_desktop.ports import ChatMessage, ChatOptions
from jarvis_desktop.telemetry.resources import sample
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


@dataclass(frozen=True)
class Size:
    """A model as large as real ones, with random weights."""

    name: str
    layers: int
    width: int
    feed_forward: int
    heads: int
    kv_heads: int

    def write(self, folder: Path, tokenizer: Path) -> None:
        """Configuration, tokenizer, and a safetensors file that takes no room on the disk."""
        for file in tokenizer.iterdir():
            if file.suffix != ".safetensors":
                shutil.copy(file, folder)
        config = json.loads((folder / "config.json").read_text())
        config |= {
            "hidden_size": self.width,
            "intermediate_size": self.feed_forward,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.width // self.heads,
            "max_position_embeddings": 8192,
            "dtype": "bfloat16",
        }
        (folder / "config.json").write_text(json.dumps(config))
        header, end = {}, 0
        for name, shape in self._tensors(config["vocab_size"]):
            size = 2 * math.prod(shape)
            header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [end, end + size]}
            end += size
        text = json.dumps(header).encode()
        with (folder / "model.safetensors").open("wb") as out:
            out.write(len(text).to_bytes(8, "little") + text)
            out.truncate(8 + len(text) + end)

    def _tensors(self, vocabulary: int) -> Iterator[tuple[str, list[int]]]:
        kv = self.kv_heads * self.width // self.heads
        yield "model.embed_tokens.weight", [vocabulary, self.width]
        yield "model.norm.weight", [self.width]
        for layer in range(self.layers):
            at = f"model.layers.{layer}"
            for part, wide in (
                ("q_proj", self.width),
                ("k_proj", kv),
                ("v_proj", kv),
                ("o_proj", self.width),
            ):
                yield f"{at}.self_attn.{part}.weight", [wide, self.width]
            for part in ("gate_proj", "up_proj"):
                yield f"{at}.mlp.{part}.weight", [self.feed_forward, self.width]
            yield f"{at}.mlp.down_proj.weight", [self.width, self.feed_forward]
            for part in ("input_layernorm", "post_attention_layernorm"):
                yield f"{at}.{part}.weight", [self.width]


SIZES = (
    Size("1B", layers=16, width=2048, feed_forward=8192, heads=32, kv_heads=8),
    Size("7B", layers=32, width=4096, feed_forward=14336, heads=32, kv_heads=8),
    Size("14B", layers=40, width=5120, feed_forward=17408, heads=40, kv_heads=8),
)


def test_the_tuned_start_answers(models_home: Path, tmp_path: Path) -> None:
    """With the settings as they come, of which the installed version knows every one."""
    folder = vllm_folder(models_home)

    async def run() -> None:
        lacking: list[str] = []
        chat = engine(folder, settings(), tmp_path / "cache", on_unsupported=lacking.append)
        async with loaded(chat) as model:
            assert lacking == []
            question = [ChatMessage("user", "Name three colours.")]
            answers = await asyncio.gather(*(say(model, question, ChatOptions(64, 0.0)) for _ in range(16)))
            assert all(text.strip() for text, _ in answers)
            assert all(usage.tokens_per_second > 0 for _, usage in answers)

    asyncio.run(run())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_model_takes_the_graphics_memory_that_was_planned(
    size: Size, models_home: Path, tmp_path: Path
) -> None:
    folder = tmp_path / size.name
    folder.mkdir()
    size.write(folder, vllm_folder(models_home))
    before = used_mib()
    machine = machine_from(sample({}))
    assert machine.gpu is not None
    planned = engine_part(settings(gpu_memory_utilization=0.5), read_shape(folder), machine)

    async def run() -> float:
        async with loaded(dummy(folder, tmp_path / "cache")):
            return used_mib() - before

    assert asyncio.run(run()) == pytest.approx(planned.total_mib, rel=0.1)


def test_it_starts_beside_a_program_that_uses_the_card(large_folder: Path, tmp_path: Path) -> None:
    """Another engine holds half of the card; the share wanted is more than the rest."""

    async def run() -> None:
        async with loaded(dummy(large_folder, tmp_path / "cache")):
            wanted = settings(gpu_memory_utilization=0.92)
            launcher = DummyLauncher(
                wanted,
                lambda: large_folder,
                SMALL,
                ROOT,
                tmp_path / "cache",
                lambda engine: fitted(engine, machine_from(sample({}))),
            )
            async with loaded(ManagedChatModel(launcher, SMALL)) as second:
                assert (await say(second, [ChatMessage("user", "Hello")], ChatOptions(max_tokens=8)))[0]

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
