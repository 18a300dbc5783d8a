"""Files and the memory: dropped on the windows, chosen, exported, restored."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    BackupsListed,
    ExportMemory,
    Ingested,
    IngestFiles,
    ListBackups,
    ListMemory,
    MemoriesChanged,
    MemoryBackup,
    MemoryExported,
    MemoryFailed,
    MemoryIngested,
    MemoryRestored,
    RestoreMemory,
    RestoreUndone,
    StopIngesting,
    UndoRestore,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_window import MemoryWindow

from .driving import drop, play, texts
from .fake_core import FakeCore
from .remembered import opened, posted


@pytest.fixture
def window(ready: Desktop, core: FakeCore) -> MemoryWindow:
    return opened(ready, core)


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
    hour = f"{when.hour % 12 or 12}:{when:%M}"  # as an American writes it
    assert all(part in newest.text() for part in (f"{when.day} November", hour, "1,204"))
    assert ("cannot be read" in damaged.text(), damaged.isEnabled()) == (True, False)

    newest.trigger()
    assert hour in window.remark.message
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
