"""Packages for other systems, as far as Linux can tell: the layout with its own Python, and the scripts."""

from __future__ import annotations

import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from pygments.lexers import PowerShellLexer
from pygments.token import Error, Punctuation

from jarvis_desktop import __version__
from jarvis_desktop.cli.parser import _parser

from .conftest import few_packages, module

INSTALLERS = Path(__file__).resolve().parents[3] / "installers"
WINDOWS, MACOS, LINUX = INSTALLERS / "windows", INSTALLERS / "macos", INSTALLERS / "linux"

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="AppImages are a matter of Linux")


# --- a Python of its own ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def appimage() -> ModuleType:
    return module(LINUX / "build_appimage.py")


@on_linux
def test_the_folder_of_the_appimage_starts_wherever_it_lies(appimage: ModuleType, tmp_path: Path) -> None:
    portable = sys.modules["portable"]
    try:
        with few_packages():
            app = appimage.build_folder(tmp_path / "here", Path(sys.base_prefix))
    except portable.BuildError as error:
        pytest.skip(f"this Python cannot be moved: {error}")
    moved = shutil.move(app, tmp_path / "there and elsewhere")
    answer = subprocess.run(
        [f"{moved}/AppRun", "--version"],
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert answer.stdout == f"jarvis {__version__}\n", answer.stderr
    entry = (moved / "jarvis-desktop.desktop").read_text(encoding="utf-8")
    assert "Exec=AppRun run\n" in entry
    assert (moved / ".DirIcon").resolve().is_file()
    for library in appimage.LIBRARIES:
        assert (moved / "usr/lib/bundled" / library).is_file()


@on_linux
def test_a_python_that_cannot_be_moved_is_refused(appimage: ModuleType, tmp_path: Path) -> None:
    portable = sys.modules["portable"]
    python = tmp_path / "home" / "bin" / portable.interpreter(Path()).name
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho 3.11 /usr\n")
    python.chmod(0o755)
    with pytest.raises(portable.BuildError, match="--python"):
        portable.build(tmp_path / "out", tmp_path / "home")


# --- Windows ------------------------------------------------------------------------------------------------


def inno() -> dict[str, list[str]]:
    """Lines of the Inno Setup script by section."""
    found: dict[str, list[str]] = {}
    section = ""
    for line in (WINDOWS / "jarvis.iss").read_text(encoding="utf-8").splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
            found[section] = []
        elif line and not line.startswith((";", "#")):
            found[section].append(line)
    return found


def test_the_installer_of_windows_names_files_that_are_there_or_built() -> None:
    script = inno()
    setup = dict(line.split("=", 1) for line in script["Setup"])
    sources = re.findall(r'Source: "([^"]+)"', "\n".join(script["Files"]))
    assert len(sources) == len(script["Files"])
    built = (WINDOWS / "build.ps1").read_text(encoding="utf-8")
    for name in (*sources, setup["LicenseFile"], setup["InfoBeforeFile"], setup["SetupIconFile"]):
        if name.startswith("{#Stage}"):
            assert f'(Join-Path $Stage "{name.split(chr(92))[1]}")' in built, name
        else:
            assert (WINDOWS / name.replace("\\", "/")).is_file(), name
    assert set(re.findall(r"\{#(\w+)\}", "\n".join(map("\n".join, script.values())))) - {"Sign"} == set(
        re.findall(r'"/D(\w+)=\$', built)
    ) - {"Sign"}


def test_the_menu_of_windows_starts_the_program_without_a_terminal() -> None:
    script = inno()
    tasks = set(re.findall(r'Name: "(\w+)"', "\n".join(script["Tasks"])))
    for line in script["Icons"]:
        program, options = re.search(r'Filename: "([^"]+)"; Parameters: "([^"]+)"', line).groups()  # type: ignore[union-attr]
        assert program == r"{app}\pythonw.exe"
        isolated, as_module, name, *arguments = options.split()
        assert (isolated, as_module, name) == ("-I", "-m", "jarvis_desktop")
        _parser().parse_args(arguments)
        assert set(re.findall(r"Tasks: (\w+)", line)) <= tasks
    languages = re.findall(r'Name: "(\w+)"', "\n".join(script["Languages"]))
    for message in re.findall(r"\{cm:(\w+)\}", "\n".join(script["Tasks"])):
        for language in languages:
            assert any(line.startswith(f"{language}.{message}=") for line in script["CustomMessages"])


def test_the_powershell_script_is_well_formed_and_names_what_is_there() -> None:
    text = (WINDOWS / "build.ps1").read_text(encoding="utf-8")
    tokens = list(PowerShellLexer().get_tokens(text))
    assert not [value for kind, value in tokens if kind is Error]
    marks = "".join(value for kind, value in tokens if kind in Punctuation)
    for opening, closing in ("()", "{}", "[]"):
        assert marks.count(opening) == marks.count(closing)
    for path in re.findall(r'\$Root "(installers[^"]+)"|\$PSScriptRoot "(\w[^"]+)"', text):
        inside, beside = path
        file = INSTALLERS.parent / inside.replace("\\", "/") if inside else WINDOWS / beside
        assert file.is_file(), file


# --- macOS --------------------------------------------------------------------------------------------------


def test_the_bundle_of_macos_says_why_it_listens_and_what_it_starts() -> None:
    script = (MACOS / "build.sh").read_text(encoding="utf-8")
    told = plistlib.loads((MACOS / "Info.plist").read_bytes())
    assert "listens" in told["NSMicrophoneUsageDescription"]
    assert f"MacOS/{told['CFBundleExecutable']}" in script
    assert (MACOS / told["CFBundleExecutable"]).stat().st_mode & 0o100
    assert f"Resources/{told['CFBundleIconFile']}" in script
    spanish = (MACOS / "es.lproj" / "InfoPlist.strings").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+) = ", spanish, re.MULTILINE)) == {"NSMicrophoneUsageDescription"}
    entitlements = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert entitlements["com.apple.security.device.audio-input"] is True


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_script_of_macos_parses_and_names_what_is_there() -> None:
    subprocess.run(["bash", "-n", str(MACOS / "build.sh")], check=True)
    subprocess.run(["sh", "-n", str(MACOS / "jarvis")], check=True)
    text = (MACOS / "build.sh").read_text(encoding="utf-8")
    named = re.findall(r'"\$(root|here)/((?:installers/)?[\w./]+)"', text)
    for where, name in named:
        if not name.startswith(("dist", ".venv")):
            assert ((INSTALLERS.parent if where == "root" else MACOS) / name).exists(), name
    assert ("here", "entitlements.plist") in named
