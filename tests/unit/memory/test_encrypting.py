"""A memory becomes encrypted or plain, and nothing of it is lost or left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory import encryption
from jarvis_desktop.memory.encryption import is_encrypted
from jarvis_desktop.memory.items import STORE
from tests.unit.memory.fakes import FakeEncoder
from tests.unit.memory.told import Told

KEY = "0123456789abcdef" * 4


def test_encrypting_and_decrypting_keep_everything_and_leave_no_plain_byte(tmp_path: Path) -> None:
    def opened(encrypted: bool, key: str = KEY) -> Told:
        memory = Told(tmp_path / "memory", FakeEncoder(), key=key, encrypted=encrypted)
        memory.open()
        return memory

    def plain() -> bool:
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        return any(b"xylothe" in file.read_bytes() for file in files)

    first = opened(False)
    first.note("Grandmother hides the xylotheque under the stairs")
    first.finish()
    backup = first.backup()
    copy = backup.read_bytes()
    first.close()
    assert plain()
    second = opened(True)
    assert second.found("xylotheque")
    second.finish()
    assert [(each.file, each.items) for each in second.backups()] == [(backup, 1)]
    assert not plain()
    second.note("The bins are emptied on Mondays")
    second.finish()
    second.close()
    assert not plain()
    backup.write_bytes(copy)  # as a crash would have left it
    opened(True).close()
    assert not plain()
    with pytest.raises(StorageError) as refused:
        opened(True, "f" * 64)
    assert refused.value.code == "memory.wrong_key"
    third = opened(False)
    assert third.problems == []
    assert len(third.listed()) == 2
    assert third.found("xylotheque")
    third.close()
    assert b"xylothe" in backup.read_bytes()
    fourth = Told(tmp_path / "fourth", FakeEncoder())
    fourth.open()
    assert len(fourth.restore(backup)) == 1
    fourth.close()


def test_decrypting_begins_with_the_backups_so_that_a_crash_does_not_lose_their_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Told(tmp_path, FakeEncoder(), key=KEY, encrypted=True)
    first.open()
    first.note("Grandmother hides the xylotheque under the stairs")
    backup = first.backup()
    first.close()

    def cut_off(fresh: Path, file: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(encryption, "replace", cut_off)
    with pytest.raises(KeyboardInterrupt):
        Told(tmp_path, FakeEncoder(), key=KEY).open()
    # The key is asked for as long as the store is encrypted.
    assert [is_encrypted(file) for file in (backup, tmp_path / STORE)] == [True, True]


HOLD = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("SELECT count(*) FROM items").fetchall()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_memory_that_another_program_has_open_is_not_encrypted_under_it(tmp_path: Path) -> None:
    memory = Told(tmp_path, FakeEncoder())
    memory.open()
    memory.note("The bins are emptied on Mondays")
    memory.close()
    wanted = Told(tmp_path, FakeEncoder(), key=KEY, encrypted=True)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / STORE)], stdin=PIPE, stdout=PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StorageError) as refused:
            wanted.open()
        assert refused.value.code == "storage.busy"
        other.communicate()
    wanted.open()
    assert len(wanted.listed()) == 1
    wanted.close()
