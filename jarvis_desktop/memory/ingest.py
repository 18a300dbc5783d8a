"""Takes files and folders into memory, one file after the other, each whole or not at all."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Ingested
from jarvis_desktop.memory.folders import Found, Refused, find_files
from jarvis_desktop.memory.items import NewItem
from jarvis_desktop.memory.reading import Batch, Digest, Limits, Parser, item_id

_BATCH = 64  # documents stored at once, or
_BATCH_CHARACTERS = 1_000_000
_BATCH_S = 0.5  # after which what was read is stored and told


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that is in memory: where it came from, and the hash of its file."""

    id: str
    location: str
    content_hash: str


class Shelf(Protocol):
    """Where items go. All methods raise `StorageError`, which ends the run: nothing more could be stored."""

    async def documents(self, owner: str) -> Sequence[Kept]:
        """All that came from files and is whole (not the records of JSONL files)."""
        ...

    async def add(self, items: Sequence[NewItem]) -> Sequence[str]:
        """Store durably; the ids of those that are new or changed."""
        ...

    async def drop(self, item_ids: Sequence[str], owner: str) -> None:
        """Delete documents whose files are gone; they may come back."""
        ...


class Ingest:
    """Reads files in a child process of its own for each run, and stores what they say on a `shelf`.

    `own` are folders of this program, which are nobody's documents.
    """

    def __init__(self, shelf: Shelf, limits: Limits = Limits(), own: Sequence[Path] = ()) -> None:  # noqa: B008
        self._shelf = shelf
        self._limits = limits
        self._own = tuple(own)

    async def run(
        self, paths: Sequence[Path], *, owner: str = "", forgotten: Mapping[str, float] | None = None
    ) -> AsyncIterator[Ingested]:
        """Take in `paths`; tells of each file once it is stored, and at the end once more.

        May be given up at any time and begun anew: what is stored and unchanged is skipped. A file with the
        same bytes as another one in memory is skipped too, unless that one is gone: then it has moved.
        `forgotten` has ids and hashes of files that are not wanted again, and when they were forgotten:
        documents are left out unless their file has changed since and has other bytes, records for good.
        """
        found = await find_files(paths, self._own)
        kept = await self._shelf.documents(owner) if found else ()
        run = _Run(self._shelf, Parser(self._limits), owner, len(found), kept, forgotten or {})
        try:
            for file in found:
                for told in await run.take(file):
                    yield told
            for told in await run.store():
                yield told
        finally:
            await run.close()
        yield Ingested(len(found), len(found))


class _Run:
    def __init__(
        self,
        shelf: Shelf,
        parser: Parser,
        owner: str,
        total: int,
        kept: Sequence[Kept],
        forgotten: Mapping[str, float],
    ) -> None:
        self._shelf = shelf
        self._parser = parser
        self._owner = owner
        self._total = total
        self._forgotten = forgotten
        self._done = 0
        self._by_id = {one.id: one for one in kept}
        self._by_hash = {one.content_hash: one for one in kept if one.content_hash}
        self._items: list[NewItem] = []  # read, not stored yet
        self._obsolete: list[str] = []  # to be forgotten once they are
        self._told: list[Ingested] = []  # to be told once they are
        self._fresh: set[str] = set()  # files of which something new was stored
        self._stored_at = time.monotonic()

    async def take(self, file: Found | Refused) -> list[Ingested]:
        """Read one file; what can be told now, of this one and those before it."""
        self._done += 1
        told = Ingested(self._done, self._total, _shown(file.path), skipped=True)
        async for batch in self._batches(file):
            passages = told.passages + sum(len(item.spans) for item in batch.items)
            if batch.problem:
                told = replace(told, problem=str(batch.problem), error=batch.problem)
            told = replace(told, passages=passages, skipped=False)
            self._items += batch.items
            if len(self._items) >= _BATCH or sum(len(item.text) for item in self._items) > _BATCH_CHARACTERS:
                await self._put()
        self._told.append(told)
        if not self._items or time.monotonic() - self._stored_at > _BATCH_S:
            return await self.store()
        return []

    async def store(self) -> list[Ingested]:
        """Store what was read; what can be told now."""
        await self._put()
        told = [
            replace(one, skipped=True) if one.passages and one.file not in self._fresh else one
            for one in self._told
        ]
        self._told.clear()
        self._fresh.clear()
        return told

    async def close(self) -> None:
        await self._parser.close()

    async def _put(self) -> None:
        if self._items:
            new = set(await self._shelf.add(self._items))
            self._fresh |= {item.location for item in self._items if item.id in new}
        if self._obsolete:
            await self._shelf.drop(self._obsolete, self._owner)
        self._items, self._obsolete = [], []
        self._stored_at = time.monotonic()

    async def _batches(self, file: Found | Refused) -> AsyncIterator[Batch]:
        """What a file says; nothing where that is known. What is wrong with it comes as a problem."""
        try:
            if isinstance(file, Refused):
                raise file.problem
            seen = await self._parser.digest(file.path)
            records = seen.format == "records"
            if not records and (self._is_forgotten(file.path, seen) or await self._is_known(file.path, seen)):
                return
            if seen.size == 0 and not file.named:
                return
            async for batch in self._parser.read(file.path, seen, self._owner):
                if records:
                    wanted = [item for item in batch.items if item.id not in self._forgotten]
                    batch = replace(batch, items=wanted)
                yield batch
        except StorageError as error:
            if error.code == "memory.parser_died":  # no file can be read
                raise
            yield Batch([], error)

    def _is_forgotten(self, path: Path, seen: Digest) -> bool:
        at = self._forgotten.get(item_id(path, self._owner))
        return seen.hash in self._forgotten or (at is not None and seen.changed_at <= at)

    async def _is_known(self, path: Path, seen: Digest) -> bool:
        """Whether the same bytes are in memory, of this file or of another that is still there."""
        own, same = self._by_id.get(item_id(path, self._owner)), self._by_hash.get(seen.hash)
        now = Kept(item_id(path, self._owner), str(path), seen.hash)
        if own is not None and own.content_hash == seen.hash:
            return True
        if same is not None and same.id != now.id:
            if await asyncio.to_thread(Path(same.location).is_file):
                if own is not None:
                    self._obsolete.append(own.id)
                return True
            self._obsolete.append(same.id)
        self._by_id[now.id] = self._by_hash[seen.hash] = now
        return False


def _shown(path: Path) -> str:
    """A path as text that can be stored and sent: names on disk may be any bytes."""
    return str(path).encode(errors="replace").decode()
