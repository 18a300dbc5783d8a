"""Copies of the whole memory: exporting it, and restoring backups and exports."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QMenu, QProgressBar

from jarvis_desktop.events import (
    BackupsListed,
    ExportMemory,
    ListBackups,
    MemoryBackup,
    MemoryExported,
    MemoryRestored,
    RestoreMemory,
    RestoreUndone,
    UndoRestore,
)
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.memory_words import backup_line, moment, restore_hint
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import Notice, TextButton, file_dialog


class MemoryCopies(TextButton):
    """The button whose menu exports and restores; it asks and reports in `remark`, and takes `notice` away.

    `restoring` is a bar that shows while the whole memory is being changed.
    """

    asked = Signal(object)  # Intent

    def __init__(self, theme: Theme, remark: Notice, notice: Notice) -> None:
        super().__init__(theme, "quiet", "export", "second")
        self._remark, self._notice = remark, notice
        self._doing = ""  # to the whole memory, while that lasts
        self._backups: Sequence[MemoryBackup] | None = None  # None: not known yet
        menu = QMenu(self)
        self.export = menu.addAction("")
        self.sources = menu.addMenu("")
        self.from_file = menu.addAction("")
        self.setMenu(menu)
        self.restoring = QProgressBar()
        self.restoring.setTextVisible(False)
        self.restoring.setFixedHeight(4)
        self.restoring.setRange(0, 0)  # nobody knows how long it takes
        self.restoring.hide()
        self.export.triggered.connect(self._pick_target)
        self.from_file.triggered.connect(self._pick_source)
        menu.aboutToShow.connect(lambda: self.asked.emit(ListBackups()))

    def take_exported(self, event: MemoryExported) -> None:
        self._remark.present(
            tr("Exported: {count} items", count=number(event.items)),
            tr("{file} – whoever has this file can read it.", file=str(event.file)),
        )

    def take_backups(self, event: BackupsListed) -> None:
        if event.backups != self._backups:  # else the open menu would lose its place
            self._backups = event.backups
            self._show_sources()

    def take_restored(self, event: MemoryRestored) -> None:
        self._show("")
        if not event.items:
            self._remark.present(
                tr("Nothing was missing"), tr("All of it is remembered already, or was forgotten since.")
            )
            return
        self._remark.present(
            tr("Restored: {count} items", count=number(len(event.items))),
            tr("They are being made searchable."),
            tr("Undo"),
            lambda: self._begin(UndoRestore(event.items), tr("Taking them out again …")),
        )

    def take_undone(self, event: RestoreUndone) -> None:
        self._show("")
        self._remark.present(
            tr("Undone: {count} items were taken out again", count=number(event.items)),
            tr("The file they came from still has them."),
        )

    def give_up(self) -> None:
        """Nothing more comes of what was begun."""
        if self._doing:
            self._remark.hide()
        self._show("")

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setText(tr("Backups"))
        self.export.setText(tr("Export …"))
        self.sources.setTitle(tr("Restore a backup"))
        self.from_file.setText(tr("Restore from a file …"))
        self._show_sources()

    def _pick_target(self) -> None:
        dialog = file_dialog(self.window(), tr("Export the memory of all profiles"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("jsonl")
        dialog.selectFile("jarvis-memory.jsonl")
        dialog.fileSelected.connect(lambda name: self.asked.emit(ExportMemory(Path(name))))
        dialog.open()

    def _pick_source(self) -> None:
        dialog = file_dialog(self.window(), tr("Restore the memory of all profiles from a file"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters([tr("Exports and backups") + " (*.jsonl *.ndjson *.sqlite3)", "*"])
        dialog.fileSelected.connect(lambda name: self._ask_about_file(Path(name)))
        dialog.open()

    def _show_sources(self) -> None:
        """The backups that can be restored."""
        self.sources.clear()
        for backup in self._backups or ():
            told = tr("Restore the backup “{moment}”?", moment=moment(backup.at))
            action = self.sources.addAction(backup_line(backup))
            action.triggered.connect(partial(self._ask_first, backup.file, told, backup.items))
            action.setEnabled(backup.items is not None)
        if not self._backups:
            none = tr("Looking for backups …") if self._backups is None else tr("There are no backups yet")
            self.sources.addAction(none).setEnabled(False)

    def _ask_about_file(self, file: Path) -> None:
        self._ask_first(file, tr("Restore “{name}”?", name=file.name), None)

    def _ask_first(self, file: Path, message: str, items: int | None) -> None:
        """Say what is added and that nothing is replaced, and begin once that is confirmed."""
        self._notice.hide()
        self._remark.present(
            message,
            restore_hint(items),
            tr("Restore"),
            lambda: self._begin(RestoreMemory(file), tr("Restoring …")),
        )
        self._remark.button.setFocus()

    def _begin(self, intent: object, doing: str) -> None:
        if self.isEnabled():
            self._remark.present(doing)
            self._show(doing)
            self.asked.emit(intent)

    def _show(self, doing: str) -> None:
        """What is being done to the whole memory now; nothing when it is over."""
        self._doing = doing
        self.restoring.setAccessibleName(doing)
        self.restoring.setVisible(bool(doing))
        for way in (self.sources, self.from_file):
            way.setEnabled(not doing)
