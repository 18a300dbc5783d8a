"""Which files of a folder are documents, and where they are."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.formats import format_by_name

_PASSED_OVER = frozenset(
    {"node_modules", "__pycache__", "CVS", "site-packages", "lost+found", "$RECYCLE.BIN"}
)
_NOT_DOCUMENTS = frozenset({"pyvenv.cfg", "CACHEDIR.TAG"})
"""Files that mark a folder as made by a program, to be made again."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file by its real path; `named` by the user, not met in a folder."""

    path: Path
    named: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A path that the user named and that leads nowhere."""

    path: Path
    problem: StorageError


async def find_files(paths: Sequence[Path], own: Sequence[Path] = ()) -> list[Found | Refused]:
    """The files at `paths` and the documents in folders among them, each once and by its real path.

    Hidden files and folders, those that programs make (``node_modules``, ``.git``), folders of this program
    (`own`) and links inside of folders are passed over: what a link leads to within the folder is met anyway.
    """
    found: dict[Path, Found | Refused] = {}
    passed_over = await asyncio.to_thread(lambda: {path.resolve() for path in own})
    for path in paths:
        real, is_folder, problem = await asyncio.to_thread(_resolved, path)
        if problem is not None:
            found[real] = Refused(real, problem)
        elif not is_folder:
            found[real] = Found(real, named=True)
        else:
            for file in await _walk(real, passed_over):
                found.setdefault(file, Found(file, named=False))
    return list(found.values())


def is_document(path: Path, root: Path) -> bool:
    """Whether a file below `root` would be taken in with it, by its name and those of its folders."""
    return is_open(path.parent, root) and _wanted(path.name)


def is_open(folder: Path, root: Path) -> bool:
    """Whether a folder below `root`, or `root` itself, would be looked into, by its name."""
    return not any(map(_passed_over, folder.relative_to(root).parts))


async def _walk(root: Path, own: set[Path]) -> list[Path]:
    files: list[Path] = []
    folders = [root]
    while folders:  # a thread for each folder, so that a large tree can be given up on the way
        below, inside = await asyncio.to_thread(_scan, folders.pop())
        files += inside
        folders += (folder for folder in reversed(below) if folder not in own)
    return files


def _scan(folder: Path) -> tuple[list[Path], list[Path]]:
    """Folders and documents in a folder, each in order; none where it cannot be read."""
    folders: list[Path] = []
    files: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name in _NOT_DOCUMENTS:
                    return [], []
                if entry.is_dir(follow_symlinks=False):
                    if not _passed_over(entry.name):
                        folders.append(folder / entry.name)
                elif entry.is_file(follow_symlinks=False) and _wanted(entry.name):
                    files.append(folder / entry.name)
    except OSError:  # not ours to read, or gone meanwhile
        pass
    return sorted(folders), sorted(files)


def _passed_over(name: str) -> bool:
    return name.startswith(".") or name in _PASSED_OVER


def _wanted(name: str) -> bool:
    hidden = name.startswith((".", "~$"))  # the latter are locks of office programs
    return not hidden and format_by_name(Path(name)) is not None


def _resolved(path: Path) -> tuple[Path, bool, StorageError | None]:
    try:
        real = path.expanduser().resolve(strict=True)
        return real, real.is_dir(), None
    except (OSError, RuntimeError, ValueError):  # a circle of links, no home folder, a zero byte
        return (
            path,
            False,
            StorageError(
                "memory.no_such_file",
                "There is no file or folder {file}.",
                "Check how it is written.",
                file=path,
            ),
        )
