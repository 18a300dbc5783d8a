"""Memories as they travel over the pipe of the memory process: JSON values and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jarvis_desktop.events import (
    Citation,
    Forgotten,
    MemoryBackup,
    MemoryItem,
    MemoryKind,
    MemoryStats,
    Recalled,
    Recollection,
)
from jarvis_desktop.memory.items import NewItem, Span

Json = Mapping[str, Any]


def taken_apart(
    value: MemoryItem | Recollection | Recalled | Citation | Forgotten | MemoryStats | MemoryBackup,
) -> dict[str, Any]:
    """JSON values of any of them, the names of its fields as keys."""
    data = asdict(value)
    return data | {"file": str(value.file)} if isinstance(value, MemoryBackup) else data


def item(data: Json) -> MemoryItem:
    return MemoryItem(**{**data, "kind": MemoryKind(data["kind"])})


def new_item(data: Json) -> NewItem:
    spans = tuple(Span(**span) for span in data["spans"])
    return NewItem(**{**data, "kind": MemoryKind(data["kind"]), "spans": spans})


def recalled(data: Json) -> Recalled:
    return Recalled(**{**data, "kind": MemoryKind(data["kind"]), "around": tuple(data["around"])})


def recollection(data: Json) -> Recollection:
    return Recollection(**{**data, "results": tuple(map(recalled, data["results"]))})


def citation(data: Json) -> Citation:
    return Citation(**{**data, "kind": MemoryKind(data["kind"])})


def forgotten(data: Json) -> Forgotten:
    return Forgotten(**{**data, "items": tuple(data["items"])})


def backup(data: Json) -> MemoryBackup:
    return MemoryBackup(**{**data, "file": Path(data["file"])})


def stats(data: Json) -> MemoryStats:
    return MemoryStats(**data)
