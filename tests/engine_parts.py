"""Real engines for the tests: which models they use, and what a machine must have to run them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.choose import chat_model
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.events import Usage
from jarvis_desktop.ports import ChatMessage, ChatModel, ChatOptions

ROOT = Path(__file__).parent.parent
SMALL = "smollm2-135m"
SMALL_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
GOOD = "qwen2.5-coder-0.5b"
GOOD_FILE = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
VLLM_PYTHON = Path(os.environ.get("JARVIS_TEST_VLLM_PYTHON", ROOT / ".venv-vllm" / "bin" / "python"))
VLLM_CACHE = ROOT / ".cache" / "vllm"  # what it finds out about a model, once for all starts

TALE = (ChatMessage("user", "Tell me a very long story about a ship that sails around the whole world."),)
LONG = ChatOptions(max_tokens=1500, temperature=0.0)


def gguf(home: Path, model: str = SMALL, file: str = SMALL_FILE) -> Path:
    """A GGUF file of the starter set; skips where it was not fetched."""
    path = home / "models" / model / file
    if not path.is_file():
        pytest.skip(f"needs the model {model}: jarvis models get {model}")
    return path


def vllm_folder(home: Path) -> Path:
    """SmolLM2 as safetensors, made from the GGUF file once; skips without an environment for vLLM."""
    if not VLLM_PYTHON.is_file():
        pytest.skip(f"needs vLLM's environment at {VLLM_PYTHON}")
    folder = home / "cache" / "vllm-models" / SMALL
    if not folder.is_dir():
        convert = ROOT / "tests" / "e2e" / "vllm_model.py"
        offline = os.environ | {"HF_HUB_OFFLINE": "1"}
        subprocess.run(
            [VLLM_PYTHON, convert, gguf(home), folder], check=True, capture_output=True, env=offline
        )
    return folder


def engine(
    path: Path | Callable[[], Path],
    settings: Engine | None = None,
    cache: Path | None = None,
    **options: object,
) -> ManagedChatModel:
    """An engine as the program builds it, holding the model at `path`; one thread unless told otherwise."""
    model: ChatModel = chat_model(
        settings or Engine(model=SMALL, threads=1, context_tokens=2048),
        model_path=path if callable(path) else lambda: path,
        root=ROOT,
        cache=cache or VLLM_CACHE,
        **options,  # type: ignore[arg-type]
    )
    assert isinstance(model, ManagedChatModel)
    return model


@asynccontextmanager
async def loaded(model: ManagedChatModel) -> AsyncIterator[ManagedChatModel]:
    """`model` in use; at the end it is gone within five seconds, with all its processes."""
    try:
        await model.load()
        yield model
    finally:
        family = processes(model)
        async with asyncio.timeout(5):
            await model.unload()
        assert [p for p in family if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


def processes(model: ManagedChatModel) -> list[psutil.Process]:
    """The engine's server and all its children, with the guardian above them."""
    if model.pid is None:
        return []
    with suppress(psutil.NoSuchProcess):
        server = psutil.Process(model.pid)
        guardian = server.parent()
        return [server, *server.children(recursive=True), *([guardian] if guardian else [])]
    return []


async def say(
    model: ChatModel, messages: Sequence[ChatMessage], options: ChatOptions | None = None
) -> tuple[str, Usage]:
    """The whole answer and what it cost."""
    text, usage = "", None
    async with aclosing(model.stream(messages, options or ChatOptions(64, 0.0))) as deltas:  # type: ignore[type-var]
        async for delta in deltas:
            text += delta.text
            usage = delta.usage or usage
    assert usage is not None
    return text, usage


async def until(condition: Callable[[], bool | Awaitable[bool]], limit_s: float = 20.0) -> None:
    """Wait for something another process does; the limit only ends a failing test."""
    deadline = time.monotonic() + limit_s
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)


def key_of(model: ManagedChatModel) -> str:
    """The key of the running engine, which nothing in the program gives away."""
    assert model._engine is not None
    return model._engine._key
