"""What is started, with which settings, and what its last words mean."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jarvis_desktop.config.schema import Engine, VllmSettings
from jarvis_desktop.engine.choose import chat_model
from jarvis_desktop.engine.complaints import Complaints
from jarvis_desktop.engine.launch import (
    LlamaLauncher,
    VllmLauncher,
    answering_threads,
    tool_parser,
    usable_cores,
)
from jarvis_desktop.engine.vllm_server import RequireKey
from jarvis_desktop.errors import EngineError

KEY = "the-key-of-this-start"


def vllm_launcher(folder: Path, context: int = 8192, **settings: Any) -> VllmLauncher:
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": context}))
    vllm = VllmSettings(python=sys.executable, **settings.pop("vllm", {}))
    engine = Engine(kind="vllm", model="some-model", vllm=vllm, **settings)
    return VllmLauncher(engine, lambda: folder, "some-model", folder, folder / "cache")


def llama_launcher(path: Path, **settings: Any) -> LlamaLauncher:
    return LlamaLauncher(Engine(**settings), lambda: path)


# --- commands ---------------------------------------------------------------------------------------------


def test_vllm_gets_every_setting_under_its_own_name(tmp_path: Path) -> None:
    launcher = vllm_launcher(
        tmp_path,
        context_tokens=4096,
        vllm={
            "gpu_memory_utilization": 0.81,
            "max_num_seqs": 17,
            "max_num_batched_tokens": 4321,
            "enable_prefix_caching": True,
            "enable_chunked_prefill": False,
            "quantization": "awq",
            "tensor_parallel_size": 2,
            "cpu_offload_gb": 1.5,
            "cpu_kv_cache_gb": 0.5,
        },
    )
    options = set(launcher.prepare(KEY).command)
    assert options >= {
        f"--model={tmp_path}",
        "--served-model-name=some-model",
        "--max-model-len=4096",
        "--gpu-memory-utilization=0.81",
        "--max-num-seqs=17",
        "--max-num-batched-tokens=4321",
        "--enable-prefix-caching",
        "--no-enable-chunked-prefill",
        "--quantization=awq",
        "--tensor-parallel-size=2",
        "--cpu-offload-gb=1.5",
        f"--on-cpu=--kv-cache-memory-bytes={2**29}",
    }
    assert launcher.slots == 17


def test_to_compare_with_an_engine_is_left_as_its_makers_chose(tmp_path: Path) -> None:
    settings = vllm_launcher(tmp_path, vllm={"max_num_seqs": 17}).settings
    vllm = VllmLauncher(settings, lambda: tmp_path, "m", tmp_path, tmp_path, tuned=False)
    options = [option for option in vllm.prepare(KEY).command if option.startswith("--")]
    # the memory is no matter of speed: all of the machine's by vLLM's own choice
    cache = f"--on-cpu=--kv-cache-memory-bytes={2**30}"
    assert options == [cache, f"--model={tmp_path}", "--served-model-name=m"]
    llama = LlamaLauncher(Engine(threads=5), lambda: tmp_path / "m.gguf", tuned=False)
    assert "--threads" not in llama.prepare(KEY).command


def test_no_quantisation_leaves_the_choice_to_the_files(tmp_path: Path) -> None:
    command = vllm_launcher(tmp_path).prepare(KEY).command
    assert not any(argument.startswith("--quantization") for argument in command)


def test_vllm_is_not_asked_for_more_context_than_the_model_has(tmp_path: Path) -> None:
    assert "--max-model-len=2048" in vllm_launcher(tmp_path, 2048, context_tokens=8192).prepare(KEY).command
    assert "--max-model-len=1024" in vllm_launcher(tmp_path, 2048, context_tokens=1024).prepare(KEY).command


def test_a_model_without_files_for_vllm_is_refused_before_the_long_start(tmp_path: Path) -> None:
    (tmp_path / "model.gguf").write_text("GGUF")
    launcher = VllmLauncher(
        Engine(kind="vllm", vllm={"python": sys.executable}), lambda: tmp_path, "m", tmp_path, tmp_path
    )
    with pytest.raises(EngineError) as caught:
        launcher.prepare(KEY)
    assert caught.value.code == "engine.model_unfit"


def test_vllm_calls_nobody_and_writes_only_to_its_cache(tmp_path: Path) -> None:
    env = vllm_launcher(tmp_path).prepare(KEY).env
    assert env["VLLM_NO_USAGE_STATS"] == env["DO_NOT_TRACK"] == env["HF_HUB_OFFLINE"] == "1"
    assert env["VLLM_HOST_IP"] == "127.0.0.1"
    for name in ("XDG_CACHE_HOME", "TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR"):
        assert Path(env[name]).is_relative_to(tmp_path / "cache")


@pytest.mark.parametrize("kind", ["llama", "vllm"])
def test_the_key_is_no_argument_and_ours_stay_here(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JARVIS_REMOTE_API_KEY", "HF_TOKEN", "A_NAME_NOBODY_FORESEES"):
        monkeypatch.setenv(name, "a-secret-of-another-server")
    monkeypatch.setenv("VLLM_TUNED", "by the user")
    launcher = llama_launcher(tmp_path / "m.gguf") if kind == "llama" else vllm_launcher(tmp_path)
    launch = launcher.prepare(KEY)
    assert not any(KEY in argument for argument in launch.command)
    assert KEY in launch.env.values()
    assert "a-secret-of-another-server" not in launch.env.values()
    assert launch.env["PATH"] == os.environ["PATH"]
    assert launch.env["VLLM_TUNED"] == "by the user"


def test_answers_leave_a_core_to_speech() -> None:
    assert 1 <= answering_threads() <= max(1, usable_cores() - 1)


def test_fixed_threads_are_kept(tmp_path: Path) -> None:
    command = llama_launcher(tmp_path / "m.gguf", threads=5).prepare(KEY).command
    assert command[command.index("--threads") + 1] == command[command.index("--prompt-threads") + 1] == "5"


@pytest.mark.parametrize(("places", "slots"), [(0, 1), (1, 1), (9, 9)])
def test_llama_answers_as_many_at_once_as_it_has_places(tmp_path: Path, places: int, slots: int) -> None:
    launcher = llama_launcher(tmp_path / "m.gguf", places=places)
    command = launcher.prepare(KEY).command
    assert int(command[command.index("--places") + 1]) == launcher.slots == slots


def test_vllm_is_found_in_its_own_environment(tmp_path: Path) -> None:
    python = tmp_path / ".venv-vllm" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True)
    python.write_text("")
    (tmp_path / "config.json").write_text("{}")
    launcher = VllmLauncher(Engine(kind="vllm"), lambda: tmp_path, "m", tmp_path, tmp_path)
    assert launcher.prepare(KEY).command[0] == str(python)


@pytest.mark.parametrize("kind", ["llama.cpp", "vllm", "remote"])
def test_the_settings_choose_the_engine(kind: Any, tmp_path: Path) -> None:
    settings = Engine(kind=kind, model="m", remote={"base_url": "http://x/v1", "model": "m"})
    model = chat_model(settings, model_path=lambda: tmp_path, root=tmp_path, cache=tmp_path)
    assert model.engine == kind
    assert model.model == "m"
    assert model.pid is None


# --- progress ---------------------------------------------------------------------------------------------


def test_vllms_log_tells_progress(tmp_path: Path) -> None:
    log = [
        "listening http://127.0.0.1:4242",
        "(APIServer pid=1) INFO 11-21 09:18:36 [api_utils.py:286] non-default args: {'host': '127.0.0.1'}",
        "Loading safetensors checkpoint shards:   0% Completed | 0/2 [00:00<?, ?it/s]",
        "Loading safetensors checkpoint shards:  50% Completed | 1/2 [00:01<00:01,  1.30it/s]",
        "an unrelated line",
        "(Worker pid=3) INFO 11-21 09:18:51 [default_loader.py:501] Loading weights took 0.77 seconds",
        "(EngineCore pid=2) INFO 11-21 09:18:53 [core.py:402] init engine (profile, ...) took 0.68 s",
    ]
    shares = [vllm_launcher(tmp_path).progress(line) for line in log]
    told = [share for share in shares if share is not None]
    assert len(told) == len(log) - 1
    assert told == sorted(set(told))
    assert told[0] > 0
    assert told[-1] < 1


# --- last words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code", "words"),
    [
        (
            [
                "0.00.011.538 I srv    load_model: loading model 'cut.gguf'",
                "0.00.049.915 E llama_model_load: error loading model: tensor 'a' is corrupted or incomplete",
                "0.00.049.974 E cmn  common_init_: failed to load model 'cut.gguf'",
                "error: Failed to init server, please check the input params.",
            ],
            "engine.start_failed",
            "error loading model: tensor 'a' is corrupted",
        ),
        (
            [
                "(EngineCore pid=7) ERROR 11-21 09:49:21 [core.py:1] ValueError: The head size is wrong",
                "Traceback (most recent call last):",
                '  File "x.py", line 3, in <module>',
                "RuntimeError: Engine core initialization failed. See root cause above.",
            ],
            "engine.start_failed",
            "The head size is wrong",
        ),
        (
            ["pydantic_core.ValidationError: 1 validation error for ModelConfig",
             "  Value error, no such type",
             "    For further information visit https://errors.pydantic.dev/2.14/v/value_error"],
            "engine.start_failed",
            "no such type",
        ),
        (["ggml_aligned_malloc: failed to allocate 9 MB"], "engine.out_of_memory", ""),
        (["torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB"], "engine.out_of_memory", ""),
        (
            ["ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization`"],
            "engine.out_of_memory",
            "",
        ),
        ([], "engine.start_failed", "it printed nothing"),
        (["just some words"], "engine.start_failed", "just some words"),
    ],
)  # fmt: skip
def test_the_cause_of_a_failed_start_is_found(lines: list[str], code: str, words: str) -> None:
    complaints = Complaints()
    for line in lines:
        complaints.add(line)
    error = complaints.why_ended(1)
    assert error.code == code
    assert words in error.message
    assert "Traceback" not in error.message


def test_a_start_killed_by_the_system_ran_out_of_memory() -> None:
    assert Complaints().why_ended(-9).code == "engine.out_of_memory"


# --- vLLM's door ------------------------------------------------------------------------------------------

Send = Callable[[dict[str, Any]], Awaitable[None]]


async def inner(scope: dict[str, Any], receive: Any, send: Send) -> None:
    await send({"type": "inner was reached"})


@pytest.mark.parametrize(
    ("kind", "header", "answer"),
    [
        ("http", f"Bearer {KEY}", "inner was reached"),
        ("http", f"bearer {KEY}x", "http.response.start"),
        ("http", "", "http.response.start"),
        ("websocket", f"Bearer {KEY}", "inner was reached"),
        ("websocket", "Bearer no", "websocket.close"),
        ("lifespan", "", "inner was reached"),
    ],
)
def test_nothing_passes_without_the_key(
    kind: str, header: str, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VLLM_API_KEY", KEY)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"authorization", header.encode())] if header else []
    asyncio.run(RequireKey(inner)({"type": kind, "headers": headers}, None, send))
    assert sent[0]["type"] == answer
    if answer == "http.response.start":
        assert sent[0]["status"] == 401


@pytest.mark.parametrize(
    ("file", "template", "parser"),
    [
        ("tokenizer_config.json", r"<tool_call>\n{\"name\": x, \"arguments\": y}", "hermes"),
        ("chat_template.jinja", "<tool_call>\n<function=x> arguments", "qwen3_xml"),
        ("chat_template.jinja", "[TOOL_CALLS]", "mistral"),
        ("chat_template.jinja", "{% for message in messages %}", ""),
        ("other.txt", "<tool_call> arguments", ""),
    ],
)
def test_vllm_is_told_how_the_model_writes_calls(
    tmp_path: Path, file: str, template: str, parser: str
) -> None:
    (tmp_path / file).write_text(template, encoding="utf-8")
    assert tool_parser(tmp_path) == parser
