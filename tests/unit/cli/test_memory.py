"""`jarvis memory` where nothing may be remembered, or the words make no sense."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jarvis_desktop.cli import run


def refused(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = run(["--home", str(home), "--json", "memory", *arguments])
    return status, json.loads(capsys.readouterr().out)["error"]["code"]


def test_a_profile_that_remembers_nothing_neither_keeps_nor_finds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('[profiles.quiet]\nmemory = "none"\n', encoding="utf-8")
    for words in (["add", "a secret"], ["search", "secret"], ["list"]):
        assert refused(tmp_path, capsys, *words, "--profile", "quiet") == (7, "memory.private")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "words", [["search", "x", "-k", "0"], ["search", "x", "--stages", "guess"], ["forget"]]
)
def test_words_that_make_no_sense_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert refused(tmp_path, capsys, *words) == (2, "usage.wrong")


@pytest.mark.parametrize(
    ("words", "reason"),
    [(["-k", "none"], "1 or more"), (["--stages", "dense,guess"], "dense, sparse, hybrid, rerank, graph")],
)
def test_a_wrong_option_says_what_would_be_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], reason: str
) -> None:
    assert run(["--home", str(tmp_path), "memory", "search", "x", *words]) == 2
    assert reason in capsys.readouterr().err
