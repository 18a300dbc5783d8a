"""Reads files for one conversation, and searches them by their words: nothing of them reaches the memory."""

from __future__ import annotations

import asyncio
import sqlite3
import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Attachment, Recalled
from jarvis_desktop.language import guess_language
from jarvis_desktop.memory.chunking import spans
from jarvis_desktop.memory.formats import clean
from jarvis_desktop.memory.items import Span
from jarvis_desktop.memory.reading import Limits, Parser
from jarvis_desktop.memory.sparse import PLAIN_WEIGHT, STEM_WEIGHT, any_of
from jarvis_desktop.memory.words import Stemming

MOST_CHARACTERS = 2_000_000
"""Of one file: a very long novel. Its words are indexed in about a second, at the first question."""

_FOUND = 40  # passages; more than any context has room for


class DocumentReader:
    """`ports.AttachmentReader`. One file is read at a time."""

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008
        self._parser = Parser(limits)
        self._reading = asyncio.Lock()
        self._finding = asyncio.Lock()
        self._index: tuple[tuple[str, ...], _Index] | None = None  # of the attachments with these ids

    async def read(self, file: Path) -> Attachment:
        async with self._reading:
            seen = await self._parser.digest(file)
            text, passages = "", list[tuple[int, int, str]]()
            async for batch in self._parser.read(file, seen, ""):
                for item in batch.items:  # one, or the records of a file of them
                    shift = len(text)
                    text += item.text + "\n"
                    passages += _plain(item.spans, shift)
        if len(text) > MOST_CHARACTERS:
            raise too_long(file.name)
        if not passages:
            raise StorageError("memory.empty", "{file} is empty.", file=file)
        return _attachment(file.name, seen.size, text, passages, str(file))

    async def divide(self, name: str, text: str) -> Attachment:
        text = clean(text)
        if len(text) > MOST_CHARACTERS:
            raise too_long(name)
        found = await asyncio.to_thread(spans, text)
        return _attachment(name, len(text.encode()), text, _plain(found))

    async def find(self, question: str, attachments: Sequence[Attachment]) -> Sequence[Recalled]:
        async with self._finding:
            return await asyncio.to_thread(self._find, question, attachments)

    async def close(self) -> None:
        await self._parser.close()

    def _find(self, question: str, attachments: Sequence[Attachment]) -> list[Recalled]:
        ids = tuple(attachment.id for attachment in attachments)
        if self._index is None or self._index[0] != ids:
            self._index = ids, _Index(attachments)
        return [attachments[which].passage(number) for which, number in self._index[1].find(question)]


class _Index:
    """Words and stems of passages, in main memory only."""

    def __init__(self, attachments: Sequence[Attachment]) -> None:
        self._stemming = Stemming()
        self._places: list[tuple[int, int]] = []
        # Threads take turns: the pool gives each search any of them.
        self._connection = sqlite3.connect(":memory:", check_same_thread=False)
        self._connection.execute(
            """CREATE VIRTUAL TABLE words USING fts5 (
                plain, stems, content = '', tokenize = 'unicode61 remove_diacritics 2')"""
        )
        for which, attachment in enumerate(attachments):
            for number, (start, end, context) in enumerate(attachment.passages):
                said = f"{context}\n{attachment.text[start:end]}"
                stems = self._stemming.stems(said, guess_language(said))
                self._places.append((which, number))
                self._connection.execute(
                    "INSERT INTO words (rowid, plain, stems) VALUES (?, ?, ?)",
                    (len(self._places), said, stems),
                )

    def find(self, question: str) -> list[tuple[int, int]]:
        """Attachment and passage, best first."""
        asked = self._stemming.asked(question)
        if not asked.words:
            return []
        stems = dict.fromkeys(stem for each in asked.words.values() for stem in each)
        match = f"plain : ({any_of([*asked.words, *asked.joined])}) OR stems : ({any_of(stems)})"
        rows = self._connection.execute(
            f"""SELECT rowid FROM words WHERE words MATCH ?
                ORDER BY bm25(words, {PLAIN_WEIGHT}, {STEM_WEIGHT}), rowid LIMIT {_FOUND}""",
            (match,),
        )
        return [self._places[row - 1] for (row,) in rows]


def too_long(name: str) -> StorageError:
    """The error for more text than a conversation takes."""
    return StorageError(
        "attachments.too_long",
        "{file} holds more than {millions} million characters, which is too much for a chat.",
        "Divide it, or have it remembered: the memory takes longer texts.",
        file=name,
        millions=MOST_CHARACTERS // 1_000_000,
    )


def _attachment(
    name: str, size: int, text: str, passages: Iterable[tuple[int, int, str]], location: str = ""
) -> Attachment:
    return Attachment(uuid.uuid4().hex, name, size, text, tuple(passages), time.time(), location)


def _plain(found: Sequence[Span], shift: int = 0) -> list[tuple[int, int, str]]:
    return [(span.start + shift, span.end + shift, span.context) for span in found]
