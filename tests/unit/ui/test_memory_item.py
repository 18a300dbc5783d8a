"""One thing that is remembered: read, changed and forgotten in the memory window."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextFormat
from PySide6.QtTest import QTest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    AddNote,
    EditMemory,
    ForgetMemory,
    Forgotten,
    ListMemory,
    MemoriesChanged,
    MemoryFailed,
    MemoryForgotten,
    MemoryItem,
    MemoryKind,
    MemoryShown,
    OpenConversation,
    OpenMemory,
    PinMemory,
)
from jarvis_desktop.ui import open_file
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_window import MemoryWindow

from .driving import play, texts
from .fake_core import FakeCore
from .remembered import LEASE, NEW, NOTE, OLD, TURN, choose, opened, posted, rows, show


@pytest.fixture
def window(ready: Desktop, core: FakeCore) -> MemoryWindow:
    return opened(ready, core)


def test_an_item_says_where_it_is_from_and_what_others_wrote_is_no_markup(
    window: MemoryWindow, core: FakeCore
) -> None:
    show(core, window, MemoryShown(NOTE))
    assert window.item.text.toPlainText() == NOTE.text
    assert "You wrote this" in texts(window.item)
    show(core, window, MemoryShown(NEW))
    assert "Moving house" in texts(window.item)
    assert "Used in 2 answers" in texts(window.item)


def test_of_a_long_document_the_part_around_the_quote_is_shown(window: MemoryWindow, core: FakeCore) -> None:
    long = "One of many lines.\n" * 10_000
    item = MemoryItem("d3", MemoryKind.DOCUMENT, f"{long}Here it is.\n{long}", "long.txt")
    window.open_item("d3#9000", "Here it is.")
    play(core, MemoryShown(item))
    assert [each.cursor.selectedText() for each in window.item.text.extraSelections()] == ["Here it is."]
    assert len(window.item.text.toPlainText()) < len(long)
    assert "characters of it are shown" in texts(window.item)


def test_a_replaced_fact_is_struck_through_with_what_replaced_it(
    window: MemoryWindow, core: FakeCore
) -> None:
    show(core, window, MemoryShown(OLD, replaced_by=NEW))
    struck = window.item.text.document().firstBlock().begin().fragment().charFormat()
    assert struck.property(QTextFormat.Property.FontStrikeOut) or struck.fontStrikeOut()
    assert "Now: You live in Valencia." in texts(window.item)
    QTest.mouseClick(window.item._replaced_open, Qt.MouseButton.LeftButton)
    assert posted(core) == [OpenMemory("f2")]
    play(core, MemoryShown(NEW, earlier=(OLD,)))
    earlier = window.item._earlier.itemAt(0).widget()
    assert earlier is not None
    assert earlier.accessibleName() == "You live in Madrid., no longer true"


def test_only_what_was_asked_for_last_is_shown(window: MemoryWindow, core: FakeCore) -> None:
    window.open_item("f2")
    window.open_item("d1")
    play(core, MemoryShown(LEASE), MemoryShown(NEW))
    assert window.item.item == LEASE


def test_notes_and_facts_are_edited_and_documents_are_not(window: MemoryWindow, core: FakeCore) -> None:
    show(core, window, MemoryShown(LEASE))
    assert not window.item.edit.isVisible()
    show(core, window, MemoryShown(NOTE))
    QTest.mouseClick(window.item.edit, Qt.MouseButton.LeftButton)
    window.item.text.selectAll()
    QTest.keyClicks(window.item.text, "Ana moved out.")
    QTest.keyClick(window.item.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert posted(core) == [EditMemory("n1", "Ana moved out.")]
    play(core, MemoryShown(MemoryItem("n1", MemoryKind.NOTE, "Ana moved out.")))
    assert not window.item.save.isVisible()
    assert rows(window)[0] == "Ana moved out."


def test_what_could_not_be_saved_is_not_lost(window: MemoryWindow, core: FakeCore) -> None:
    show(core, window, MemoryShown(NOTE))
    QTest.mouseClick(window.item.edit, Qt.MouseButton.LeftButton)
    window.item.text.selectAll()
    QTest.keyClicks(window.item.text, "Better.")
    QTest.mouseClick(window.item.save, Qt.MouseButton.LeftButton)
    play(core, MemoryFailed(StorageError("memory.full", "The disk is full.", "Make room.")))
    assert window.notice.message == "The disk is full."
    show(core, window, MemoryShown(NEW))
    show(core, window, MemoryShown(NOTE))
    assert window.item.text.toPlainText() == "Better."
    QTest.keyClick(window.item.text, Qt.Key.Key_Escape)
    assert window.item.text.toPlainText() == NOTE.text


def test_a_note_is_written_by_keyboard_alone(window: MemoryWindow, core: FakeCore) -> None:
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert not window.item.save.isEnabled()
    QTest.keyClicks(window.item.text, "Bins go out on Tuesday.")
    QTest.keyClick(window.item.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert posted(core) == [AddNote("Bins go out on Tuesday.")]
    kept = MemoryItem("n9", MemoryKind.NOTE, "Bins go out on Tuesday.")
    play(core, MemoryShown(kept), MemoriesChanged())
    assert window.item.item == kept
    assert posted(core) == [ListMemory()]
    window.compose()
    assert window.item.text.toPlainText() == ""


def test_pinning(window: MemoryWindow, core: FakeCore) -> None:
    show(core, window, MemoryShown(NEW))
    QTest.mouseClick(window.item.pin, Qt.MouseButton.LeftButton)
    assert posted(core) == [PinMemory("f2", True)]


def test_forgetting_says_what_is_lost_asks_and_shows_the_receipt(
    window: MemoryWindow, core: FakeCore
) -> None:
    show(core, window, MemoryShown(LEASE))
    QTest.mouseClick(window.item.forget, Qt.MouseButton.LeftButton)
    assert core.posted == []
    assert window.question.message == "Forget “lease.pdf” for good?"
    assert "passages: 12" in texts(window.question)
    assert "The file itself stays" in texts(window.question)
    QTest.keyClick(window.question.button, Qt.Key.Key_Space)
    assert posted(core) == [ForgetMemory(("d1",))]
    play(core, MemoryForgotten(Forgotten("3f9a", 1.7e9, ("d1",), 12, 12), messages=2))
    assert "lease.pdf" not in rows(window)
    assert window.blank.isVisible()
    assert window.remark.message == "Forgotten for good"
    assert "messages blanked: 2" in texts(window.remark)
    assert "receipt 3f9a" in texts(window.remark)
    assert OpenConversation("c1") in posted(core)  # the one on show, as it is now


def test_several_are_forgotten_with_the_delete_key_and_escape_gives_up(
    window: MemoryWindow, core: FakeCore
) -> None:
    choose(window, 0, 4)
    core.posted.clear()
    assert "2 items chosen" in texts(window.blank)
    QTest.keyClick(window.list.list, Qt.Key.Key_Delete)
    assert "Your files stay" in texts(window.question)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.question.message == ""
    QTest.keyClick(window.list.list, Qt.Key.Key_Delete)
    QTest.mouseClick(window.question.button, Qt.MouseButton.LeftButton)
    assert posted(core) == [ForgetMemory(("n1", "t1"))]


def test_forgetting_elsewhere_leaves_nothing_of_it_and_what_is_written_alone(
    window: MemoryWindow, core: FakeCore
) -> None:
    gone = MemoryForgotten(Forgotten("3f9a", 1.7e9, ("f1",), 1, 1))
    show(core, window, MemoryShown(NEW, earlier=(OLD,)))
    play(core, gone)
    assert OpenMemory("f2") in posted(core)
    play(core, MemoryShown(NEW))
    assert window.item._earlier.count() == 0
    window.compose()
    QTest.keyClicks(window.item.text, "Half a note")
    play(core, gone)
    assert window.item.text.isVisible()
    assert window.item.text.hasFocus()
    assert window.item.text.toPlainText() == "Half a note"


def test_origins_open_and_only_documents_are_handed_to_the_desktop(
    window: MemoryWindow, core: FakeCore, tmp_path: Path
) -> None:
    show(core, window, MemoryShown(TURN))
    QTest.mouseClick(window.item.open_origin, Qt.MouseButton.LeftButton)
    assert posted(core) == [OpenConversation("c2")]
    opened: list[str] = []
    for name in ("notes.txt", "run.desktop"):
        file = tmp_path / name
        file.write_text("x")
        show(core, window, MemoryShown(MemoryItem("d9", MemoryKind.DOCUMENT, "x", name, str(file))))
        with patch.object(open_file.QDesktopServices, "openUrl", lambda url: opened.append(url.path())):
            QTest.mouseClick(window.item.open_origin, Qt.MouseButton.LeftButton)
    assert opened == [str(tmp_path / "notes.txt"), str(tmp_path)]
