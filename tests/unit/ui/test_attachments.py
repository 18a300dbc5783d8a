"""Files of a chat in the window: dropped, pasted or chosen, shown as chips, taken away by keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    AttachFiles,
    Attachment,
    AttachmentListed,
    AttachmentShown,
    AttachmentsListed,
    AttachmentState,
    AttachText,
    Citation,
    ConversationOpened,
    IngestFiles,
    ListAttachments,
    MemoryKind,
    OpenAttachment,
    RemoveAttachment,
    TurnStarted,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.attachments import AttachmentBar

from .driving import answers, drop, finished, play
from .fake_core import FakeCore

LEASE = AttachmentListed("a1", "lease.pdf", 68_400, "/x/lease.pdf", AttachmentState.WHOLE)
BOOK = AttachmentListed("a2", "book.txt", 1_450_000, "/x/book.txt", AttachmentState.PARTS)
PICTURE = StorageError("memory.picture", "{file} is a picture.", "Take in the text.", file="/x/photo.png")
PHOTO = AttachmentListed("a3", "photo.png", 0, "/x/photo.png", AttachmentState.FAILED, PICTURE)


@pytest.fixture
def bar(ready: Desktop, core: FakeCore) -> AttachmentBar:
    play(core, AttachmentsListed((LEASE, BOOK, PHOTO)))
    return ready.window.attachments


def test_dropped_files_are_read_in_this_chat(ready: Desktop, core: FakeCore) -> None:
    assert drop(ready.window, Path("/x/lease.pdf"), Path("/x/notes.md"))
    assert core.posted == [AttachFiles((Path("/x/lease.pdf"), Path("/x/notes.md")))]


def test_pasted_files_and_long_texts_become_files_and_short_ones_are_typed(
    ready: Desktop, core: FakeCore
) -> None:
    field, clipboard = ready.window.composer.field, QApplication.clipboard()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/x/lease.pdf")])
    clipboard.setMimeData(data)
    field.paste()
    clipboard.setText("word " * 1000)
    field.paste()
    assert core.posted == [AttachFiles((Path("/x/lease.pdf"),)), AttachText("word " * 1000)]
    assert field.toPlainText() == ""
    clipboard.setText("How much?")
    field.paste()
    assert field.toPlainText() == "How much?"


@pytest.mark.parametrize("by_key", [True, False])
def test_files_are_chosen(ready: Desktop, core: FakeCore, by_key: bool) -> None:
    if by_key:
        QTest.keyClick(ready.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    else:
        QTest.mouseClick(ready.window.composer.attach, Qt.MouseButton.LeftButton)
    ready.window.findChildren(QFileDialog)[-1].filesSelected.emit(["/x/a.txt"])
    assert core.posted == [AttachFiles((Path("/x/a.txt"),))]


def test_a_chip_tells_name_size_and_how_much_is_read(bar: AttachmentBar) -> None:
    assert bar.isVisible()
    names = [chip.name.accessibleName() for chip in bar.chips.values()]
    assert names == ["lease.pdf, 68 kB", "book.txt, 1.4 MB, read in parts", "photo.png, not read"]
    assert "the parts that fit it best" in " ".join(bar.chips["a2"].name.toolTip().split())
    assert bar.problem.text() == "photo.png is a picture. Take in the text."


def test_a_chip_is_taken_away_by_the_keyboard_which_goes_on_to_the_next(
    bar: AttachmentBar, core: FakeCore
) -> None:
    bar.chips["a1"].name.setFocus()
    QTest.keyClick(bar.chips["a1"].name, Qt.Key.Key_Delete)
    assert core.posted == [RemoveAttachment("a1")]
    play(core, AttachmentsListed((BOOK,)))
    assert bar.chips["a2"].name.hasFocus()
    assert bar.problem.isHidden()
    QTest.mouseClick(bar.chips["a2"].remove, Qt.MouseButton.LeftButton)
    assert core.posted[-1] == RemoveAttachment("a2")
    play(core, AttachmentsListed(()))
    assert bar.isHidden()


def test_another_chat_shows_its_own_files(bar: AttachmentBar, core: FakeCore) -> None:
    play(core, ConversationOpened("c2", ()))
    assert ListAttachments() in core.posted
    play(core, AttachmentsListed(()))
    assert bar.chips == {}


def test_a_file_is_kept_in_memory_when_the_user_says_so(
    ready: Desktop, bar: AttachmentBar, core: FakeCore
) -> None:
    (keep,) = (each for each in bar.chips["a1"].name.actions() if "memory" in each.text())
    keep.trigger()
    assert IngestFiles((Path("/x/lease.pdf"),)) not in core.posted
    QTest.mouseClick(ready.window.question.button, Qt.MouseButton.LeftButton)
    assert IngestFiles((Path("/x/lease.pdf"),)) in core.posted


def test_what_cannot_be_read_offers_only_to_be_taken_away(bar: AttachmentBar) -> None:
    offered = [each.text() for each in bar.chips["a3"].name.actions() if each.isVisible()]
    assert offered == ["Take out of this chat"]


def test_a_chip_and_a_citation_open_what_was_read_at_its_passage(
    ready: Desktop, bar: AttachmentBar, core: FakeCore
) -> None:
    QTest.keyClick(bar.chips["a1"].name, Qt.Key.Key_Space)
    assert core.posted == [OpenAttachment("a1")]
    cited = Citation("a1#2", "lease.pdf", "The deposit.", MemoryKind.DOCUMENT, attached=True)
    play(core, TurnStarted("t1", "c1", "How much?", spoken=False))
    play(core, finished("t1", "The deposit."))
    ready.window.conversation.cite("t1", (cited,))
    row = answers(ready)[0].citations
    assert row is not None
    QTest.mouseClick(row.chips[0], Qt.MouseButton.LeftButton)
    assert core.posted[-1] == OpenAttachment("a1#2", "The deposit.")
    text = "Rules.\n" * 200 + "The deposit."
    play(
        core, AttachmentShown(Attachment("a1", "lease.pdf", 9, text, (), 1.0, "/x/lease.pdf"), "The deposit.")
    )
    view = ready.attachments.view
    assert view is not None
    assert view.isVisible()
    assert view.windowTitle() == "lease.pdf"
    (marked,) = view.text.extraSelections()
    assert marked.cursor.selectedText() == "The deposit."  # type: ignore[attr-defined]
    view.close()
