"""The memory leaves in an open format and comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import MemoryKind
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import document, found, note


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    store = MemoryStore(tmp_path / "memory.sqlite3")
    store.add(
        [document("d", ["Uno.", "Dos."], "Capítulo", source="a.pdf", location="/a.pdf", content_hash="h")]
    )
    store.add(
        [note("old", "lives in Lima", kind=MemoryKind.FACT, metadata={"subject": "Ana", "slot": "home"})]
    )
    store.add([note("new", "lives in Quito", kind=MemoryKind.FACT, owner="ana"), note("gone", "a secret")])
    store.supersede("old", "new", 5.0)
    store.set_pinned("d", True)
    store.note_use("turn", ["d#2", "new"], 7.0)
    store.set_vectors("m", store.keys_of(["d"]), np.eye(2, 8, dtype=np.float32))
    store.forget(["gone"], "")
    yield store
    store.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[MemoryStore]:
    other = MemoryStore(tmp_path / "other.sqlite3")
    yield other
    other.close()


def test_what_was_exported_is_restored_whole(store: MemoryStore, other: MemoryStore, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    assert store.export(file, vectors=True) == 3
    assert other.restore(file) == ["d", "old", "new"]
    for item_id in ("d", "old", "new"):
        assert other.item(item_id) == store.item(item_id)
    assert other.why("turn", "") == store.why("turn", "")
    assert other.receipts() == store.receipts()
    assert found(other, "dos") == ["d#2"]
    np.testing.assert_array_equal(other.vectors("m")[1], store.vectors("m")[1])
    assert [change.key for change in other.changes_since(0)] == other.keys_of(["d"])
    again = tmp_path / "again.ndjson"
    other.export(again, vectors=True)
    assert again.read_bytes() == file.read_bytes()


def test_an_export_is_lines_that_anything_can_read(store: MemoryStore, tmp_path: Path) -> None:
    file = tmp_path / "export.ndjson"
    store.export(file)
    header, *records = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert header == {"format": "jarvis-memory", "version": 1}
    assert [record["type"] for record in records] == ["item", "item", "item", "use", "use", "receipt"]
    assert records[0]["text"] == "Uno.\nDos.\n"
    assert records[0]["spans"] == [[0, 4, "Capítulo"], [5, 9, "Capítulo"]]
    assert "secret" not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_is_there_stays_and_what_was_forgotten_stays_forgotten(
    store: MemoryStore, tmp_path: Path
) -> None:
    file = tmp_path / "export.ndjson"
    store.export(file)
    store.add([note("old", "lives in Oslo")])
    store.forget(["new"])
    assert store.restore(file) == []
    assert store.item("old").text == "lives in Oslo"
    with pytest.raises(StorageError):
        store.item("new")
    store.add([note("new", "lives in Quito")])  # told again, it is kept again
    assert store.item("new").text == "lives in Quito"


def edited(record: dict[str, Any], **values: Any) -> str:
    return json.dumps({**record, **values})


@pytest.mark.parametrize(
    "spoil",
    [
        lambda record: "{",
        lambda record: "",
        lambda record: "[]",
        lambda record: '"item"',
        lambda record: edited(record, type="song"),
        lambda record: edited(record, type=["item"]),
        lambda record: edited(record, kind="song"),
        lambda record: edited(record, text=None),
        lambda record: edited(record, id=""),
        lambda record: edited(record, spans=[[0, 9999, ""]]),
        lambda record: edited(record, spans=[[0, 1]]),
        lambda record: edited(record, spans=7),
        lambda record: edited(record, metadata=[1]),
        lambda record: edited(record, metadata={"a": {}}),
        lambda record: edited(record, created_at=float("nan")),
        lambda record: edited(record, created_at=10**400),
        lambda record: edited(record, pinned="yes"),
        lambda record: "[" * 100_000,
        lambda record: json.dumps({key: value for key, value in record.items() if key != "owner"}),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_taken_in(
    store: MemoryStore, other: MemoryStore, tmp_path: Path, spoil: Callable[[dict[str, Any]], str]
) -> None:
    file = tmp_path / "export.ndjson"
    store.export(file)
    lines = file.read_text(encoding="utf-8").splitlines()
    lines[2] = spoil(json.loads(lines[2]))
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        other.restore(file)
    assert caught.value.code == "memory.bad_line"
    assert "Line 3 " in caught.value.message
    assert (other.stats().items, other.receipts()) == ({}, ())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 3000), junk=st.binary(min_size=1, max_size=6))
def test_a_damaged_export_is_restored_or_refused_never_by_half(
    store: MemoryStore, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, at: int, junk: bytes
) -> None:
    file = tmp_path / "export.ndjson"
    store.export(file, vectors=True)
    data = file.read_bytes()
    at %= len(data)
    file.write_bytes(data[:at] + junk + data[at + len(junk) :])
    target = MemoryStore(tmp_path_factory.mktemp("store") / "memory.sqlite3")
    new, codes = 0, set()
    try:
        new = len(target.restore(file))
    except StorageError as error:
        codes.add(error.code)
    assert sum(target.stats().items.values()) == new
    assert codes <= {"memory.bad_line", "memory.not_an_export", "memory.export_newer"}
    target.close()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "memory.not_an_export"),
        ("dear diary", "memory.not_an_export"),
        ('{"format": "other", "version": 1}', "memory.not_an_export"),
        ('{"format": "jarvis-memory", "version": 2}', "memory.export_newer"),
    ],
)
def test_another_file_is_refused(other: MemoryStore, tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "export.ndjson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(StorageError) as caught:
        other.restore(file)
    assert caught.value.code == code


def test_a_missing_export_is_told(other: MemoryStore, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nothing\.ndjson"):
        other.restore(tmp_path / "nothing.ndjson")


@pytest.mark.parametrize("key", ["", "a key"])
def test_a_backup_is_a_store_of_its_own(tmp_path: Path, key: str) -> None:
    original = MemoryStore(tmp_path / "memory.sqlite3", key)
    original.add([note("a", "hello")])
    original.backup(tmp_path / "backup.sqlite3")
    original.add([note("b", "later")])
    original.backup(tmp_path / "backup.sqlite3")  # in place of the former one
    original.close()
    copy = MemoryStore(tmp_path / "backup.sqlite3", key)
    assert found(copy, "later") == ["b"]
    copy.close()
    assert {file.name for file in tmp_path.iterdir()} == {"memory.sqlite3", "backup.sqlite3"}


def test_the_memory_is_not_overwritten_with_its_own_copy(store: MemoryStore, tmp_path: Path) -> None:
    for write in (store.export, store.backup):
        with pytest.raises(StorageError) as caught:
            write(tmp_path / "memory.sqlite3")
        assert caught.value.code == "memory.same_file"
    assert store.item("d").passages == 2
