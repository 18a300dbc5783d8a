"""The wheel holds all that the program needs away from its repository."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network and unpacked as an installer does."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def jarvis(unpacked: Path, home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the unpacked program, from a folder that has nothing of ours."""
    variables = os.environ | {"PYTHONPATH": str(unpacked), "QT_QPA_PLATFORM": "offscreen"} | variables
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), *arguments]
    return subprocess.run(command, cwd="/", env=variables, capture_output=True, text=True, timeout=120)


def answer(unpacked: Path, home: Path, *arguments: str, **variables: str) -> Any:
    return json.loads(jarvis(unpacked, home, "--json", *arguments, **variables).stdout)


def test_the_program_runs_away_from_its_repository(unpacked: Path, tmp_path: Path) -> None:
    assert jarvis(unpacked, tmp_path, "--version").stdout.startswith("jarvis ")
    checks = {check["name"]: check for check in answer(unpacked, tmp_path, "doctor")["checks"]}
    assert checks["configuration"]["ok"]
    assert checks["display"]["ok"]
    assert "whisper-base" in checks["transcription model"]["detail"], "the catalogue is there"


def test_what_is_asked_to_be_installed_goes_where_the_user_may_write(unpacked: Path, tmp_path: Path) -> None:
    jarvis(unpacked, tmp_path, "config", "set", "engine.kind", "vllm")
    no_graphics_card = {"PATH": ""}
    report = answer(unpacked, tmp_path, "doctor", **no_graphics_card)
    (engine,) = [check for check in report["checks"] if check["name"] == "engine"]
    assert str(tmp_path / "data" / ".venv-vllm") in engine["hint"]
    lock = Path(next(part for part in engine["hint"].split() if part.endswith(".lock")))
    assert lock.is_file()
    assert lock.is_relative_to(unpacked)


def test_every_shipped_file_is_in_the_wheel(unpacked: Path) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "resources", "config", "models/catalogue.toml"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    missing = [
        name
        for name in tracked.stdout.splitlines()
        if not (unpacked / "jarvis_desktop/data" / name).is_file()
    ]
    assert not missing


UPGRADED = """
from pathlib import Path
import jarvis_desktop
from jarvis_desktop.models.updates import look_for_update
print(repr(look_for_update("").on_disk))
file = Path(jarvis_desktop.__file__)
file.write_text(file.read_text().replace(jarvis_desktop.__version__, "99.0"))
print(repr(look_for_update("").on_disk))
"""


def test_a_version_that_is_installed_while_another_runs_is_noticed(unpacked: Path, tmp_path: Path) -> None:
    shutil.copytree(unpacked, tmp_path / "installed")
    answer = subprocess.run(
        [sys.executable, "-c", UPGRADED],
        env=os.environ | {"PYTHONPATH": str(tmp_path / "installed")},
        cwd="/", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert answer.stdout.split() == ["''", "'99.0'"], answer.stderr
