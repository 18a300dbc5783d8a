"""Garbage into every command: an error that says what is wrong and what to do, and nothing is lost."""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jarvis_desktop.cli import parser as command_line
from jarvis_desktop.events import Message, Role
from jarvis_desktop.memory.history import SqliteHistory

KEPT = "kept"  # id of a message and of its conversation

NASTY = "\udcff\x1b[2J\u202e..\\{name} %s' OR 1=1 \N{PILE OF POO}"
"""Bytes that are no text, orders to a terminal, a turn of direction, what other languages would expand."""


def leaves(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command of the grammar that has no commands below it, and its words."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield path
    for action in below:
        for name, sub in action.choices.items():
            yield from leaves(sub, (*path, name))


COMMANDS = list(leaves(command_line._parser()))

# Whatever needs a text, a name or a file; {} is where the garbage goes.
ARGUMENTS = (
    "ask --profile {} hello",
    "ask --tier {} hello",
    "ask --lang {} hello",
    "ask --audio {}",
    "transcribe {}",
    "transcribe --lang {} a.wav",
    "listen --from {}",
    "listen --pace {}",
    "listen --mode {}",
    "say {} --to missing/out.wav",
    "models get {}",
    "models get --starter {}",
    "models verify {}",
    "models plan {}",
    "models quantise {}",
    "models remove {}",
    "memory import {}",
    "memory search -k {} hello",
    "memory search --stages {} hello",
    "memory list --kind {}",
    "memory list -n {}",
    "memory show {}",
    "memory edit {} hello",
    "memory forget {}",
    "memory why {}",
    "memory restore {}",
    "memory eval {}",
    "memory add --profile {} hello",
    "privacy seal {}",
    "serve --host {}",
    "serve --port {}",
    "serve --queue {}",
    "serve --redis-url {}",
    "serve token add {}",
    "worker --concurrent {}",
    "worker --redis-url {}",
    "serve token revoke {}",
    "bench {}",
    "bench all --limit {}",
    "config get {}",
    "config set {} 1",
    "config set engine.threads {}",
    "config set look.theme {}",
    "config preset {}",
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home where something has been said."""
    folder = tmp_path_factory.mktemp("home")

    async def keep() -> None:
        history = SqliteHistory(folder / "data" / "jarvis.sqlite3")
        await history.append(Message(KEPT, KEPT, "turn", Role.USER, "hello", 1000.0))
        await history.close()

    asyncio.run(keep())
    return folder


def error_of(home: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """What a refused command prints for programs; fails the test where it is not refused properly."""
    status = command_line.run(["--json", "--home", str(home), *arguments])
    assert 2 <= status <= 8, "the exit status is one of those that jarvis --help tells"
    error: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])["error"]
    assert error["code"]
    assert error["message"]
    assert error["hint"]
    return error


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_garbage_in_the_place_of_a_value_is_refused_with_what_to_do(
    home: Path,
    arguments: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    error_of(home, tuple(word.replace("{}", NASTY) for word in arguments.split()), capsys)

    async def kept() -> list[str]:
        history = SqliteHistory(home / "data" / "jarvis.sqlite3")
        try:
            return [message.id for message in await history.messages(KEPT)]
        finally:
            await history.close()

    assert asyncio.run(kept()) == [KEPT]
    assert not (home / "config" / "config.toml").exists()
    assert list(tmp_path.iterdir()) == []


@given(command=st.sampled_from(COMMANDS), option=st.text(st.characters(exclude_characters=" ")))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_command_takes_an_option_that_it_does_not_know(
    home: Path, capsys: pytest.CaptureFixture[str], command: tuple[str, ...], option: str
) -> None:
    error = error_of(home, (*command, f"--no-such-{option}"), capsys)
    assert error["code"] == "usage.wrong"


@pytest.mark.parametrize("command", ["ask --audio", "memory restore", "memory eval"])
def test_a_file_of_garbage_is_refused(
    home: Path, command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "garbage"
    file.write_bytes(bytes(range(256)) * 64)
    error_of(home, (*command.split(), str(file)), capsys)
    assert list(tmp_path.iterdir()) == [file]
