"""How what is remembered is said: kinds, origins, what forgetting costs, receipts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from PySide6.QtCore import QDateTime

from jarvis_desktop.events import (
    Forgotten,
    Ingested,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryStats,
    Recalled,
    Recollection,
)
from jarvis_desktop.ui.i18n import day_name, number, time_of_day, tr
from jarvis_desktop.ui.words import memory_size

KIND_ICONS = MappingProxyType(
    {
        MemoryKind.NOTE: "note-pencil",
        MemoryKind.DOCUMENT: "file-text",
        MemoryKind.TURN: "chat-text",
        MemoryKind.FACT: "user",
    }
)

SPOKEN = frozenset({MemoryKind.TURN, MemoryKind.FACT})
"""Kinds that come from conversations."""

_DATE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d"
)  # conversations are named by their time, which is shown anyway
_RECEIPT = 8  # characters of a receipt's number, as they are spoken
_TITLE = 160  # characters of a text that stand for it in a line


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list: an item, or what a search found of it (then `quote` is the passage)."""

    id: str  # of the item
    kind: MemoryKind
    title: str
    note: str
    passages: int = 1
    pinned: bool = False
    superseded: bool = False
    opens: str = ""  # id of the passage, if it is not the whole item
    quote: str = ""


def row_of_item(item: MemoryItem) -> Row:
    named = item.kind is MemoryKind.DOCUMENT and bool(item.source)
    origin = "" if named else origin_name(item.source)
    passages = tr("{count} passages", count=number(item.passages)) if item.passages > 1 else ""
    note = " · ".join(filter(None, (origin, day(item.created_at), passages)))
    return Row(
        item.id,
        item.kind,
        item.source if named else one_line(item.text),
        note,
        item.passages,
        item.pinned,
        bool(item.superseded_by),
    )


def rows_of_found(found: Sequence[Recalled]) -> list[Row]:
    """Best first; of each item only what fits the question best."""
    rows: dict[str, Row] = {}
    for each in found:
        if each.kind is MemoryKind.DOCUMENT:
            title, note = each.source or kind_name(each.kind), one_line(each.text)
        else:
            title, note = (
                one_line(each.text),
                " · ".join(filter(None, (origin_name(each.source), day(each.created_at)))),
            )
        rows.setdefault(each.item, Row(each.item, each.kind, title, note, opens=each.id, quote=each.text))
    return list(rows.values())


def origin_name(source: str) -> str:
    """What an origin is known by; empty where that is only when it was."""
    return "" if _DATE.fullmatch(source) else source


def kind_name(kind: MemoryKind) -> str:
    return {
        MemoryKind.NOTE: tr("Note"),
        MemoryKind.DOCUMENT: tr("Document"),
        MemoryKind.TURN: tr("Conversation"),
        MemoryKind.FACT: tr("Fact"),
    }[kind]


def kinds_name(kind: MemoryKind | None) -> str:
    """Name of all items of a kind, or (None) of everything."""
    if kind is None:
        return tr("Everything")
    return {
        MemoryKind.NOTE: tr("Notes"),
        MemoryKind.DOCUMENT: tr("Documents"),
        MemoryKind.TURN: tr("Conversations"),
        MemoryKind.FACT: tr("Facts about you"),
    }[kind]


def one_line(text: str) -> str:
    """The beginning of a text without its line breaks."""
    line = " ".join(text[: 4 * _TITLE].split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1] + "…"


def day(timestamp: float, *, within: bool = False) -> str:
    """``Today``, ``Monday``, ``12 May``; as `within` a sentence if wished; empty where it is not known."""
    if not timestamp:
        return ""
    return day_name(datetime.fromtimestamp(timestamp).date(), date.today(), within=within)


def moment(timestamp: float, *, within: bool = False) -> str:
    """A day with its time."""
    return f"{day(timestamp, within=within)}, {time_of_day(QDateTime.fromSecsSinceEpoch(int(timestamp)))}"


def times_used(item: MemoryItem) -> str:
    if not item.uses:
        return tr("Not used in an answer yet")
    used = (
        tr("Used in one answer") if item.uses == 1 else tr("Used in {count} answers", count=number(item.uses))
    )
    if not item.used_at:
        return used
    return tr("{used}, last: {moment}", used=used, moment=moment(item.used_at, within=True))


def loss(rows: Sequence[Row]) -> tuple[str, str]:
    """What the user is asked before `rows` are forgotten, and what that costs."""
    if len(rows) > 1:
        return tr("Forget {count} items for good?", count=number(len(rows))), _cost(None)
    return tr("Forget “{title}” for good?", title=rows[0].title), _cost(rows[0])


def _cost(row: Row | None) -> str:
    """What is lost with an item, or (None) with several."""
    if row is None:
        return tr(
            "They are deleted from every file of the memory with the sentences they come from and the facts"
            " drawn from them, and what the chats say of them is blanked. Your files stay where they are."
            " This cannot be undone."
        )
    if row.kind in SPOKEN:
        return tr(
            "It is deleted from every file of the memory with the sentence it comes from and the facts drawn"
            " from it, and what the chats say of it is blanked. This cannot be undone."
        )
    if row.kind is MemoryKind.DOCUMENT:
        return tr(
            "Its text (passages: {count}) is deleted from every file of the memory, and answers that repeat"
            " it are blanked. The file itself stays where it is. This cannot be undone.",
            count=number(row.passages),
        )
    return tr(
        "It is deleted from every file of the memory, and answers that repeat it are blanked. This cannot be"
        " undone."
    )


def backup_line(backup: MemoryBackup) -> str:
    """When a backup was made, and how much it holds."""
    held = tr("cannot be read") if backup.items is None else tr("Items: {count}", count=number(backup.items))
    return f"{moment(backup.at)} · {held}"


def restore_hint(items: int | None) -> str:
    """What restoring adds and what it leaves alone; `items` that are held, where that is known."""
    held = "" if items is None else tr("It holds {count} items of all profiles.", count=number(items))
    rules = tr(
        "What the memory lacks is added. Nothing is replaced: what is remembered now stays as it is, and what"
        " was forgotten stays forgotten. A backup is made before."
    )
    return f"{held} {rules}".strip()


def receipt_line(receipt: Forgotten, messages: int) -> str:
    """What was forgotten, without what it said."""
    pieces = (
        tr("Items: {count}", count=number(len(receipt.items))),
        tr("passages: {count}", count=number(receipt.passages)),
        tr("vectors: {count}", count=number(receipt.vectors)),
        tr("messages blanked: {count}", count=number(messages)) if messages else "",
        moment(receipt.at),
        tr("receipt {receipt}", receipt=receipt.receipt[:_RECEIPT]),
    )
    return " · ".join(filter(None, pieces))


def stats_line(stats: MemoryStats) -> str:
    """How much is remembered, and what of it is still to be prepared."""
    pieces = [
        tr("{count} passages", count=number(stats.passages)),
        memory_size(stats.bytes_on_disk / 2**20),
    ]
    if stats.waiting:
        pieces.append(tr("{count} still being prepared for search", count=number(stats.waiting)))
    return " · ".join(pieces)


def search_remark(found: Recollection) -> str:
    """What the user should know of a search; empty when there is nothing to tell."""
    reasons = set(found.skipped.values())
    if "no_encoder" in reasons:
        return tr("Found by words only: the search model is not on this machine.")
    if "rebuilding" in reasons:
        return tr("Found by words only: the index is being rebuilt.")
    if found.results and not found.confident:
        return tr("Nothing fits well. These are the nearest:")
    return ""


def taken_in(progress: Ingested) -> str:
    """How far the taking in of files is."""
    return tr("{done} of {total} files", done=number(progress.done), total=number(progress.total))
