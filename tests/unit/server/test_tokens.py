"""Who may use the API, as the files and the memory of it tell."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jarvis_desktop.errors import ConfigError, StorageError
from jarvis_desktop.events import Scope, Standing
from jarvis_desktop.server.tokens import DEFAULT, TokenStore

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    opened = store_in(tmp_path)
    opened.open()
    return opened


def store_in(folder: Path) -> TokenStore:
    """As another process would have it."""
    return TokenStore(folder / "server.token", folder / "clients.json")


def default_token(folder: Path) -> str:
    return (folder / "server.token").read_text(encoding="utf-8").strip()


def test_the_first_start_makes_a_token_for_everything_that_stays(store: TokenStore, tmp_path: Path) -> None:
    token = default_token(tmp_path)
    found = store.find(token)
    assert found is not None
    assert (found.id, found.scopes, found.standing) == (DEFAULT, frozenset(Scope), Standing.NEW)
    store_in(tmp_path).open()
    assert default_token(tmp_path) == token


@posix
def test_nobody_else_can_read_what_is_kept(store: TokenStore, tmp_path: Path) -> None:
    store.add("Notebook", {Scope.CHAT})
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


@posix
def test_a_token_that_others_could_read_is_replaced(store: TokenStore, tmp_path: Path) -> None:
    before = default_token(tmp_path)
    (tmp_path / "server.token").chmod(0o644)
    again = store_in(tmp_path)
    again.open()
    assert again.find(before) is None
    assert again.find(default_token(tmp_path)) is not None
    assert (tmp_path / "server.token").stat().st_mode & 0o777 == 0o600


def test_a_token_file_that_holds_no_text_keeps_nobody_else_out(store: TokenStore, tmp_path: Path) -> None:
    _, token = store.add("Notes", [Scope.CHAT])
    (tmp_path / "server.token").write_bytes(b"\xff\xfe\n")
    again = store_in(tmp_path)
    again.open()
    assert again.find(token) is not None


@posix
def test_a_list_that_others_could_write_is_not_trusted(store: TokenStore, tmp_path: Path) -> None:
    (tmp_path / "clients.json").chmod(0o666)
    with pytest.raises(StorageError, match="somebody else"):
        store_in(tmp_path).open()


@posix
def test_a_list_that_others_could_only_read_is_mended(store: TokenStore, tmp_path: Path) -> None:
    (tmp_path / "clients.json").chmod(0o644)
    store_in(tmp_path).open()
    assert (tmp_path / "clients.json").stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("name", ["server.token", "clients.json"])
def test_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("known to somebody else")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / name).symlink_to(elsewhere)
    with pytest.raises(StorageError, match="somebody else"):
        store_in(tmp_path / "data").open()


def test_only_hashes_of_tokens_are_kept(store: TokenStore, tmp_path: Path) -> None:
    _, token = store.add("Notebook", {Scope.CHAT})
    assert len(set(re.sub("[^a-zA-Z0-9]", "", token))) > 15  # it looks like chance
    kept = (tmp_path / "clients.json").read_text()
    assert token not in kept
    assert default_token(tmp_path) not in kept


def test_what_a_client_is_survives_a_restart(store: TokenStore, tmp_path: Path) -> None:
    client, token = store.add("Notebook", {Scope.CHAT, Scope.SPEECH}, standing=Standing.NEW)
    again = store_in(tmp_path)
    again.open()
    assert again.find(token) == client
    again.decide(client.id, {Scope.CHAT, Scope.MEMORY})
    decided = store_in(tmp_path)
    decided.open()
    found = decided.find(token)
    assert found is not None
    assert (found.scopes, found.standing) == (
        frozenset({Scope.CHAT}),
        Standing.ALLOWED,
    )  # never more than before


def test_a_client_that_was_refused_stays_refused(store: TokenStore, tmp_path: Path) -> None:
    client, token = store.add("Notebook", {Scope.CHAT}, standing=Standing.NEW)
    store.decide(client.id, ())
    again = store_in(tmp_path)
    again.open()
    assert (found := again.find(token)) is not None
    assert found.standing is Standing.REFUSED


def test_a_token_taken_back_is_unknown_everywhere(store: TokenStore, tmp_path: Path) -> None:
    client, token = store.add("Notebook", {Scope.CHAT})
    other = store_in(tmp_path)
    other.open()
    store.revoke(client.id)
    other.refresh()
    assert store.find(token) is None
    assert other.find(token) is None


def test_the_default_token_taken_back_makes_room_for_another(store: TokenStore, tmp_path: Path) -> None:
    before = default_token(tmp_path)
    held = store.find(before)
    store.revoke(DEFAULT)
    assert store.find(before) is None
    assert store.find(default_token(tmp_path)) is not None
    assert held is not None
    assert not store.holds(held)


def test_what_two_processes_change_is_all_kept(store: TokenStore, tmp_path: Path) -> None:
    other = store_in(tmp_path)
    other.open()
    _, first = store.add("First", {Scope.CHAT})
    _, second = other.add("Second", {Scope.CHAT})
    store.note_use(DEFAULT)
    store.keep_use()
    other.refresh()
    assert {each.name for each in other.listed()} == {DEFAULT, "First", "Second"}
    assert store.find(second) is not None
    assert other.find(first) is not None


def test_when_a_client_was_last_used_is_known(store: TokenStore, tmp_path: Path) -> None:
    client, _ = store.add("Notebook", {Scope.CHAT})
    store.note_use(client.id)
    used = {each.name: each.last_used for each in store.listed()}
    assert used["Notebook"] >= client.created
    assert used[DEFAULT] == 0
    store.keep_use()
    assert {each.name: each.last_used for each in store_in(tmp_path).listed()} == used


def test_a_client_is_known_at_every_moment_in_which_its_use_is_written_down(
    store: TokenStore, tmp_path: Path
) -> None:
    token = default_token(tmp_path)
    store.note_use(DEFAULT)
    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(lambda: [store.keep_use() for _ in range(50)])
        while not writing.done():
            assert store.find(token) is not None
    writing.result()


@pytest.mark.parametrize("name", ["", "  ", "a.b", "x" * 41, "line\nbreak\x00", "default", "Default"])
def test_names_that_would_confuse_are_refused(store: TokenStore, name: str) -> None:
    with pytest.raises(ConfigError):
        store.add(name, {Scope.CHAT})


def test_a_client_that_may_do_nothing_is_not_made(store: TokenStore) -> None:
    with pytest.raises(ConfigError, match="at least one"):
        store.add("Nothing", ())


@pytest.mark.parametrize("text", ["{", "[]", '{"clients": [{}]}', '{"clients": [{"scopes": 1}]}'])
def test_a_damaged_list_is_said_and_left_as_it_is(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clients.json"
    file.touch(0o600)
    file.write_text(text)
    with pytest.raises(StorageError, match=re.escape(str(file))):
        store_in(tmp_path).open()
    assert file.read_text() == text


def test_a_list_that_is_damaged_meanwhile_lets_nobody_new_in(store: TokenStore, tmp_path: Path) -> None:
    _, token = store.add("Notebook", {Scope.CHAT})
    (tmp_path / "clients.json").write_text(json.dumps({"clients": 1}))
    store.refresh()
    assert store.find(token) is not None
    assert store.find("") is None
