"""Search by words: BM25 over what was said, as it stands and by stems."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from jarvis_desktop.memory.words import Stemming

PLAIN_WEIGHT, STEM_WEIGHT = 0.5, 1.0
"""How much a word counts as it stands, and its stem; chosen on LoCoMo (development half)."""


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
    match = stemming.match(question)
    if not match or limit < 1:
        return []
    wanted = ""
    if languages:
        wanted = f"AND p.language IN ({', '.join('?' * (len(languages) + 1))})"
    rows = connection.execute(
        f"""SELECT w.rowid, -bm25(words, {PLAIN_WEIGHT}, {STEM_WEIGHT}) AS score FROM words AS w
            CROSS JOIN passages AS p ON p.key = w.rowid CROSS JOIN items AS i ON i.number = p.item
            WHERE words MATCH ? AND i.owner = ? {wanted} ORDER BY score DESC, w.rowid LIMIT ?""",
        (match, owner, *(("", *languages) if languages else ()), limit),
    )
    return [(key, score) for key, score in rows]
