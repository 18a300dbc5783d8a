"""Engines as Jarvis starts them beside the same engines with their makers' choices; see README.md."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from jarvis_desktop.bench import engine as bench  # noqa: E402
from jarvis_desktop.config.paths import Paths  # noqa: E402
from jarvis_desktop.config.schema import Config, Engine  # noqa: E402
from jarvis_desktop.engine import llama_server  # noqa: E402
from jarvis_desktop.engine.choose import chat_model  # noqa: E402
from jarvis_desktop.engine.remote import RemoteChatModel  # noqa: E402
from jarvis_desktop.models.catalogue import Catalogue  # noqa: E402
from jarvis_desktop.models.store import ModelStore  # noqa: E402
from jarvis_desktop.orchestrator.routing import beginnings  # noqa: E402
from jarvis_desktop.ports import ChatMessage, ChatModel  # noqa: E402

LEVELS = (1, 4, 16)


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    open: Callable[[], AbstractAsyncContextManager[ChatModel]]


def contenders(model: str, home: Path | None, vllm_model: Path | None) -> list[Contender]:
    """Those that this machine can run, each of Jarvis' beside its peers."""
    paths = Paths.choose(home)
    gguf = ModelStore(paths.models, paths.cache, Catalogue.load()).main_file(model)

    def shipped(context: int, places: int) -> Callable[[], AbstractAsyncContextManager[ChatModel]]:
        return lambda: _llama_as_shipped(gguf, context, places)

    def ours(settings: Engine, path: Path, tuned: bool = True) -> Contender:
        chat = chat_model(
            settings, model_path=lambda: path, root=ROOT, cache=paths.cache / "vllm", tuned=tuned
        )
        return Contender(f"jarvis {settings.kind}" if tuned else settings.kind, lambda: _loaded(chat))

    found = [
        ours(Engine(model=model), gguf),
        Contender("llama-server", shipped(0, 4)),
        Contender("ollama-style", shipped(4096, 1)),
    ]
    if vllm_model is not None:
        vllm = Engine(kind="vllm", model=model)
        found += [ours(vllm, vllm_model), ours(vllm, vllm_model, tuned=False)]
    return found


@asynccontextmanager
async def _loaded(chat: ChatModel) -> AsyncIterator[ChatModel]:
    await chat.load()
    try:
        yield chat
    finally:
        await chat.unload()


@asynccontextmanager
async def _llama_as_shipped(gguf: Path, context: int, places: int) -> AsyncIterator[ChatModel]:
    command = (
        sys.executable, "-I", llama_server.__file__,
        "--model", str(gguf), "--context", str(context), "--places", str(places),
    )  # fmt: skip
    key = secrets.token_urlsafe(32)
    with tempfile.TemporaryFile() as log:
        server = await asyncio.create_subprocess_exec(
            *command,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=os.environ | {llama_server.KEY_VARIABLE: key},
        )
        assert server.stdout is not None
        try:
            async for line in server.stdout:
                word, _, address = line.decode().strip().partition(" ")
                if word == "listening":
                    break
            else:
                log.seek(0)
                raise SystemExit(log.read().decode(errors="replace"))
            drain = asyncio.create_task(server.stdout.read())  # a full pipe would stop the server
            async with _loaded(RemoteChatModel(f"{address}/v1", gguf.stem, key)) as chat:
                yield chat
            drain.cancel()
        finally:
            server.kill()
            await server.wait()


async def measure(found: list[Contender], rounds: int, levels: tuple[int, ...]) -> list[dict[str, Any]]:
    """A row for each contender, round and number of questions at once."""
    beginning = ChatMessage("system", beginnings(Config())[0])
    rows = []
    for number in range(rounds):
        for contender in found:
            async with contender.open() as chat:
                await bench.level(chat, beginning, 1)  # reads the instructions, wakes all threads
                for level in levels:
                    print(f"round {number + 1}: {contender.name}, {level} at once", file=sys.stderr)
                    rows.append({"contender": contender.name, **await bench.level(chat, beginning, level)})
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """Medians over the rounds, for people."""
    lines = [f"{'contender':18} {'at once':>8} {'answers/s':>10} {'tokens/s':>9} {'TTFT p50 ms':>12}"]
    keys = dict.fromkeys((row["contender"], row["at_once"]) for row in rows)
    for name, level in keys:
        of = [row for row in rows if (row["contender"], row["at_once"]) == (name, level)]
        answers, tokens, first = (
            float(np.median(values))
            for values in (
                [row["answers_per_s"] for row in of],
                [row["tokens_per_s"] for row in of],
                [row["ttft_ms"]["p50"] for row in of],
            )
        )
        lines.append(f"{name:18} {level:8} {answers:10.2f} {tokens:9.1f} {first:12.0f}")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=os.environ.get("JARVIS_HOME"))
    parser.add_argument("--model", default="qwen2.5-coder-0.5b", help="GGUF model of the catalogue")
    parser.add_argument("--vllm-model", type=Path, metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--levels", type=int, nargs="+", default=LEVELS, metavar="N")
    parser.add_argument(
        "--busy", type=int, default=0, metavar="N", help="other processes that compute meanwhile"
    )
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = contenders(options.model, options.home, options.vllm_model)
    with ExitStack() as stack:
        for _ in range(options.busy):
            busy = stack.enter_context(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            stack.callback(busy.kill)
        rows = asyncio.run(measure(found, options.rounds, tuple(options.levels)))
    print(json.dumps({"busy": options.busy, "rows": rows}) if options.json else table(rows))


if __name__ == "__main__":
    main()
