"""The truth about what is remembered: one SQLite file."""

from __future__ import annotations

import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import Citation, Forgotten, MemoryItem, MemoryKind
from jarvis_desktop.memory import documents, forgetting, linked, portable, sparse, stored_vectors
from jarvis_desktop.memory.database import (
    open_database,
    put_aside,
    system_translated,
    transaction,
    translated,
)
from jarvis_desktop.memory.encryption import connector, remove, remove_unfinished, replace, token_file
from jarvis_desktop.memory.items import Change, Held, NewItem, Passage
from jarvis_desktop.memory.schema import MIGRATIONS
from jarvis_desktop.memory.stored_tokens import TokenFile
from jarvis_desktop.memory.words import Stemming

_LOG = logging.getLogger(__name__)

CHECKED_BYTES = 64 * 1024 * 1024
"""A larger file is not read through for damage when it is opened: that takes more than half a second."""

_MOST_KEY = 2**63 - 1
_BATCH = 1000  # passages whose tokens are looked for at once


class MemoryStore:
    """Items, their passages and all that is known of them.

    One thread; every write that returned survives kill -9 and loss of power. `owner` is a profile, "" for
    what all share; None means whoever owns it. All methods raise `StorageError` and then have changed
    nothing. A file found damaged is put aside, and the next call begins a fresh one.
    """

    def __init__(self, file: Path, key: str = "") -> None:
        self._file = file
        self._connect = connector(key)
        self._tokens = TokenFile(token_file(file), self._connect)
        self._stemming = Stemming()
        self._connection: sqlite3.Connection | None = None
        self.recovered: Path | None = None
        """Where a damaged file was put; None when it was sound."""

    def open(self) -> None:
        """Open the file, and finish a forgetting that a crash or a full disk cut short, if it can be done."""
        with translated(self._file):
            remove_unfinished(self._file)
        with self._reading() as connection:
            unscrubbed = forgetting.is_unscrubbed(connection)
        if unscrubbed:
            try:
                self.scrub()
            except StorageError as error:  # not a reason to be without a memory
                _LOG.warning("bytes of deleted memories are still in the file: %s", error)

    def close(self) -> None:
        """Safe to call twice."""
        self._tokens.close()
        if self._connection is not None:
            with translated(self._file):
                self._connection.close()
            self._connection = None

    # Items

    def add(self, items: Sequence[NewItem]) -> list[str]:
        """Keep all of the items or none; returns the ids of those that are new or have another text now.

        What an item said before is gone from every table; from the bytes of the file with the next `scrub`.
        Raises `StorageError` ``memory.other_owner``.
        """
        with self._writing() as connection:
            return [item.id for item in items if documents.add_item(connection, item, self._stemming)]

    def item(self, item_id: str, owner: str | None = None) -> MemoryItem:
        """By its id or that of a passage; raises `StorageError` ``memory.unknown_item``."""
        with self._reading() as connection:
            return documents.item(connection, item_id, owner)

    def items(self, ids: Sequence[str]) -> dict[str, MemoryItem]:
        """By their own ids, whoever owns them; unknown ones are left out."""
        with self._reading() as connection:
            return documents.items(connection, ids)

    def listed(
        self, owner: str = "", kind: MemoryKind | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[MemoryItem, ...]:
        """Pinned ones first, then the newest first."""
        with self._reading() as connection:
            return documents.listed(connection, owner, kind, limit, offset)

    def set_pinned(self, item_id: str, pinned: bool) -> None:
        with self._writing() as connection:
            number = documents.number_of(connection, item_id, None)
            connection.execute("UPDATE items SET pinned = ? WHERE number = ?", (pinned, number))

    def supersede(self, old_id: str, new_id: str, at: float) -> None:
        """A fact is contradicted by a newer one: it stays, and says so."""
        with self._writing() as connection:
            documents.supersede(connection, old_id, new_id, at)

    def facts_about(self, subject: str, slot: str, owner: str = "") -> list[str]:
        """Ids of the facts of a subject and slot, in whatever case, that no newer one contradicts."""
        with self._reading() as connection:
            return documents.facts_about(connection, subject, slot, owner)

    def find_hash(self, content_hash: str, owner: str = "") -> str | None:
        """The id of the item that was made from this content."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT id FROM items WHERE content_hash = ? AND owner = ? AND content_hash != '' LIMIT 1",
                (content_hash, owner),
            ).fetchone()
            return row[0] if row else None

    def by_location(self, location: str, owner: str = "") -> tuple[MemoryItem, ...]:
        """The items of a file or a conversation, in their order."""
        with self._reading() as connection:
            return documents.by_location(connection, location, owner)

    def documents(self, owner: str = "") -> list[tuple[str, str, str]]:
        """Id, location and content hash of each document."""
        with self._reading() as connection:
            return connection.execute(
                "SELECT id, location, content_hash FROM items WHERE kind = ? AND owner = ?",
                (MemoryKind.DOCUMENT.value, owner),
            ).fetchall()

    def known(self, ids: Sequence[str]) -> list[str]:
        """Those of `ids` that there is something of."""
        with self._reading() as connection:
            return [each for each in ids if documents.located(connection, each, None) is not None]

    # Passages

    def passages(self, keys: Iterable[int]) -> dict[int, Passage]:
        """In the order of `keys`; unknown ones are left out."""
        with self._reading() as connection:
            return documents.passages(connection, keys)

    def neighbours(self, keys: Iterable[int]) -> dict[int, tuple[int | None, int | None]]:
        """The passages before and after: in the item, else in the items of its kind at its location."""
        with self._reading() as connection:
            return documents.neighbours(connection, keys)

    def keys(self, owner: str | None = None) -> list[int]:
        with self._reading() as connection:
            return documents.keys(connection, owner)

    def keys_of(self, ids: Iterable[str]) -> list[int]:
        """Of items all of their passages, of passages their own; unknown ids are left out."""
        with self._reading() as connection:
            return documents.keys_of(connection, ids)

    def sparse(
        self, question: str, *, owner: str = "", limit: int = 10, languages: Sequence[str] = ()
    ) -> list[tuple[int, float]]:
        """Keys and BM25 scores (higher is better) of the passages that share words with the question.

        `languages` leaves out passages in others ("" and unknown ones stay).
        """
        with self._reading() as connection:
            return sparse.search(connection, self._stemming, question, owner, limit, languages)

    # Vectors

    def without_vectors(self, model: str, limit: int) -> list[Passage]:
        """The newest first."""
        with self._reading() as connection:
            return stored_vectors.without(connection, model, limit)

    def set_vectors(self, model: str, keys: Sequence[int], vectors: npt.NDArray[np.float32]) -> None:
        """[n, d]; kept as float16. Keys forgotten meanwhile are left out."""
        with self._writing() as connection:
            stored_vectors.set_vectors(connection, model, keys, vectors)

    def vectors(
        self, model: str, keys: Iterable[int] | None = None
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Keys [n], rising, and vectors [n, d]: of all passages or of `keys`."""
        with self._reading() as connection:
            return stored_vectors.vectors(connection, model, keys)

    def revision(self) -> int:
        """Counts up with each passage that got vectors or went away."""
        with self._reading() as connection:
            return stored_vectors.revision(connection)

    def version(self) -> int:
        """Changes whenever another connection has written anything."""
        with self._reading() as connection:
            return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def changes_since(self, revision: int) -> list[Change]:
        """What an index that knows everything up to `revision` has to take over, in order."""
        with self._reading() as connection:
            return stored_vectors.changes_since(connection, revision)

    def without_token_vectors(self, model: str, limit: int) -> list[Passage]:
        """The newest first."""
        found: list[int] = []
        below = _MOST_KEY
        with self._reading() as connection:
            while len(found) < limit and (names := stored_vectors.newest(connection, below, _BATCH)):
                found += self._tokens.missing(model, names)
                below = min(names)
            return list(documents.passages(connection, found[:limit]).values())

    def set_token_vectors(self, model: str, vectors: Mapping[int, npt.NDArray[np.generic]]) -> None:
        """[tokens, d] of int8 or float16 for each key."""
        with self._reading() as connection:
            self._tokens.put(model, vectors, stored_vectors.names(connection, vectors))

    def token_vectors(self, model: str, keys: Iterable[int]) -> dict[int, npt.NDArray[np.generic]]:
        """As they were set; keys without any are left out."""
        with self._reading() as connection:
            return self._tokens.get(model, stored_vectors.names(connection, keys))

    # Graph and provenance

    def set_graph(self, key: int, entities: Sequence[tuple[str, str]]) -> None:
        """Names and kinds of the entities of a passage; replaces the former."""
        with self._writing() as connection:
            linked.set_graph(connection, key, entities)

    def without_graph(self, limit: int) -> list[Passage]:
        """The newest first."""
        with self._reading() as connection:
            return linked.without_graph(connection, limit)

    def mentions(self) -> list[linked.Mention]:
        """All of them, by passage."""
        with self._reading() as connection:
            return linked.mentions(connection)

    def note_use(self, turn_id: str, passage_ids: Sequence[str], at: float) -> None:
        """The answer of a turn was given these to read. Ids forgotten meanwhile are left out."""
        with self._writing() as connection:
            linked.note_use(connection, turn_id, passage_ids, at)

    def why(self, turn_id: str, owner: str = "") -> tuple[Citation, ...]:
        with self._reading() as connection:
            return linked.why(connection, turn_id, owner)

    # Forgetting

    def forget(self, ids: Sequence[str], owner: str | None = None, at: float | None = None) -> Forgotten:
        """Delete items (or those that passages belong to) from every table and from the bytes of the file.

        Raises `StorageError` ``memory.unknown_item`` before anything is deleted. Should the second part fail
        (a full disk), the items are gone all the same, and the next `open` or `forget` finishes it.
        """
        with self._writing() as connection:
            numbers = list(dict.fromkeys(documents.number_of(connection, each, owner) for each in ids))
            receipt = forgetting.forget_items(connection, numbers, owner, time.time() if at is None else at)
        self.scrub()
        return receipt

    def drop(self, ids: Sequence[str]) -> None:
        """As `forget`, but without a trace of it: what comes again is welcome. Unknown ids are left out."""
        with self._writing() as connection:
            places = (documents.located(connection, each, None) for each in ids)
            forgetting.drop_items(connection, [place[0] for place in places if place is not None])
        self.scrub()

    def forgotten(self, owner: str = "") -> dict[str, float]:
        """Ids of what was forgotten and not taken in again, hashes of the files among them, and when."""
        with self._reading() as connection:
            return forgetting.forgotten(connection, owner)

    def scrub(self) -> None:
        """Take what was deleted or replaced out of the bytes of the file, too."""
        with self._reading() as connection:
            self._tokens.keep_only(stored_vectors.names(connection, None))
            forgetting.scrub(connection, self._file)

    def receipts(self, owner: str | None = None) -> tuple[Forgotten, ...]:
        """Newest first."""
        with self._reading() as connection:
            return forgetting.receipts(connection, owner)

    # The whole

    def stats(self, owner: str | None = None, model: str = "") -> Held:
        """`model` says whose vectors are counted."""
        with self._reading() as connection:
            return documents.held(connection, owner, model, self._bytes_on_disk())

    def export(self, file: Path, vectors: bool = False) -> int:
        """Write everything as JSON lines; returns the number of items. `file` is complete or not there."""
        part = self._part(file)
        items = 0
        with self._reading() as connection, system_translated(file):
            part.unlink(missing_ok=True)
            part.touch(0o600)
            with part.open("w", encoding="utf-8", newline="\n") as stream:
                for record in portable.records(connection, vectors):
                    items += record.get("type") == "item"
                    stream.write(json.dumps(record, ensure_ascii=False) + "\n")
            replace(part, file)
        return items

    def restore(self, file: Path) -> list[str]:
        """Take in what `export` wrote, all of it or nothing; returns the ids of the items that are new."""
        with self._writing() as connection:
            return portable.restore(connection, _lines(file), self._stemming)

    def restore_from(self, other: MemoryStore) -> list[str]:
        """As `restore`, what another store holds."""
        with other._reading() as source, self._writing() as connection:
            records = portable.records(source, vectors=True)
            lines = (json.dumps(record).encode() for record in records)
            return portable.restore(connection, lines, self._stemming)

    def backup(self, file: Path) -> None:
        """A copy of the database, with the same key. `file` is complete or not there."""
        part = self._part(file)
        with self._reading() as connection, system_translated(file):
            remove(part)
            part.touch(0o600)
            copy = self._connect(part)
            try:
                connection.backup(copy)
            finally:
                copy.close()
            replace(part, file)

    def _part(self, file: Path) -> Path:
        """What becomes `file` once it is complete."""
        if file.resolve() == self._file.resolve():
            raise StorageError(
                "memory.same_file",
                "{file} is the memory itself: it cannot be overwritten with a copy.",
                "Choose another file.",
                file=file,
            )
        return file.with_name(f"{file.name}.part")

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as connection, transaction(connection):
            yield connection

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The open file; what SQLite raises in the block as `StorageError`."""
        connection = self._opened()
        try:
            with translated(self._file):
                yield connection
        except StorageError as error:
            if error.code == "storage.corrupt":
                self.close()
                with translated(self._file):
                    self._report(put_aside(self._file))
            raise

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            opened = open_database(self._file, MIGRATIONS, self._connect, CHECKED_BYTES)
            self._connection = opened.connection
            with translated(self._file):
                self._connection.execute("PRAGMA secure_delete = ON")
                # What is sorted or copied on the way is not to stand in a file of its own elsewhere.
                self._connection.execute("PRAGMA temp_store = MEMORY")
                sparse.prepare(self._connection)
            if opened.recovered is not None:
                self._report(opened.recovered)
        return self._connection

    def _report(self, aside: Path) -> None:
        self.recovered = aside
        _LOG.warning("the memory was damaged and put aside as %s", aside.name)

    def _bytes_on_disk(self) -> int:
        files = (self._file, Path(f"{self._file}-wal"))
        return sum(file.stat().st_size for file in files if file.exists()) + self._tokens.bytes_on_disk()


def _lines(file: Path) -> Iterator[bytes]:
    with system_translated(file), file.open("rb") as lines:
        yield from lines
