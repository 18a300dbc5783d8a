"""Search by words: BM25 over what was said, as it stands and by stems."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from jarvis_desktop.memory.words import Asked, Stemming

PLAIN_WEIGHT, STEM_WEIGHT = 0.5, 1.0
"""How much a word counts as it stands, and its stem; chosen on LoCoMo (development half)."""

_MOST_ROWS = 5000
"""Passages that are scored, about 2 us each. The commonest words of a question are left out above that: they
tell the passages apart least."""

_AHEAD = 4
"""So many times more than were asked for are found before those of others are left out."""


def prepare(connection: sqlite3.Connection) -> None:
    """Once for each connection: how many passages hold a word."""
    connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, words, row)")


def search(
    connection: sqlite3.Connection,
    stemming: Stemming,
    question: str,
    owner: str,
    limit: int,
    languages: Sequence[str],
) -> list[tuple[int, float]]:
    """Keys and scores, best first.

    `languages` limits it to passages in these (empty: all); one whose language cannot be told is always in.
    """
    match = _match(connection, stemming.asked(question))
    if not match or limit < 1:
        return []
    found, complete = _search(connection, match, owner, limit, languages, limit * _AHEAD)
    if len(found) < limit and not complete:
        found, _ = _search(connection, match, owner, limit, languages, -1)
    return found


def _search(
    connection: sqlite3.Connection, match: str, owner: str, limit: int, languages: Sequence[str], most: int
) -> tuple[list[tuple[int, float]], bool]:
    """What is found among the best `most` (-1: all) passages of whoever, and whether these were all."""
    known = ("", *languages) if languages else ()
    wanted = "i.owner = ?" + (f" AND p.language IN ({', '.join('?' * len(known))})" if known else "")
    # Scored first and looked up after: to look up all that hold a word takes as long again as to score them.
    rows = connection.execute(
        f"""SELECT w.key, w.score, {wanted}
            FROM (SELECT rowid AS key, -bm25(words, {PLAIN_WEIGHT}, {STEM_WEIGHT}) AS score FROM words
                WHERE words MATCH ? ORDER BY score DESC, rowid LIMIT ?) AS w
            CROSS JOIN passages AS p ON p.key = w.key CROSS JOIN items AS i ON i.number = p.item
            ORDER BY w.score DESC, w.key""",
        (owner, *known, match, most),
    ).fetchall()
    return [(key, score) for key, score, fits in rows if fits][:limit], most < 0 or len(rows) < most


def _match(connection: sqlite3.Connection, asked: Asked) -> str:
    """The FTS5 expression, "" for nothing to look for.

    Holds words, stems and joined terms only, each in quotes: no operator of the question gets through.
    """
    words = _rarest(connection, asked)
    if not words:
        return ""
    stems = dict.fromkeys(stem for word in words for stem in asked.words[word])
    return f"plain : ({any_of([*words, *asked.joined])}) OR stems : ({any_of(stems)})"


def _rarest(connection: sqlite3.Connection, asked: Asked) -> list[str]:
    """The words that few enough passages hold; at least the rarest one of those that any holds."""
    rows = {word: sum(_holding(connection, stem) for stem in stems) for word, stems in asked.words.items()}
    chosen: list[str] = []
    total = 0
    for word in sorted(filter(rows.__getitem__, rows), key=rows.__getitem__):
        total += rows[word]
        if chosen and total > _MOST_ROWS:
            break
        chosen.append(word)
    return chosen


def _holding(connection: sqlite3.Connection, stem: str) -> int:
    row = connection.execute("SELECT doc FROM temp.vocabulary WHERE term = ?", (stem,)).fetchone()
    return row[0] if row else 0


def any_of(terms: Iterable[str]) -> str:
    """The FTS5 expression for texts that hold one of these words."""
    return " OR ".join(f'"{term}"' for term in terms)  # no term has a quotation mark in it
