"""Many vectors: Chroma in a folder, made by a child process, and a real Chroma server."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from jarvis_desktop.memory.index import QUIET_S, RETRY_S, Index, make_index
from jarvis_desktop.memory.index_folder import IndexFolder
from jarvis_desktop.memory.index_server import IndexServer
from tests.vectors import DIMENSIONS, ENCODER, PATIENCE_S, Clock, Stored, assert_complete, made, opened

START_S = 60.0


def test_many_vectors_move_to_chroma_and_every_search_before_and_after_is_complete(
    tmp_path: Path, stored: Stored
) -> None:
    index = opened(stored, tmp_path)
    assert index.state.building
    assert_complete(index, stored)
    assert index.wait(PATIENCE_S)
    assert (index.state.name, index.state.building, index.state.problem) == ("chroma", False, None)
    assert_complete(index, stored)
    first = made(tmp_path)
    index.add(*stored.more(101))
    assert_complete(index, stored)
    assert index.state.building  # it has grown by enough to be made anew
    index.wait(PATIENCE_S)
    assert_complete(index, stored)
    assert made(tmp_path) != first
    index.close()


def test_at_the_next_start_chroma_is_used_at_once_and_what_changed_meanwhile_is_known(
    index_folder: Path, stored: Stored
) -> None:
    stored.more(20)
    index = opened(stored, index_folder)
    assert (index.state.name, index.state.building) == ("chroma", False)
    assert_complete(index, stored)
    allowed = {1, 100, 299, 305, 320}
    assert {key for key, _ in index.search(stored.rows[9], 10, allowed)} == allowed
    index.close()
    wanted = stored.rows.pop(7)  # forgotten by the store; the program ended before the index knew
    index = opened(stored, index_folder)
    assert not list(index_folder.glob("vectors-*"))
    assert 7 not in {key for key, _ in index.search(wanted, 320)}
    assert_complete(index, stored)
    index.close()


def test_what_is_forgotten_is_gone_at_once_and_the_rest_made_anew_when_it_is_quiet(
    index_folder: Path, stored: Stored
) -> None:
    clock = Clock()
    index = opened(stored, index_folder, clock)
    wanted = stored.rows.pop(7)
    index.forget({7})
    assert not index.state.building
    assert 7 not in {key for key, _ in index.search(wanted, 300)}
    assert_complete(index, stored)
    clock.now += QUIET_S
    assert index.wait(0) is False
    assert index.wait(PATIENCE_S)
    assert index.state.name == "chroma"
    assert_complete(index, stored)
    index.close()


def test_rebuilding_starts_from_the_store(index_folder: Path, stored: Stored) -> None:
    index = opened(stored, index_folder)
    before = made(index_folder)
    assert index.rebuild() == 300
    assert not before.exists()
    assert index.state.building
    assert_complete(index, stored)
    index.close()


def test_another_encoder_does_not_get_the_vectors_of_the_first(index_folder: Path, stored: Stored) -> None:
    other = Index(stored, "other@1", DIMENSIONS, IndexFolder(index_folder, "other@1", 100))
    other.open()
    assert other.search(stored.rows[1], 5) == []
    other.close()
    assert not list(index_folder.glob("vectors-*"))


def test_in_an_encrypted_store_no_vector_is_on_the_disk(index_folder: Path, stored: Stored) -> None:
    shutil.copytree(made(index_folder), index_folder / "making-left-over")
    index = make_index(stored, ENCODER, DIMENSIONS, index_folder, in_memory=True)
    assert [file.name for file in index_folder.iterdir()] == ["lock"]
    index.open()
    assert_complete(index, stored)
    assert (index.state.name, index.state.building) == ("exact", False)
    index.close()


@contextlib.contextmanager
def a_server(folder: Path, port: int) -> Iterator[str]:
    """Chroma's own server on loopback."""
    url = f"http://127.0.0.1:{port}"
    program = Path(sysconfig.get_path("scripts")) / "chroma"
    command = [program, "run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            await_answer(url)
            yield url
        finally:
            server.kill()


def await_answer(url: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            httpx.get(f"{url}/api/v2/heartbeat", timeout=1).raise_for_status()
            return
        except httpx.HTTPError:
            assert time.monotonic() < deadline, "the Chroma server did not start"
            time.sleep(0.05)


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def at_server(stored: Stored, url: str, folder: Path, clock: Clock) -> Index:
    backend = IndexServer(url, "a key", folder / "server-name", ENCODER)
    index = Index(stored, ENCODER, DIMENSIONS, backend, clock)
    index.open()
    assert index.wait(PATIENCE_S)
    return index


def test_a_server_holds_the_vectors_and_nothing_is_missing_while_it_is_away(
    tmp_path: Path, free_port: int, stored: Stored
) -> None:
    clock, home = Clock(), tmp_path / "home"
    with a_server(tmp_path / "server", free_port) as url:
        index = at_server(stored, url, home, clock)
        assert (index.state.name, index.state.problem) == ("server", None)
        assert_complete(index, stored)
        index.add(*stored.more(5))
        assert_complete(index, stored)
        index.wait(PATIENCE_S)
        del stored.rows[7]
        index.forget({7})
        assert_complete(index, stored)
        other = at_server(Stored(3, seed=9), url, tmp_path / "other home", Clock())
        assert len(other) == 3  # the vectors of another store are not mixed in
        other.close()
    assert_complete(index, stored)  # the server has gone
    assert index.state.problem is not None
    assert index.state.problem.code == "memory.server_unreachable"
    del stored.rows[9]
    index.forget({9})
    index.add(*stored.more(2))
    with a_server(tmp_path / "server", free_port):
        clock.now += RETRY_S
        index.wait(0)
        assert index.wait(PATIENCE_S)
        assert (index.state.name, index.state.problem) == ("server", None)
        assert_complete(index, stored)
        index.close()
        index = at_server(stored, url, home, clock)  # the next start
        assert index.state.name == "server"
        assert_complete(index, stored)
        index.close()
