"""The thread that the assistant lives on."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from jarvis_desktop.app import CoreThread
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import Event
from tests.fakes import fake_parts
from tests.unit.assistant.harness import running


def test_what_the_core_does_is_recorded_on_its_own_thread_from_beginning_to_end(tmp_path: Path) -> None:
    noted: list[str] = []

    def note(what: str) -> None:
        noted.append(f"{what} on {threading.current_thread().name}")

    @contextmanager
    def recorded(what: str) -> Iterator[None]:
        note(f"begin {what}")
        yield
        note(f"end {what}")

    @asynccontextmanager
    async def session(_: Callable[[Event], None]) -> AsyncIterator[Assistant]:
        async with running(fake_parts()) as (assistant, _):
            lives.set()
            yield assistant
        note("session")

    lives = threading.Event()
    config = ConfigStore(tmp_path / "config.toml", {})
    config.load()
    core = CoreThread(session, config, recorded)
    core.start()
    assert lives.wait(30)
    core.stop()
    assert noted == ["begin core on core", "session on core", "end core on core"]
