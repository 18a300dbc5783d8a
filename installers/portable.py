#!/usr/bin/env python3
"""Lays the program out with a Python of its own, for systems whose Python cannot be relied on.

``PYTHON installers/portable.py FOLDER [--python HOME]``, under the Python of the environment. HOME is a
Python that can be moved: the ``install_only`` archive of python-build-standalone, or python.org's on
Windows. Without it the one that the environment was made with is taken. The program is then started by the
Python in ``FOLDER`` with ``-I -m jarvis_desktop``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from layout import BuildError, copy_python, lay_out

# Version, place, and whether something of the Python that was copied is still loaded from where that is.
_TELL = """
import sys
from pathlib import Path
maps = Path("/proc/self/maps")
loaded = maps.read_text() if maps.exists() else ""
print(f"{sys.version_info.major}.{sys.version_info.minor}", sys.prefix, sys.argv[1] in loaded)
"""


def build(folder: Path, home: Path) -> Path:
    """Fill `folder`; returns its Python. Raises `BuildError` unless it can be moved and fits us."""
    if folder.exists() and any(folder.iterdir()):
        raise BuildError(f"{folder} is not empty")
    copy_python(home, folder)
    python = interpreter(folder)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    answer = subprocess.run(
        [python, "-I", "-c", _TELL, home.resolve()],
        env=os.environ | {"LD_LIBRARY_PATH": str(folder / "lib")},
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.stdout.strip() != f"{version} {folder.resolve()} False":
        raise BuildError(
            f"{home} is no Python {version} that can be moved; name one with --python, such as an "
            "install_only archive of python-build-standalone, unpacked"
        )
    lay_out(folder, "")
    return python


def interpreter(folder: Path) -> Path:
    """The Python of a portable folder."""
    if os.name == "nt":
        return folder / "python.exe"
    return folder / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Lays Jarvis out with a Python of its own.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--python", type=Path, default=Path(sys.base_prefix), metavar="HOME")
    options = parser.parse_args()
    try:
        print(build(options.folder, options.python))
    except BuildError as error:
        sys.exit(f"Cannot go on: {error}")
