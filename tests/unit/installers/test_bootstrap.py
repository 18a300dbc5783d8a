"""The set-up script says what is wrong, does nothing twice, and gives the tests a sound card."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "installers" / "bootstrap.py"


def started(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_help_names_both_commands() -> None:
    answer = started("--help")
    assert answer.returncode == 0
    assert "run" in answer.stdout
    assert "test" in answer.stdout


@pytest.mark.parametrize("arguments", [[], ["walk"], ["run", "--fast"]], ids=str)
def test_wrong_arguments_are_usage_errors(arguments: list[str]) -> None:
    answer = started(*arguments)
    assert answer.returncode == 2
    assert "usage:" in answer.stderr


def test_what_follows_test_goes_to_pytest(bootstrap: ModuleType) -> None:
    options, rest = bootstrap.parse(["test", "-k", "bridge", "tests/unit"])
    assert options.command == "test"
    assert rest == ["-k", "bridge", "tests/unit"]


def test_an_old_python_is_told_which_one_is_needed(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap, "OLDEST_PYTHON", (3, 99))
    assert bootstrap.main(["run"]) == 1
    assert "needs Python 3.99 or newer" in capsys.readouterr().out


def test_the_script_parses_under_pythons_too_old_to_run_it() -> None:
    """Python 3.8 and later get as far as the message."""
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.fixture
def programs() -> Iterator[Path]:
    """A folder that everybody may read, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


INSTALL_AS_SOMEBODY = """
import runpy, sys
script = runpy.run_path(sys.argv[1])
try:
    script["install_packages"]([("libegl1", "libglvnd-egl", "libglvnd"), ("xvfb", "xvfb", "xvfb")])
except script["SetupError"] as error:
    print(error)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="packages are a matter of Linux")
@pytest.mark.parametrize(
    ("manager", "line"),
    [
        ("apt-get", "sudo apt-get install -y --no-install-recommends libegl1 xvfb"),
        ("dnf", "sudo dnf install -y libglvnd-egl xvfb"),
        ("pacman", "sudo pacman -S --needed --noconfirm libglvnd xvfb"),
        ("none", "libegl1 xvfb"),
    ],
)
def test_without_the_right_to_install_the_exact_line_is_shown(
    programs: Path, manager: str, line: str
) -> None:
    (programs / manager).symlink_to("/bin/false")
    # a Python in root's own folder cannot be started by somebody else
    python = shutil.which("python3", path="/usr/bin") or sys.executable
    somebody = {"user": 65534} if os.geteuid() == 0 else {}
    answer = subprocess.run(
        ["/usr/bin/env", "-i", f"PATH={programs}", python, "-c", INSTALL_AS_SOMEBODY, str(SCRIPT)],
        capture_output=True,
        text=True,
        timeout=60,
        **somebody,
    )
    if "Permission denied" in answer.stderr:
        pytest.skip("another user may not read this checkout")
    assert line in answer.stdout, answer.stderr


def test_an_environment_is_made_once_and_again_when_its_pins_change(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    folder = tmp_path / "environment"
    with pytest.raises(RuntimeError), bootstrap.environment(folder, "run", "pins 1") as python:
        raise RuntimeError("the installation was cut off")
    with bootstrap.environment(folder, "run", "pins 1") as python:
        assert python is not None, "an installation that was cut off is taken up again"
        assert subprocess.run([python, "-c", "import pip"]).returncode == 0
    with bootstrap.environment(folder, "run", "pins 1") as python:
        assert python is None
    with bootstrap.environment(folder, "dev", "pins 1") as python:
        assert python is not None, "tests need more"
    with bootstrap.environment(folder, "run", "pins 1") as python:
        assert python is None, "what tests need includes the rest"
    with bootstrap.environment(folder, "run", "pins 2") as python:
        assert python is not None


@pytest.mark.skipif(shutil.which("pulseaudio") is None, reason="needs PulseAudio")
def test_the_sound_card_is_there_during_the_tests_and_gone_after(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_RUNTIME_DIR", "PULSE_SERVER"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # put back afterwards
    with bootstrap.sound_card():
        runtime = Path(os.environ["XDG_RUNTIME_DIR"])
        assert runtime.stat().st_mode & 0o077 == 0
        sources = subprocess.run(["pactl", "info"], capture_output=True, text=True).stdout
        assert "Default Source: vmic" in sources
        assert "Default Sink: vspk" in sources
    assert not runtime.exists()
    assert subprocess.run(["pactl", "info"], capture_output=True).returncode != 0
