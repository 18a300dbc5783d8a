#!/usr/bin/env python3
"""Builds the Debian package: ``.venv/bin/python installers/linux/build_deb.py [FOLDER]``.

Runs on the release of Debian or Ubuntu that the package is for: its Python and the one that the environment
was made with have to be of one version. Without maintainer scripts, removing the package removes all of it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import bootstrap
from layout import ICON, ROOT, VERSION, BuildError, draw_icon, lay_out

HERE = Path(__file__).resolve().parent
NAME = "jarvis-desktop"
PREFIX = f"/opt/{NAME}"
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)

LAUNCHER = f"""#!{PREFIX}/bin/python -I
from jarvis_desktop.__main__ import main

main()
"""
COPYRIGHT = """Jarvis Desktop is under the Apache License 2.0 (/usr/share/common-licenses/Apache-2.0).
The packages in {packages}
are under licences of their own, each with its text in its .dist-info folder. Piper (piper-tts) is under the
GPL, version 3 or later (/usr/share/common-licenses/GPL-3): its source is that of the same version at
https://github.com/OHF-Voice/piper1-gpl.

{notice}"""
DESCRIPTION = """voice assistant that lives on your own machine
 Talk or type, in English or Spanish: Jarvis listens, thinks with a language model
 on this machine, speaks, keeps your conversations and remembers what you tell it.
 The models are fetched at the first start, when you ask for them."""


def build(folder: Path) -> Path:
    """Make the package in `folder`; returns its file. Raises `BuildError`."""
    if shutil.which("dpkg-deb") is None:
        raise BuildError("dpkg-deb is missing; this needs Debian, Ubuntu or one of their relatives")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        tree = Path(scratch) / "tree"
        place_environment(tree)
        place_desktop_files(tree)
        describe(tree)
        file = folder / f"{NAME}_{debian_version()}_{architecture()}.deb"
        pack = ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(file)]
        made_at = commit_time()
        settle(tree, made_at)
        subprocess.run(pack, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": str(made_at)})
    return file


def place_environment(tree: Path) -> None:
    """A virtual environment of the system's Python, and the command that starts the program in it."""
    own = tree / PREFIX.lstrip("/")
    lay_out(own, PREFIX)
    (own / "bin").mkdir()
    (own / "bin" / "python").symlink_to(f"/usr/bin/{PYTHON}")
    (own / "bin" / "jarvis").write_text(LAUNCHER, encoding="utf-8")
    (own / "bin" / "jarvis").chmod(0o755)
    (own / "pyvenv.cfg").write_text(
        f"home = /usr/bin\ninclude-system-site-packages = false\nversion = {platform.python_version()}\n",
        encoding="utf-8",
    )
    command = tree / "usr" / "bin" / "jarvis"
    command.parent.mkdir(parents=True)
    command.symlink_to(f"{PREFIX}/bin/jarvis")


def place_desktop_files(tree: Path) -> None:
    """What menus, software centres and `man` read."""
    share = tree / "usr" / "share"
    icons = share / "icons" / "hicolor"
    for size in ICON_SIZES:
        draw_icon(icons / f"{size}x{size}" / "apps" / f"{NAME}.png", size)
    _install(ICON, icons / "scalable" / "apps" / f"{NAME}.svg")
    _install(HERE / f"{NAME}.desktop", share / "applications" / f"{NAME}.desktop")
    _install(HERE / f"{NAME}.metainfo.xml", share / "metainfo" / f"{NAME}.metainfo.xml")
    manual = share / "man" / "man1" / "jarvis.1.gz"
    manual.parent.mkdir(parents=True)
    manual.write_bytes(gzip.compress((HERE / "jarvis.1").read_bytes(), mtime=0))
    documents = share / "doc" / NAME
    documents.mkdir(parents=True)
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    copyright_ = COPYRIGHT.format(packages=f"{PREFIX}/lib/{PYTHON}/site-packages", notice=notice)
    (documents / "copyright").write_text(copyright_, encoding="utf-8")


def describe(tree: Path) -> None:
    """What dpkg reads: the package's fields, and the sums that ``dpkg --verify`` compares with."""
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    control = tree / "DEBIAN"
    control.mkdir()
    fields = {
        "Package": NAME,
        "Version": debian_version(),
        "Architecture": architecture(),
        "Maintainer": "The Jarvis Desktop contributors",
        "Section": "sound",
        "Priority": "optional",
        "Installed-Size": sum(file.stat().st_size for file in files) // 1024,
        "Depends": ", ".join(depends()),
        "Recommends": "libwayland-cursor0, libwayland-egl1, python3-venv, pulseaudio | pipewire-pulse",
        "Description": DESCRIPTION,
    }
    (control / "control").write_text(
        "".join(f"{name}: {value}\n" for name, value in fields.items()), encoding="utf-8"
    )
    sums = (f"{hashlib.md5(file.read_bytes()).hexdigest()}  {file.relative_to(tree)}\n" for file in files)
    (control / "md5sums").write_text("".join(sums), encoding="utf-8")


def depends() -> list[str]:
    """Packages of Debian without which the program does not start."""
    libraries = dict.fromkeys(names[0] for names in bootstrap.LIBRARIES.values())
    following = f"3.{sys.version_info.minor + 1}"
    python = [PYTHON, f"python3 (>= 3.{sys.version_info.minor})", f"python3 (<< {following})"]
    return [*python, f"libc6 (>= {platform.libc_ver()[1]})", "libstdc++6", "libgcc-s1", *libraries]


def debian_version() -> str:
    """The version, in which Debian too sorts a release candidate before the release."""
    return re.sub(r"\.?(a|b|rc|dev)(\d+)", r"~\1\2", VERSION)


def architecture() -> str:
    """As Debian calls it, e.g. ``amd64``."""
    answer = subprocess.run(
        ["dpkg", "--print-architecture"], capture_output=True, text=True, check=True
    ).stdout
    return answer.strip()


def commit_time() -> int:
    """When what is built was committed, in seconds, so that it is packed alike whenever that is done."""
    if chosen := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(chosen)
    answer = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, check=True)
    return int(answer.stdout)


def settle(tree: Path, time: int) -> None:
    """Give every file the same time and the rights of a system file."""
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (time, time), follow_symlinks=False)


def _install(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


if __name__ == "__main__":
    try:
        made = build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist")
    except BuildError as error:
        sys.exit(f"Cannot go on: {error}")
    print(f"{made}: {made.stat().st_size / 1e6:.0f} MB")
