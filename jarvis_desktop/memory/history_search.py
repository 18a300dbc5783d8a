"""Search in stored conversations: every message is looked at, in less time than an index is worth.

10,000 messages take about 0.15 s, in the thread of the history. There is no second copy of what was said,
which would have to be forgotten too, and parts of words are found, as they are while somebody types.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections.abc import Sequence
from itertools import islice
from typing import Any

from jarvis_desktop.events import Conversation, ConversationMatch, Message, Role
from jarvis_desktop.folding import fold, places

COLUMNS = "id, conversation_id, turn_id, role, text, created_at, interrupted, error_code"

VISIBLE = "SELECT id FROM conversations WHERE owner = ? AND NOT deleted"
"""Conversations that an owner may see."""

_SNIPPET = 120  # characters: more than two lines of the sidebar
_BEFORE = 24  # of them before the first word that was found


def message_of(row: tuple[Any, ...]) -> Message:
    """A message from its `COLUMNS`."""
    id_, conversation, turn, role, text, created, interrupted, error = row
    return Message(id_, conversation, turn, Role(role), text, created, bool(interrupted), error)


def conversations(connection: sqlite3.Connection, owner: str) -> tuple[Conversation, ...]:
    """Those of an owner that hold anything, newest first; one without a question is called as its file."""
    rows = connection.execute(
        """SELECT c.id, iif(title = '', ifnull(name, ''), title), updated_at, pinned
            FROM conversations AS c LEFT JOIN attachments AS a ON a.number =
                (SELECT min(number) FROM attachments WHERE conversation_id = c.id)
            WHERE owner = ? AND NOT deleted AND (title != '' OR a.number IS NOT NULL
                OR EXISTS (SELECT 1 FROM messages WHERE conversation_id = c.id))
            ORDER BY updated_at DESC, c.rowid DESC""",
        (owner,),
    )
    return tuple(Conversation(id_, title, at, bool(pinned)) for id_, title, at, pinned in rows)


def messages_with(connection: sqlite3.Connection, query: str, limit: int, owner: str) -> tuple[Message, ...]:
    """Messages of an owner that hold each word of `query`, newest first.

    A question without an answer yet is left out: it is being asked.
    """
    wanted = fold(query).split()
    if not wanted:
        return ()
    rows = connection.execute(
        f"""SELECT {COLUMNS} FROM messages AS found
            WHERE conversation_id IN ({VISIBLE})
            AND (role = 'assistant' OR EXISTS
                (SELECT 1 FROM messages WHERE conversation_id = found.conversation_id
                    AND turn_id = found.turn_id AND role = 'assistant'))
            ORDER BY number DESC""",
        (owner,),
    )
    found = (message for message in map(message_of, rows) if _holds(message.text, wanted))
    return tuple(islice(found, limit))


def conversations_with(
    connection: sqlite3.Connection, query: str, limit: int, owner: str
) -> tuple[ConversationMatch, ...]:
    """Conversations of an owner of which one message, or the title, holds each word; newest first."""
    wanted = fold(query).split()
    if not wanted:
        return ()
    rows = connection.execute(
        f"""SELECT id, conversation_id, text FROM messages WHERE conversation_id IN ({VISIBLE})
            ORDER BY number DESC""",
        (owner,),
    )
    said: dict[str, tuple[str, str]] = {}
    for message_id, conversation_id, text in rows:
        if conversation_id not in said and _holds(text, wanted):
            said[conversation_id] = message_id, text
    found = (
        _match(conversation, *said.get(conversation.id, ("", "")), query)
        for conversation in conversations(connection, owner)
        if conversation.id in said or _holds(conversation.title, wanted)
    )
    return tuple(islice(found, limit))


def _holds(text: str, wanted: Sequence[str]) -> bool:
    # Its letters without marks stay next to each other in this, which is made in a fifth of the time.
    letters = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    if not all(word in letters for word in wanted if word.isascii()):
        return False
    folded = fold(text)
    return all(word in folded for word in wanted)


def _match(conversation: Conversation, message_id: str, text: str, query: str) -> ConversationMatch:
    line = " ".join(text.split())
    found = places(line, query)
    start = max(0, found[0][0] - _BEFORE) if found else 0
    if start:  # at the beginning of a word, if one is near
        start = line.find(" ", start, found[0][0]) + 1 or start
    begin, cut = ("… " if start else ""), line[start : start + _SNIPPET]
    end = " …" if start + _SNIPPET < len(line) else ""
    shift = len(begin) - start
    marks = tuple((a + shift, b + shift) for a, b in found if b <= start + _SNIPPET)
    return ConversationMatch(conversation, message_id, f"{begin}{cut}{end}", marks)
