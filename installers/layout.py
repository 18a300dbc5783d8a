"""What the packages of all systems hold: the program, its icon and the packages it needs.

The build scripts run under the Python of the environment that `bootstrap.py` made from the lock files, and
take from it what they pack: a package holds what the tests ran with, and nothing is fetched to make it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
ICON = ROOT / "installers" / "icon.svg"
VERSION = re.findall(
    r'__version__ = "(.+)"', (ROOT / "jarvis_desktop" / "__init__.py").read_text(encoding="utf-8")
)[0]

# Half of all bytes, for what few use: the other search model (memory.encoder minilm-l6-v2) needs the first
# two; the third is for a Chroma that runs on a cluster, and is never imported here.
LEFT_OUT = frozenset({"sentence-transformers", "torch", "kubernetes"})
BESIDES = ("pip",)  # finds models that lie in a package index

_NOT_OF_PYTHON = shutil.ignore_patterns(
    *(
        "site-packages",
        "__pycache__",
        "test",
        "tests",
        "idlelib",
        "tkinter",
        "turtledemo",
        "tcl",
        "Doc",
        "Tools",
    ),
    *("include", "share", "config-*", "pkgconfig", "*.a"),
)


class BuildError(Exception):
    """What has to be done before a package can be made."""


def distributions() -> list[Distribution]:
    """What the program needs to run, by name; raises `BuildError` where it is not the locked one."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    asked: set[tuple[str, frozenset[str]]] = set()
    wanted = [Requirement(line) for line in (*project["dependencies"], *BESIDES)]
    while wanted:
        requirement = wanted.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if name in LEFT_OUT or (name, extras) in asked or not _applies(requirement, frozenset()):
            continue
        asked.add((name, extras))
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            raise BuildError(f"{name} is not installed in {sys.prefix}. {_SET_UP}") from None
        needs = map(Requirement, found[name].requires or ())
        wanted += [need for need in needs if _applies(need, extras)]
    if changed := sorted(set(found) - set(BESIDES) - _pinned(found)):
        raise BuildError(f"{', '.join(changed)}: not the locked version in {sys.prefix}. {_SET_UP}")
    return [found[name] for name in sorted(found)]


_SET_UP = (
    "Set it up with: python3 installers/bootstrap.py run --headless. Then run this with .venv/bin/python."
)


def _applies(requirement: Requirement, extras: frozenset[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras | {""})


def _pinned(found: dict[str, Distribution]) -> set[str]:
    """Those of `found` that have a version of the lock."""
    lock = (ROOT / "requirements" / "run.lock").read_text(encoding="utf-8")
    pins = set(re.findall(r"^([\w.-]+==[^\s;]+)", lock, re.MULTILINE))
    return {name for name, each in found.items() if f"{name}=={each.version}" in pins}


def lay_out(target: Path, installed_at: str) -> None:
    """Put the program and all it needs into the environment or Python that begins at the folder `target`.

    `installed_at` is where that folder will be, for the file names that errors show. Everything is compiled,
    because nobody may write there later.
    """
    packages = site_packages(target)
    packages.mkdir(parents=True, exist_ok=True)
    for each in distributions():
        _copy(each, packages)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel(Path(folder))) as archive:
        archive.extractall(packages)
    compile_all = ["-m", "compileall", "-q", "-j", "0", "--invalidation-mode", "unchecked-hash"]
    subprocess.run(
        # a few files of packages are for other Pythons and do not compile
        [sys.executable, *compile_all, "-s", str(target), "-p", installed_at, str(packages.parent)],
        check=False,
        stdout=subprocess.DEVNULL,
    )


def site_packages(target: Path) -> Path:
    """Where packages lie in the environment or Python that begins at the folder `target`."""
    here = {"base": str(target), "platbase": str(target)}
    return Path(sysconfig.get_path("purelib", "nt" if os.name == "nt" else "posix_prefix", here))


def _copy(packed: Distribution, packages: Path) -> None:
    """The files of a distribution, without the commands it installs elsewhere."""
    for file in packed.files or ():
        if ".." in file.parts or "__pycache__" in file.parts or file.is_absolute():
            continue
        target = packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(packed.locate_file(file), target)


def wheel(folder: Path) -> Path:
    """Build the program's own wheel into `folder`, without the network."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def copy_python(home: Path, target: Path) -> None:
    """Copy a relocatable Python, which has no packages yet, for systems that have none of their own.

    `home` is the folder of python-build-standalone's ``install_only`` archive, or of python.org's on Windows.
    """
    shutil.copytree(home, target, symlinks=True, ignore=_NOT_OF_PYTHON, dirs_exist_ok=True)


def draw_icon(file: Path, size: int) -> None:
    """The program's icon, `size` pixels wide, in the format of the file's name."""
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(ICON)).render(painter)
    painter.end()
    file.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(file)):
        raise BuildError(f"Qt cannot write {file}")
