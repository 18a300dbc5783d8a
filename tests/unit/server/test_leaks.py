"""A handler that fails with somebody's words in its exception tells nobody of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from jarvis_desktop.config.schema import Server
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.server.app import make_app
from jarvis_desktop.server.context import ServerContext, Unlimited, unguarded
from jarvis_desktop.server.core_link import CoreLink
from jarvis_desktop.telemetry import logs
from tests.unit.server.serving import guarded

CANARY = "a-canary-that-nobody-else-says-7f3a"


class Failing:
    """A service whose every method fails with what was said to it."""

    def __getattr__(self, name: str) -> Any:
        def fail(*_: object, **__: object) -> None:
            raise RuntimeError(CANARY) from ValueError(f"because of {CANARY}")

        return fail


@pytest.mark.expects_error_logs
def test_words_in_an_exception_stay_in_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = ConfigStore(tmp_path / "config.toml", {})
    config.load()
    core = asyncio.new_event_loop()
    context = ServerContext(
        service=Failing(),  # type: ignore[arg-type]
        link=CoreLink(core),
        settings=Server,
        admission=Unlimited(),
        guard=unguarded,
    )
    body = json.dumps({"model": CANARY, "messages": [{"role": "user", "content": CANARY}]}).encode()
    with (
        contextlib.closing(core),
        logs.started(tmp_path / "logs", config, verbose=True),
        guarded(tmp_path, app=make_app(context)) as server,
    ):
        for answered in (
            server.ask(),
            server.ask("/ready"),
            server.ask("/v1/chat/completions", method="POST", body=body),
        ):
            assert answered.status == 500
            assert answered.code == "app.defect"
            assert CANARY.encode() not in answered.body
    log = (tmp_path / "logs" / logs.FILE_NAME).read_text()
    assert log.count("builtins.RuntimeError") >= 3  # where it happened can still be found
    assert "test_leaks.py" in log
    said = capfd.readouterr()
    for told in (log, (tmp_path / "audit.jsonl").read_text(), said.out, said.err):
        assert CANARY not in told
