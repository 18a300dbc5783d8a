"""The deletion of everything: nothing of the user is left, also when it was cut off in the middle."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from jarvis_desktop.app import erasing
from jarvis_desktop.app.autostart import Autostart
from jarvis_desktop.cli.parser import run
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Message, Role, StoredKind
from jarvis_desktop.memory.history import SqliteHistory

WORDS = b"lighthouse"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    """A home in which every place holds what the user said, and a model."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "desktop"))
    paths = Paths.choose(tmp_path / "home")
    asyncio.run(talk(paths.database))
    for file in (
        paths.config / "config.toml",
        paths.config / "mcp.json",
        paths.data / "jarvis.sqlite3.corrupt.1",
        paths.data / "window.ini",
        paths.memory / "backups" / "old.sqlite3",
        paths.cache / "answers.sqlite3",
        paths.logs / "jarvis.jsonl",
        paths.audit,
        paths.server_token,
        paths.clients,
        paths.ledger,
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"# " + WORDS)
    model = paths.models / "tiny" / "tiny.gguf"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"GGUF" * 1000)
    Autostart(paths).switch(True)
    return paths


async def talk(file: Path) -> None:
    history = SqliteHistory(file)
    conversation = (await history.new_conversation()).id
    await history.append(Message("m", conversation, "t", Role.USER, "Meet me at the lighthouse.", 1e9))
    await history.close()


def telling(folder: Path) -> list[str]:
    """Files with the user's words."""
    files = [each for each in folder.rglob("*") if each.is_file()]
    return [each.name for each in files if WORDS in each.read_bytes()]


def test_what_is_stored_is_told_by_kind(paths: Paths) -> None:
    erasing.stored(paths)  # reading conversations leaves files of SQLite's beside them
    found = {each.kind: each for each in erasing.stored(paths)}
    assert found[StoredKind.CONVERSATIONS].count == 1
    assert found[StoredKind.MODELS].size == 4000
    assert found[StoredKind.MODELS].count == 1
    assert all(each.size for each in found.values())
    own = (paths.config / "config.toml", paths.config / "mcp.json", paths.data / "window.ini")
    kept = (*own, paths.server_token, paths.clients)
    assert found[StoredKind.SETTINGS].size == sum(each.stat().st_size for each in kept)
    assert found[StoredKind.LOGS].size > paths.audit.stat().st_size
    everything = sum(each.stat().st_size for each in paths.data.parent.rglob("*") if each.is_file())
    assert sum(each.size for each in found.values()) == everything


@pytest.mark.parametrize("models", [False, True])
def test_nothing_of_the_user_is_left_and_models_only_if_wanted(paths: Paths, models: bool) -> None:
    home = paths.data.parent
    assert len(telling(home)) == 12
    erasing.begin(paths, models=models, encrypted=False)
    assert erasing.complete(paths)

    left = [each.relative_to(home).as_posix() for each in home.rglob("*") if each.is_file()]
    assert left == ([] if models else ["models/tiny/tiny.gguf"])
    assert not Autostart(paths).file.exists()


def test_models_below_the_data_folder_stay(paths: Paths, tmp_path: Path) -> None:
    below = Paths(paths.config, paths.data, paths.data / "models", paths.cache, paths.logs, paths.runtime)
    shutil.move(paths.models, below.models)
    erasing.begin(below, models=False, encrypted=False)
    erasing.complete(below)
    assert [each.name for each in paths.data.rglob("*") if each.is_file()] == ["tiny.gguf"]


def test_a_link_is_deleted_and_what_it_leads_to_stays(paths: Paths, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(paths.models, elsewhere)
    paths.models.symlink_to(elsewhere)
    erasing.begin(paths, models=True, encrypted=False)
    erasing.complete(paths)
    assert not paths.models.is_symlink()
    assert (elsewhere / "tiny" / "tiny.gguf").exists()


@pytest.mark.parametrize("before", range(6))
def test_a_deletion_cut_off_anywhere_is_completed_by_the_next_start(paths: Paths, before: int) -> None:
    delete: Callable[[Path, set[Path]], None] = erasing._delete
    done = 0

    def until_then(path: Path, keep: set[Path]) -> None:
        nonlocal done
        if done == before:
            raise KeyboardInterrupt
        done += 1
        delete(path, keep)

    erasing.begin(paths, models=True, encrypted=False)
    with patch.object(erasing, "_delete", until_then), pytest.raises(KeyboardInterrupt):
        erasing.complete(paths)
    assert paths.erasing.exists()

    # the process that began it is gone
    paths.erasing.write_text(json.dumps(json.loads(paths.erasing.read_text()) | {"pid": 2**22 + 1}))
    assert run(["--home", str(paths.data.parent), "config", "path"]) == 0
    assert [each for each in paths.data.parent.rglob("*") if each.is_file()] == []


def test_what_cannot_be_deleted_is_told_and_tried_again(paths: Paths) -> None:
    erasing.begin(paths, models=False, encrypted=False)
    refused = PermissionError(13, "Permission denied", str(paths.cache))
    with patch.object(erasing, "_delete", side_effect=refused), pytest.raises(StorageError) as told:
        erasing.complete(paths)
    assert told.value.code == "storage.not_erased"
    assert str(paths.cache) in told.value.message
    assert erasing.complete(paths)


def test_the_command_deletes_only_when_it_is_told_to(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--json", "--home", str(paths.data.parent), "privacy", "delete-everything"]
    (paths.config / "config.toml").write_text("")
    assert run(command) == 2
    assert len(telling(paths.data.parent)) == 11
    assert run([*command, "--yes"]) == 0
    assert telling(paths.data.parent) == []
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["deleted_bytes"] > 0
    assert paths.models.exists()


def test_the_seal_is_switched_by_command(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    home = ["--json", "--home", str(paths.data.parent)]
    (paths.config / "config.toml").write_text("")
    assert run([*home, "privacy", "seal", "on"]) == 0
    assert run([*home, "config", "get", "privacy.offline"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["value"] is True
    assert run([*home, "models", "get", "smollm2-135m"]) == 8
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["code"] == "network.sealed"
    assert run([*home, "privacy", "ledger"]) == 0
    noted = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (noted["reason"], noted["allowed"]) == ("model download", False)
