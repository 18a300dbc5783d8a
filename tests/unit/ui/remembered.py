"""What the memory window has in its tests, and hands for it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from jarvis_desktop.events import (
    Intent,
    ListMemory,
    MemoryCounted,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryShown,
    MemoryStats,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_window import MemoryWindow

from .driving import play
from .fake_core import FakeCore

NOTE = MemoryItem("n1", MemoryKind.NOTE, "The spare key is with <b>Ana</b>.", created_at=1e9, pinned=True)
NEW = MemoryItem("f2", MemoryKind.FACT, "You live in Valencia.", "Moving house", "c7", 1.7e9, uses=2)
OLD = MemoryItem("f1", MemoryKind.FACT, "You live in Madrid.", "Plans", "c5", 1.6e9, superseded_by="f2")
LEASE = MemoryItem(
    "d1",
    MemoryKind.DOCUMENT,
    "The rent is 840 euros.\n\nThe deposit is two months' rent.\n",
    "lease.pdf",
    "/somewhere/lease.pdf",
    1.7e9,
    passages=12,
)
TURN = MemoryItem("t1", MemoryKind.TURN, "I prefer the night train.", "Rome trip", "c2", 1.7e9)
ITEMS = (NOTE, NEW, OLD, LEASE, TURN)
COUNTS = {MemoryKind.NOTE: 1, MemoryKind.FACT: 2, MemoryKind.TURN: 1, MemoryKind.DOCUMENT: 1}


def stats(items: dict[MemoryKind, int]) -> MemoryStats:
    return MemoryStats(items, 16, 16, 0, 0, "e5", "exact", 0, 0, 3_000_000)


def rows(window: MemoryWindow) -> list[str]:
    model = window.list.list.model()
    return [str(model.index(place, 0).data()) for place in range(model.rowCount())]


def choose(window: MemoryWindow, *places: int) -> None:
    shown, hold = window.list.list, Qt.KeyboardModifier.ControlModifier
    for number, place in enumerate(places):
        where = shown.visualRect(shown.model().index(place, 0)).center()
        keys = hold if number else Qt.KeyboardModifier.NoModifier
        QTest.mouseClick(shown.viewport(), Qt.MouseButton.LeftButton, keys, where)


def posted(core: FakeCore) -> list[Intent]:
    found, core.posted = core.posted, []
    return found


def opened(ready: Desktop, core: FakeCore) -> MemoryWindow:
    """The memory window with its list, nothing chosen."""
    window = ready.memory.open()
    assert posted(core) == [ListMemory()]
    play(core, MemoryListed(None, 0, ITEMS), MemoryCounted(stats(COUNTS)))
    return window


def show(core: FakeCore, window: MemoryWindow, shown: MemoryShown) -> None:
    window.open_item(shown.item.id)
    play(core, shown)
    core.posted.clear()
