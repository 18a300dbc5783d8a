"""Starts that go wrong in ways no real engine shows on demand; the stand-ins are real processes."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.engine.launch import Launch
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.errors import Category, EngineError


@dataclass(frozen=True)
class StandIn:
    """Launches a Python script instead of an engine."""

    code: str
    interpreter: str = sys.executable
    engine: str = "stand-in"
    slots: int = 1
    start_limit_s: float = 20.0

    def prepare(self, key: str) -> Launch:
        return Launch((self.interpreter, "-I", "-c", self.code), dict(os.environ))

    def progress(self, line: str) -> float | None:
        return None


def error_of(launcher: StandIn) -> EngineError:
    """What loading ends with; nothing of it may be left."""

    async def run() -> EngineError:
        model = ManagedChatModel(launcher, "m")
        with pytest.raises(EngineError) as caught:
            await model.load()
        assert model.pid is None
        return caught.value

    before = set(psutil.Process().children(recursive=True))
    error = asyncio.run(run())
    assert set(psutil.Process().children(recursive=True)) <= before
    return error


def test_an_engine_that_never_gets_ready_is_given_up() -> None:
    error = error_of(StandIn("import time; time.sleep(600)", start_limit_s=0.5))
    assert error.code == "engine.start_failed"
    assert "not ready in time" in error.message


def test_an_engine_that_listens_and_never_answers_is_given_up() -> None:
    code = (
        "import socket, time; s = socket.create_server(('127.0.0.1', 0));"
        "print('listening http://127.0.0.1:%d' % s.getsockname()[1], flush=True); time.sleep(600)"
    )
    error = error_of(StandIn(code, start_limit_s=0.5))
    assert error.code == "engine.start_failed"


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    error = error_of(StandIn("", interpreter=str(tmp_path / "no-such-python")))
    assert error.code == "engine.start_failed"
    assert "no-such-python" in error.message


def test_too_little_memory_is_called_that_so_that_a_smaller_plan_can_follow() -> None:
    error = error_of(StandIn("raise SystemExit('torch.OutOfMemoryError: CUDA out of memory.')"))
    assert error.code == "engine.out_of_memory"
    assert error.category is Category.DEGRADED
    assert error.hint


def test_an_engine_that_ends_by_itself_without_a_word() -> None:
    error = error_of(StandIn("raise SystemExit(0)"))
    assert error.code == "engine.start_failed"
    assert "it printed nothing" in error.message
