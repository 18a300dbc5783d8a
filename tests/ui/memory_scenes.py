"""What happens in the pictures of the memory window: made-up items, searches, files taken in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from fake_core import FakeCore
from PySide6.QtWidgets import QApplication
from scenes import TIMINGS, loaded

from jarvis_desktop.events import (
    BackupsListed,
    Citation,
    ConversationOpened,
    Event,
    Forgotten,
    Ingested,
    MemoryBackup,
    MemoryCounted,
    MemoryForgotten,
    MemoryFound,
    MemoryIngested,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryRestored,
    MemoryShown,
    MemoryStats,
    Recalled,
    Recollection,
    ReplyToken,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_window import MemoryWindow

NOW = time.time()
DAY = 86_400
SAID = "2026-11-20 18:02"  # what a conversation is known by

LEASE = """Lease of the flat at Calle Mayor 12, second floor

1. The rent is 840 euros a month, payable within the first five days of the month.
2. The lease runs for five years from 1 June; the tenant may end it after six months with thirty days' notice.
3. The deposit is two months' rent and is returned within thirty days of the keys being handed back.
4. Heating and water are paid by the tenant, the community fees by the owner.

Pets are allowed as long as the neighbours do not complain in writing.
"""

ITEMS = (
    MemoryItem(
        "n1",
        MemoryKind.NOTE,
        "The spare key is with Ana on the third floor, and the alarm code is in the blue notebook.",
        created_at=NOW - 12 * DAY,
        pinned=True,
        uses=4,
        used_at=NOW - DAY,
    ),
    MemoryItem(
        "f2",
        MemoryKind.FACT,
        "The user lives in Valencia.",
        SAID,
        "c7",
        NOW - 2 * DAY,
        uses=2,
        used_at=NOW - DAY,
    ),
    MemoryItem(
        "d1",
        MemoryKind.DOCUMENT,
        LEASE,
        "lease.pdf",
        "/home/ana/Documents/lease.pdf",
        NOW - 3 * DAY,
        passages=12,
    ),
    MemoryItem(
        "t1",
        MemoryKind.TURN,
        "User: I would rather take the night train to Rome than fly, if the cabin has a shower.",
        SAID,
        "c2",
        NOW - 4 * DAY,
    ),
    MemoryItem("f3", MemoryKind.FACT, "The user is allergic to shellfish.", SAID, "c4", NOW - 6 * DAY),
    MemoryItem(
        "f1",
        MemoryKind.FACT,
        "The user lives in Madrid.",
        SAID,
        "c5",
        NOW - 200 * DAY,
        superseded_by="f2",
    ),
    MemoryItem(
        "d2",
        MemoryKind.DOCUMENT,
        "Bread without kneading",
        "recipes.md",
        "/home/ana/Documents/recipes.md",
        NOW - 30 * DAY,
        passages=38,
    ),
    MemoryItem(
        "n2", MemoryKind.NOTE, "Wifi at the office: guests ask at the desk.", created_at=NOW - 40 * DAY
    ),
)

STATS = MemoryStats(
    {MemoryKind.NOTE: 2, MemoryKind.FACT: 3, MemoryKind.TURN: 1, MemoryKind.DOCUMENT: 2},
    57,
    57,
    0,
    21,
    "multilingual-e5-small",
    "exact",
    40,
    2,
    3_400_000,
)

EMPTY = MemoryStats({}, 0, 0, 0, 0, "multilingual-e5-small", "exact", 0, 0, 40_000)

BACKUPS = (
    MemoryBackup(Path("/home/ana/backups/memory-2.sqlite3"), NOW - 2 * DAY, 1204),
    MemoryBackup(Path("/home/ana/backups/memory-1.sqlite3"), NOW - 9 * DAY, 1187),
    MemoryBackup(Path("/home/ana/backups/memory-0.sqlite3"), NOW - 16 * DAY, None),
)

QUOTE = "The deposit is two months' rent and is returned within thirty days of the keys being handed back."

FOUND = Recollection(
    (
        Recalled("d1#3", "d1", MemoryKind.DOCUMENT, QUOTE, "lease.pdf", 0.91, created_at=NOW - 3 * DAY),
        Recalled("f2", "f2", MemoryKind.FACT, "The user lives in Valencia.", SAID, 0.4, created_at=NOW - DAY),
    ),
    confident=True,
)

CITED = (
    Citation("d1#3", "lease.pdf", QUOTE, MemoryKind.DOCUMENT, "/home/ana/Documents/lease.pdf", NOW - 3 * DAY),
    Citation("t1", SAID, ITEMS[3].text, MemoryKind.TURN, "c2", NOW - 40 * DAY),
    Citation("n1", "", ITEMS[0].text, MemoryKind.NOTE, "", NOW - 12 * DAY),
)


def play(core: FakeCore, *events: Event) -> None:
    """Emit and let the window take it in."""
    core.emit(*events)
    QApplication.processEvents()
    QApplication.processEvents()


def listed(core: FakeCore) -> None:
    play(core, MemoryListed(None, 0, ITEMS), MemoryCounted(STATS))


def nothing(core: FakeCore, _: MemoryWindow) -> None:
    play(core, MemoryListed(None, 0, ()), MemoryCounted(EMPTY))


def nobody_chosen(core: FakeCore, _: MemoryWindow) -> None:
    listed(core)


def fact(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    window.open_item("f2")
    play(core, MemoryShown(ITEMS[1], earlier=(ITEMS[5],)))


def old_fact(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    window.open_item("f1")
    play(core, MemoryShown(ITEMS[5], replaced_by=ITEMS[1]))


def found(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    window.list.search.setText("when do I get my deposit back")
    window.list.ask()
    play(core, MemoryFound("when do I get my deposit back", None, FOUND))
    window.open_item("d1#3", QUOTE)
    play(core, MemoryShown(ITEMS[2]))


def forget(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    window.open_item("d1")
    play(core, MemoryShown(ITEMS[2]))
    window.item.forget.click()


def forgotten(core: FakeCore, window: MemoryWindow) -> None:
    forget(core, window)
    window.question.button.click()
    play(core, MemoryForgotten(Forgotten("3f9a-02", NOW, ("d1",), 12, 12)))


def progress(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    window.open_item("n1")
    play(core, MemoryShown(ITEMS[0]))
    window.ingest((Path("/home/ana/Documents"),))
    damaged = "The file is damaged."
    for step in (
        Ingested(1, 24, "/home/ana/Documents/lease.pdf", skipped=True),
        Ingested(2, 24, "/home/ana/Documents/scan-2019.pdf", problem=damaged),
        Ingested(3, 24, "/home/ana/Documents/letter to the landlord.docx", passages=4),
    ):
        play(core, MemoryIngested(step))


def edited(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    window.open_item("n1")
    play(core, MemoryShown(ITEMS[0]))
    window.item.edit.click()


def dropped(core: FakeCore, window: MemoryWindow) -> None:
    nothing(core, window)
    window.offer_files((Path("/home/ana/Documents/lease.pdf"), Path("/home/ana/Recipes")))


def restore(core: FakeCore, window: MemoryWindow) -> None:
    listed(core)
    play(core, BackupsListed(BACKUPS))
    window.copies.sources.actions()[0].trigger()


def restoring(core: FakeCore, window: MemoryWindow) -> None:
    restore(core, window)
    window.remark.button.click()


def restored(core: FakeCore, window: MemoryWindow) -> None:
    restoring(core, window)
    play(core, MemoryRestored(BACKUPS[0].file, ("n8", "n9")))


def nothing_kept(_: FakeCore, __: MemoryWindow) -> None: ...


Play = Callable[[FakeCore, MemoryWindow], None]

MEMORY_SCENES: Mapping[str, tuple[Play, dict[str, object], tuple[int, int]]] = {
    "memory": (found, {}, (1020, 700)),
    "memory-empty": (nothing, {}, (1020, 700)),
    "memory-none-chosen": (nobody_chosen, {}, (1020, 700)),
    "memory-fact": (fact, {"look": {"theme": "dark"}}, (1020, 700)),
    "memory-old-fact": (old_fact, {}, (800, 500)),
    "memory-forget": (forget, {}, (1020, 700)),
    "memory-forgotten": (forgotten, {"look": {"theme": "dark"}}, (1020, 700)),
    "memory-files": (progress, {}, (1020, 700)),
    "memory-files-spanish": (progress, {"look": {"theme": "dark", "language": "es"}}, (800, 560)),
    "memory-edit": (edited, {}, (1020, 700)),
    "memory-dropped": (dropped, {}, (1020, 700)),
    "memory-large-text": (forget, {"look": {"font_scale": 1.25}}, (1020, 700)),
    "memory-spanish": (fact, {"look": {"language": "es"}}, (1020, 700)),
    "memory-restore": (restore, {}, (1020, 700)),
    "memory-restoring": (restoring, {"look": {"theme": "dark"}}, (1020, 700)),
    "memory-restored": (restored, {"look": {"theme": "dark"}}, (800, 560)),
    "memory-off": (nothing_kept, {"memory": {"enabled": False}}, (1020, 700)),
}


def cited(core: FakeCore) -> None:
    loaded(core)
    reply = "You get it back within thirty days of handing over the keys [1]. Ana has the spare key [3]."
    play(
        core,
        ConversationOpened("0", ()),
        TurnStarted("t1", "0", "When do I get my deposit back?", spoken=True),
        ReplyToken("t1", reply),
        TurnFinished("t1", reply, "qwen3-4b", "llama.cpp", TIMINGS, Usage(310, 24, 38.0), citations=CITED),
    )


def opened(desktop: Desktop, core: FakeCore, show: Play, size: tuple[int, int]) -> MemoryWindow:
    window = desktop.memory.open()
    window.resize(*size)
    show(core, window)
    return window
