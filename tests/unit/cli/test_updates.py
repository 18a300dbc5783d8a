"""`jarvis update check`: what it prints, and when it asks nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_desktop import __version__
from jarvis_desktop.cli import run
from tests.model_server import Server, server

__all__ = ["server"]


def printed(capsys: pytest.CaptureFixture[str], home: Path, *arguments: str) -> str:
    assert run(["--home", str(home), *arguments]) == 0
    return capsys.readouterr().out


def test_a_newer_version_is_printed(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.content = json.dumps({"version": "99.0", "notes": "Hears better."}).encode()
    printed(capsys, tmp_path, "config", "set", "updates.address", f"{server.url}/newest.json")
    text = printed(capsys, tmp_path, "update", "check")
    assert "99.0" in text
    assert "Hears better." in text
    told = json.loads(printed(capsys, tmp_path, "--json", "update"))
    assert (told["version"], told["newer"]) == (__version__, "99.0")


def test_without_an_address_it_says_where_to_look(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, tmp_path, "update", "check")
    assert "updates.address" in text
    assert __version__ in text
