"""Conversations as files that anything can read: JSON, which can be taken in again, and Markdown.

JSON is one object in UTF-8: ``{"format": "jarvis-conversations", "version": 1, "conversations": [...]}``.
A conversation has ``id``, ``title``, ``pinned``, ``updated_at``, ``messages``, oldest first, and, where it
has files, ``attachments`` (``id``, ``name``, ``size`` in bytes, ``text``, ``passages`` as start, end and
headings, ``added_at``, ``location``). A message has ``id``, ``turn_id`` (question and answer share one),
``role`` (``user`` or ``assistant``), ``text``, ``created_at``, ``interrupted`` (cut at the last word heard),
``error_code`` (why an answer broke off, or "")
and, where it is still known what an answer was given to read, ``citations`` (``id``, ``source``, ``quote``).
Times are seconds since the epoch. Whoever reads it ignores what it does not know.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from jarvis_desktop import atomic
from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import Attachment, Citation, Conversation, Message, Role
from jarvis_desktop.memory.database import system_translated

FORMAT, VERSION = "jarvis-conversations", 1

MOST_BYTES = 256 * 1024 * 1024
"""What is larger is refused: all of it is in memory while it is read."""

_LAST_SECOND = 253_402_300_799  # of the year 9999: what no calendar shows is no time

Cited = Mapping[str, Sequence[Citation]]
"""What answers were given to read, by turn."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Whole:
    """A conversation, what was said in it, oldest first, and its files."""

    conversation: Conversation
    messages: tuple[Message, ...]
    attachments: tuple[Attachment, ...] = ()


def write(file: Path, conversations: Sequence[Whole], cited: Cited) -> None:
    """Markdown where the name ends in ``.md``, else JSON. `file` is complete or as it was.

    Raises `StorageError`.
    """
    text = _markdown(conversations, cited) if file.suffix.lower() == ".md" else _json(conversations, cited)
    with system_translated(file):
        atomic.write(file, text)


def read(file: Path) -> tuple[Whole, ...]:
    """What `write` has written as JSON.

    Raises `StorageError`: ``conversations.not_an_export``, ``.export_newer``, ``.too_large`` or
    ``.bad_export``.
    """
    with system_translated(file):
        if file.stat().st_size > MOST_BYTES:
            raise StorageError(
                "conversations.too_large",
                "{file} is too large to be imported.",
                "Export fewer conversations at a time.",
                file=file,
            )
        data = file.read_bytes()
    try:
        whole = json.loads(data)
        version, listed = whole["version"], whole["conversations"]
        if whole["format"] != FORMAT or not isinstance(version, int) or not isinstance(listed, list):
            raise ValueError("of another format")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StorageError(
            "conversations.not_an_export",
            "{file} holds no conversations that Jarvis has exported.",
            "Choose a JSON file that was made by “Export”.",
            file=file,
        ) from error
    if version > VERSION:
        raise StorageError(
            "conversations.export_newer",
            "{file} was written by a newer Jarvis.",
            "Update Jarvis. Nothing was changed.",
            file=file,
        )
    return tuple(_read_all(listed, file))


def bad_export(file: Path, place: int) -> StorageError:
    """The error of an export whose conversation number `place` (from 1) is not as it should be."""
    return StorageError(
        "conversations.bad_export",
        "Conversation {place} in {file} is damaged.",
        "Nothing was changed. Export the conversations again, or correct the file.",
        file=file,
        place=place,
    )


def _read_all(listed: Sequence[Any], file: Path) -> Iterator[Whole]:
    for place, record in enumerate(listed, start=1):
        try:
            conversation = Conversation(
                _id(record["id"]),
                _text(record["title"]),
                _time(record["updated_at"]),
                _of(bool, record.get("pinned", False)),
            )
            messages = _of(list, record["messages"])
            attachments = _of(list, record.get("attachments", []))
            yield Whole(
                conversation,
                tuple(_message(each, conversation.id) for each in messages),
                tuple(map(_attachment, attachments)),
            )
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise bad_export(file, place) from error


def _message(record: Mapping[str, Any], conversation_id: str) -> Message:
    return Message(
        _id(record["id"]),
        conversation_id,
        _id(record["turn_id"]),
        Role(record["role"]),
        _text(record["text"]),
        _time(record["created_at"]),
        _of(bool, record.get("interrupted", False)),
        _text(record.get("error_code", "")),
    )


def _attachment(record: Mapping[str, Any]) -> Attachment:
    text, passages = _text(record["text"]), list[tuple[int, int, str]]()
    for start, end, context in _of(list, record["passages"]):
        if not 0 <= _of(int, start) < _of(int, end) <= len(text):
            raise ValueError(f"no passage from {start} to {end}")
        passages.append((start, end, _text(context)))
    return Attachment(
        _id(record["id"]),
        _text(record["name"]),
        _of(int, record["size"]),
        text,
        tuple(passages),
        _time(record["added_at"]),
        _text(record.get("location", "")),
    )


def _of(kind: type[_Value], value: object) -> _Value:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _text(value: object) -> str:
    return _of(str, value).encode(errors="replace").decode()  # half an emoji is no text to SQLite


def _id(value: object) -> str:
    if not (found := _text(value)):
        raise ValueError("an id is empty")
    return found


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is no number")
    if not math.isfinite(value) or not 0 <= value <= _LAST_SECOND:
        raise ValueError(f"{value!r} is no time")
    return float(value)


def _json(conversations: Sequence[Whole], cited: Cited) -> str:
    records = [_record(each, cited) for each in conversations]
    whole = {"format": FORMAT, "version": VERSION, "conversations": records}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def _record(whole: Whole, cited: Cited) -> dict[str, Any]:
    conversation = whole.conversation
    record = {
        "id": conversation.id,
        "title": conversation.title,
        "pinned": conversation.pinned,
        "updated_at": conversation.updated_at,
        "messages": [_message_record(each, _sources(each, cited)) for each in whole.messages],
    }
    if whole.attachments:
        record["attachments"] = [asdict(each) for each in whole.attachments]
    return record


def _message_record(message: Message, sources: Sequence[Citation]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": message.id,
        "turn_id": message.turn_id,
        "role": message.role.value,
        "text": message.text,
        "created_at": message.created_at,
        "interrupted": message.interrupted,
        "error_code": message.error_code,
    }
    if sources:
        record["citations"] = [{"id": s.id, "source": s.source, "quote": s.quote} for s in sources]
    return record


def _sources(message: Message, cited: Cited) -> Sequence[Citation]:
    return cited.get(message.turn_id, ()) if message.role is Role.ASSISTANT else ()


def _markdown(conversations: Sequence[Whole], cited: Cited) -> str:
    return "\n\n".join(_page(each, cited) for each in conversations) + "\n"


def _page(whole: Whole, cited: Cited) -> str:
    pieces = [f"# {' '.join(whole.conversation.title.split()) or 'New chat'}"]
    if whole.attachments:
        pieces.append(f"*(files: {', '.join(' '.join(each.name.split()) for each in whole.attachments)})*")
    for message in whole.messages:
        who = "You" if message.role is Role.USER else "Jarvis"
        pieces.append(f"**{who}** · {datetime.fromtimestamp(message.created_at):%Y-%m-%d %H:%M}")
        pieces.append(message.text)
        if message.interrupted:
            pieces.append("*(interrupted here)*")
        if message.error_code:
            pieces.append(f"*(broke off here: {message.error_code})*")
        sources = _sources(message, cited)
        if sources:
            pieces.append("\n".join(f"> {_origin(each)}" for each in sources))
    return "\n\n".join(piece for piece in pieces if piece)


def _origin(citation: Citation) -> str:
    return " ".join(f"{citation.source}: “{citation.quote}”".split())
