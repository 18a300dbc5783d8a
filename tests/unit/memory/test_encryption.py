"""The memory encrypted at rest."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory import encryption
from jarvis_desktop.memory.encryption import convert
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import all_bytes, found, note

RAW = "0123456789abcdef" * 4  # not stretched, so quick


def filled(file: Path, key: str) -> None:
    store = MemoryStore(file, key)
    store.add([note(f"n{number}", f"xylophone number {number}") for number in range(200)])
    store.set_vectors("m", store.keys(), np.ones((200, 8), np.float32))
    store.set_token_vectors("m", {1: np.full((9, 384), ord("q"), np.int8)})
    store.forget(["n199"])
    store.close()


def opening(file: Path, key: str) -> str:
    """The code of the error."""
    store = MemoryStore(file, key)
    with pytest.raises(StorageError) as caught:
        store.open()
    assert store.recovered is None
    return caught.value.code


@pytest.mark.parametrize("key", [RAW, 'it\'s a "key"; 🗝'])
def test_no_plain_text_is_in_the_files(tmp_path: Path, key: str) -> None:
    store = MemoryStore(tmp_path / "memory.sqlite3", key)
    store.add([note("a", "The xylophone is in the attic")])
    assert b"xylophon" not in all_bytes(tmp_path)  # while it is open, too
    store.close()
    again = MemoryStore(tmp_path / "memory.sqlite3", key)
    assert found(again, "xylophones") == ["a"]
    again.close()
    assert b"xylophon" not in all_bytes(tmp_path)
    assert b"SQLite" not in (tmp_path / "memory.sqlite3").read_bytes()


def test_without_the_right_key_the_file_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "memory.sqlite3"
    filled(file, RAW)
    assert b"qqqqqqqq" not in all_bytes(tmp_path)
    before, files = file.read_bytes(), set(tmp_path.iterdir())
    assert opening(file, "another") == "memory.wrong_key"
    assert opening(file, "") == "memory.encrypted"
    assert file.read_bytes() == before
    assert set(tmp_path.iterdir()) == files


def test_a_plain_file_is_not_opened_with_a_key(tmp_path: Path) -> None:
    file = tmp_path / "memory.sqlite3"
    filled(file, "")
    before = file.read_bytes()
    assert opening(file, RAW) == "memory.not_encrypted"
    assert file.read_bytes() == before


def test_a_store_is_encrypted_gets_another_key_and_is_decrypted(tmp_path: Path) -> None:
    file = tmp_path / "memory.sqlite3"
    filled(file, "")
    last = 200
    for old, new in (("", RAW), (RAW, "a key"), ("a key", "")):
        convert(file, old, new)
        assert (b"xylophon" in all_bytes(tmp_path)) == (not new)
        assert b"qqqqqqqq" not in all_bytes(tmp_path)
        store = MemoryStore(file, new)
        assert found(store, "xylophone 77", limit=1) == ["n77"]
        assert len(store.vectors("m")[0]) == 199
        assert [receipt.items for receipt in store.receipts()] == [("n199",)]
        assert store.revision() == 201
        store.add([note(f"after {new}", "trumpet")])
        last += 1
        assert store.keys()[-1] == last  # keys go on where they were
        store.close()
        assert list(tmp_path.iterdir()) == [file]
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_conversion_with_a_wrong_key_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "memory.sqlite3"
    filled(file, RAW)
    before = file.read_bytes()
    with pytest.raises(StorageError) as caught:
        convert(file, "wrong", "")
    assert caught.value.code == "memory.wrong_key"
    assert file.read_bytes() == before


@pytest.mark.parametrize(("old", "new"), [("", RAW), (RAW, "")])
def test_a_conversion_cut_short_leaves_the_old_store_and_no_plain_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    file = tmp_path / "memory.sqlite3"
    filled(file, old)

    def killed(fresh: Path, file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(encryption, "replace", killed)
    with contextlib.suppress(KeyboardInterrupt):
        convert(file, old, new)
    assert len(list(tmp_path.iterdir())) == 2
    store = MemoryStore(file, old)
    store.open()
    assert found(store, "xylophone 77", limit=1) == ["n77"]
    assert b"xylophon" not in all_bytes(tmp_path) or not old
    store.close()
    assert list(tmp_path.iterdir()) == [file]
