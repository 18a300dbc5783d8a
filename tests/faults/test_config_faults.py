"""A damaged, read-only or unwritable configuration: Jarvis runs, says so, and destroys nothing."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ConfigError
from tests.faults.lives import lives, needs_fork

GOOD = b"# mine\n[engine]\nthreads = 2\n[look]\ntheme = 'dark'\n"
DAMAGE = {
    "truncated": GOOD[:20],
    "newer": b"schema_version = 99\n" + GOOD,
    "unknown key": GOOD + b"colour = 'red'\n",
    "bad value": GOOD.replace(b"2", b"2222"),
    "not text": b"\xff\xfe" + os.urandom(64),
    "zeroed": bytes(len(GOOD)),
}
DAMAGED = pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE.keys())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(GOOD)
    return path


def opened(file: Path) -> ConfigStore:
    store = ConfigStore(file, {})
    store.load()
    return store


@DAMAGED
def test_at_start_the_defaults_hold_and_the_file_is_left_alone(file: Path, damage: bytes) -> None:
    file.write_bytes(damage)
    store = opened(file)
    assert store.current == Config()
    assert store.problems
    assert all(str(file) in problem.message for problem in store.problems)
    assert file.read_bytes() == damage


@DAMAGED
def test_while_running_the_last_good_holds_until_the_file_is_mended(file: Path, damage: bytes) -> None:
    store = opened(file)
    good = store.current
    file.write_bytes(damage)
    store.load()
    assert store.current == good
    assert store.problems
    file.write_bytes(GOOD.replace(b"2", b"3"))
    assert store.load().engine.threads == 3
    assert store.problems == ()


@DAMAGED
def test_a_patch_never_overwrites_a_damaged_file(file: Path, damage: bytes) -> None:
    store = opened(file)
    good = store.current
    file.write_bytes(damage)
    with pytest.raises(ConfigError) as caught:
        store.patch({"speech.muted": True})
    assert str(file) in caught.value.message
    assert file.read_bytes() == damage
    assert store.current == good


def test_a_patch_may_mend_the_very_value_that_is_wrong(file: Path) -> None:
    file.write_bytes(DAMAGE["bad value"])
    store = opened(file)
    store.patch({"engine.threads": 4})
    assert store.problems == ()
    assert store.current.look.theme == "dark"
    assert file.read_bytes() == GOOD.replace(b"2", b"4")


def test_a_read_only_file_is_read_and_never_written(file: Path) -> None:
    file.chmod(0o444)
    store = opened(file)
    told: list[int] = []
    store.subscribe(lambda old, new: told.append(new.engine.threads))
    with pytest.raises(ConfigError) as caught:
        store.patch({"engine.threads": 4})
    assert caught.value.code == "config.read_only"
    assert store.current.engine.threads == 2
    assert told == []
    assert file.read_bytes() == GOOD
    assert stat.S_IMODE(file.stat().st_mode) == 0o444


def test_a_folder_in_the_files_place_is_reported(tmp_path: Path) -> None:
    store = opened(tmp_path)
    assert store.current == Config()
    assert [problem.code for problem in store.problems] == ["config.unreadable"]
    with pytest.raises(ConfigError):
        store.patch({"engine.threads": 4})


def test_a_layout_that_cannot_be_edited_is_refused_unharmed(file: Path) -> None:
    text = "engine.remote.model = 'a'\nengine.threads = 1\n"
    file.write_text(text)
    store = opened(file)
    assert store.problems == ()
    with pytest.raises(ConfigError) as caught:
        store.patch({"engine.vllm.max_num_seqs": 4})
    assert caught.value.code == "config.uneditable"
    assert file.read_text() == text
    assert store.current.engine.threads == 1


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own with not one free block, holding a good configuration."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root on Linux to mount a small file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"cannot mount a small file system here: {done.stderr.strip()}")
    try:
        (folder / "config.toml").write_bytes(GOOD)
        with (folder / "ballast").open("wb", buffering=0) as ballast:
            while True:
                try:
                    ballast.write(bytes(4096))
                except OSError:
                    break
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_file_and_settings_as_they_were(full_disk: Path) -> None:
    file = full_disk / "config.toml"
    store = opened(file)
    told: list[int] = []
    store.subscribe(lambda old, new: told.append(new.engine.threads))
    with pytest.raises(ConfigError) as caught:
        store.patch({"conversation.instructions": "x" * 4000, "engine.threads": 4})
    assert caught.value.code == "config.disk_full"
    assert store.current.engine.threads == 2
    assert told == []
    assert file.read_bytes() == GOOD
    (full_disk / "ballast").unlink()
    assert store.patch({"engine.threads": 4}).engine.threads == 4


WRITER = """
from pathlib import Path
from jarvis_desktop.config.store import ConfigStore

def write(file, life):
    store = ConfigStore(Path(file), {})
    store.load()
    count = 0
    while True:
        count += 1
        changes = {"engine.max_tokens": 16 + count % 1000, "conversation.instructions": "x" * (count % 1000)}
        store.patch(changes)
        print(count, flush=True)
"""


@needs_fork
def test_killed_in_a_patch_the_file_is_whole(file: Path) -> None:
    for told in lives(WRITER, file, [2, 4, 6, 8, 10]):
        acknowledged = int(told[-1])
        store = opened(file)
        assert store.problems == ()
        done = store.current.engine.max_tokens - 16
        assert done in (acknowledged, acknowledged + 1)
        assert len(store.current.conversation.instructions) == done
        assert store.current.look.theme == "dark"
