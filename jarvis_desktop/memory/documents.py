"""Items and their passages in the tables: written, read and put in order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import MemoryItem, MemoryKind
from jarvis_desktop.language import guess_language
from jarvis_desktop.memory.forgetting import delete_items, mark_unscrubbed, want_again
from jarvis_desktop.memory.items import Held, Metadata, NewItem, Passage, Span
from jarvis_desktop.memory.words import Stemming

_ITEM = """SELECT id, kind, text, source, location, created_at, owner, pinned, passages,
    (SELECT count(DISTINCT turn_id) FROM uses WHERE item = items.number),
    (SELECT max(at) FROM uses WHERE item = items.number),
    superseded_by, metadata FROM items"""

PASSAGE = """SELECT p.key, p.number, i.passages, i.id, i.kind, coalesce(p.text, i.text), p.context, i.source,
    i.location, i.owner, i.created_at, p.language, i.superseded_by != ''
    FROM passages AS p JOIN items AS i ON i.number = p.item"""
"""The columns that `passage` reads."""


def unknown_item(item_id: str) -> StorageError:
    """The error of an item that is not there, or belongs to another profile."""
    return StorageError(
        "memory.unknown_item",
        "There is no memory {item}.",
        "It may have been forgotten; list what is remembered to see what there is.",
        item=item_id,
    )


def add_item(connection: sqlite3.Connection, item: NewItem, stemming: Stemming) -> bool:
    """Within a transaction; False when it was there with the same text.

    An item that has another text now loses its old passages, and what is known of them.
    """
    text, spans = clean(item.text), _spans(item)
    there = connection.execute(
        "SELECT number, text, owner, pinned FROM items WHERE id = ?", (item.id,)
    ).fetchone()
    pinned = False
    if there is not None:
        number, old_text, owner, pinned = there
        if owner != item.owner:
            raise StorageError(
                "memory.other_owner",
                "The memory {item} belongs to another profile.",
                "Use another id for it.",
                item=item.id,
            )
        if old_text == text and _stored_spans(connection, number) == spans:
            _refresh(connection, number, item)
            return False
        delete_items(connection, [number])
        mark_unscrubbed(connection)
    want_again(connection, item.id, item.content_hash, item.owner)
    _insert(connection, item, text, spans, stemming)
    if pinned:
        connection.execute("UPDATE items SET pinned = 1 WHERE id = ?", (item.id,))
    return True


def clean(text: str) -> str:
    """Without half characters (a lone surrogate), which SQLite does not take; lengths stay."""
    return text.encode(errors="replace").decode()


def item(connection: sqlite3.Connection, item_id: str, owner: str | None) -> MemoryItem:
    """By its id or that of a passage of it."""
    number = number_of(connection, item_id, owner)
    return _memory_item(connection.execute(f"{_ITEM} WHERE number = ?", (number,)).fetchone())


def items(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, MemoryItem]:
    """By their own ids; unknown ones are left out."""
    rows = connection.execute(f"{_ITEM} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),))
    return {row[0]: _memory_item(row) for row in rows}


def number_of(connection: sqlite3.Connection, item_id: str, owner: str | None) -> int:
    """The row of an item, by its id or that of a passage; raises `StorageError` ``memory.unknown_item``."""
    if (place := located(connection, item_id, owner)) is None:
        raise unknown_item(item_id)
    return place[0]


def listed(
    connection: sqlite3.Connection, owner: str, kind: MemoryKind | None, limit: int, offset: int
) -> tuple[MemoryItem, ...]:
    """Pinned ones first, then the newest first."""
    rows = connection.execute(
        f"""{_ITEM} WHERE owner = ?1 AND (?2 IS NULL OR kind = ?2)
            ORDER BY pinned DESC, created_at DESC, number DESC LIMIT ?3 OFFSET ?4""",
        (owner, kind.value if kind else None, limit, offset),
    )
    return tuple(map(_memory_item, rows))


def by_location(connection: sqlite3.Connection, location: str, owner: str) -> tuple[MemoryItem, ...]:
    """In their order."""
    rows = connection.execute(
        f"{_ITEM} WHERE location = ? AND owner = ? ORDER BY position, number", (location, owner)
    )
    return tuple(map(_memory_item, rows))


def supersede(connection: sqlite3.Connection, old_id: str, new_id: str, at: float) -> None:
    """The old item stays, and names the new one."""
    old, new = number_of(connection, old_id, None), number_of(connection, new_id, None)
    connection.execute(
        """UPDATE items SET superseded_by = (SELECT id FROM items WHERE number = ?), superseded_at = ?
            WHERE number = ?""",
        (new, at, old),
    )


def facts_about(connection: sqlite3.Connection, subject: str, slot: str, owner: str) -> list[str]:
    """Ids of the facts of a subject and slot, in whatever case, that no newer one contradicts."""
    rows = connection.execute(
        """SELECT id, json_extract(metadata, '$.subject'), json_extract(metadata, '$.slot') FROM items
            WHERE owner = ? AND kind = ? AND superseded_by = ''""",
        (owner, MemoryKind.FACT.value),
    )
    about = (subject.casefold(), slot.casefold())
    return [item_id for item_id, *of in rows if tuple(str(each).casefold() for each in of) == about]


def passages(connection: sqlite3.Connection, keys: Iterable[int]) -> dict[int, Passage]:
    """In the order of `keys`, without those that are not there."""
    wanted = list(keys)
    rows = connection.execute(f"{PASSAGE} WHERE p.key IN (SELECT value FROM json_each(?))", (_list(wanted),))
    found = {row[0]: passage(row) for row in rows}
    return {key: found[key] for key in wanted if key in found}


def passage(row: tuple[Any, ...]) -> Passage:
    key, number, count, item_id, kind_name, text, context, source, location, owner, created_at, *more = row
    language, superseded = more
    kind = MemoryKind(kind_name)
    own = passage_id(item_id, kind, number, count)
    return Passage(
        key,
        own,
        item_id,
        kind,
        text,
        context,
        source,
        location,
        owner,
        created_at,
        number,
        language,
        bool(superseded),
    )


def passage_id(item_id: str, kind: MemoryKind, number: int, count: int) -> str:
    """What citations show."""
    return f"{item_id}#{number + 1}" if kind is MemoryKind.DOCUMENT and count > 1 else item_id


def keys(connection: sqlite3.Connection, owner: str | None) -> list[int]:
    rows = connection.execute(
        """SELECT key FROM passages JOIN items AS i ON i.number = item
            WHERE ?1 IS NULL OR i.owner = ?1 ORDER BY key""",
        (owner,),
    )
    return [key for (key,) in rows]


def keys_of(connection: sqlite3.Connection, ids: Iterable[str]) -> list[int]:
    """Of items, all of their passages; of passages, their own. Unknown ids are left out."""
    found: list[int] = []
    for item_id in ids:
        if (place := located(connection, item_id, None)) is not None:
            rows = connection.execute(
                "SELECT key FROM passages WHERE item = ?1 AND (?2 IS NULL OR number = ?2) ORDER BY number",
                place,
            )
            found += [key for (key,) in rows]
    return list(dict.fromkeys(found))


_BESIDE = """coalesce(
    (SELECT key FROM passages WHERE item = p.item AND number {sign} p.number ORDER BY number {order} LIMIT 1),
    (SELECT key FROM passages AS o WHERE i.location != '' AND o.item = (
        SELECT number FROM items WHERE location = i.location AND kind = i.kind AND owner = i.owner
            AND passages > 0 AND (position, number) {sign} (i.position, i.number)
            ORDER BY position {order}, number {order} LIMIT 1)
        ORDER BY o.number {order} LIMIT 1))"""
_BEFORE, _AFTER = _BESIDE.format(sign="<", order="DESC"), _BESIDE.format(sign=">", order="ASC")
_NEIGHBOURS = f"""SELECT p.key, {_BEFORE}, {_AFTER}
    FROM passages AS p JOIN items AS i ON i.number = p.item WHERE p.key IN (SELECT value FROM json_each(?))"""


def neighbours(
    connection: sqlite3.Connection, keys: Iterable[int]
) -> dict[int, tuple[int | None, int | None]]:
    """The passages before and after each: of its item, else of the items of its kind at its location."""
    rows = connection.execute(_NEIGHBOURS, (_list(list(keys)),))
    return {key: (before, after) for key, before, after in rows}


def _insert(
    connection: sqlite3.Connection, item: NewItem, text: str, spans: tuple[Span, ...], stemming: Stemming
) -> None:
    number = connection.execute(
        """INSERT INTO items (id, kind, text, source, location, created_at, owner, metadata, content_hash,
            position, passages) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            item.id,
            item.kind.value,
            text,
            clean(item.source),
            clean(item.location),
            item.created_at,
            item.owner,
            _json(item.metadata),
            item.content_hash,
            item.position,
            len(spans),
        ),
    ).lastrowid
    for place, span in enumerate(spans):
        part = text[span.start : span.end]
        said = f"{span.context}\n{part}" if span.context else part
        language = guess_language(said)
        stems = stemming.stems(said, language)
        key = connection.execute(
            """INSERT INTO passages (item, number, first, last, text, context, language, stems)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (
                number,
                place,
                span.start,
                span.end,
                None if part == text else part,
                span.context,
                language,
                stems,
            ),
        ).lastrowid
        connection.execute("INSERT INTO words (rowid, plain, stems) VALUES (?, ?, ?)", (key, said, stems))


def _refresh(connection: sqlite3.Connection, number: int, item: NewItem) -> None:
    """Where a text that has not changed is found now."""
    now = (clean(item.source), clean(item.location), _json(item.metadata), item.content_hash, item.position)
    there = connection.execute(
        "SELECT source, location, metadata, content_hash, position FROM items WHERE number = ?", (number,)
    ).fetchone()
    if there != now:
        connection.execute(
            """UPDATE items SET source = ?, location = ?, metadata = ?, content_hash = ?, position = ?
                WHERE number = ?""",
            (*now, number),
        )


def _spans(item: NewItem) -> tuple[Span, ...]:
    """Within the text, and clean."""
    length = len(item.text)
    for span in item.spans:
        if not 0 <= span.start <= span.end <= length:
            raise ValueError(f"span {span.start}-{span.end} of a text of {length} characters")
    return tuple(Span(span.start, span.end, clean(span.context)) for span in item.spans)


def _stored_spans(connection: sqlite3.Connection, number: int) -> tuple[Span, ...]:
    rows = connection.execute(
        "SELECT first, last, context FROM passages WHERE item = ? ORDER BY number", (number,)
    )
    return tuple(Span(*row) for row in rows)


def located(connection: sqlite3.Connection, item_id: str, owner: str | None) -> tuple[int, int | None] | None:
    """The row of an item, and the number of the passage that the id names, if it names one."""
    sql = "SELECT number, passages FROM items WHERE id = ?1 AND (?2 IS NULL OR owner = ?2)"
    if (row := connection.execute(sql, (item_id, owner)).fetchone()) is not None:
        return row[0], None
    whole, _, place = item_id.rpartition("#")
    # Not int() for all that it takes as a number: "٣" or a thousand digits name no passage.
    if whole and place.isascii() and place.isdigit() and len(place) < 10:
        row = connection.execute(sql, (whole, owner)).fetchone()
        if row is not None and 1 <= int(place) <= row[1]:
            return row[0], int(place) - 1
    return None


def _memory_item(row: tuple[Any, ...]) -> MemoryItem:
    id_, kind, text, source, location, created_at, owner, pinned, count, uses, used_at, newer, metadata = row
    return MemoryItem(
        id_,
        MemoryKind(kind),
        text,
        source,
        location,
        created_at,
        owner,
        bool(pinned),
        count,
        uses,
        used_at,
        newer,
        json.loads(metadata),
    )


def _json(metadata: Metadata) -> str:
    return json.dumps(dict(metadata), sort_keys=True)


def _list(values: Sequence[int]) -> str:
    return json.dumps([int(value) for value in values])


def held(connection: sqlite3.Connection, owner: str | None, model: str, bytes_on_disk: int) -> Held:
    """Counts of one owner, or of all (None)."""
    of_owner = (
        "FROM passages AS p JOIN items AS i ON i.number = p.item {join} WHERE (?1 IS NULL OR i.owner = ?1)"
    )
    kinds = connection.execute(
        "SELECT kind, count(*) FROM items WHERE ?1 IS NULL OR owner = ?1 GROUP BY kind", (owner,)
    )
    (count,) = connection.execute(f"SELECT count(*) {of_owner.format(join='')}", (owner,)).fetchone()
    (vectors,) = connection.execute(
        f"""SELECT count(*) {of_owner.format(join="JOIN vectors AS v ON v.key = p.key")}
            AND v.model = (SELECT number FROM models WHERE name = ?2)""",
        (owner, model),
    ).fetchone()
    (entities,) = connection.execute(
        f"SELECT count(DISTINCT m.name) {of_owner.format(join='JOIN mentions AS m ON m.key = p.key')}",
        (owner,),
    ).fetchone()
    return Held(dict(kinds.fetchall()), count, vectors, count - vectors, entities, bytes_on_disk)
