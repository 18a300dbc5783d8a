"""The tables of the memory store. The truth is here; every index beside it can be made anew from it."""

from __future__ import annotations

from jarvis_desktop.memory.database import Migrations

MIGRATIONS: Migrations = (
    (
        """CREATE TABLE items (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            source TEXT NOT NULL,
            location TEXT NOT NULL,
            created_at REAL NOT NULL,
            owner TEXT NOT NULL,
            metadata TEXT NOT NULL,  -- JSON object
            content_hash TEXT NOT NULL,
            position REAL NOT NULL,
            passages INTEGER NOT NULL,
            pinned INTEGER NOT NULL DEFAULT 0,
            superseded_by TEXT NOT NULL DEFAULT '',
            superseded_at REAL
        )""",
        "CREATE INDEX items_by_time ON items (owner, pinned, created_at)",
        "CREATE INDEX items_by_location ON items (location, kind, position)",
        "CREATE INDEX items_by_hash ON items (content_hash)",
        "CREATE INDEX items_by_successor ON items (superseded_by) WHERE superseded_by != ''",
        # A key is never used twice (AUTOINCREMENT): an index that missed a deletion never shows another text.
        """CREATE TABLE passages (
            key INTEGER PRIMARY KEY AUTOINCREMENT,
            item INTEGER NOT NULL REFERENCES items (number) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            first INTEGER NOT NULL,
            last INTEGER NOT NULL,
            text TEXT,  -- NULL: the whole text of the item
            context TEXT NOT NULL,
            language TEXT NOT NULL,
            stems TEXT NOT NULL,  -- as they were indexed, because the index wants them again to delete them
            graphed INTEGER NOT NULL DEFAULT 0,
            nonce INTEGER NOT NULL DEFAULT (random()),  -- names it in files that may be of another store
            UNIQUE (item, number)
        )""",
        "CREATE INDEX passages_without_graph ON passages (key) WHERE graphed = 0",
        """CREATE VIRTUAL TABLE words USING fts5 (
            plain, stems, content = '', tokenize = 'unicode61 remove_diacritics 2'
        )""",
        "CREATE TABLE models (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        """CREATE TABLE vectors (
            key INTEGER NOT NULL REFERENCES passages (key) ON DELETE CASCADE,
            model INTEGER NOT NULL REFERENCES models (number),
            vector BLOB NOT NULL,  -- float16
            UNIQUE (key, model)
        )""",
        # What the vector index has to take over: of each passage its latest change.
        """CREATE TABLE changes (
            revision INTEGER PRIMARY KEY AUTOINCREMENT,
            key INTEGER NOT NULL UNIQUE,
            gone INTEGER NOT NULL
        )""",
        """CREATE TABLE mentions (
            key INTEGER NOT NULL REFERENCES passages (key) ON DELETE CASCADE,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            PRIMARY KEY (key, name, kind)
        ) WITHOUT ROWID""",
        """CREATE TABLE uses (
            number INTEGER PRIMARY KEY,  -- order of the citations
            turn_id TEXT NOT NULL,
            item INTEGER NOT NULL REFERENCES items (number) ON DELETE CASCADE,
            passage INTEGER NOT NULL,  -- its number, -1 for the whole item
            at REAL NOT NULL,
            UNIQUE (turn_id, item, passage)
        )""",
        "CREATE INDEX uses_by_item ON uses (item)",
        """CREATE TABLE receipts (
            receipt TEXT PRIMARY KEY,
            at REAL NOT NULL,
            owner TEXT,
            passages INTEGER NOT NULL,
            vectors INTEGER NOT NULL
        )""",
        # Ids of what was forgotten, never what it said.
        """CREATE TABLE tombstones (
            id TEXT PRIMARY KEY,
            receipt TEXT NOT NULL REFERENCES receipts (receipt)
        )""",
        "CREATE INDEX tombstones_by_receipt ON tombstones (receipt)",
        # A row: deleted text may still stand in unused bytes of the file.
        "CREATE TABLE unscrubbed (number INTEGER PRIMARY KEY)",
    ),
    # Of documents only: what users tell is so short that it could be guessed from its hash.
    ("ALTER TABLE tombstones ADD COLUMN content_hash TEXT NOT NULL DEFAULT ''",),
)
