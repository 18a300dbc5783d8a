"""Shared fixtures: real data and models where they are present, and silence in the logs."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True)
class Recording:
    """One annotated recording of the shared set."""

    path: Path
    text: str
    lang: str
    kind: str
    seconds: float


SOUND_CARDS = {"sound_card", "breakable_sound_card"}


@pytest.hookimpl(tryfirst=True)  # before tests are chosen by their marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What plays or hears a sound card does so in real time."""
    for item in items:
        if isinstance(item, pytest.Function) and SOUND_CARDS.intersection(item.fixturenames):
            item.add_marker("alone")


@pytest.fixture(scope="session")
def recordings() -> list[Recording]:
    """Every annotated recording; skips where the shared audio is absent."""
    manifest = SHARED / "audio" / "manifest.jsonl"
    if not manifest.exists():
        pytest.skip("needs the shared recordings in ../shared/audio")
    entries = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line]
    return [
        Recording(SHARED / "audio" / e["file"], e["text"], e["lang"], e["kind"], e["seconds"])
        for e in entries
    ]


@pytest.fixture(scope="session")
def models_home() -> Path:
    """A home folder (as JARVIS_HOME) that holds the starter models; skips where they were not fetched."""
    home = Path(os.environ.get("JARVIS_TEST_HOME", ROOT / ".cache" / "jarvis-home"))
    if not (home / "models").is_dir():
        pytest.skip("needs the starter models: python3 installers/bootstrap.py test fetches them")
    return home


@pytest.fixture(autouse=True)
def no_unexpected_errors(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A test fails when the program logs an error it did not expect (mark: ``expects_error_logs``)."""
    yield
    if request.node.get_closest_marker("expects_error_logs"):
        return
    for phase in ("setup", "call"):
        errors = [r for r in caplog.get_records(phase) if r.levelno >= logging.ERROR]
        assert not errors, f"unexpected error logs: {[r.getMessage() for r in errors]}"
