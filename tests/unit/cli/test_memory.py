"""`jarvis memory` where nothing may be remembered, or the words make no sense."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from jarvis_desktop.cli import run
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.history import SqliteHistory
from jarvis_desktop.memory.items import STORE


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
    "words",
    [
        ["search", "x", "-k", "0"],
        ["search", "x", "--stages", "guess"],
        ["forget"],
        ["list", "--offset", "-1"],
    ],
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


def test_an_empty_memory_says_how_to_fill_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    command = ["--home", str(tmp_path), "memory", "list"]
    assert run(command) == 0
    told = capfd.readouterr()
    assert (told.out, "jarvis memory add" in told.err) == ("", True)
    assert run([*command, "--kind", "fact"]) == 0
    assert "jarvis memory add" not in capfd.readouterr().err, "there may be others"
    assert run([*command, "--json"]) == 0
    assert capfd.readouterr().out == ""


def test_why_of_an_answer_that_used_nothing_and_of_none_at_all(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answer() -> None:
        history = SqliteHistory(Paths.choose(tmp_path).database)
        talk = await history.new_conversation()
        await history.append(Message("m1", talk.id, "t1", Role.ASSISTANT, "Good morning.", 1.7e9))
        await history.close()

    asyncio.run(answer())
    assert run(["--home", str(tmp_path), "--json", "memory", "why", "t1"]) == 0
    assert json.loads(capsys.readouterr().out) == {"turn_id": "t1", "citations": []}
    assert refused(tmp_path, capsys, "why", "t2") == (7, "memory.unknown_turn")


def test_a_file_that_cannot_be_taken_in_is_named_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4 nothing more")
    assert run(["--home", str(tmp_path / "home"), "memory", "import", str(broken)]) == 7
    # On a busy machine the progress names it as well.
    assert capfd.readouterr().err.count(f"{broken} cannot be read") == 1


def test_a_memory_that_was_begun_anew_is_told_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    store = Paths.choose(tmp_path).memory / STORE
    store.parent.mkdir(parents=True)
    store.write_bytes(b"not a database at all " * 500)
    for times in (1, 0):
        assert run(["--home", str(tmp_path), "memory", "stats"]) == 0
        assert capfd.readouterr().err.count("a new memory was begun") == times
