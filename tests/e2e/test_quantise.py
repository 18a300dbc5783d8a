"""`jarvis models quantise` on a real model: what comes out of it, and what stopping it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.conftest import ROOT
from tests.engine_parts import SMALL, SMALL_FILE, gguf

MIB = 1024 * 1024


@pytest.fixture
def home(tmp_path: Path, models_home: Path) -> Path:
    """A fresh home that shares the fetched models, and has a folder of its own for what is made."""
    gguf(models_home)  # skips where it was not fetched
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / SMALL).symlink_to(models_home / "models" / SMALL)
    return tmp_path


def begin(home: Path, *arguments: str, json_lines: bool = True) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    output = ["--json"] if json_lines else []
    return subprocess.Popen(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), *output, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def jarvis(home: Path, *arguments: str) -> tuple[int, dict[str, Any], str]:
    """Exit status, the result, and what was said beside it."""
    process = begin(home, *arguments)
    out, said = process.communicate(timeout=150)
    return process.returncode, json.loads(out.splitlines()[-1]), said


def quantise(home: Path, kind: str, name: str = SMALL) -> tuple[int, dict[str, Any], str]:
    return jarvis(home, "models", "quantise", name, "--to", kind)


def wait_for(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """Until `process` has come so far; the limit only ends a failing test."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def stop(process: subprocess.Popen[str], how: signal.Signals) -> int:
    """Its exit status; nothing that it started may be left."""
    family = psutil.Process(process.pid).children(recursive=True)
    assert family
    process.send_signal(how)
    process.communicate(timeout=30)
    _, alive = psutil.wait_procs(family, timeout=10)
    assert alive == []
    return process.returncode


@pytest.mark.alone  # pages that two engines share count half for each
@pytest.mark.skipif(os.name == "nt", reason="stopped with a POSIX signal")
def test_a_stopped_run_goes_on_and_the_copy_answers(home: Path) -> None:
    made = home / "models" / "quantised"
    copy, note = made / f"{SMALL}-q2_k.gguf", made / f"{SMALL}-q2_k.json"
    first = begin(home, "models", "quantise", SMALL, "--to", "q2_k")
    wait_for(first, lambda: note.exists() and "before" in json.loads(note.read_bytes()))
    wait_for(first, lambda: bool(psutil.Process(first.pid).children()))  # it measures the copy
    assert stop(first, signal.SIGINT) == 130
    kept, written = json.loads(note.read_bytes()), copy.stat()

    status, result, said = quantise(home, "Q2_K")
    assert status == 0, said
    assert "is there already" in said
    assert copy.stat().st_mtime_ns == written.st_mtime_ns
    assert json.loads(note.read_bytes())["before"] == kept["before"]

    source = home / "models" / SMALL / SMALL_FILE
    before, after = result["before"], result["after"]
    assert before["size_mib"] == pytest.approx(source.stat().st_size / MIB, abs=0.1)
    assert after["size_mib"] == pytest.approx(written.st_size / MIB, abs=0.1)
    assert 0.8 < after["size_mib"] / before["size_mib"] < 0.95  # 576 columns: most of it becomes Q4_0
    for figures in (before, after):
        assert figures["resident_mib"] == pytest.approx(figures["planned_mib"], rel=0.1)
        assert figures["tokens_per_second"] > 1
        assert figures["first_token_ms"] > 1
        assert 5 < figures["perplexity_en"] < figures["perplexity"] < figures["perplexity_es"] < 200
    assert result["verdict"] == "heavy"
    assert result["perplexity_growth_percent"] > result["margin_percent"] > 0
    assert not list(made.glob("*.part"))

    report = begin(home, "models", "quantise", SMALL, "--to", "q2_k", json_lines=False).communicate()[0]
    assert "Quality: heavy loss" in report
    assert f'Use it with: jarvis config set engine.model "{copy}"' in report

    assert jarvis(home, "config", "set", "engine.model", result["path"])[0] == 0
    status, answer, said = jarvis(home, "ask", "What is the capital of France?")
    assert status == 0, said
    assert answer["model"] == copy.name
    assert answer["reply"].strip()


@pytest.mark.skipif(os.name == "nt", reason="killed with a POSIX signal")
def test_a_killed_run_takes_the_quantiser_with_it(home: Path) -> None:
    part = home / "models" / "quantised" / f"{SMALL}-iq4_xs.gguf.part"
    process = begin(home, "models", "quantise", SMALL, "--to", "iq4_xs")  # the slowest: half a minute
    wait_for(process, part.exists)
    assert stop(process, signal.SIGKILL) == -signal.SIGKILL
    assert not part.with_suffix("").exists()


def test_a_damaged_file_is_an_error_and_stays_as_it_is(home: Path) -> None:
    damaged = home / "cut.gguf"
    damaged.write_bytes((home / "models" / SMALL / SMALL_FILE).read_bytes()[: 50 * MIB])
    status, result, _ = quantise(home, "q4_0", str(damaged))
    assert (status, result["error"]["code"]) == (4, "model.quantise_failed")
    assert "not within the file bounds" in result["error"]["message"]
    assert damaged.stat().st_size == 50 * MIB
    assert not list((home / "models").rglob("cut*"))


@pytest.mark.parametrize(
    ("name", "kind", "status", "code"),
    [
        (SMALL, "q8_0", 2, "usage.not_smaller"),  # from Q4_1 it would only grow
        (SMALL, "awq", 2, "usage.quantisation"),
        ("whisper-base", "q4_0", 2, "usage.no_chat_model"),
        ("no-such-model", "q4_0", 4, "model.unknown"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_made(
    home: Path, name: str, kind: str, status: int, code: str
) -> None:
    found, result, _ = quantise(home, kind, name)
    assert (found, result["error"]["code"]) == (status, code)
    assert result["error"]["hint"]
    assert not list((home / "models").rglob("*.gguf.part"))
