"""Profiles open in viewers, name functions and nothing else, and are few."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.language import guess_language
from jarvis_desktop.telemetry.profiling import DATA, KEPT, PAGE, Recording
from tests.conftest import ROOT
from tests.speedscope import functions

CANARY = "the walrus sings at midnight"


def recorded(recording: Recording) -> Path:
    recording.start()
    until = time.monotonic() + 0.1
    while time.monotonic() < until:
        guess_language(CANARY)
    recording.stop()
    return recording.save()


def test_a_profile_opens_in_viewers_and_names_our_functions(tmp_path: Path) -> None:
    assert "jarvis_desktop/language.py:guess_language" in functions(recorded(Recording(tmp_path, "test")))


def test_nothing_but_names_is_in_it(tmp_path: Path) -> None:
    data = recorded(Recording(tmp_path, "test"))
    page = data.with_name(data.name.removesuffix(DATA) + PAGE)
    for written in (data.read_text(encoding="utf-8"), page.read_text(encoding="utf-8")):
        for private in (CANARY, str(ROOT), str(Path.home()), sys.prefix):
            assert private not in written
    assert "guess_language" in page.read_text(encoding="utf-8")
    assert data.stat().st_mode & 0o077 == 0


def test_the_page_fetches_nothing_from_elsewhere(tmp_path: Path) -> None:
    data = recorded(Recording(tmp_path, "test"))
    page = data.with_name(data.name.removesuffix(DATA) + PAGE).read_text(encoding="utf-8")
    head, rest = page.split("Content-Security-Policy", 1)
    assert "<script" not in head
    assert rest.startswith("\" content=\"default-src 'none'")


def test_nothing_is_slowed_down_before_and_after(tmp_path: Path) -> None:
    recording = Recording(tmp_path, "test")
    assert sys.getprofile() is None
    recording.start()
    assert sys.getprofile() is not None
    recording.stop()
    assert sys.getprofile() is None


def test_only_the_newest_profiles_are_kept(tmp_path: Path) -> None:
    for _ in range(KEPT + 2):
        recording = Recording(tmp_path, "test")
        recording.start()
        recording.stop()
        newest = recording.save()
    assert len(list(tmp_path.glob(f"*{DATA}"))) == len(list(tmp_path.glob(f"*{PAGE}"))) == KEPT
    assert newest.exists()


def test_a_file_of_the_users_own_is_written_beside_all_others(tmp_path: Path) -> None:
    others = [tmp_path / f"mine-{number}{DATA}" for number in range(2 * KEPT)]
    for other in others:
        other.touch()
    file = recorded(Recording(tmp_path, "test", tmp_path / "here.json"))
    assert file == tmp_path / "here.json"
    assert (tmp_path / f"here{PAGE}").exists()
    assert all(other.exists() for other in others)


def test_a_profile_that_cannot_be_written_says_where_and_why(tmp_path: Path) -> None:
    (tmp_path / "profiles").touch()
    with pytest.raises(StorageError, match="profiles") as failed:
        recorded(Recording(tmp_path / "profiles", "test"))
    assert failed.value.code == "storage.no_profile"
