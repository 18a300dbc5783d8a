"""Backups of the memory: made when due, the last ones kept, none that holds what was forgotten."""

from pathlib import Path
from random import Random

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory import encryption
from jarvis_desktop.memory.backups import DAY_S, KEPT, Backups
from jarvis_desktop.memory.encryption import is_encrypted
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import all_bytes, note

KEY = "0123456789abcdef" * 4


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def made(folder: Path) -> tuple[Backups, Clock]:
    clock = Clock()
    return Backups(folder / "backups", lambda file: file.write_text(str(clock.now)), clock), clock


def test_one_is_due_when_the_last_one_is_old(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    assert backups.due(7)
    backups.make()
    assert not backups.due(7)
    clock.now += 6.9 * DAY_S
    assert not backups.due(7)
    clock.now += 0.2 * DAY_S
    assert backups.due(7)
    assert not backups.due(0), "switched off"


def test_one_made_while_the_clock_was_ahead_does_not_hold_off_the_next(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    backups.make()
    clock.now -= 300 * DAY_S
    assert backups.due(7)


def test_the_last_ones_are_kept_newest_first(tmp_path: Path) -> None:
    backups, clock = made(tmp_path)
    for _ in range(KEPT + 2):
        clock.now += 60
        newest = backups.make()
    assert len(backups.there()) == KEPT
    assert backups.there()[0] == newest
    assert newest.read_text() == str(clock.now)


def backed_up(folder: Path, key: str = "") -> tuple[Backups, list[Path]]:
    """Two backups, of which only the second has "safe"; both have "bins"."""
    store, clock = MemoryStore(folder / "memory.sqlite3", key), Clock()
    store.open()
    backups = Backups(folder / "backups", store.backup, clock)
    store.add([note("bins", "The bins are emptied on Mondays")])
    first = backups.make()
    clock.now += 60
    store.add([note("safe", "The safe hides behind the xylotheque")])
    second = backups.make()
    store.close()
    (folder / "memory.sqlite3").unlink()
    return backups, [first, second]


def restored(backup: Path, folder: Path, key: str = "") -> list[str]:
    """Ids of what a fresh store takes in from a backup."""
    folder.mkdir()
    store = MemoryStore(folder / "memory.sqlite3", key)
    store.open()
    Backups(folder / "backups", store.backup).restore(store, backup, key)
    ids = sorted(item.id for item in store.listed())
    store.close()
    return ids


@pytest.mark.parametrize("key", ["", KEY])
def test_what_is_forgotten_leaves_the_backups_and_the_rest_stays(tmp_path: Path, key: str) -> None:
    backups, files = backed_up(tmp_path, key)
    for left in ("memory-0.sqlite3.part", "changing.sqlite3", "changing.sqlite3-wal"):
        (tmp_path / "backups" / left).write_text("xylotheque, left by a crash")
    held = files[0].read_bytes()
    backups.change(["safe", "never there"], lambda backup, known: backup.forget(known), key)
    assert sorted((tmp_path / "backups").iterdir()) == files
    assert b"xylotheq" not in all_bytes(tmp_path)
    assert files[0].read_bytes() == held, "it never had it"
    assert files[1].stat().st_mode & 0o077 == 0
    assert restored(files[1], tmp_path / "again", key) == ["bins"]
    assert not backups.due(0), "none was lost"


@pytest.mark.parametrize("how", ["damaged", "another key"])
def test_a_backup_in_which_nothing_can_be_forgotten_is_deleted_and_another_one_due(
    tmp_path: Path, how: str
) -> None:
    backups, files = backed_up(tmp_path)
    if how == "damaged":
        files[1].write_bytes(files[1].read_bytes()[:5000] + b"xylotheque" * 1000)
    else:
        _, (_, encrypted) = backed_up(tmp_path / "other", KEY)
        files[1].write_bytes(encrypted.read_bytes())
    backups.change(["safe"], lambda backup, known: backup.forget(known), "")
    assert list((tmp_path / "backups").iterdir()) == files[:1]
    assert restored(files[0], tmp_path / "again") == ["bins"]
    assert backups.due(0)


@pytest.mark.parametrize("key", ["", KEY])
def test_switching_encryption_converts_every_backup(tmp_path: Path, key: str) -> None:
    backups, files = backed_up(tmp_path, key)
    on = not key
    assert backups.convert(on, KEY) == []
    assert [is_encrypted(file) for file in files] == [on, on]
    assert (b"xylotheq" in all_bytes(tmp_path)) is not on
    assert backups.there() == tuple(reversed(files)), "under their dates"
    assert not backups.due(0), "none was lost"
    new_key = KEY if on else ""
    assert restored(files[0], tmp_path / "first", new_key) == ["bins"]
    assert restored(files[1], tmp_path / "second", new_key) == ["bins", "safe"]


@pytest.mark.parametrize("key", ["", KEY])
def test_a_conversion_that_was_cut_off_is_finished_and_leaves_nothing_plain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    backups, files = backed_up(tmp_path, key)
    on = not key

    def cut_off(fresh: Path, file: Path) -> None:
        if file == files[0]:
            raise KeyboardInterrupt  # the new file is complete, the old one still in its place
        encryption_replace(fresh, file)

    encryption_replace = encryption.replace
    with monkeypatch.context() as patched:
        patched.setattr(encryption, "replace", cut_off)
        with pytest.raises(KeyboardInterrupt):
            backups.convert(on, KEY)
    for left in ("memory-0.sqlite3.part", "changing.sqlite3", "restoring.sqlite3"):
        (tmp_path / "backups" / left).write_text("xylotheque, left by another crash " * 99)
    assert [is_encrypted(file) for file in files] == [not on, on]
    assert Backups(tmp_path / "backups", print).convert(True, KEY) == []
    assert b"xylotheq" not in all_bytes(tmp_path)
    assert sorted((tmp_path / "backups").iterdir()) == files
    assert restored(files[1], tmp_path / "again", KEY) == ["bins", "safe"]


@pytest.mark.parametrize("place", [0, 5000])
def test_a_backup_too_damaged_to_be_encrypted_is_told_of_and_no_plain_word_stays(
    tmp_path: Path, place: int
) -> None:
    backups, files = backed_up(tmp_path)
    held = files[0].read_bytes()
    files[0].write_bytes(held[:place] + b"xylotheque" * 1000 + held[place + 10_000 :])
    (problem,) = backups.convert(True, KEY)
    assert (problem.code, str(files[0]) in problem.message) == ("memory.backup_not_encrypted", True)
    assert b"xylotheq" not in all_bytes(tmp_path)
    assert list((tmp_path / "backups").iterdir()) == files[1:]
    assert backups.due(0), "another one in its place"


@pytest.mark.parametrize("how", ["damaged", "another key"])
def test_a_backup_that_cannot_be_decrypted_stays_as_it_is_and_is_told_of(tmp_path: Path, how: str) -> None:
    backups, files = backed_up(tmp_path, KEY)
    if how == "damaged":
        noise = Random(1).randbytes(files[0].stat().st_size - 5000)
        files[0].write_bytes(files[0].read_bytes()[:5000] + noise)
    else:
        _, (_, other) = backed_up(tmp_path / "other", "f" * 64)
        files[0].write_bytes(other.read_bytes())
    held = files[0].read_bytes()
    (problem,) = backups.convert(False, KEY)
    assert (problem.code, str(files[0]) in problem.message) == ("memory.backup_not_decrypted", True)
    assert files[0].read_bytes() == held
    assert restored(files[1], tmp_path / "again") == ["bins", "safe"]
    assert not backups.due(0)


def test_backups_that_cannot_be_encrypted_now_keep_the_memory_from_being_called_encrypted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups, files = backed_up(tmp_path)

    def full(fresh: Path, file: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(encryption, "replace", full)
        with pytest.raises(StorageError) as refused:
            backups.convert(True, KEY)
    assert refused.value.code == "storage.disk_full"
    assert [is_encrypted(file) for file in files] == [False, False]
    assert backups.convert(True, KEY) == []
    assert [is_encrypted(file) for file in files] == [True, True]


@pytest.mark.parametrize("key", ["", KEY])
def test_backups_are_listed_with_their_dates_and_what_they_hold(tmp_path: Path, key: str) -> None:
    backups, files = backed_up(tmp_path, key)
    first, second = Clock().now, Clock().now + 60
    told = [(each.file, each.at, each.items) for each in backups.listed(key)]
    assert told == [(files[1], second, 2), (files[0], first, 1)]
    files[0].write_bytes(b"nothing that could be read " * 500)
    assert [each.items for each in backups.listed(key)] == [2, None]
    assert sorted((tmp_path / "backups").iterdir()) == files
