"""What a download survives: a cut line, a server without ranges, wrong bytes, a full disk, a damaged file.

Each fault is injected for real: by a small HTTP server on this machine, or by the operating system.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jarvis_desktop.cli import parser as command_line
from jarvis_desktop.errors import JarvisError, ModelError, NetworkError
from jarvis_desktop.events import ModelState
from jarvis_desktop.models.catalogue import Catalogue
from jarvis_desktop.models.download import Wanted, part_of
from jarvis_desktop.models.store import ModelStore
from tests.model_server import CONTENT, DIGEST, Server, catalogue, downloader, server

__all__ = ["server"]  # fixture


def fetch(
    wanted: Wanted,
    cancelled: Callable[[], bool] = lambda: False,
) -> list[int]:
    reports: list[int] = []
    with downloader() as download:
        download.fetch(wanted, reports.append, cancelled)
    return reports


@pytest.fixture
def wanted(server: Server, tmp_path: Path) -> Wanted:
    return Wanted(f"{server.url}/weights.gguf", tmp_path / "models" / "weights.gguf", len(CONTENT), DIGEST)


def test_a_cut_line_is_taken_up_where_it_broke(server: Server, wanted: Wanted) -> None:
    server.cut_after = [1_000_000, 1_200_000]
    reports = fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert server.requests[0] == ""
    assert all(asked.startswith("bytes=") for asked in server.requests[1:])
    assert len(server.requests) == 3
    assert reports == sorted(reports), "progress never goes back"
    assert not part_of(wanted.target).exists()


def test_a_line_that_stays_dead_keeps_the_part_and_a_later_try_resumes(
    server: Server, wanted: Wanted
) -> None:
    server.cut_after = [1_500_000, 0, 0, 0, 0]
    with pytest.raises(NetworkError) as caught:
        fetch(wanted)
    assert caught.value.code == "network.lost"
    assert caught.value.exit_status == 8
    kept = part_of(wanted.target).stat().st_size
    assert kept > 0
    assert not wanted.target.exists()

    server.cut_after, server.requests = [], []
    fetch(wanted)
    assert server.requests == [f"bytes={kept}-"]
    assert wanted.target.read_bytes() == CONTENT


def test_a_server_without_ranges_starts_over_with_the_same_hash(server: Server, wanted: Wanted) -> None:
    server.ranges = False
    part_of(wanted.target).parent.mkdir()
    part_of(wanted.target).write_bytes(CONTENT[:700_000])
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT


def test_a_part_of_something_else_is_thrown_away(server: Server, wanted: Wanted) -> None:
    part_of(wanted.target).parent.mkdir()
    part_of(wanted.target).write_bytes(b"\0" * 900_000)
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert server.requests == ["bytes=900000-", ""]


def test_a_part_longer_than_the_file_is_thrown_away(server: Server, wanted: Wanted) -> None:
    part_of(wanted.target).parent.mkdir()
    part_of(wanted.target).write_bytes(b"\0" * (len(CONTENT) + 10))
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT


def test_a_finished_part_is_not_fetched_again(server: Server, wanted: Wanted) -> None:
    part_of(wanted.target).parent.mkdir()
    part_of(wanted.target).write_bytes(CONTENT)
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert not any(asked == "" for asked in server.requests)


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"\0", CONTENT + b"more"], ids=["flipped", "longer"])
def test_wrong_bytes_are_refused_and_thrown_away(server: Server, wanted: Wanted, content: bytes) -> None:
    server.content = content
    with pytest.raises(ModelError) as caught:
        fetch(wanted)
    assert caught.value.code == "model.damaged"
    assert caught.value.exit_status == 4
    assert list(wanted.target.parent.iterdir()) == []


def test_a_busy_server_is_asked_again(server: Server, wanted: Wanted) -> None:
    server.status = [503, 429]
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT


def test_a_refusal_is_final_and_says_so(server: Server, wanted: Wanted) -> None:
    server.status = [404]
    with pytest.raises(NetworkError) as caught:
        fetch(wanted)
    assert caught.value.code == "network.refused"
    assert "404" in caught.value.message
    assert len(server.requests) == 1


def test_no_server_at_all_fails_at_once(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        fetch(Wanted("http://127.0.0.1:9/x.gguf", tmp_path / "x.gguf", 1, DIGEST))
    assert caught.value.code == "network.lost"


def test_stopping_keeps_what_has_arrived(server: Server, wanted: Wanted) -> None:
    arrived: list[int] = []
    with downloader() as download, pytest.raises(ModelError) as caught:
        download.fetch(wanted, arrived.append, lambda: bool(arrived) and arrived[-1] > 1_000_000)
    assert caught.value.code == "model.cancelled"
    assert part_of(wanted.target).stat().st_size == arrived[-1]
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT


def test_a_read_only_folder_is_named(server: Server, tmp_path: Path) -> None:
    blocker = tmp_path / "models"
    blocker.write_text("a file where the folder should be")
    with pytest.raises(ModelError) as caught:
        fetch(Wanted(f"{server.url}/x.gguf", blocker / "x.gguf", len(CONTENT), DIGEST))
    assert caught.value.code == "model.not_writable"
    assert str(blocker) in caught.value.message


FETCH_WITH_A_SMALL_DISK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
from pathlib import Path
import httpx
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.models.download import Downloader, Wanted
with httpx.Client(trust_env=False) as client:
    try:
        Downloader(client).fetch(
            Wanted(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5]),
            lambda _: None,
            lambda: False,
        )
    except JarvisError as error:
        print(error.code)
        sys.exit(error.exit_status)
"""


def test_a_file_that_cannot_grow_is_a_full_disk_and_resumes_later(server: Server, wanted: Wanted) -> None:
    """The operating system refuses to let the file grow, in the middle of the transfer."""
    arguments = [str(1_000_000), wanted.url, str(wanted.target), str(wanted.size), DIGEST]
    child = subprocess.run(
        [sys.executable, "-c", FETCH_WITH_A_SMALL_DISK, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (child.stdout.strip(), child.returncode) == ("model.disk_full", 4), child.stderr
    assert part_of(wanted.target).stat().st_size > 0
    fetch(wanted)
    assert wanted.target.read_bytes() == CONTENT
    assert server.requests[-1].startswith("bytes=")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("mounting a 1 MB disk needs root")
    if (tried := subprocess.run(mount, capture_output=True, text=True)).returncode != 0:
        pytest.skip(f"a 1 MB disk cannot be mounted here: {tried.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_with_its_exit_status_and_keeps_the_part(
    server: Server, small_disk: Path
) -> None:
    target = small_disk / "weights.gguf"
    with pytest.raises(ModelError) as caught:
        fetch(Wanted(f"{server.url}/weights.gguf", target, len(CONTENT), DIGEST))
    assert (caught.value.code, caught.value.exit_status) == ("model.disk_full", 4)
    assert part_of(target).stat().st_size > 0


# --- a whole model ------------------------------------------------------------------------------------------

WEIGHTS = b"GGUF" + CONTENT


@pytest.fixture
def store(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelStore:
    server.content = WEIGHTS
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    models = catalogue(("weights.gguf", WEIGHTS))
    return ModelStore(tmp_path / "models", tmp_path / "cache", models, downloads=downloader)


def test_a_model_on_a_full_disk_is_refused_before_the_first_byte(
    server: Server, small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    store = ModelStore(
        small_disk, tmp_path / "cache", catalogue(("weights.gguf", WEIGHTS)), downloads=downloader
    )
    with pytest.raises(ModelError) as caught:
        store.get("tiny")
    assert caught.value.code == "model.disk_full"
    assert server.requests == []


def test_an_interrupted_model_is_partial_and_then_whole(server: Server, store: ModelStore) -> None:
    server.cut_after = [1_000_000, 0, 0, 0, 0]
    with pytest.raises(NetworkError):
        store.get("tiny")
    assert store.state("tiny") is ModelState.PARTIAL
    with pytest.raises(ModelError) as caught:
        store.path("tiny")
    assert caught.value.code == "model.missing"
    assert "jarvis models get tiny" in caught.value.hint

    server.cut_after = []
    store.get("tiny")
    assert store.state("tiny") is ModelState.PRESENT
    assert store.main_file("tiny").read_bytes() == WEIGHTS


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [flip, truncate])
def test_a_damaged_model_is_refused_and_fetched_again(
    store: ModelStore, damage: Callable[[Path], None]
) -> None:
    store.get("tiny")
    damage(store.main_file("tiny"))
    with pytest.raises(ModelError) as caught:
        store.path("tiny")
    assert (caught.value.code, caught.value.exit_status) == ("model.damaged", 4)
    assert "jarvis models get tiny" in caught.value.hint
    store.get("tiny")
    assert store.main_file("tiny").read_bytes() == WEIGHTS


def test_damage_that_hides_behind_an_old_date_is_found_by_verify(store: ModelStore) -> None:
    store.get("tiny")
    weights = store.main_file("tiny")
    before = weights.stat()
    flip(weights)
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(ModelError) as caught:
        store.verify("tiny")
    assert caught.value.code == "model.damaged"


def test_two_processes_fetch_a_model_once(server: Server, store: ModelStore) -> None:
    """The second one waits, and then finds it there."""
    failures: list[JarvisError] = []

    def get() -> None:
        try:
            store.get("tiny")
        except JarvisError as error:
            failures.append(error)

    threads = [threading.Thread(target=get) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failures == []
    assert len(server.requests) == 1


# --- the command line ---------------------------------------------------------------------------------------


Jarvis = Callable[..., tuple[int, str]]


@pytest.fixture
def jarvis(capsys: pytest.CaptureFixture[str]) -> Jarvis:
    """Runs a command; its exit status and error code."""

    def run(home: Path, *arguments: str) -> tuple[int, str]:
        status = command_line.run(["--json", "--home", str(home), *arguments])
        last = json.loads(capsys.readouterr().out.splitlines()[-1])
        return status, last.get("error", {}).get("code", "")

    return run


def test_a_full_disk_ends_the_command_with_status_4(jarvis: Jarvis, small_disk: Path) -> None:
    assert jarvis(small_disk, "models", "get", "piper-es-davefx") == (4, "model.disk_full")


def test_no_network_ends_the_command_with_status_8(
    jarvis: Jarvis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert jarvis(tmp_path, "models", "get", "piper-es-davefx") == (8, "network.lost")


def test_an_unknown_model_ends_the_command_with_status_4(jarvis: Jarvis, tmp_path: Path) -> None:
    assert jarvis(tmp_path, "models", "get", "whisper-bass") == (4, "model.unknown")


def test_a_damaged_model_ends_the_command_with_status_4(jarvis: Jarvis, tmp_path: Path) -> None:
    for file in Catalogue.load().find("hey-jarvis").files:
        path = tmp_path / "models" / "hey-jarvis" / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(file.size))
    assert jarvis(tmp_path, "models", "verify", "hey-jarvis") == (4, "model.damaged")
