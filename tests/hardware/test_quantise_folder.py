"""llm-compressor on a real model, for vLLM. Where ``.venv-quantise`` was made (the error of
`jarvis models quantise FOLDER --to fp8` gives the command), minutes without a graphics card:

    .venv/bin/python -m pytest tests/hardware -m environment
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine_parts import ROOT, vllm_folder

pytestmark = [pytest.mark.environment, pytest.mark.timeout(1800)]

COMPRESSOR = ROOT / ".venv-quantise"


@pytest.fixture(scope="module", autouse=True)
def compressor() -> None:
    """Skips where llm-compressor was not installed."""
    if not COMPRESSOR.is_dir():
        pytest.skip(f"needs llm-compressor in {COMPRESSOR}")


def jarvis(home: Path, *arguments: str) -> dict[str, Any]:
    """The result of a command that has to succeed."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr + done.stdout
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize(("kind", "share"), [("fp8", 0.35), ("gptq", 0.25)])
def test_a_copy_for_vllm_is_smaller_and_answers(
    tmp_path: Path, models_home: Path, kind: str, share: float
) -> None:
    source = vllm_folder(models_home)  # 32 bits a weight
    result = jarvis(tmp_path, "models", "quantise", str(source), "--to", kind)
    before, after = result["before"], result["after"]
    assert after["size_mib"] < share * before["size_mib"]
    assert after["resident_mib"] < before["resident_mib"]
    assert before["perplexity"] < after["perplexity"] < 1.5 * before["perplexity"]
    for key, value in result["settings"].items():
        jarvis(tmp_path, "config", "set", key, value)
    jarvis(tmp_path, "config", "set", "engine.context_tokens", "1024")
    answer = jarvis(tmp_path, "ask", "What is the capital of France?")
    assert "Paris" in answer["reply"]
    assert answer["engine"] == "vllm"
