#!/usr/bin/env python3
"""Builds an AppImage for Linux systems without our Debian package.

``.venv/bin/python installers/linux/build_appimage.py [FOLDER] [--python HOME]``. The folder ``Jarvis.AppDir``
is made whole here and can be started by its ``AppRun``; appimagetool, if there is one, makes one file of it.
Build it on the oldest system that it shall run on: its C library is the oldest that will do.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from layout import ICON, ROOT, VERSION, BuildError, draw_icon
from portable import build

HERE = Path(__file__).resolve().parent
NAME = "jarvis-desktop"

# Those that are not on every desktop and do not belong to its drivers or its session,
LIBRARIES = (
    *("libportaudio.so.2", "libxkbcommon-x11.so.0", "libxcb-cursor.so.0", "libxcb-icccm.so.4"),
    *("libxcb-image.so.0", "libxcb-keysyms.so.1", "libxcb-render-util.so.0"),
)
# and what they bring along of the same kind.
BROUGHT = re.compile(r"(lib(?:jack|db|xcb-util)[-.\w]*) => (\S+)")

APPRUN = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/usr/lib/bundled:$here/usr/lib${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}"
exec "$here/usr/bin/{python}" -I -m jarvis_desktop "$@"
"""


def build_folder(folder: Path, home: Path) -> Path:
    """Make ``Jarvis.AppDir`` in `folder`, with the Python of `home`. Raises `BuildError`."""
    app = folder / "Jarvis.AppDir"
    python = build(app / "usr", home)
    bundle(app / "usr" / "lib" / "bundled")
    start = app / "AppRun"
    start.write_text(APPRUN.format(python=python.name), encoding="utf-8")
    start.chmod(0o755)
    entry = (HERE / f"{NAME}.desktop").read_text(encoding="utf-8")
    # the program is not in the PATH of a system that only has this file
    entry = entry.replace("TryExec=jarvis\n", "").replace("Exec=jarvis", "Exec=AppRun")
    (app / f"{NAME}.desktop").write_text(entry, encoding="utf-8")
    metainfo = app / "usr" / "share" / "metainfo" / f"{NAME}.metainfo.xml"
    metainfo.parent.mkdir(parents=True)
    shutil.copyfile(HERE / metainfo.name, metainfo)
    shutil.copyfile(ICON, app / f"{NAME}.svg")
    shutil.copyfile(ROOT / "NOTICE", app / "NOTICE")
    draw_icon(app / f"{NAME}.png", 256)
    (app / ".DirIcon").symlink_to(f"{NAME}.png")
    return app


def bundle(folder: Path) -> None:
    """Copy system libraries into `folder`."""
    cache = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    found = {line.split()[0]: Path(line.split()[-1]) for line in reversed(cache.splitlines()) if "=>" in line}
    if missing := [name for name in LIBRARIES if name not in found]:
        raise BuildError(f"these libraries are missing here: {' '.join(missing)}")
    folder.mkdir(parents=True)
    for name in LIBRARIES:
        shutil.copyfile(found[name], folder / name)
        loaded = subprocess.run(["ldd", found[name]], capture_output=True, text=True, check=True).stdout
        for brought, file in BROUGHT.findall(loaded):
            shutil.copyfile(file, folder / brought)


def pack(app: Path) -> Path | None:
    """One file of the folder `app`; None where there is no appimagetool."""
    tool = shutil.which("appimagetool")
    if tool is None:
        return None
    file = app.parent / f"Jarvis-{VERSION}-{platform.machine()}.AppImage"
    variables = os.environ | {"ARCH": platform.machine()}
    subprocess.run([tool, "--no-appstream", str(app), str(file)], check=True, env=variables)
    return file


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Builds Jarvis' AppImage.")
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    parser.add_argument("--python", type=Path, default=Path(sys.base_prefix), metavar="HOME")
    options = parser.parse_args()
    try:
        made = build_folder(options.folder, options.python)
        print(pack(made) or f"{made} is whole; appimagetool, which packs it, is missing here")
    except BuildError as error:
        sys.exit(f"Cannot go on: {error}")
