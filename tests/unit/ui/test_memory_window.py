"""The memory window: what is remembered is found, read, changed and forgotten there."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QTextFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    AddNote,
    BackupsListed,
    EditMemory,
    ExportMemory,
    ForgetMemory,
    Forgotten,
    Ingested,
    IngestFiles,
    Intent,
    ListBackups,
    ListMemory,
    MemoriesChanged,
    MemoryBackup,
    MemoryCounted,
    MemoryExported,
    MemoryFailed,
    MemoryForgotten,
    MemoryFound,
    MemoryIngested,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryRestored,
    MemoryShown,
    MemoryStats,
    OpenConversation,
    OpenMemory,
    PinMemory,
    Recalled,
    Recollection,
    RestoreMemory,
    RestoreUndone,
    SearchMemory,
    StopIngesting,
    UndoRestore,
)
from jarvis_desktop.ui import open_file
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_window import MemoryWindow

from .conftest import Pump
from .driving import play, texts
from .fake_core import FakeCore, FakeSettings

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


@pytest.fixture
def window(ready: Desktop, core: FakeCore) -> MemoryWindow:
    """The memory window with its list, nothing chosen."""
    opened = ready.memory.open()
    assert posted(core) == [ListMemory()]
    play(core, MemoryListed(None, 0, ITEMS), MemoryCounted(stats(COUNTS)))
    return opened


def show(core: FakeCore, window: MemoryWindow, shown: MemoryShown) -> None:
    window.open_item(shown.item.id)
    play(core, shown)
    core.posted.clear()


def test_it_opens_from_the_sidebar_the_tray_and_by_key(ready: Desktop, core: FakeCore) -> None:
    for want in (ready.window.sidebar.memory_wanted.emit, ready.tray.memory_wanted.emit):
        want()
        assert posted(core) == [ListMemory()]
        ready.memory.open().close()
        core.posted.clear()
    QTest.keyClick(ready.window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert posted(core) == [ListMemory()]


def test_the_list_shows_everything_and_says_it_to_a_screen_reader(window: MemoryWindow) -> None:
    assert rows(window) == [NOTE.text, NEW.text, OLD.text, "lease.pdf", TURN.text]
    spoken = [
        str(window.list.list.model().index(place, 0).data(Qt.ItemDataRole.AccessibleTextRole))
        for place in (0, 2, 3)
    ]
    assert spoken[0].startswith("Note, pinned, The spare key")
    assert "no longer true" in spoken[1]
    assert "12 passages" in spoken[2]
    assert "Facts about you (2)" in [window.list.kind.itemText(place) for place in range(5)]


def test_typing_searches_once_the_typing_pauses(window: MemoryWindow, core: FakeCore, pump: Pump) -> None:
    QTest.keyClicks(window.list.search, "when is my deposit back")
    assert core.posted == []
    pump(lambda: bool(core.posted))
    assert core.posted == [SearchMemory("when is my deposit back")]


def test_what_was_found_is_listed_once_an_item_and_opens_at_the_passage(
    window: MemoryWindow, core: FakeCore
) -> None:
    window.list.search.setText("deposit")
    QTest.keyClick(window.list.search, Qt.Key.Key_Return)
    assert posted(core) == [SearchMemory("deposit")]
    quote = "The deposit is two months' rent."
    found = (
        Recalled("d1#2", "d1", MemoryKind.DOCUMENT, quote, "lease.pdf", 0.9),
        Recalled("d1#1", "d1", MemoryKind.DOCUMENT, "The rent is 840 euros.", "lease.pdf", 0.5),
        Recalled("t1", "t1", MemoryKind.TURN, TURN.text, "Rome trip", 0.1),
    )
    play(core, MemoryFound("deposit", None, Recollection(found, confident=True)))
    assert rows(window) == ["lease.pdf", TURN.text]
    choose(window, 0)
    assert posted(core) == [OpenMemory("d1#2")]
    play(core, MemoryShown(LEASE))
    marked = window.item.text.extraSelections()
    assert [each.cursor.selectedText() for each in marked] == [quote]


def test_an_answer_to_an_older_search_is_left_out(window: MemoryWindow, core: FakeCore) -> None:
    window.list.search.setText("deposit")
    found = Recollection((Recalled("t1", "t1", MemoryKind.TURN, "old", "", 1.0),), confident=True)
    play(core, MemoryFound("depo", None, found))
    assert len(rows(window)) == 5


def test_a_doubtful_search_and_one_by_words_only_say_so(window: MemoryWindow, core: FakeCore) -> None:
    window.list.search.setText("x")
    found = (Recalled("t1", "t1", MemoryKind.TURN, TURN.text, "", 0.1),)
    play(core, MemoryFound("x", None, Recollection(found)))
    assert "Nothing fits well" in texts(window.list)
    play(core, MemoryFound("x", None, Recollection(found, skipped={"dense": "no_encoder"}, confident=True)))
    assert "by words only" in texts(window.list)


def test_kinds_are_listed_by_themselves(window: MemoryWindow, core: FakeCore) -> None:
    window.list.kind.setCurrentIndex(1)
    assert posted(core) == [ListMemory(MemoryKind.FACT)]
    play(core, MemoryListed(MemoryKind.FACT, 0, (NEW, OLD)))
    assert rows(window) == [NEW.text, OLD.text]
    window.list.search.setText("live")
    window.list.ask()
    assert posted(core) == [SearchMemory("live", MemoryKind.FACT)]


def test_the_next_page_is_asked_for_at_the_end_of_the_list(window: MemoryWindow, core: FakeCore) -> None:
    page = tuple(MemoryItem(f"n{number}", MemoryKind.NOTE, f"Note {number}") for number in range(100))
    play(core, MemoryListed(None, 0, page, more=True))
    for _ in range(2):
        QTest.keyClick(window.list.list, Qt.Key.Key_End)
    assert ListMemory(None, 100) in posted(core)
    play(core, MemoryListed(None, 100, (TURN,)))
    assert rows(window)[-1] == TURN.text


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


def drop(target: QWidget, *files: Path) -> bool:
    """Drag files onto a widget and let go; whether it took them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    left, no = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, left, no)
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        QApplication.sendEvent(target, QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, left, no))
    return enter.isAccepted()


def test_dropped_files_are_taken_in_after_a_question_with_progress_and_problems(
    window: MemoryWindow, core: FakeCore
) -> None:
    files = (Path("/x/lease.pdf"), Path("/x/scan.pdf"))
    assert drop(window, *files)
    assert window.remark.message == "Remember 2 files and folders?"
    assert core.posted == []
    QTest.mouseClick(window.remark.button, Qt.MouseButton.LeftButton)
    assert posted(core) == [IngestFiles(files)]
    play(core, MemoryIngested(Ingested(1, 2, "/x/lease.pdf", 12)))
    assert "1 of 2 files" in texts(window.progress)
    QTest.mouseClick(window.progress.stop, Qt.MouseButton.LeftButton)
    assert posted(core) == [StopIngesting()]
    damaged = StorageError("memory.no_text", "{path} cannot be read.", "Open it.", path="/x/scan.pdf")
    play(core, MemoryIngested(Ingested(2, 2, "/x/scan.pdf", problem=str(damaged), error=damaged)))
    play(core, MemoryIngested(Ingested(2, 2)), MemoriesChanged())
    assert window.progress.problems.item(0).text() == "scan.pdf cannot be read. Open it."
    assert "not taken in: 1" in texts(window.progress)
    assert posted(core) == [ListMemory()]


def test_folders_dropped_on_the_conversation_are_asked_about_there(
    ready: Desktop, core: FakeCore, tmp_path: Path
) -> None:
    assert drop(ready.window, tmp_path)
    assert ready.window.question.message == f"Remember “{tmp_path.name}”?"
    QTest.mouseClick(ready.window.question.button, Qt.MouseButton.LeftButton)
    assert IngestFiles((tmp_path,)) in posted(core)
    assert ready.memory.open().progress.isVisible()


def test_the_question_field_leaves_files_to_the_window(ready: Desktop) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/x/lease.pdf")])
    assert not ready.window.composer.field.canInsertFromMimeData(data)
    text = QMimeData()
    text.setText("hello")
    assert ready.window.composer.field.canInsertFromMimeData(text)


def test_text_dropped_on_the_window_is_not_taken_for_a_file(window: MemoryWindow) -> None:
    assert not drop(window)


def test_files_are_chosen_and_everything_is_exported(window: MemoryWindow, core: FakeCore) -> None:
    window._files.trigger()
    chooser = window.findChildren(QFileDialog)[-1]
    chooser.filesSelected.emit(["/x/a.txt"])
    chooser.close()
    window.copies.export.trigger()
    chooser = window.findChildren(QFileDialog)[-1]
    chooser.fileSelected.emit("/x/all.jsonl")
    chooser.close()
    assert posted(core) == [IngestFiles((Path("/x/a.txt"),)), ExportMemory(Path("/x/all.jsonl"))]
    play(core, MemoryExported(Path("/x/all.jsonl"), 5))
    assert "/x/all.jsonl" in texts(window.remark)


DAMAGED = MemoryBackup(Path("/x/memory-1.sqlite3"), 1.6e9, None)
BACKUP = MemoryBackup(Path("/x/memory-2.sqlite3"), 1.7e9, 1204)


def confirm(window: MemoryWindow) -> None:
    """By keyboard: what is asked has the focus."""
    assert window.remark.button.hasFocus()
    QTest.keyClick(window.remark.button, Qt.Key.Key_Space)


def test_a_backup_is_chosen_by_date_and_size_restored_after_a_question_and_undone(
    window: MemoryWindow, core: FakeCore
) -> None:
    window.activateWindow()
    window.copies.menu().aboutToShow.emit()
    assert posted(core) == [ListBackups()]
    assert [action.isEnabled() for action in window.copies.sources.actions()] == [False], "not known yet"
    play(core, BackupsListed((BACKUP, DAMAGED)))
    newest, damaged = window.copies.sources.actions()
    when = datetime.fromtimestamp(BACKUP.at)
    assert all(part in newest.text() for part in (f"{when.day} November", f"{when:%H:%M}", "1,204"))
    assert ("cannot be read" in damaged.text(), damaged.isEnabled()) == (True, False)

    newest.trigger()
    assert f"{when:%H:%M}" in window.remark.message
    assert "Nothing is replaced" in texts(window.remark)
    assert posted(core) == []
    confirm(window)
    assert posted(core) == [RestoreMemory(BACKUP.file)]
    assert window.copies.restoring.isVisible()
    assert window.copies.restoring.accessibleName()
    assert not window.copies.from_file.isEnabled(), "one at a time"
    play(core, MemoryRestored(BACKUP.file, ("n8", "n9")))
    assert not window.copies.restoring.isVisible()
    assert window.copies.from_file.isEnabled()
    assert window.remark.message == "Restored: 2 items"

    QTest.mouseClick(window.remark.button, Qt.MouseButton.LeftButton)
    assert posted(core) == [UndoRestore(("n8", "n9"))]
    assert window.copies.restoring.isVisible()
    play(core, RestoreUndone(2))
    assert not window.copies.restoring.isVisible()
    assert "2 items were taken out again" in window.remark.message


def test_a_file_is_restored_and_what_went_wrong_is_said(window: MemoryWindow, core: FakeCore) -> None:
    def choose_file() -> None:
        window.copies.from_file.trigger()
        chooser = window.findChildren(QFileDialog)[-1]
        chooser.fileSelected.emit("/x/all.jsonl")
        chooser.close()
        window.activateWindow()

    choose_file()
    assert window.remark.message == "Restore “all.jsonl”?"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert (window.remark.message, posted(core)) == ("", [])
    choose_file()
    confirm(window)
    assert posted(core) == [RestoreMemory(Path("/x/all.jsonl"))]
    play(core, MemoryFailed(StorageError("memory.bad_line", "Line 3 cannot be read.", "Mend it.")))
    assert window.notice.message == "Line 3 cannot be read."
    assert not window.copies.restoring.isVisible()
    assert window.remark.message == ""
    choose_file()
    assert window.notice.message == ""
    confirm(window)
    play(core, MemoryRestored(Path("/x/all.jsonl"), ()))
    assert window.remark.message == "Nothing was missing"
    assert not window.remark.button.isVisible(), "there is nothing to undo"


def test_an_empty_memory_says_how_to_fill_it(window: MemoryWindow, core: FakeCore) -> None:
    play(core, MemoryListed(None, 0, ()), MemoryCounted(stats({})))
    assert "drop files" in texts(window.blank)
    QTest.mouseClick(window.blank.first, Qt.MouseButton.LeftButton)
    assert window.item.text.hasFocus()


def test_switched_off_nothing_is_asked_and_the_settings_are_one_click_away(
    ready: Desktop, core: FakeCore, settings: FakeSettings
) -> None:
    settings.patch({"memory.enabled": False})
    play(core)
    window = ready.memory.open()
    assert core.posted == []
    assert "switched off" in texts(window.blank)
    QTest.mouseClick(window.blank.first, Qt.MouseButton.LeftButton)
    assert ready._dialog is not None
    assert ready._dialog.isVisible()
    settings.patch({"memory.enabled": True})
    play(core)
    assert ListMemory() in core.posted


def test_a_private_profile_shows_nothing_of_the_others(
    window: MemoryWindow, core: FakeCore, settings: FakeSettings
) -> None:
    show(core, window, MemoryShown(NOTE))
    settings.base = settings.base.model_copy(
        update={
            "profiles": type(settings.base).model_validate({"profiles": {"P": {"memory": "none"}}}).profiles
        }
    )
    settings.patch({"conversation.profile": "P"})
    play(core, MemoriesChanged(), MemoryListed(None, 0, ITEMS), MemoryShown(NOTE))  # were on their way
    assert rows(window) == []
    assert window.blank.isVisible()
    assert "Nothing is remembered in this profile" in texts(window.blank)
    assert core.posted == []


def test_a_profile_with_a_memory_of_its_own_shows_nothing_of_the_others(
    window: MemoryWindow, core: FakeCore, settings: FakeSettings
) -> None:
    show(core, window, MemoryShown(NOTE))
    settings.base = settings.base.model_copy(
        update={
            "profiles": type(settings.base).model_validate({"profiles": {"P": {"memory": "own"}}}).profiles
        }
    )
    settings.patch({"conversation.profile": "P"})
    play(core)
    assert rows(window) == []
    assert window.blank.isVisible()
    assert ListMemory() in core.posted


def test_everything_has_a_name_for_a_screen_reader_and_follows_the_language(
    window: MemoryWindow, ready: Desktop, core: FakeCore
) -> None:
    show(core, window, MemoryShown(NOTE))
    named = (window.list.search, window.list.kind, window.list.list, window.item.text)
    assert all(widget.accessibleName() for widget in (*named, window.copies))
    ready.language.use("es")
    play(core)
    assert window._title.text() == "Memoria"


def test_it_fits_its_smallest_size_with_larger_text(window: MemoryWindow, ready: Desktop) -> None:
    ready.theme.apply("light", 1.25)
    window.resize(window.minimumSize())
    QApplication.processEvents()
    assert window.minimumSizeHint().width() <= window.width()
    ready.theme.apply("light", 1.0)
