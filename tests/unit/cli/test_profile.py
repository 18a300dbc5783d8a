"""`jarvis --profile COMMAND`: where the time of a command went, and nothing of what it was about."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.cli import run
from jarvis_desktop.cli.parser import _explicit
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.telemetry.profiling import DATA, PAGE
from tests.speedscope import functions

CANARY = "walrus-at-midnight"


def test_a_command_is_profiled_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--home", str(tmp_path), "--profile", "models", "list", "--json"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("{"), "the result is as without a profile"
    (file,) = Paths.choose(tmp_path).profiles.glob(f"*{DATA}")
    assert str(file) in told.err
    assert any(name.startswith("jarvis_desktop/") for name in functions(file))


def test_the_file_may_be_named(tmp_path: Path) -> None:
    file = tmp_path / "here.json"
    assert run([f"--profile={file}", "--home", str(tmp_path), "models", "list"]) == 0
    assert functions(file)
    assert file.with_suffix(PAGE).exists()
    assert not Paths.choose(tmp_path).profiles.exists()


def test_a_command_that_fails_is_profiled_without_what_it_was_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "here.json"
    assert run([f"--profile={file}", "--home", str(tmp_path), "models", "get", CANARY]) == 4
    assert CANARY in capsys.readouterr().err
    for written in (file, file.with_suffix(PAGE)):
        assert CANARY not in written.read_text(encoding="utf-8")


def test_it_is_named_after_the_command(tmp_path: Path) -> None:
    assert run(["--home", str(tmp_path), "--profile", "memory", "list", "--profile", CANARY]) == 2
    (file,) = Paths.choose(tmp_path).profiles.glob(f"*{DATA}")
    assert file.name.startswith("list-")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--profile", "ask", "Hi"], ["--profile=", "ask", "Hi"]),
        (["--home", "ask", "--profile", "ask"], ["--home", "ask", "--profile=", "ask"]),
        (["ask", "--profile", "work", "Hi"], ["ask", "--profile", "work", "Hi"]),
        (["--profile=here.json", "ask"], ["--profile=here.json", "ask"]),
    ],
)
def test_the_profile_of_a_command_is_told_from_the_one_that_answers(
    typed: list[str], meant: list[str]
) -> None:
    assert _explicit(typed) == meant
