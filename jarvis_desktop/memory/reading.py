"""Files become items: read in a child process of little memory and time, which a bad file may take down."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jarvis_desktop.errors import Category, JarvisError, StorageError
from jarvis_desktop.events import MemoryKind
from jarvis_desktop.memory import formats
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.worker import Worker


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one document may take; the memory is that of the process as a whole.

    Bombs are small and books are large: a file gets more time for each megabyte it has. PDFs are slowest: a
    thousand pages have some 7 MB, and take a minute on a busy core of 2.5 GHz.
    """

    file_bytes: int = 100 << 20
    memory_bytes: int = 1 << 30
    seconds: float = 30.0  # by the clock, for a document or each batch of records
    cpu_seconds: float = 30.0
    seconds_per_mb: float = 20.0  # added to both


@dataclass(frozen=True, slots=True)
class Digest:
    """What a file is, before it is read: SHA-256 of its bytes, their number, when they changed."""

    hash: str
    size: int
    changed_at: float  # seconds since the epoch
    format: str  # see `formats.Format`


@dataclass(frozen=True, slots=True)
class Batch:
    """Items of a file; of a file of records some of them, and with the last ones what was left out."""

    items: list[NewItem]
    problem: StorageError | None = None


def item_id(path: Path, owner: str) -> str:
    """The id of a file's item: the same for as long as the file stays where it is."""
    return "doc-" + hashlib.sha256(f"{owner}\0{path}".encode()).hexdigest()[:20]


class Parser:
    """One child that reads one file after the other; `close` ends it. For one task at a time.

    All methods raise `StorageError` about the file; the next one is read by a new child where that is needed.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._worker: Worker | None = None
        self._files = 0  # that this child has looked at

    async def digest(self, path: Path) -> Digest:
        """What is at `path`; raises also for what cannot be read by its kind (``memory.picture``, ...)."""
        if not _storable(path):
            raise StorageError(
                "memory.file_name",
                "{file} cannot be taken in: its name is not in UTF-8.",
                "Give it another name.",
                file=ascii(str(path)),
            )
        self._files += 1
        reply = await self._call("digest", path)
        return Digest(**reply.data)

    async def read(self, path: Path, seen: Digest, owner: str) -> AsyncIterator[Batch]:
        """The items of the file at the real path `path`, whole (a document) or in batches (records)."""
        if seen.format != "records":
            reply = await self._call("read", path, seen.size)
            item = _document(path, seen, owner, reply.data)
            yield Batch([item])
            return
        more, method = True, "records"
        while more:
            reply = await self._call(method, path)
            data = reply.data
            more, method = data["more"], "more"
            problem = None
            if data["left_out"] and not more:
                problem = formats.bad_lines(path, data["left_out"], data["bad"])
            yield Batch([_note(path, owner, record) for record in data["records"]], problem)

    async def close(self) -> None:
        """End the child, also where whoever waits for that is cancelled."""
        worker, self._worker, self._files = self._worker, None, 0
        if worker is None:
            return
        stopping = asyncio.create_task(worker.stop(), name="end of the parser")
        try:
            await asyncio.shield(stopping)
        except asyncio.CancelledError:
            await stopping
            raise

    async def _call(self, method: str, path: Path, size: int = 0) -> Reply:
        """A call about `path`; made once more by a fresh child where one that read other files died of it.

        A fresh one that dies of looking at the first file cannot be had at all: ``memory.parser_died``.
        """
        worn = self._files > 1 and method != "more"
        try:
            return await self._try(method, path, size)
        except StorageError as error:
            if error.code != "memory.too_heavy":
                raise
            await self.close()
            if not worn:
                if method == "digest" and isinstance(error.__cause__, StorageError):
                    raise error.__cause__ from None
                raise
            if isinstance(error.__cause__, TimeoutError):
                raise
        return await self._try(method, path, size)

    async def _try(self, method: str, path: Path, size: int) -> Reply:
        if self._worker is None:
            self._worker = Worker(
                "jarvis_desktop.memory.parser_worker", name="parser", died=_died,
                args=(str(self._limits.memory_bytes),),
            )  # fmt: skip
        more = self._limits.seconds_per_mb * size / (1 << 20)
        try:
            await self._worker.start()
            call = self._worker.call(
                method,
                path=str(path),
                most_bytes=self._limits.file_bytes,
                cpu_seconds=self._limits.cpu_seconds + more,
            )
            return await asyncio.wait_for(call, self._limits.seconds + more)
        except TimeoutError as error:
            raise formats.too_heavy(path) from error
        except StorageError as error:
            if error.code == _died().code:
                raise formats.too_heavy(path) from error
            raise
        except JarvisError as error:  # a fault in the child, told by its class alone
            raise formats.damaged(path, path.suffix.lstrip(".").upper()) from error


def _died() -> StorageError:
    return StorageError(
        "memory.parser_died",
        "The process that reads documents does not run.",
        "See the log; starting Jarvis anew may help.",
        Category.DEGRADED,
    )


def _storable(path: Path) -> bool:
    """Whether a path is text: names on disk may be any bytes."""
    try:
        return bool(str(path).encode())
    except UnicodeEncodeError:
        return False


def _document(path: Path, seen: Digest, owner: str, data: dict[str, Any]) -> NewItem:
    if not data["spans"]:
        raise StorageError("memory.empty", "{file} is empty.", file=path)
    return NewItem(
        id=item_id(path, owner),
        kind=MemoryKind.DOCUMENT,
        text=data["text"],
        spans=_spans(data),
        source=path.name,
        location=str(path),
        created_at=seen.changed_at,
        owner=owner,
        metadata=data["metadata"],
        content_hash=seen.hash,
    )


def _note(path: Path, owner: str, record: dict[str, Any]) -> NewItem:
    return NewItem(
        id=record["id"],
        kind=MemoryKind.NOTE,
        text=record["text"],
        spans=_spans(record),
        source=path.name,
        location=str(path),
        created_at=time.time() if record["said_at"] is None else record["said_at"],
        owner=owner,
        metadata=record["metadata"],
        position=float(record["number"]),
    )


def _spans(data: dict[str, Any]) -> tuple[Span, ...]:
    return tuple(Span(start, end, context) for start, end, context in data["spans"])
