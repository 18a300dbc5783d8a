"""Folders whose documents are always in memory: taken in at the start and when they change."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from watchfiles import watch

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Ingested, Remark
from jarvis_desktop.memory.folders import is_document, is_open
from jarvis_desktop.memory.ingest import Kept

LOOK_S = 2.0
"""How often the setting, and whether its folders are there, is looked at."""

QUIET_S = 0.8
"""Without changes until they are followed: programs write a file in several steps."""

_PATIENCE_MS = 20_000  # after which changes are followed though others still come
_REST_S = 30.0  # before another try where folders cannot be followed
_LISTED = re.compile(r"[,\n]")


class Documents(Protocol):
    """What is done with the documents of watched folders; all of it raises `StorageError`."""

    def ingest(
        self, paths: Sequence[Path], *, owner: str = "", forgotten: Mapping[str, float] | None = None
    ) -> AsyncIterator[Ingested]: ...

    async def documents(self, owner: str) -> Sequence[Kept]: ...

    async def drop(self, item_ids: Sequence[str], owner: str) -> None: ...

    async def forgotten(self, owner: str) -> Mapping[str, float]: ...


def folders_in(setting: str) -> tuple[Path, ...]:
    """The folders of the setting `memory.watched_folders`: paths with commas or line ends between."""
    parts = (part.strip() for part in _LISTED.split(setting))
    return tuple(dict.fromkeys(Path(part) for part in parts if part))


class FolderWatch:
    """Keeps what is in memory of some folders as it is on the disk, for as long as `run` runs.

    `wanted` gives the setting, which may change. The documents of a folder that is taken out of it stay, and
    so do those of one that is missing or empty: it may be a drive that is not plugged in. What the user
    forgot stays forgotten until its file says something else. `tell` hears of each thing that is wrong once.
    """

    def __init__(
        self,
        documents: Documents,
        wanted: Callable[[], str],
        tell: Callable[[Remark], None],
        look_s: float = LOOK_S,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._documents = documents
        self._wanted = wanted
        self._tell = tell
        self._look_s = look_s
        self._quiet_s = quiet_s
        self._told: set[str] = set()

    async def run(self) -> None:
        """Take in and watch, until cancelled."""
        up_to_date: set[Path] = set()
        while True:
            present = await self._present()
            up_to_date &= present
            if present:
                await self._watch(present, up_to_date)
            else:
                await asyncio.sleep(self._look_s)

    async def _watch(self, present: set[Path], up_to_date: set[Path]) -> None:
        """Follow changes until the folders are others.

        Folders are taken in when the watch has begun, so that no change escapes both.
        """
        stop = threading.Event()
        changes = watch(
            *sorted(present),
            watch_filter=None,
            debounce=_PATIENCE_MS,
            step=round(self._quiet_s * 1000),
            stop_event=stop,
            rust_timeout=round(self._look_s * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        try:
            # in threads, because beginning to watch a large folder takes a second
            while (changed := await asyncio.to_thread(next, changes, None)) is not None:
                paths = {Path(path) for _, path in changed}
                for folder in sorted(present):
                    if folder not in up_to_date:
                        await self._guarded(self._take_in(folder))
                        up_to_date.add(folder)
                    elif below := [path for path in paths if folder in path.parents]:
                        await self._guarded(self._follow(folder, below))
                if await self._present() != present:
                    return
        except (OSError, RuntimeError) as error:  # a folder that vanished just now; no watches left to be had
            reason = str(error)
            self._say(reason, Remark("Watched folders cannot be followed: {reason}.", {"reason": reason}))
            for folder in sorted(present - up_to_date):
                await self._guarded(self._take_in(folder))
                up_to_date.add(folder)
            await asyncio.sleep(_REST_S)
        finally:
            stop.set()

    async def _present(self) -> set[Path]:
        """Real paths of the wanted folders that are there, without those inside of others."""
        found: set[Path] = set()
        for folder in folders_in(self._wanted()):
            real = await asyncio.to_thread(_real_folder, folder)
            if real is not None:
                found.add(real)
                self._told.discard(str(folder))
            else:
                self._say(
                    str(folder),
                    Remark("The watched folder {folder} is not there, or no full path.", {"folder": folder}),
                )
        return {folder for folder in found if found.isdisjoint(folder.parents)}

    async def _take_in(self, folder: Path) -> None:
        """Bring memory up to date with all of a folder."""
        await self._forget_vanished(folder, [folder])
        await self._ingest([folder])

    async def _follow(self, folder: Path, changed: Sequence[Path]) -> None:
        there, gone = await asyncio.to_thread(_sorted_out, folder, changed)
        if gone:
            await self._forget_vanished(folder, gone)
        if there:
            await self._ingest(there)

    async def _forget_vanished(self, folder: Path, within: Sequence[Path]) -> None:
        kept = await self._documents.documents("")
        places = [(one.id, Path(one.location)) for one in kept]
        below = [(each, path) for each, path in places if any(path.is_relative_to(part) for part in within)]
        vanished = await asyncio.to_thread(_vanished, folder, below)
        if vanished:
            await self._documents.drop(vanished, "")

    async def _ingest(self, paths: Sequence[Path]) -> None:
        problems: list[str] = []
        forgotten = await self._documents.forgotten("")
        async for one in self._documents.ingest(paths, forgotten=forgotten):
            if one.problem and one.problem not in self._told:
                problems.append(one.problem)
        if problems:
            self._told.update(problems)
            self._tell(
                Remark(
                    "Documents in watched folders that were left out: {count}. The first: {reason}",
                    {"count": len(problems), "reason": problems[0]},
                )
            )

    async def _guarded(self, work: Awaitable[None]) -> None:
        try:
            await work
        except StorageError as error:
            self._say(
                error.code,
                Remark("Watched folders could not be taken in: {reason}", {"reason": str(error)}),
            )

    def _say(self, about: str, remark: Remark) -> None:
        if about not in self._told:
            self._told.add(about)
            self._tell(remark)


def _real_folder(folder: Path) -> Path | None:
    """Where a folder really is; None where there is none, or its path is not a full one."""
    try:
        real = folder.expanduser()
        return real.resolve() if real.is_absolute() and real.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _sorted_out(root: Path, changed: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """Of changed paths below `root` those that may hold documents, and those that are gone."""
    there = [
        path
        for path in changed
        if not path.is_symlink()
        and (is_open(path, root) if path.is_dir() else path.is_file() and is_document(path, root))
    ]
    return there, [path for path in changed if not path.exists()]


def _vanished(root: Path, kept: Sequence[tuple[str, Path]]) -> list[str]:
    """Ids of what is gone from the disk; none where the whole folder seems to be."""
    if not root.is_dir() or not any(root.iterdir()):
        return []
    return [each for each, path in kept if not path.exists()]
