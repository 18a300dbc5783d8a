"""Conversations and what is remembered beyond them, in memory only."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np

from jarvis_desktop.config.profiles import MemoryScope
from jarvis_desktop.errors import JarvisError, StorageError
from jarvis_desktop.events import (
    FORGOTTEN,
    Attachment,
    Citation,
    Conversation,
    Forgotten,
    Ingested,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryStats,
    Message,
    Recalled,
    Recollection,
    Versions,
)
from jarvis_desktop.folding import fold
from jarvis_desktop.ports import Embeddings


class FakeEmbedder:
    """Vectors that tell how long a text is."""

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        vectors = np.array([[len(text), 1.0, 0.0] for text in texts], np.float32)
        return Embeddings(vectors, "fake-encoder", len(texts))


class FakeHistory:
    """Conversations in memory; `error` makes every write fail."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Message]] = {}
        self.scope = MemoryScope()
        self.error: JarvisError | None = None
        self.files: dict[str, list[Attachment]] = {}
        self.file_uses: dict[str, list[tuple[str, int]]] = {}

    async def new_conversation(self, *, private: bool = False) -> Conversation:
        conversation_id = f"c{len(self.rows) + 1}"
        self.rows[conversation_id] = []
        return Conversation(conversation_id, "", 0.0)

    def is_private(self, conversation_id: str) -> bool:
        return False

    def leave(self, conversation_id: str) -> None: ...

    async def conversations(self) -> tuple[Conversation, ...]:
        return tuple(Conversation(key, rows[0].text if rows else "", 0.0) for key, rows in self.rows.items())

    async def messages(self, conversation_id: str) -> tuple[Message, ...]:
        if conversation_id not in self.rows:
            raise StorageError("storage.unknown", "There is no conversation {id}.", id=conversation_id)
        return tuple(self.rows[conversation_id])

    async def versions(self, conversation_id: str) -> tuple[Versions, ...]:
        return ()

    async def show_version(self, message_id: str) -> None: ...

    async def all_messages(self) -> tuple[Message, ...]:
        return tuple(row for rows in self.rows.values() for row in rows)

    async def append(self, message: Message, after: str | None = None) -> None:
        if self.error is not None:
            raise self.error
        self.rows[message.conversation_id].append(message)

    async def replace(self, message: Message) -> None:
        if self.error is not None:
            raise self.error
        rows = self.rows[message.conversation_id]
        rows[:] = [replace(message) if row.id == message.id else row for row in rows]

    async def blank(self, message_ids: Sequence[str]) -> None:
        for rows in self.rows.values():
            rows[:] = [replace(row, text=FORGOTTEN) if row.id in message_ids else row for row in rows]

    async def attach(self, conversation_id: str, attachment: Attachment) -> None:
        self.files.setdefault(conversation_id, []).append(attachment)

    async def attachments(self, conversation_id: str) -> tuple[Attachment, ...]:
        return tuple(self.files.get(conversation_id, ()))

    async def detach(self, attachment_id: str) -> None:
        for files in self.files.values():
            files[:] = [each for each in files if each.id != attachment_id]

    async def note_attachment_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        self.file_uses[turn_id] = [(each.item, int(each.id.rpartition("#")[2]) - 1) for each in used]

    async def attachment_uses(self, conversation_id: str) -> Mapping[str, Sequence[tuple[str, int]]]:
        turns = {row.turn_id for row in self.rows[conversation_id]}
        return {turn: used for turn, used in self.file_uses.items() if turn in turns}

    def use(self, scope: MemoryScope) -> None:
        self.scope = scope

    def bound(self, conversation_id: str = "") -> AbstractContextManager[None]:
        return nullcontext()

    async def search(self, words: str, limit: int) -> tuple[Message, ...]:
        if self.error is not None:
            raise self.error
        found = [row for rows in self.rows.values() for row in rows if fold(words) in fold(row.text)]
        return tuple(reversed(found))[:limit]


class FakeReader:
    """Reads text files, a passage for each paragraph; reading waits for `hold`."""

    def __init__(self) -> None:
        self.hold: asyncio.Semaphore | None = None
        self.open = False

    async def read(self, file: Path) -> Attachment:
        self.open = True
        if self.hold is not None:
            await self.hold.acquire()
        if file.suffix == ".png":
            raise StorageError("memory.picture", "{file} is a picture.", "Use text.", file=file)
        text = await asyncio.to_thread(file.read_text)
        return replace(await self.divide(file.name, text), location=str(file))

    async def divide(self, name: str, text: str) -> Attachment:
        found = [(match.start(), match.end(), "") for match in re.finditer(r"\S.*", text)]
        return Attachment("", name, len(text), text, tuple(found), 1.7e9)

    async def find(self, question: str, attachments: Sequence[Attachment]) -> Sequence[Recalled]:
        wanted = _words(question)
        passages = [each.passage(number) for each in attachments for number in range(len(each.passages))]
        scored = [(len(wanted & _words(passage.text)), passage) for passage in passages]
        return [passage for count, passage in sorted(scored, key=lambda pair: -pair[0]) if count]

    async def close(self) -> None:
        self.open = False


class FakeMemory:
    """A long-term memory that finds texts which share words with the question; nothing reaches the disk.

    `error` makes every call fail; recalling waits for `hold`. A write takes one second of its clock.
    """

    def __init__(self) -> None:
        self.pid: int | None = None
        self.items: dict[str, tuple[str, MemoryItem]] = {}  # with the owner
        self.uses: dict[str, tuple[Recalled, ...]] = {}
        self.files: dict[Path, list[MemoryItem]] = {}  # backups and what they hold
        self.asked: list[tuple[str, str]] = []  # questions and owners
        self.error: JarvisError | None = None
        self.hold: asyncio.Semaphore | None = None
        self._now = 1_700_000_000.0

    async def recall(
        self, question: str, *, owner: str = "", limit: int = 10, stages: Sequence[str] = ()
    ) -> Recollection:
        self._check()
        self.asked.append((question, owner))
        if self.hold is not None:
            await self.hold.acquire()
        wanted = _words(question)
        scored = [
            (len(wanted & _words(item.text)) / max(1, len(wanted)), item)
            for of, item in self.items.values()
            if of == owner and not item.superseded_by
        ]
        best = sorted((pair for pair in scored if pair[0]), key=lambda pair: (-pair[0], -pair[1].created_at))
        found = tuple(
            Recalled(
                item.id,
                item.id,
                item.kind,
                item.text,
                item.source,
                score,
                location=item.location,
                created_at=item.created_at,
            )
            for score, item in best[:limit]
        )
        return Recollection(found, {"total": 1.0}, confident=bool(found))

    async def remember(
        self,
        text: str,
        *,
        kind: MemoryKind = MemoryKind.NOTE,
        item_id: str = "",
        source: str = "",
        location: str = "",
        created_at: float | None = None,
        owner: str = "",
        metadata: Mapping[str, str | int | float | bool] | None = None,
    ) -> MemoryItem:
        self._check()
        self._now += 1
        told = dict(metadata or {})
        for of, item in self.items.values():
            if of == owner and (item.kind, item.text) == (kind, text) and not item.superseded_by:
                return item
        new = MemoryItem(
            item_id or f"i{len(self.items) + 1}",
            kind,
            text,
            source,
            location,
            self._now if created_at is None else created_at,
            owner,
            metadata=told,
        )
        if kind is MemoryKind.FACT:
            for of, item in [*self.items.values()]:
                same = [item.metadata.get(key) == told.get(key) for key in ("subject", "slot")]
                if of == owner and item.kind is kind and all(same) and not item.superseded_by:
                    self.items[item.id] = of, replace(item, superseded_by=new.id)
        self.items[new.id] = owner, new
        return new

    async def ingest(self, paths: Sequence[Path], *, owner: str = "") -> AsyncIterator[Ingested]:
        self._check()
        for number, path in enumerate(paths, 1):
            text = await asyncio.to_thread(path.read_text)
            await self.remember(text, kind=MemoryKind.DOCUMENT, source=path.name, owner=owner)
            yield Ingested(number, len(paths), path.name, 1)
        yield Ingested(len(paths), len(paths))

    async def listed(
        self, *, owner: str = "", kind: MemoryKind | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[MemoryItem, ...]:
        self._check()
        found = [item for of, item in self.items.values() if of == owner and kind in (None, item.kind)]
        found.sort(key=lambda item: (not item.pinned, -item.created_at))
        return tuple(found[offset : offset + limit])

    async def show(self, item_id: str, *, owner: str = "") -> MemoryItem:
        self._check()
        of, item = self.items.get(item_id, (None, None))
        if of != owner or item is None:
            raise StorageError("memory.unknown_item", "There is no item {id}.", id=item_id)
        return item

    async def edit(
        self, item_id: str, text: str, *, owner: str = "", traces: Sequence[str] = ()
    ) -> MemoryItem:
        item = await self.show(item_id, owner=owner)
        told = {key: value for key, value in item.metadata.items() if key != "value"}
        if traces:
            told["traces"] = " ".join(traces)
        self.items[item_id] = owner, replace(item, text=text, metadata=told)
        for turn, used in self.uses.items():
            self.uses[turn] = tuple(each for each in used if each.item != item_id)
        return self.items[item_id][1]

    async def pin(self, item_id: str, pinned: bool, *, owner: str = "") -> MemoryItem:
        self.items[item_id] = owner, replace(await self.show(item_id, owner=owner), pinned=pinned)
        return self.items[item_id][1]

    async def forget(self, item_ids: Sequence[str], *, owner: str = "") -> Forgotten:
        gone = [await self.show(item_id, owner=owner) for item_id in item_ids]
        for item in gone:
            del self.items[item.id]
        for turn, used in self.uses.items():
            self.uses[turn] = tuple(each for each in used if each.item in self.items)
        return Forgotten("receipt-1", self._now, tuple(item.id for item in gone), len(gone), len(gone))

    async def forget_conversation(self, conversation_id: str, *, owner: str = "") -> Forgotten:
        told = [item.id for of, item in self.items.values() if item.location == conversation_id]
        return await self.forget(told, owner=owner)

    async def note_use(self, turn_id: str, used: Sequence[Recalled]) -> None:
        self._check()
        self.uses[turn_id] = tuple(used)

    async def why(self, turn_id: str, *, owner: str = "") -> tuple[Citation, ...]:
        self._check()
        return tuple(
            Citation(each.id, each.source, each.text, each.kind, each.location, each.created_at)
            for each in self.uses.get(turn_id, ())
        )

    async def stats(self, *, owner: str | None = None) -> MemoryStats:
        self._check()
        return MemoryStats({}, len(self.items), 0, 0, 0, "fake", "exact", 0, 0, 0)

    async def export(self, file: Path) -> int:
        self._check()
        return 0

    async def backups(self) -> Sequence[MemoryBackup]:
        self._check()
        return [MemoryBackup(file, 1.7e9, len(held)) for file, held in self.files.items()]

    async def restore(self, file: Path) -> Sequence[str]:
        self._check()
        new = {item.id: ("", item) for item in self.files[file] if item.id not in self.items}
        self.items |= new
        return list(new)

    async def undo_restore(self, item_ids: Sequence[str]) -> None:
        self._check()
        for item_id in item_ids:
            del self.items[item_id]

    async def rebuild(self) -> int:
        self._check()
        return 0

    def _check(self) -> None:
        if self.error is not None:
            raise self.error


def _words(text: str) -> set[str]:
    """Words of four letters and more, by their first five, and numbers."""
    return {word[:5] for word in re.findall(r"\w+", text.lower()) if len(word) > 3 or word.isdigit()}
