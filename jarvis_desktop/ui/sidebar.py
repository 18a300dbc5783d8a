"""The left pane: new chat, search, and every conversation by day."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from jarvis_desktop.events import Conversation
from jarvis_desktop.ui.i18n import day_name, tr
from jarvis_desktop.ui.icons import icon
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import IconButton, Label, TextButton, column, plain_tip, row

WIDTH = 260
_ID = Qt.ItemDataRole.UserRole


class _Rows(QStyledItemDelegate):
    """Rows of one height; the headings of days are smaller and quieter."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        if not index.data(_ID):
            option.font.setPointSizeF(option.font.pointSizeF() * 0.85)
            palette = option.palette
            palette.setColor(palette.ColorRole.Text, palette.color(palette.ColorRole.PlaceholderText))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        height = option.fontMetrics.height() + 16
        return QSize(WIDTH - 40, height)


class Sidebar(QFrame):
    """Conversations; says which one the user wants."""

    new_chat = Signal()
    opened = Signal(str)
    settings_wanted = Signal()
    memory_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("sidebar")
        self._theme = theme
        self._conversations: tuple[Conversation, ...] = ()
        self._current = ""
        self._private = False
        self._new = TextButton(theme, "wide", "plus", "accent")
        self._new.clicked.connect(self.new_chat)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self._glass = self.search.addAction(
            icon("magnifying-glass", theme.tokens.second), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search.textChanged.connect(self._fill)
        self.list = QListView()
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.list.clicked.connect(self._choose)
        self.list.activated.connect(self._choose)
        self._nothing = Label(role="second", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._settings = TextButton(theme, "quiet", "gear-six", "second")
        self._settings.clicked.connect(self.settings_wanted)
        self._memory = TextButton(theme, "quiet", "brain", "second")
        self._memory.clicked.connect(self.memory_wanted)
        self.collapse = IconButton(theme, "caret-left")
        layout = column(
            row(self._new, self.collapse, spacing=6),
            self.search,
            self._nothing,
            spacing=8,
            margins=(12, 12, 12, 10),
        )
        layout.addWidget(self.list, 1)
        layout.addLayout(row(self._memory, self._settings, None, spacing=4))
        self.setLayout(layout)
        theme.changed.connect(self._take_look)
        self._take_look()
        self._fill()
        self._retranslate()

    def show_conversations(self, conversations: tuple[Conversation, ...]) -> None:
        """Newest first, as the core lists them."""
        self._conversations = conversations
        self._fill()

    def show_private(self, on: bool) -> None:
        """Whether the profile in use keeps nothing."""
        self._private = on
        self._fill()

    def show_current(self, conversation_id: str) -> None:
        """Mark the conversation on show."""
        self._current = conversation_id
        self._mark()

    def title_of(self, conversation_id: str) -> str:
        """Title of a listed conversation; empty for one that is not listed."""
        return next((c.title for c in self._conversations if c.id == conversation_id), "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()
            self._fill()

    def _fill(self) -> None:
        wanted = _folded(self.search.text())
        self._model.clear()
        today = date.today()
        heading = ""
        for conversation in self._conversations:
            if wanted not in _folded(conversation.title):
                continue
            day = day_name(datetime.fromtimestamp(conversation.updated_at).date(), today)
            if day != heading:
                heading = day
                self._model.appendRow(_heading(day))
            self._model.appendRow(_entry(conversation))
        empty = self._model.rowCount() == 0
        self.list.setVisible(not empty)
        self._nothing.setVisible(empty)
        self._nothing.setText(
            tr("No conversation has these words in its title.")
            if wanted
            else tr("Nothing that is said in this profile is kept.")
            if self._private
            else tr("Your chats will be listed here.")
        )
        self._mark()

    def _mark(self) -> None:
        for row_number in range(self._model.rowCount()):
            index = self._model.index(row_number, 0)
            if index.data(_ID) and index.data(_ID) == self._current:
                self.list.setCurrentIndex(index)
                return
        self.list.setCurrentIndex(QModelIndex())
        self.list.clearSelection()

    def _choose(self, index: QModelIndex) -> None:
        if (chosen := index.data(_ID)) and chosen != self._current:
            self.opened.emit(chosen)

    def _take_look(self) -> None:
        self.setFixedWidth(round(WIDTH * self._theme.scale))
        self._glass.setIcon(icon("magnifying-glass", self._theme.tokens.second))

    def _retranslate(self) -> None:
        self._new.setText(tr("New chat"))
        self._memory.setText(tr("Memory"))
        self._memory.setToolTip(plain_tip(tr("What Jarvis remembers (Ctrl+M)")))
        self._settings.setText(tr("Settings"))
        self.search.setPlaceholderText(tr("Search chats"))
        self.search.setAccessibleName(tr("Search chats"))
        self.list.setAccessibleName(tr("Conversations"))
        self.collapse.describe(tr("Hide the list of conversations"))


def _folded(text: str) -> str:
    """Lower case without accents, so that "cafe" finds "Café"."""
    plain = unicodedata.normalize("NFD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()


def _heading(day: str) -> QStandardItem:
    item = QStandardItem(day)
    item.setFlags(Qt.ItemFlag.NoItemFlags | Qt.ItemFlag.ItemIsEnabled)
    return item


def _entry(conversation: Conversation) -> QStandardItem:
    item = QStandardItem(" ".join(conversation.title.split()) or tr("New chat"))
    item.setData(conversation.id, _ID)
    item.setData(plain_tip(conversation.title), Qt.ItemDataRole.ToolTipRole)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
    return item
