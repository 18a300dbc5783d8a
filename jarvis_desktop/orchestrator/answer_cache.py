"""Answers to questions that were asked before, in a SQLite file of its own.

Losing it costs nothing but time: whatever goes wrong with it ends here, and the question is answered anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
import sqlite3
import threading
import time
import unicodedata
import zlib
from collections.abc import Callable
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import TypeVar

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")

TTL_S = 24 * 3600.0
"""Seconds an answer is used for: a question is asked again within the day, and the world hardly changes."""

LIMIT = 1000
"""Answers kept. At about 1 KiB each, compressed (`ports.ChatOptions` ends a reply at 512 tokens), 1 MiB."""

MAX_CHARACTERS = 32_000
"""Longer answers are not kept, so that `LIMIT` bounds the file too."""

BUSY_SECONDS = 0.2
"""Wait for another process that is writing: beyond this, asking the model is hardly slower."""

_VERSION = 1  # of the table and of what a key is made of; another one's answers are thrown away
_TABLE = """CREATE TABLE answers (
    key BLOB PRIMARY KEY,
    text BLOB NOT NULL,
    stored_at REAL NOT NULL,
    used INTEGER NOT NULL UNIQUE  -- counts up with every use: the clock may jump
) WITHOUT ROWID"""
_USED_NOW = "(SELECT coalesce(max(used), 0) + 1 FROM answers)"
_DROP_LEAST_USED = """DELETE FROM answers
    WHERE used <= (SELECT used FROM answers ORDER BY used DESC LIMIT 1 OFFSET ?)"""

# https://sqlite.org/rescode.html; plain ERROR is what a missing or foreign table gives
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR}

_ADDRESS = re.compile(r"^(?:(?:(?:hey|oye) )?jarvis |please |por favor )+")
_COURTESY = re.compile(r"(?: (?:please|por favor))+$")
_OPENING, _CLOSING = "¿¡\"'«“‘`", "?.,;:…\"'»”’`"


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """All that an answer depends on. Two keys are the same answer's when their `digest` is.

    Nothing has a default: what is forgotten here would be answered with somebody else's answer.
    """

    model: str
    tier: str  # how elaborate the prompt is
    instructions: str = field(repr=False)  # the text or its hash
    question: str = field(repr=False)  # as asked, see `normalised`
    language: str  # ISO 639-1, or "" when unknown
    recalled: str = field(repr=False)  # what memory added to the prompt, or its digest; "" for nothing
    context: str = field(repr=False)  # the earlier turns in the prompt, or their digest; "" for none

    @property
    def digest(self) -> bytes:
        """SHA-256 over all fields: the only trace of the question that is stored."""
        parts = astuple(replace(self, question=normalised(self.question)))
        # As JSON, because simply joined, ("ab", "c") and ("a", "bc") would be one key.
        return hashlib.sha256(json.dumps(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What is stored (`bytes`: compressed answers), and how often it served since the program started."""

    entries: int
    bytes: int
    hits: int
    misses: int


class AnswerCache:
    """Answers by `CacheKey` for `ttl_s` seconds; beyond `limit` answers the least recently used one goes.

    Nothing is raised for the file's sake: where it cannot be used, `get` finds nothing and `put` keeps
    nothing; a damaged one is begun afresh. All methods block for milliseconds (`BUSY_SECONDS` at worst) and
    may be called from any thread. `now` is the wall clock, seconds since the epoch.
    """

    def __init__(
        self, path: Path, *, ttl_s: float = TTL_S, limit: int = LIMIT, now: Callable[[], float] = time.time
    ) -> None:
        self._path = path
        self._ttl_s = ttl_s
        self._limit = limit
        self._now = now
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._reported: set[str] = set()
        self._hits = self._misses = 0

    def get(self, key: CacheKey) -> str | None:
        """The answer stored under `key`, if it is neither too old nor dated in the future."""
        digest = key.digest
        with self._lock:
            text = self._on_file(lambda connection: self._find(connection, digest), None)
            self._hits += text is not None
            self._misses += text is None
            return text

    def put(self, key: CacheKey, text: str) -> None:
        """Keep an answer; it has outlived this process when the call returns. An empty one is not kept."""
        if not text.strip() or len(text) > MAX_CHARACTERS:
            return
        digest, packed = key.digest, zlib.compress(text.encode(errors="surrogatepass"))
        with self._lock:
            self._on_file(lambda connection: self._store(connection, digest, packed), None)

    def clear(self) -> None:
        """Forget all answers; what was written of them is overwritten."""
        with self._lock:
            self._on_file(_erase, None)

    def stats(self) -> CacheStats:
        """Figures for display; nothing stored where the file cannot be used."""
        with self._lock:
            entries, size = self._on_file(_measure, (0, 0))
            return CacheStats(entries, size, self._hits, self._misses)

    def close(self) -> None:
        """Close the file. Safe to call twice; a later call opens it again."""
        with self._lock:
            self._disconnect()

    def _find(self, connection: sqlite3.Connection, digest: bytes) -> str | None:
        row = connection.execute("SELECT text, stored_at FROM answers WHERE key = ?", (digest,)).fetchone()
        # Dated in the future, the clock was wrong then or is now: how old the answer is, nobody knows.
        if row is None or not 0 <= self._now() - row[1] < self._ttl_s:
            return None
        connection.execute(f"UPDATE answers SET used = {_USED_NOW} WHERE key = ?", (digest,))
        return zlib.decompress(row[0]).decode(errors="surrogatepass")

    def _store(self, connection: sqlite3.Connection, digest: bytes, packed: bytes) -> None:
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            self._drop_outdated(connection)
            connection.execute(
                f"INSERT OR REPLACE INTO answers (key, text, stored_at, used) VALUES (?, ?, ?, {_USED_NOW})",
                (digest, packed, self._now()),
            )
            connection.execute(_DROP_LEAST_USED, (self._limit,))

    def _drop_outdated(self, connection: sqlite3.Connection) -> None:
        now = self._now()
        connection.execute(
            "DELETE FROM answers WHERE stored_at NOT BETWEEN ? AND ?", (now - self._ttl_s, now)
        )

    def _on_file(self, work: Callable[[sqlite3.Connection], _Result], otherwise: _Result) -> _Result:
        """`work` on the open file; the one place where trouble with it ends. Holds `_lock`."""
        try:
            if self._connection is None:
                self._connection = _connect(self._path)
                self._drop_outdated(self._connection)
            return work(self._connection)
        except (sqlite3.Error, OSError, zlib.error, UnicodeDecodeError) as error:
            self._give_up(error)
            return otherwise

    def _give_up(self, error: Exception) -> None:
        """Close the file, so that the next call starts over, and remove it if it is damaged."""
        reason = getattr(error, "sqlite_errorname", type(error).__name__)
        if reason not in self._reported:
            self._reported.add(reason)
            _LOG.warning("answers are not reused for now: %s cannot be used (%s)", self._path.name, reason)
        with contextlib.suppress(sqlite3.Error):
            self._disconnect()
        if _damaged(error):
            with contextlib.suppress(OSError):
                for suffix in ("-wal", "-shm", ""):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def normalised(question: str) -> str:
    """A question without what does not change its answer: case, blanks, punctuation, address, courtesy.

    Accents stay ("papá" is no "papa"), and so do marks that mean something: within a word, between words,
    and after a digit or a single letter. 3.5 is not 35, 5! is not 5, and C# is not C.
    """
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", question).casefold())
    text = " ".join(_stripped(word) or word for word in folded.split())
    text = text.lstrip(_OPENING + " ").rstrip(_CLOSING + " ")
    return _COURTESY.sub("", _ADDRESS.sub("", text))


def _stripped(word: str) -> str:
    word = word.lstrip(_OPENING).rstrip(_CLOSING)
    calm = word.rstrip("!" + _CLOSING)
    return calm if len(calm) > 1 and calm[-2:].isalpha() else word


def _damaged(error: Exception) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", -1) & 0xFF in _DAMAGED  # the extended code's low byte
    return not isinstance(error, OSError)  # an answer that cannot be unpacked


def _measure(connection: sqlite3.Connection) -> tuple[int, int]:
    entries, size = connection.execute("SELECT count(*), total(length(text)) FROM answers").fetchone()
    return int(entries), int(size)


def _erase(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM answers")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log still holds the pages as they were


def _connect(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)  # SQLite would give a new file the mode of the process, readable by others
    path.chmod(0o600)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # A commit survives the end of the program; losing the last ones to a power cut costs nothing here.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")
        with connection:
            connection.execute("BEGIN IMMEDIATE")  # another process may be making the table
            if connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                connection.execute("DROP TABLE IF EXISTS answers")
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA user_version = {_VERSION}")
    except BaseException:
        connection.close()
        raise
    return connection
