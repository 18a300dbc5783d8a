"""Damage to the vector index: a search is complete all the same, and what was forgotten is in no file."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.index import QUIET_S, RETRY_S, make_index
from jarvis_desktop.memory.vector_index import Vectors
from tests.vectors import COUNT, DIMENSIONS, ENCODER, PATIENCE_S, Clock, Stored, assert_complete, made, opened


def files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.rglob("*") if file.is_file())


def test_a_deleted_folder_is_made_anew(index_folder: Path, stored: Stored) -> None:
    shutil.rmtree(index_folder)
    index = opened(stored, index_folder)
    assert_complete(index, stored)
    assert index.wait(PATIENCE_S)
    assert index.state.name == "chroma"
    assert_complete(index, stored)
    index.close()


def test_a_folder_that_is_deleted_while_in_use_costs_no_search(index_folder: Path, stored: Stored) -> None:
    index = opened(stored, index_folder)
    shutil.rmtree(made(index_folder))
    assert_complete(index, stored)
    index.close()


def flip(file: Path, position: int) -> None:
    data = bytearray(file.read_bytes())
    data[position % len(data)] ^= 0xFF
    file.write_bytes(data)


def test_a_flipped_byte_in_any_file_is_noticed_before_chroma_reads_it(
    sound_index: Path, tmp_path: Path, stored: Stored
) -> None:
    names = [file.relative_to(sound_index) for file in files(sound_index) if file.stat().st_size]
    assert len(names) >= 8
    for number, name in enumerate(names):
        for position in (0, number * 1009, -1):
            folder = Path(shutil.copytree(sound_index, tmp_path / "index"))
            flip(folder / name, position)
            index = opened(stored, folder)
            # Chroma's own database is put back as it was made; everything else has to be made anew.
            assert index.state.building == (name.name != "chroma.sqlite3"), name
            assert_complete(index, stored)
            index.close()
            shutil.rmtree(folder)


@pytest.mark.parametrize("kept", [0, 0.5], ids=["empty", "half"])
def test_files_that_lost_their_end_are_noticed(index_folder: Path, stored: Stored, kept: float) -> None:
    for file in files(index_folder):
        file.write_bytes(file.read_bytes()[: int(file.stat().st_size * kept)])
    index = opened(stored, index_folder)
    assert index.state.building
    assert_complete(index, stored)
    index.close()


def test_a_process_that_ended_inside_chroma_does_not_end_there_again(
    index_folder: Path, stored: Stored
) -> None:
    (made(index_folder) / "in-use").touch()
    index = opened(stored, index_folder)
    assert (index.state.name, index.state.building) == ("exact", True)
    assert_complete(index, stored)
    index.close()


USER = """
import sys
from pathlib import Path
from jarvis_desktop.memory.index import Index
from jarvis_desktop.memory.index_folder import IndexFolder
from tests.vectors import DIMENSIONS, ENCODER, Stored

stored = Stored(int(sys.argv[2]))
index = Index(stored, ENCODER, DIMENSIONS, IndexFolder(Path(sys.argv[1]), ENCODER, 100))
index.open()
print("open", flush=True)
while True:
    print(index.search(stored.rows[1], 5), index.state.name, flush=True)
"""


def a_user(folder: Path, count: int = COUNT) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", USER, str(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_killed_at_any_moment_the_next_start_has_everything_and_cleans_up(
    tmp_path: Path, stored: Stored
) -> None:
    for searches in (0, 100, 4000):  # while the child starts, while it builds, when Chroma answers
        with a_user(tmp_path / "index") as user:
            assert user.stdout is not None
            for _ in range(1 + searches):
                user.stdout.readline()
            user.kill()
        index = opened(stored, tmp_path / "index")
        assert_complete(index, stored)
        index.close()
        assert not list((tmp_path / "index").glob("making-*"))


def test_a_second_process_searches_without_the_folder_until_it_is_free(
    index_folder: Path, stored: Stored
) -> None:
    clock = Clock()
    with a_user(index_folder) as user:
        assert user.stdout is not None
        assert user.stdout.readline() == "open\n"
        index = opened(stored, index_folder, clock)
        assert index.state.problem is not None
        assert index.state.problem.code == "memory.index_busy"
        assert index.state.problem.hint
        assert_complete(index, stored)
        with pytest.raises(StorageError) as caught:
            index.forget({1})  # the other process keeps the files
        assert caught.value.code == "memory.index_busy"
        user.kill()
    clock.now += RETRY_S
    index.search(stored.rows[1], 1)
    assert index.wait(PATIENCE_S)
    assert (index.state.name, index.state.problem) == ("chroma", None)
    index.close()


def holds(file: Path, vector: Vectors) -> bool:
    """Whether eight neighbouring numbers of a vector stand anywhere in a file, but for rounding."""
    data = file.read_bytes()
    parts = vector[: len(vector) // 8 * 8].reshape(-1, 8)
    for kind, tolerance in ((np.float32, 1e-4), (np.float16, 2e-3)):
        for shift in range(np.dtype(kind).itemsize):
            usable = (len(data) - shift) // np.dtype(kind).itemsize
            if usable < 8:
                continue
            with np.errstate(all="ignore"):
                numbers = np.frombuffer(data, kind, usable, shift).astype(np.float32)
                for part in parts:
                    at = np.flatnonzero(np.abs(numbers[:-7] - part[0]) < tolerance)
                    for place in range(1, 8):
                        at = at[np.abs(numbers[at + place] - part[place]) < tolerance]
                    if len(at):
                        return True
    return False


def test_a_forgotten_vector_is_in_no_file(tmp_path: Path) -> None:
    stored, clock = Stored(COUNT), Clock()
    index = opened(stored, tmp_path, clock)
    index.wait(PATIENCE_S)
    for key in (1, 150, COUNT):
        assert any(holds(file, stored.rows[key]) for file in files(tmp_path))
    forgotten = {key: stored.rows.pop(key) for key in (1, 150, COUNT)}
    index.forget(forgotten)
    assert not any(holds(file, vector) for file in files(tmp_path) for vector in forgotten.values())
    clock.now += QUIET_S
    index.search(stored.rows[2], 1)
    assert index.wait(PATIENCE_S)
    assert index.state.name == "chroma"
    for file in files(tmp_path):
        assert not any(holds(file, vector) for vector in forgotten.values()), file
    assert any(holds(file, stored.rows[2]) for file in files(tmp_path))
    index.close()


def test_a_file_that_cannot_be_removed_is_told_and_removed_later(index_folder: Path, stored: Stored) -> None:
    index = opened(stored, index_folder)
    elsewhere = index_folder.parent / "elsewhere"
    made(index_folder).rename(elsewhere)
    link = index_folder / "vectors-link"
    link.symlink_to(elsewhere)  # is refused by what removes folders
    with pytest.raises(StorageError) as caught:
        index.forget({5})
    assert caught.value.code == "memory.not_erased"
    assert str(link) in str(caught.value)
    assert index.search(stored.rows[6], 1)[0][0] == 6
    link.unlink()
    index.close()


def test_a_full_disk_costs_the_folder_not_the_search(small_disk: Path) -> None:
    stored = Stored(9000)  # more than a megabyte
    index = opened(stored, small_disk / "index")
    assert index.state.building
    index.wait(PATIENCE_S)
    assert index.state.problem is not None
    assert index.state.problem.code == "memory.index_not_built"
    assert_complete(index, stored)
    assert [file.name for file in (small_disk / "index").iterdir()] == ["lock"]
    index.close()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.mark.parametrize("port", ["silent_port", "closed_port"])
def test_a_server_that_does_not_answer_keeps_nobody_waiting(
    tmp_path: Path, request: pytest.FixtureRequest, port: str
) -> None:
    stored = Stored(COUNT)
    url = f"http://127.0.0.1:{request.getfixturevalue(port)}"
    index = make_index(stored, ENCODER, DIMENSIONS, tmp_path, server_url=url)
    index.open()
    assert index.state.building  # asked in the background
    assert_complete(index, stored)
    index.wait(PATIENCE_S)
    assert index.state.problem is not None
    assert index.state.problem.code == "memory.server_unreachable"
    assert url in index.state.problem.message
    assert_complete(index, stored)
    del stored.rows[4]
    index.forget({4})
    assert_complete(index, stored)
    index.close()
