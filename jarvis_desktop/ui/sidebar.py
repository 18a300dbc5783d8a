"""The left pane: new chat, search, and every conversation: pinned ones first, then by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QMenu, QToolButton

from jarvis_desktop.events import (
    Conversation,
    ConversationMatch,
    DeleteConversation,
    PinConversation,
    RenameConversation,
    RestoreConversation,
    SearchConversations,
)
from jarvis_desktop.ui.conversation_rows import ID, MATCH, PINNED, ConversationList, entry, heading
from jarvis_desktop.ui.i18n import day_name, number, tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import (
    IconButton,
    Label,
    Notice,
    SearchField,
    TextButton,
    column,
    plain_tip,
    row,
)

WIDTH = 272  # at text size 1
_TYPING_MS = 200  # between the last key and the search


class Sidebar(QFrame):
    """Conversations; says which one the user wants, and what is to be done with them."""

    new_chat = Signal()
    new_private_chat = Signal()
    opened = Signal(str, str)  # conversation, message
    wished = Signal(object)  # ConversationIntent
    export_wanted = Signal(str)  # conversation; "" is all of them
    import_wanted = Signal()
    settings_wanted = Signal()
    memory_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self._theme = theme
        self._conversations: tuple[Conversation, ...] = ()
        self._matches: tuple[ConversationMatch, ...] | None = None  # None: nothing is searched for
        self._deleted: dict[str, Conversation] = {}  # that can still be had back
        self._remembered = False
        self._deleting_at = -1  # row that a key deletes; the cursor stays there
        self._current = ""
        self._private = False
        self._stale = False
        self._going = False  # to what is found first, once it is
        self._new = TextButton(theme, "wide", "plus", "accent")
        self._new.clicked.connect(self.new_chat)
        self._new_private = IconButton(theme, "eye-slash")
        self._new_private.clicked.connect(self.new_private_chat)
        self.more = IconButton(theme, "dots-three")
        self.more.setMenu(QMenu(self))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._typing = QTimer(self, interval=_TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self._ask)
        self.search = SearchField(theme)
        self.search.textChanged.connect(self._words_changed)
        self.search.returnPressed.connect(self._ask_and_go)
        self.search.installEventFilter(self)
        self.list = ConversationList(theme)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self.list.renamed.connect(lambda which, title: self.wished.emit(RenameConversation(which, title)))
        # Queued: then the list is no longer in the state of editing.
        self.list.edited.connect(self._fill_late, Qt.ConnectionType.QueuedConnection)
        self.list.rename_wanted.connect(self.list.edit_title)
        self.list.delete_wanted.connect(self._delete)
        self.list.undo_wanted.connect(self.undo)
        self.list.menu_wanted.connect(self._open_menu)
        self._nothing = Label(role="second", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.undo_notice = Notice(theme, "question")
        self._settings = TextButton(theme, "quiet", "gear-six", "second")
        self._settings.clicked.connect(self.settings_wanted)
        self._memory = TextButton(theme, "quiet", "brain", "second")
        self._memory.clicked.connect(self.memory_wanted)
        self.collapse = IconButton(theme, "caret-left")
        layout = column(
            row(self._new, self._new_private, self.collapse, spacing=4),
            row(self.search, self.more, spacing=4),
            self._nothing,
            spacing=8,
            margins=(12, 12, 12, 10),
        )
        layout.addWidget(self.list, 1000)
        layout.addStretch(1)  # while the list is hidden
        layout.addWidget(self.undo_notice)
        layout.addLayout(row(self._memory, self._settings, None, spacing=4))
        self.setLayout(layout)
        theme.changed.connect(self._take_look)
        self._take_look()
        self._fill()
        self._retranslate()

    def show_conversations(self, conversations: tuple[Conversation, ...]) -> None:
        """Newest first, as the core lists them."""
        self._conversations = conversations
        if self._matches is not None:
            self._ask()  # names may have changed, or what was found be gone
        self._fill()

    def show_found(self, query: str, matches: tuple[ConversationMatch, ...]) -> None:
        """What a search found, if it is still the one that is wanted."""
        if query == self.query:
            self._matches = matches
            self._fill()
            if self._going and matches:
                self._enter_list()
            self._going = False

    def show_private(self, on: bool) -> None:
        """Whether the profile in use keeps nothing."""
        self._private = on
        self._fill()

    def show_current(self, conversation_id: str) -> None:
        """Mark the conversation on show."""
        self._current = conversation_id
        self._mark(conversation_id)

    def take_deleted(self, conversation: Conversation, *, remembered: bool) -> None:
        """A conversation can be had back for a while; `remembered`: what was told there may be, still."""
        self._deleted[conversation.id] = conversation
        self._remembered = remembered
        self._show_deleted()
        if self._deleting_at >= 0:  # though another page was opened
            self.list.setFocus()

    def take_erased(self, conversation_id: str) -> None:
        """A conversation is gone for good."""
        self._deleted.pop(conversation_id, None)
        self._show_deleted()

    def undo(self) -> None:
        """Have back what was deleted."""
        for conversation_id in self._deleted:
            self.wished.emit(RestoreConversation(conversation_id))
        self._deleted = {}
        self._show_deleted()
        self.list.setFocus()

    def title_of(self, conversation_id: str) -> str:
        """Title of a listed conversation; empty for one that is not listed."""
        return next((c.title for c in self._conversations if c.id == conversation_id), "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
            self._fill()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        # From the search field the list is one arrow key away.
        pressed = event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if not pressed or event.key() != Qt.Key.Key_Down:  # type: ignore[attr-defined]
            return False
        self._enter_list()
        return True

    def _enter_list(self) -> None:
        first = next(filter(None, (index.data(ID) for index in self._indexes())), "")
        if first:
            self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self.list.currentIndex().isValid():
                self._mark(first)

    @property
    def query(self) -> str:
        """The words that are searched for."""
        return " ".join(self.search.text().split())

    def _words_changed(self) -> None:
        self._going = False
        if self.query:
            self._typing.start()
            return
        self._typing.stop()
        self._matches = None
        self._fill()

    def _ask(self) -> None:
        self._typing.stop()
        if query := self.query:
            self.wished.emit(SearchConversations(query))

    def _ask_and_go(self) -> None:
        self._going = True
        self._ask()

    def _fill(self) -> None:
        if self.list.editing:  # its editor would go with the rows
            self._stale = True
            return
        self._stale = False
        before, place = self._under_cursor(), max(self._deleting_at, self.list.currentIndex().row(), 0)
        self._deleting_at = -1
        scrolled = self.list.verticalScrollBar().value()
        self._model.clear()
        for item in self._rows():
            self._model.appendRow(item)
        self.list.setUniformItemSizes(self._matches is None)
        empty = self._model.rowCount() == 0
        self.list.setVisible(not empty)
        self._nothing.setVisible(empty)
        self._nothing.setText(
            tr("No chat has these words.")
            if self._matches is not None
            else tr("Nothing that is said in this profile is kept.")
            if self._private
            else tr("Your chats will be listed here.")
        )
        if not self.list.hasFocus():
            self._mark(self._current)
        elif not self._mark(before):  # it is gone: the cursor goes to what has come to its place
            ids = [index.data(ID) for index in self._indexes()]
            near = [*ids[place:], *reversed(ids[:place])]
            self._mark(next(filter(None, near), ""))
        self.list.verticalScrollBar().setValue(scrolled)

    def _rows(self) -> Iterator[QStandardItem]:
        if self._matches is not None:
            for match in self._matches:
                yield entry(match.conversation, match)
            return
        pinned = [each for each in self._conversations if each.pinned]
        if pinned:
            yield heading(tr("Pinned"))
            yield from map(entry, pinned)
        today, above = date.today(), ""
        for conversation in self._conversations:
            if conversation.pinned:
                continue
            day = day_name(datetime.fromtimestamp(conversation.updated_at).date(), today)
            if day != above:
                above = day
                yield heading(day)
            yield entry(conversation)

    def _indexes(self) -> Iterator[QModelIndex]:
        return (self._model.index(place, 0) for place in range(self._model.rowCount()))

    def _under_cursor(self) -> str:
        return self.list.currentIndex().data(ID) or ""

    def _mark(self, conversation_id: str) -> bool:
        """Put the cursor on the row of a conversation; False where it has none, and no row has the cursor."""
        for index in self._indexes():
            if index.data(ID) and index.data(ID) == conversation_id:
                self.list.setCurrentIndex(index)
                return True
        self.list.setCurrentIndex(QModelIndex())
        self.list.clearSelection()
        return False

    def _fill_late(self) -> None:
        if self._stale:
            self._fill()

    def _choose(self, index: QModelIndex) -> None:
        match: ConversationMatch | None = index.data(MATCH)
        chosen = index.data(ID)
        if chosen and (match is not None or chosen != self._current):
            self.opened.emit(chosen, match.message_id if match is not None else "")

    def _open_menu(self, where: QPoint) -> None:
        index = self.list.currentIndex()
        chosen, pinned = index.data(ID), bool(index.data(PINNED))
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(f"{tr('Rename')}\tF2").triggered.connect(self.list.edit_title)
        menu.addAction(tr("Unpin") if pinned else tr("Pin")).triggered.connect(
            lambda: self.wished.emit(PinConversation(chosen, not pinned))
        )
        menu.addAction(tr("Export …")).triggered.connect(lambda: self.export_wanted.emit(chosen))
        menu.addSeparator()
        key = QKeySequence(Qt.Key.Key_Delete).toString(QKeySequence.SequenceFormat.NativeText)
        menu.addAction(f"{tr('Delete')}\t{key}").triggered.connect(self._delete)
        menu.popup(where)

    def _delete(self) -> None:
        if chosen := self._under_cursor():
            self._deleting_at = self.list.currentIndex().row() if self.list.hasFocus() else -1
            self.wished.emit(DeleteConversation(chosen))

    def _show_deleted(self) -> None:
        if not self._deleted:
            self.undo_notice.hide()
            return
        *_, last = self._deleted.values()
        one = tr("Deleted: {title}", title=" ".join(last.title.split()) or tr("New chat"))
        many = tr("Deleted: {count} chats", count=number(len(self._deleted)))
        self.undo_notice.present(
            one if len(self._deleted) == 1 else many,
            tr("Facts and notes from it stay in the memory.") if self._remembered else "",
            tr("Undo"),
            self.undo,
        )

    def _take_look(self) -> None:
        self.setFixedWidth(round(WIDTH * self._theme.scale))

    def _retranslate(self) -> None:
        self._new.setText(tr("New chat"))
        self._new_private.describe(tr("New private chat, of which nothing is kept (Ctrl+Shift+N)"))
        self.more.describe(tr("Export or import chats"))
        menu = self.more.menu()
        menu.clear()
        menu.addAction(tr("Export all chats …")).triggered.connect(lambda: self.export_wanted.emit(""))
        menu.addAction(tr("Import chats …")).triggered.connect(self.import_wanted)
        self._memory.setText(tr("Memory"))
        self._memory.setToolTip(plain_tip(tr("What Jarvis remembers (Ctrl+M)")))
        self._settings.setText(tr("Settings"))
        self.search.setPlaceholderText(tr("Search chats"))
        self.search.setAccessibleName(tr("Search chats"))
        self.list.setAccessibleName(tr("Conversations"))
        self.collapse.describe(tr("Hide the list of conversations"))
        self.undo_notice.dismiss.describe(tr("Dismiss"))
        self._show_deleted()
