"""The memory window: what Jarvis remembers, to be found, read, changed and forgotten."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QStackedWidget, QVBoxLayout, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    ForgetMemory,
    Ingested,
    IngestFiles,
    MemoryForgotten,
    MemoryFound,
    MemoryListed,
    MemoryShown,
    MemoryStats,
    OpenMemory,
    StopIngesting,
)
from jarvis_desktop.ui.file_drop import FileDrop
from jarvis_desktop.ui.i18n import hint_of, message_of, number, tr
from jarvis_desktop.ui.icons import icon
from jarvis_desktop.ui.memory_copies import MemoryCopies
from jarvis_desktop.ui.memory_item import MemoryItemView
from jarvis_desktop.ui.memory_list import WIDTH, MemoryList
from jarvis_desktop.ui.memory_progress import IngestCard
from jarvis_desktop.ui.memory_words import (
    Row,
    loss,
    receipt_line,
    row_of_item,
)
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import (
    IconLabel,
    Label,
    Notice,
    Scroll,
    TextButton,
    bind_keys,
    column,
    file_dialog,
    row,
)

_ITEM_WIDTH = 430  # the least, at text size 1
_NARROW_SCREEN = 1200  # what the window never needs more of


class Keeping(StrEnum):
    """Whether anything is remembered while these settings are in force."""

    ON = "on"
    OFF = "off"
    PRIVATE = "private"  # the profile in use keeps nothing


class _Blank(QWidget):
    """What stands in place of an item: why there is none, and what to do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._mark = IconLabel(theme, "brain", "accent", 40)
        self.title = Label(role="group", wrap=True)
        self.text = Label(role="second", wrap=True)
        self.first = TextButton(theme, "primary")
        self.second = TextButton(theme, "plain")
        for label in (self.title, self.text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        buttons = row(None, self.first, self.second, None, margins=(0, 10, 0, 0))
        self.setLayout(
            column(
                None,
                row(None, self._mark, None),
                self.title,
                self.text,
                buttons,
                None,
                spacing=8,
                margins=(48, 16, 48, 24),
            )
        )


class MemoryWindow(Translated, QWidget):
    """Knows nothing of the core: wishes go out as intents, `take_...` has what came of them."""

    asked = Signal(object)  # Intent
    file_wanted = Signal(str)  # path
    conversation_wanted = Signal(str)  # id
    settings_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("memory-window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._keeping, self._owner = Keeping.ON, ""
        self._wanted: str | None = ""  # id that was asked for; None: a new note that is being kept
        self._quote = ""
        self._many: list[Row] = []
        self.list = MemoryList(theme)
        self.item = MemoryItemView(theme)
        self.blank = _Blank(theme)
        self._item_page, self._blank_page = Scroll(self.item), Scroll(self.blank)
        self.question = Notice(theme)
        self.notice = Notice(theme)
        self.remark = Notice(theme, "question")
        self.progress = IngestCard(theme)
        self.add = TextButton(theme, "plain", "plus", "accent")
        self._menu = QMenu(self.add)
        self._note, self._files, self._folder = (self._menu.addAction("") for _ in range(3))
        self.add.setMenu(self._menu)
        self.copies = MemoryCopies(theme, self.remark, self.notice)
        self._title = Label(role="group")
        self._pages = QStackedWidget()
        self.setWindowIcon(icon("brain", theme.tokens.accent, size=64))
        self.resize(1020, 700)
        self._arrange()
        self._connect()
        self._take_look()
        self._show_blank()
        self.retranslate()

    def _arrange(self) -> None:
        for page in (self._blank_page, self._item_page):
            self._pages.addWidget(page)
        right = QVBoxLayout()
        right.setSpacing(0)
        head = row(spacing=8, margins=(24, 12, 16, 4))
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.add)
        head.addWidget(self.copies)
        right.addLayout(head)
        right.addLayout(
            column(self.notice, self.question, self.remark, self.copies.restoring, margins=(20, 6, 20, 0))
        )
        right.addWidget(self._pages, 1)
        right.addWidget(self.progress)
        layout = row(self.list, spacing=0)
        layout.addLayout(right, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.list.asked.connect(self._ask)
        self.list.chosen.connect(self._choose)
        self.list.forget_wanted.connect(self._ask_to_forget)
        self.item.asked.connect(self._item_asked)
        self.item.forget_wanted.connect(self._forget_item)
        self.item.closed.connect(self._leave)
        self.item.file_wanted.connect(self.file_wanted)
        self.item.conversation_wanted.connect(self.conversation_wanted)
        self.progress.stop_wanted.connect(lambda: self.asked.emit(StopIngesting()))
        self._note.triggered.connect(self.compose)
        self._files.triggered.connect(lambda: self._pick(QFileDialog.FileMode.ExistingFiles))
        self._folder.triggered.connect(lambda: self._pick(QFileDialog.FileMode.Directory))
        self.copies.asked.connect(self._ask)
        self.blank.first.clicked.connect(self._blank_first)
        self.blank.second.clicked.connect(lambda: self._pick(QFileDialog.FileMode.ExistingFiles))
        self._drop = FileDrop(self, lambda: tr("Drop here, and Jarvis will read and remember it."))
        self._drop.dropped.connect(self.offer_files)
        self._theme.changed.connect(self._take_look)
        keys = {
            "Ctrl+F": self.list.search.begin,
            "Ctrl+N": self.compose,
            "Ctrl+W": self.close,
            "Escape": self._escape,
        }
        bind_keys(self, keys)

    # --- what the user does -----------------------------------------------------------------------------

    def open_item(self, item_id: str, quote: str = "") -> None:
        """Show an item, named by its id or that of a passage; `quote` is the part to mark in it."""
        self._wanted, self._quote, self._many = item_id, quote, []
        self.notice.hide()
        self._ask(OpenMemory(item_id))

    def compose(self) -> None:
        """Write a new note."""
        if self._keeping is Keeping.ON:
            self._wanted, self._many = "", []
            self.list.mark("")
            self.item.compose()
            self._pages.setCurrentWidget(self._item_page)
            self.item.text.setFocus()

    def offer_files(self, files: tuple[Path, ...]) -> None:
        """Say what happens to files that were dropped, and take them in once that is confirmed."""
        if self._keeping is not Keeping.ON:
            return
        message, hint = ingest_question(files)
        self.remark.present(message, hint, tr("Read and remember"), lambda: self.ingest(files))
        self.remark.button.setFocus()

    def ingest(self, files: tuple[Path, ...]) -> None:
        """Take in files and folders."""
        self.progress.begin()
        self._ask(IngestFiles(files))

    # --- what came of it --------------------------------------------------------------------------------

    def show_keeping(self, keeping: Keeping, owner: str = "") -> None:
        """Whether anything is remembered now, and by which profile; what another one remembers goes."""
        if (keeping, owner) == (self._keeping, self._owner):
            return
        self._keeping, self._owner = keeping, owner
        on = keeping is Keeping.ON
        for part in (self.list, self.add, self.copies):
            part.setEnabled(on)
        if not on:
            self.copies.give_up()
        self.list.clear()
        if on:
            self.refresh()
        self._leave()

    def refresh(self) -> None:
        """Ask for the list anew, if anybody looks at it."""
        if self.isVisible():
            self._ask_list()

    def take_list(self, event: MemoryListed) -> None:
        if self._keeping is Keeping.ON:  # else it was on its way when the profile was left
            self.list.take_list(event)
            self._show_blank()

    def take_found(self, event: MemoryFound) -> None:
        if self._keeping is Keeping.ON:
            self.list.take_found(event)

    def take_stats(self, stats: MemoryStats) -> None:
        if self._keeping is Keeping.ON:
            self.list.take_stats(stats)
            self._show_blank()

    def take_item(self, event: MemoryShown) -> None:
        """An item; shown if it is the one that was asked for last."""
        if self._keeping is not Keeping.ON:
            return
        self.list.take_item(event.item)
        wanted = self._wanted
        if wanted is None or wanted == event.item.id or wanted.startswith(f"{event.item.id}#"):
            self._wanted = event.item.id
            self.item.show_item(event, self._quote)
            self._pages.setCurrentWidget(self._item_page)
            self.list.mark(event.item.id)

    def take_forgotten(self, event: MemoryForgotten) -> None:
        """Items are gone."""
        gone = event.receipt.items
        self.list.drop(gone)
        self.item.drop_drafts(gone)
        shown = self.item.item
        if self._many or (shown is not None and shown.id in gone):
            self._many = []
            self._leave()
        elif shown is not None and not self.item.editing:
            self.open_item(shown.id, self._quote)  # it may name what is gone
        if not self.item.editing and not self.list.search.hasFocus():
            self.list.list.setFocus()
        self.remark.present(tr("Forgotten for good"), receipt_line(event.receipt, event.messages))
        self._ask_list()

    def take_progress(self, progress: Ingested) -> None:
        self.progress.take(progress)

    def take_error(self, error: JarvisError) -> None:
        """A wish was not carried out."""
        self.copies.give_up()
        self.item.save_failed()
        self.notice.present(message_of(error), hint_of(error))

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("Memory – Jarvis"))
        self._title.setText(tr("Memory"))
        self.add.setText(tr("Add"))
        self._note.setText(tr("Note"))
        self._files.setText(tr("Files …"))
        self._folder.setText(tr("Folder …"))
        self.copies.retranslate()
        for card in (self.question, self.remark, self.notice):
            card.dismiss.describe(tr("Dismiss"))
        self.list.retranslate()
        self._show_blank()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_list()
        self.list.search.setFocus()

    # --- inside -----------------------------------------------------------------------------------------

    def _ask(self, intent: object) -> None:
        if self._keeping is Keeping.ON:
            self.asked.emit(intent)

    def _ask_list(self) -> None:
        if self._keeping is Keeping.ON:
            self.list.ask()

    def _item_asked(self, intent: object) -> None:
        if isinstance(intent, OpenMemory):
            self._wanted, self._quote = intent.item_id, ""
        elif self.item.item is None:
            self._wanted = None
        self.notice.hide()
        self._ask(intent)

    def _choose(self, rows: list[Row]) -> None:
        self._many = rows if len(rows) > 1 else []
        if len(rows) == 1:
            self.open_item(rows[0].opens or rows[0].id, rows[0].quote)
        else:
            self._leave()

    def _leave(self) -> None:
        """No single item is on show."""
        self._wanted, self._quote = "", ""
        self._pages.setCurrentWidget(self._blank_page)
        self._show_blank()

    def _forget_item(self) -> None:
        if self.item.item is not None:
            self._ask_to_forget([row_of_item(self.item.item)])

    def _ask_to_forget(self, rows: list[Row]) -> None:
        if not rows:
            return
        message, hint = loss(rows)
        wanted = tuple(each.id for each in rows)
        self.remark.hide()
        self.question.present(message, hint, tr("Forget for good"), lambda: self._ask(ForgetMemory(wanted)))
        self.question.button.setFocus()

    def _pick(self, mode: QFileDialog.FileMode) -> None:
        dialog = file_dialog(self, tr("What shall Jarvis read and remember?"))
        dialog.setFileMode(mode)
        dialog.filesSelected.connect(lambda names: self.ingest(tuple(Path(name) for name in names)))
        dialog.open()

    def _escape(self) -> None:
        """Put away, one after the other: a question, what is written, a remark, a search, the window."""
        cards = [card for card in (self.question, self.remark, self.notice) if not card.isHidden()]
        if self.item.editing and self.question not in cards:
            self.item.give_up()
        elif cards:
            cards[0].hide()
        elif self.list.search.text():
            self.list.search.clear()
        else:
            self.close()

    def _blank_first(self) -> None:
        if self._keeping is Keeping.OFF:
            self.settings_wanted.emit()
        elif self._many:
            self._ask_to_forget(self._many)
        else:
            self.compose()

    def _show_blank(self) -> None:
        """Why no item is on show, and what to do about it."""
        title, text, first, second = self._reason()
        self.blank.title.setText(title)
        self.blank.text.set_text(text)
        for button, words in ((self.blank.first, first), (self.blank.second, second)):
            button.setText(words)
            button.setVisible(bool(words))

    def _reason(self) -> tuple[str, str, str, str]:
        if self._keeping is Keeping.OFF:
            return (
                tr("Remembering is switched off"),
                tr("Jarvis keeps nothing beyond a chat. What was remembered before is still there."),
                tr("Open settings"),
                "",
            )
        if self._keeping is Keeping.PRIVATE:
            return (
                tr("Nothing is remembered in this profile"),
                tr("Choose another profile to see or change what Jarvis remembers."),
                "",
                "",
            )
        if self._many:
            return tr("{count} items chosen", count=number(len(self._many))), "", tr("Forget"), ""
        if self.list.empty:
            return (
                tr("Nothing is remembered yet"),
                tr(
                    "Say “Remember that …”, write a note, or drop files onto this window."
                    " Everything stays on this machine."
                ),
                tr("Write a note"),
                tr("Add files …"),
            )
        return (
            tr("Choose something on the left"),
            tr("Search with your own words: texts are found by what they mean, in Spanish and English."),
            "",
            "",
        )

    def _take_look(self) -> None:
        scale = self._theme.scale
        self.setMinimumSize(min(round((WIDTH + _ITEM_WIDTH) * scale), _NARROW_SCREEN), 480)


def ingest_question(files: tuple[Path, ...]) -> tuple[str, str]:
    """What the user is asked about files that were dropped, and what happens to them."""
    what = (
        f"“{files[0].name}”" if len(files) == 1 else tr("{count} files and folders", count=number(len(files)))
    )
    return (
        tr("Remember {what}?", what=what),
        tr(
            "Jarvis reads them, keeps their text on this machine and uses it in answers, which then name"
            " them. The files themselves are left alone."
        ),
    )
