"""Crashes, damage and full disks under the memory store: nothing kept is lost, nothing forgotten is back."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

import numpy as np
import pytest

from jarvis_desktop.errors import Category, StorageError
from jarvis_desktop.memory.schema import MIGRATIONS
from jarvis_desktop.memory.store import MemoryStore
from tests.faults.test_storage_faults import DAMAGE
from tests.unit.memory.stored import all_bytes, found, note

ROUNDS = 30


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "memory.sqlite3"


def filled(file: Path, count: int = 40, text: str = "a line of talk " * 20) -> None:
    store = MemoryStore(file)
    store.add([note(f"n{number}", f"{text} {number}") for number in range(count)])
    store.close()


def test_forgetting_again_and_again_wears_nothing_out(file: Path) -> None:
    """FTS5's "optimize" makes its index deeper each time, and one of 2,000 levels counts as damaged."""
    store = MemoryStore(file)

    def described_after(rounds: range) -> int:
        for number in rounds:
            for part in "abc":
                store.add([note(f"{number}{part}", f"the quux{number}{part} stands here and more")])
            store.forget([f"{number}a"])
        with closing(sqlite3.connect(file)) as connection:
            (length,) = connection.execute("SELECT length(block) FROM words_data WHERE id = 10").fetchone()
        return int(length)

    flat = described_after(range(20))
    assert described_after(range(20, 100)) < 2 * flat
    store.close()


WRITERS = """
import os, sys
from pathlib import Path
import numpy as np
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import document, note

def write(life):
    store = MemoryStore(Path(sys.argv[1]))
    for number in range(10_000):
        name, word = f"i{life}-{number}", f"quux{life}y{number}z"
        store.add([document(name, [f"the {word} stands here", "and more"])])
        print("kept", name, word, flush=True)
        store.set_vectors("m", store.keys_of([name]), np.ones((2, 8), np.float32))
        print("vectors", name, word, flush=True)
        if number % 3 == 1:
            print("forgetting", name, word, flush=True)
            store.forget([name])
            print("forgotten", name, word, flush=True)

# Each writer is a process of its own, and none has to load the modules again.
for life in map(int, sys.stdin):
    writer = os.fork()
    if writer == 0:
        write(life)
    print(writer, flush=True)
    os.waitpid(writer, 0)
    print("\\ndead", flush=True)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_killed_while_writing_nothing_acknowledged_is_lost_and_nothing_forgotten_is_back(file: Path) -> None:
    told: dict[str, dict[str, str]] = {"kept": {}, "vectors": {}, "forgetting": {}, "forgotten": {}}
    with subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writers:
        assert writers.stdin is not None
        assert writers.stdout is not None
        for life in range(ROUNDS):
            print(life, file=writers.stdin, flush=True)
            for what, name, word in killed(writers.stdout, after=1 + life % 10):  # another moment each time
                told[what][name] = word
    store = MemoryStore(file)
    store.open()
    assert store.recovered is None
    there = {item.id for item in store.listed("", limit=10_000)}
    assert there >= told["kept"].keys() - told["forgetting"].keys()
    assert there.isdisjoint(told["forgotten"])
    with_vectors = store.vectors("m")[0].tolist()
    assert set(with_vectors) >= set(store.keys_of(there & told["vectors"].keys()))
    changed = {change.key: change.gone for change in store.changes_since(0)}
    assert sorted(key for key, gone in changed.items() if not gone) == with_vectors
    for name in there & told["kept"].keys():
        assert found(store, told["kept"][name]) == [f"{name}#1"]
    store.close()
    assert sound(file)
    left = all_bytes(file.parent)
    assert [word for word in told["forgotten"].values() if word.encode() in left] == []
    assert len(told["kept"]) >= ROUNDS
    assert told["forgotten"]


def killed(output: IO[str], after: int) -> list[list[str]]:
    """What a writer acknowledged before it was killed."""
    process, lines = 0, []
    for line in output:
        words = line.split()
        if len(words) == 3 and line.endswith("\n"):
            lines.append(words)
        elif words == ["dead"]:
            break
        elif words and words[0].isdigit():
            process = int(words[0])
        if process and after <= len(lines):
            os.kill(process, signal.SIGKILL)
            process = 0
    return lines


def sound(file: Path) -> bool:
    connection = sqlite3.connect(file)
    try:
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_a_newer_schema_is_refused_and_left_as_it_is(file: Path) -> None:
    filled(file)
    connection = sqlite3.connect(file)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    connection.close()
    before = file.read_bytes()
    store = MemoryStore(file)
    for call in (store.open, store.keys, lambda: store.add([note("a", "x")]), store.scrub):
        with pytest.raises(StorageError) as caught:
            call()
        assert caught.value.code == "storage.newer"
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@DAMAGE
def test_a_damaged_file_is_put_aside_and_a_fresh_one_begun(
    file: Path, damage: Callable[[Path], None]
) -> None:
    filled(file)
    damage(file)
    damaged = file.read_bytes()
    store = MemoryStore(file)
    store.open()
    assert store.recovered is not None
    assert store.recovered.name.startswith("memory.sqlite3.corrupt.")
    assert store.recovered.read_bytes() == damaged
    assert store.keys() == []
    store.add([note("new", "trumpet")])
    assert found(store, "trumpet") == ["new"]
    store.close()


@pytest.mark.parametrize("key", ["", "0123456789abcdef" * 4], ids=["plain", "encrypted"])
def test_damage_that_comes_while_running_is_told_once_and_a_fresh_store_begun(file: Path, key: str) -> None:
    store = MemoryStore(file, key)
    store.add([note(f"n{number}", " " * 20_000) for number in range(450)])  # more than is kept in memory
    store.close()
    store.open()
    with file.open("r+b") as raw:
        raw.seek(4096)
        raw.write(os.urandom(file.stat().st_size - 4096))
    with pytest.raises(StorageError) as caught:
        store.listed("", limit=1000)
    assert caught.value.code == "storage.corrupt"
    assert caught.value.category is Category.DEGRADED
    assert store.recovered is not None
    store.add([note("new", "trumpet")])
    assert found(store, "trumpet") == ["new"]
    store.close()


@pytest.mark.parametrize("running", [True, False], ids=["while running", "before the start"])
def test_damaged_token_vectors_are_computed_anew_and_nothing_else_is_lost(file: Path, running: bool) -> None:
    filled(file, 300)
    store = MemoryStore(file)
    store.set_token_vectors("m", dict.fromkeys(store.keys(), np.ones((60, 384), np.int8)))
    if not running:
        store.close()
    tokens = file.with_name("memory-tokens.sqlite3")
    with tokens.open("r+b") as raw:
        raw.write(os.urandom(tokens.stat().st_size))
    if running:
        Path(f"{tokens}-wal").write_bytes(b"")
    assert store.token_vectors("m", store.keys()) == {}
    assert len(store.without_token_vectors("m", 999)) == 300
    store.set_token_vectors("m", {1: np.ones((2, 4), np.int8)})
    assert list(store.token_vectors("m", store.keys())) == [1]
    assert (store.recovered, len(store.keys())) == (None, 300)
    store.close()
    assert {each.name for each in file.parent.iterdir()} == {file.name, tokens.name}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "memory"
    blocked.write_text("a file where the folder should be")
    store = MemoryStore(blocked / "memory.sqlite3")
    with pytest.raises(StorageError) as caught:
        store.add([note("a", "x")])
    assert caught.value.code == "storage.failed"
    blocked.unlink()
    assert store.add([note("a", "x")]) == ["a"]
    store.close()


def test_a_read_only_disk_is_told_and_nothing_is_lost(small_disk: Path) -> None:
    file = small_disk / "memory.sqlite3"
    filled(file, 3)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    store = MemoryStore(file)
    with pytest.raises(StorageError) as caught:
        store.add([note("a", "x")])
    assert caught.value.code == "storage.read_only"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert len(store.keys()) == 3
    store.close()


def test_on_a_full_disk_what_was_acknowledged_stays_and_writing_resumes(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(200_000))
    store = MemoryStore(small_disk / "memory.sqlite3")
    acknowledged: list[str] = []

    def add_until_refused() -> None:
        for number in range(10_000):
            acknowledged.extend(store.add([note(f"n{number}", "talk " * 1000)]))

    with pytest.raises(StorageError) as caught:
        add_until_refused()
    assert caught.value.code == "storage.disk_full"
    assert caught.value.category is Category.DEGRADED
    assert {item.id for item in store.listed("", limit=10_000)} == set(acknowledged) != set()
    with pytest.raises(StorageError) as caught:
        store.export(small_disk / "export.ndjson")
    assert caught.value.code == "storage.disk_full"
    assert not (small_disk / "export.ndjson").exists()
    ballast.unlink()
    store.add([note("after", "trumpet")])
    assert found(store, "trumpet") == ["after"]
    store.close()


def test_what_is_forgotten_on_a_full_disk_is_gone_at_once_and_its_bytes_when_there_is_room(
    small_disk: Path,
) -> None:
    file = small_disk / "memory.sqlite3"
    store = MemoryStore(file)
    store.add([note("secret", "xylophone"), note("long", "trumpet " * 8_000)])
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(2_000_000))
    with ballast.open("r+b") as stream:
        stream.truncate(ballast.stat().st_size - 100_000)  # enough to delete it, not to write the file anew
    with pytest.raises(StorageError) as caught:
        store.forget(["secret"])
    assert caught.value.code == "storage.disk_full"
    assert found(store, "xylophone") == []
    assert [receipt.items for receipt in store.receipts()] == [("secret",)]
    store.close()
    store.open()  # there is still no room, but a memory
    assert found(store, "trumpet") == ["long"]
    store.close()
    ballast.unlink()
    store.open()
    assert b"xyloph" not in all_bytes(small_disk)
    assert found(store, "trumpet") == ["long"]
    store.close()
