"""Profiles: in which functions a thread spends its time.

Written twice: as speedscope's JSON, which many viewers open, and as a page that any browser shows. They hold
names of functions, files and lines; no arguments, no variables, no text, nothing of where the user's files
lie. Nothing is recorded, and nothing slowed down, until `start`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path

from pyinstrument import Profiler
from pyinstrument.renderers import HTMLRenderer, SpeedscopeRenderer
from pyinstrument.session import Session

from jarvis_desktop import atomic
from jarvis_desktop.errors import StorageError

KEPT = 10
"""Profiles in a folder; what is older goes."""

DATA, PAGE = ".speedscope.json", ".html"

_OWN = "jarvis_desktop/"
_OTHERS = "python"  # the folder that everybody else's files are told to be in
_SAFE = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:\">"
)
"""The page would fetch a font from elsewhere."""


class Recording:
    """One profile, of the thread that calls `start`.

    It goes to `file`, the page beside it; without one it is among the `KEPT` newest in `folder`. With `task`
    it is of the task that begins it and of those that this one begins: what they do, and what they wait for.
    """

    def __init__(self, folder: Path, title: str, file: Path | None = None, *, task: bool = False) -> None:
        self._folder = folder
        self._title = title
        self._file = file
        self._profiler = Profiler(async_mode="enabled" if task else "disabled")
        self._session: Session | None = None

    def start(self) -> None:
        """Record from now on."""
        self._profiler.start(target_description=f"Jarvis, {self._title}")

    def stop(self) -> None:
        """Record no more; to be called on the same thread."""
        self._session = self._profiler.stop()

    def save(self) -> Path:
        """Write what was recorded; returns the JSON's file. Blocks, about a second for a long one.

        Raises `StorageError`.
        """
        assert self._session is not None, "stop comes first"
        session = _anonymous(self._session)
        name = f"{self._title}-{datetime.now():%Y%m%d-%H%M%S-%f}{DATA}"
        data = self._file or self._folder / name
        try:
            atomic.write(data, SpeedscopeRenderer(show_all=True).render(session))
            page = HTMLRenderer().render(session).replace("<head>", f"<head>{_SAFE}", 1)
            atomic.write(_page(data), page)
            if self._file is None:
                _drop_old(self._folder)
        except OSError as error:
            raise StorageError(
                "storage.no_profile",
                "The profile could not be written to {path}: {reason}.",
                "Make room there, or see who may write there.",
                path=data.parent,
                reason=error.strerror or type(error).__name__,
            ) from error
        return data


def _anonymous(session: Session) -> Session:
    """The same without the places of files on this machine."""
    return Session(
        frame_records=[(_without_places(stack), seconds) for stack, seconds in session.frame_records],
        start_time=session.start_time,
        duration=session.duration,
        min_interval=session.min_interval,
        max_interval=session.max_interval,
        sample_count=session.sample_count,
        start_call_stack=_without_places(session.start_call_stack),
        target_description=session.target_description,
        cpu_time=session.cpu_time,
        sys_path=[],
        sys_prefixes=[_OTHERS],
    )


def _without_places(stack: Iterable[str]) -> list[str]:
    return [_without_place(frame) for frame in stack]


@cache
def _without_place(frame: str) -> str:
    """A frame of pyinstrument's: function, file and line with zeros between, or its word for a wait."""
    function, *place = frame.split("\0")
    return "\0".join((function, *map(_short, place[:1]), *place[1:]))


def _short(file: str) -> str:
    if file.startswith("<"):
        return file
    roots = sorted((path for path in sys.path if path), key=len, reverse=True)
    root = next((path for path in roots if file.startswith(path + os.sep)), str(Path(file).parent))
    short = Path(file).relative_to(root).as_posix()
    return short if short.startswith(_OWN) else f"{_OTHERS}/{short}"


def _drop_old(folder: Path) -> None:
    """Leave the newest ones."""
    written = sorted(folder.glob(f"*{DATA}"), key=lambda file: file.stat().st_mtime)
    for file in written[:-KEPT]:
        file.unlink(missing_ok=True)
        _page(file).unlink(missing_ok=True)


def _page(data: Path) -> Path:
    return data.with_name(data.name.removesuffix(DATA).removesuffix(".json") + PAGE)
