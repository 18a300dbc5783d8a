"""Vectors of texts that were seen before, in memory and on disk, so that a model computes each only once."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import math
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from cachetools import TTLCache

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.database import (
    Migrations,
    Opened,
    damaged,
    open_database,
    sql_errors,
    transaction,
    translated,
)
from jarvis_desktop.memory.embedding import Encoder, normalised
from jarvis_desktop.memory.encryption import connector, remove
from jarvis_desktop.memory.vector_index import unit_length

_LOG = logging.getLogger(__name__)

MEMORY_ENTRIES = 5_000
MEMORY_SECONDS = 3600.0
MOST_BYTES = 256 * 1024**2
"""Of the file: about 270,000 texts at 384 dimensions."""

MIGRATIONS: Migrations = (
    (
        """CREATE TABLE vectors (
            text BLOB NOT NULL,     -- SHA-256 of the text, never the text
            space TEXT NOT NULL,    -- encoder and kind of text
            vector BLOB NOT NULL,   -- float16
            used INTEGER NOT NULL,  -- rises with every use: the clock may jump
            UNIQUE (text, space)
        )""",
        "CREATE INDEX vectors_by_use ON vectors (used)",
    ),
)

_Kind = Literal["passage", "question"]
_Place = tuple[bytes, str]  # text, space
_QUESTIONS = "/question"  # the end of their spaces

_BUSY_MS = 200  # a cache that has to be waited for longer is slower than none
_ASKED_AT_ONCE = 500  # variables of a statement; SQLite allows 32,766 and long ago 999
_EVICTED_SHARE = 0.1  # of the rows, at once: evicting one by one would look for the oldest at every write
_MOST_NOTED = 1_000  # uses that are kept in memory before they are written
_CHECKED_BYTES = 32 * 1024**2  # of a file that is read through for damage when it is opened
_OTHER_KEY = {"memory.wrong_key", "memory.encrypted", "memory.not_encrypted"}


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """Where vectors came from since the start, one for each text asked for."""

    memory: int = 0
    disk: int = 0
    computed: int = 0

    @property
    def hits(self) -> int:
        return self.memory + self.disk


class CachedEncoder:
    """An encoder that computes a text only once: 5,000 vectors for an hour in memory, far more in `file`.

    Texts that differ only in white space or in how their accents are written are one. A vector is the same
    whether computed or found: it is always rounded to float16. The file is bounded; what was not used for
    longest goes first. A file that cannot be used is done without, one of another `key` (as of the store; ""
    not encrypted) is begun anew. Of one thread.
    """

    def __init__(
        self,
        encoder: Encoder,
        file: Path,
        most_bytes: int = MOST_BYTES,
        key: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._encoder = encoder
        self._file = file
        self._most_bytes = most_bytes
        self._key = key
        self._memory: TTLCache[_Place, np.ndarray] = TTLCache(MEMORY_ENTRIES, MEMORY_SECONDS, clock)
        self._connection: sqlite3.Connection | None = None
        self._opened = False
        self._uses = 0
        self._used: dict[_Place, int] = {}
        self._counts = CacheCounts()

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    @property
    def counts(self) -> CacheCounts:
        return self._counts

    def passages(self, texts: Sequence[str]) -> np.ndarray:
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return self._vectors("passage", texts, self._encoder.passages)

    def question(self, text: str) -> np.ndarray:
        vector: np.ndarray = self._vectors(
            "question", [text], lambda missing: self._encoder.question(missing[0])[np.newaxis]
        )[0]
        return vector

    def forget(self, texts: Sequence[str]) -> None:
        """Remove the vectors of these texts, of all encoders, so that no byte of them stays in the file.

        All questions go with them: what is forgotten was told, and asked about, in such words.
        A file that cannot be changed is deleted: it holds nothing that cannot be computed again. Raises
        `StorageError` when that fails too.
        """
        digests = {_digest(normalised(text)) for text in texts}
        if not digests:
            return
        for place in [place for place in self._memory if _is_gone(place, digests)]:
            del self._memory[place]
        self._used = {place: used for place, used in self._used.items() if not _is_gone(place, digests)}
        if not self._file.exists():
            return
        connection = self._disk()
        if connection is None:
            self._delete_file()
            self._opened = False
            return
        try:
            with transaction(connection):
                connection.executemany("DELETE FROM vectors WHERE text = ?", ((one,) for one in digests))
                connection.execute("DELETE FROM vectors WHERE space LIKE ?", (f"%{_QUESTIONS}",))
            # Rows that SQLite moved within its pages may have left copies: only a rewritten file has none.
            connection.execute("VACUUM")
            if int(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]):
                raise sqlite3.OperationalError("another process reads the old vectors")
        except sql_errors() as error:
            self._give_up(error)
            self._delete_file()
            self._opened = False

    def close(self) -> None:
        """Write what is still to be written; the memory side stays. The next use opens the file again."""
        if self._connection is not None:
            with self._without_failing(), transaction(self._connection):
                self._write_uses(self._connection)
        if self._connection is not None:
            self._connection.close()
        self._connection, self._opened = None, False

    def _vectors(
        self, kind: _Kind, texts: Sequence[str], compute: Callable[[Sequence[str]], np.ndarray]
    ) -> np.ndarray:
        space = f"{self.name}/{kind}"
        plain = [normalised(text) for text in texts]
        places = [(_digest(text), space) for text in plain]
        wanted = dict(zip(places, plain, strict=True))
        found = {place: self._memory[place] for place in wanted if place in self._memory}
        stored = self._read([place for place in wanted if place not in found])
        found |= stored
        missing = [place for place in wanted if place not in found]
        if missing:
            fresh = compute([wanted[place] for place in missing]).astype(np.float16)
            found |= zip(missing, fresh, strict=True)
        self._memory.update(found)
        self._write({place: found[place] for place in missing}, wanted)
        self._counts = CacheCounts(
            self._counts.memory + len(places) - len(stored) - len(missing),
            self._counts.disk + len(stored),
            self._counts.computed + len(missing),
        )
        # Rounding has moved the lengths a little away from one.
        return unit_length(np.stack([found[place] for place in places]))

    def _read(self, places: Sequence[_Place]) -> dict[_Place, np.ndarray]:
        """Those of the places, all of one space, that are in the file."""
        connection = self._disk() if places else None
        if connection is None:
            return {}
        found: dict[_Place, np.ndarray] = {}
        with self._without_failing():
            for start in range(0, len(places), _ASKED_AT_ONCE):
                some = places[start : start + _ASKED_AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = connection.execute(
                    f"SELECT text, vector FROM vectors WHERE space = ? AND text IN ({marks})",
                    (some[0][1], *(text for text, _ in some)),
                )
                for text, vector in rows:
                    if self._sound(vector):
                        found[text, some[0][1]] = np.frombuffer(vector, np.float16)
        return found

    def _sound(self, vector: bytes) -> bool:
        """Whether it can be a vector of the encoder; a flipped bit is nothing that SQLite notices."""
        if len(vector) != 2 * self.dimensions:
            return False
        return bool(abs(np.linalg.norm(np.frombuffer(vector, np.float16).astype(np.float32)) - 1) < 0.01)

    def _write(self, fresh: dict[_Place, np.ndarray], used: Iterable[_Place]) -> None:
        """Store what is new; uses of what is there are written now and then, or with what is new."""
        for place in used:
            self._uses += 1
            self._used[place] = self._uses
        if not fresh and len(self._used) < _MOST_NOTED:
            return
        connection = self._disk()
        if connection is None:
            self._used.clear()
            return
        with self._without_failing():
            with transaction(connection):
                connection.executemany(
                    "INSERT OR REPLACE INTO vectors (text, space, vector, used) VALUES (?, ?, ?, ?)",
                    ((*place, vector.tobytes(), self._used[place]) for place, vector in fresh.items()),
                )
                self._write_uses(connection)
            self._evict(connection)

    def _write_uses(self, connection: sqlite3.Connection) -> None:
        connection.executemany(
            "UPDATE vectors SET used = ? WHERE text = ? AND space = ?",
            ((use, *place) for place, use in self._used.items()),
        )
        self._used.clear()

    def _evict(self, connection: sqlite3.Connection) -> None:
        """Drop the rows that were not used for longest while the file is too large."""
        while _bytes_in_use(connection) > self._most_bytes:
            rows = connection.execute("SELECT COUNT(*) FROM vectors").fetchone()[0]
            if not rows:
                return
            with transaction(connection):
                connection.execute(
                    "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors ORDER BY used LIMIT ?)",
                    (math.ceil(rows * _EVICTED_SHARE),),
                )

    def _disk(self) -> sqlite3.Connection | None:
        """The file, opened by the first use; None when it cannot be used."""
        if not self._opened:
            self._opened = True
            try:
                self._connection = self._open()
            except (StorageError, OSError, sqlite3.Error) as error:
                self._give_up(error)
        return self._connection

    def _open(self) -> sqlite3.Connection:
        opened = self._open_file()
        connection = opened.connection
        if opened.recovered is not None:
            # Not kept: it can all be computed again, and what is forgotten must not stay in a file put aside.
            _LOG.warning("The store of computed vectors was damaged and is begun anew.")
            remove(opened.recovered)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is computed again
        connection.execute("PRAGMA secure_delete = ON")
        self._uses = connection.execute("SELECT COALESCE(MAX(used), 0) FROM vectors").fetchone()[0]
        return connection

    def _open_file(self) -> Opened:
        try:
            return open_database(self._file, MIGRATIONS, connector(self._key), _CHECKED_BYTES)
        except StorageError as error:
            if error.code not in _OTHER_KEY:
                raise
        self._delete_file()  # encryption was turned on or off: the old vectors must not stay as they were
        return open_database(self._file, MIGRATIONS, connector(self._key), _CHECKED_BYTES)

    @contextlib.contextmanager
    def _without_failing(self) -> Iterator[None]:
        try:
            yield
        except sql_errors() as error:
            self._give_up(error)
            if damaged(error):  # nothing in it is worth keeping
                with contextlib.suppress(StorageError):
                    self._delete_file()
                    self._opened = False

    def _give_up(self, error: Exception) -> None:
        """Go on without the file until the next start."""
        _LOG.warning("Computed vectors are kept in memory only: %s", error)
        if self._connection is not None:
            with contextlib.suppress(*sql_errors()):
                self._connection.close()
        self._connection = None

    def _delete_file(self) -> None:
        with translated(self._file):
            remove(self._file)


def _is_gone(place: _Place, forgotten: Collection[bytes]) -> bool:
    text, space = place
    return text in forgotten or space.endswith(_QUESTIONS)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _bytes_in_use(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])  # SQLCipher gives text
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size
