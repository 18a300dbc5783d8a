"""The left side of the memory window: search, kinds, and what is remembered or was found."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QListView,
    QStyleOptionViewItem,
)

from jarvis_desktop.events import (
    ListMemory,
    MemoryFound,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryStats,
    SearchMemory,
)
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.icons import pixmap
from jarvis_desktop.ui.list_rows import Index, RowDelegate, scroll_smoothly, small, write
from jarvis_desktop.ui.memory_words import (
    KIND_ICONS,
    Row,
    kind_name,
    kinds_name,
    row_of_item,
    rows_of_found,
    search_remark,
    stats_line,
)
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import Label, SearchField, column, name_choice, plain_tip

WIDTH = 330  # at text size 1
_MOST_SCALE = 1.5  # larger text leaves room for the item beside the list
_TYPING_MS = 250  # between the last key and the search
_KINDS: tuple[MemoryKind | None, ...] = (
    None,
    MemoryKind.FACT,
    MemoryKind.NOTE,
    MemoryKind.TURN,
    MemoryKind.DOCUMENT,
)
_ROW = Qt.ItemDataRole.UserRole


class _Rows(QAbstractListModel):
    """The lines on show."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def append(self, rows: list[Row]) -> None:
        self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
        self.rows += rows
        self.endInsertRows()

    def replace(self, number: int, row: Row) -> None:
        self.rows[number] = row
        self.dataChanged.emit(self.index(number, 0), self.index(number, 0))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == _ROW:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(row.title)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            marks = (tr("pinned") if row.pinned else "", tr("no longer true") if row.superseded else "")
            return ", ".join(filter(None, (kind_name(row.kind), *marks, row.title, row.note)))
        return None


class _TwoLines(RowDelegate):
    """Kind, title and origin of an item; what is no longer true is struck through."""

    _MARGIN = 10
    _ICON = 18

    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(theme, parent)
        self._pictures: dict[tuple[str, str, float], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, option.fontMetrics.height() + QFontMetrics(small(option.font)).height() + 20)

    def draw(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(_ROW)
        tokens = self._theme.tokens
        area = option.rect.adjusted(self._MARGIN, 8, -self._MARGIN, -8)
        self._draw(painter, KIND_ICONS[row.kind], tokens.second, area.left(), area.top() + 1)
        words = area.adjusted(self._ICON + 10, 0, 0, 0)
        title = QRect(words)
        title.setHeight(option.fontMetrics.height())
        if row.pinned:
            self._draw(painter, "push-pin-fill", tokens.accent, area.right() - 15, area.top() + 2, 14)
            title.setRight(title.right() - 22)
        font = QFont(option.font)
        font.setStrikeOut(row.superseded)
        write(painter, title, font, tokens.second if row.superseded else tokens.text, row.title)
        note = small(option.font)
        words.setTop(words.bottom() - QFontMetrics(note).height())
        write(painter, words, note, tokens.second, row.note)

    def _draw(
        self, painter: QPainter, name: str, colour: str, left: int, top: int, size: int = _ICON
    ) -> None:
        ratio = painter.device().devicePixelRatioF()
        key = (name, colour, ratio)
        if key not in self._pictures:
            self._pictures[key] = pixmap(name, colour, size, ratio)
        painter.drawPixmap(left, top, self._pictures[key])


class _List(QListView):
    """Tells of the Delete key."""

    forget_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.forget_wanted.emit()
        else:
            super().keyPressEvent(event)


class MemoryList(QFrame):
    """Asks for lists and searches by itself; says what the user chose."""

    asked = Signal(object)  # Intent
    chosen = Signal(object)  # list[Row]; empty: nothing
    forget_wanted = Signal(object)  # list[Row]

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("memory-list")
        self._theme = theme
        self._stats: MemoryStats | None = None
        self._more = False
        self._listening = True  # False while the list itself moves the selection
        self.search = SearchField(theme)
        self.kind = QComboBox()
        for _ in _KINDS:
            self.kind.addItem("")
        self._remark = Label(role="small", wrap=True)
        self._model = _Rows()
        self.list = _List()
        self.list.setModel(self._model)
        self.list.setItemDelegate(_TwoLines(theme, self.list))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        scroll_smoothly(self.list)
        self.list.setUniformItemSizes(True)
        self._nothing = Label(role="second", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._foot = Label(role="small")
        self._foot.set_text("")
        layout = column(
            self.search, self.kind, self._remark, self._nothing, spacing=8, margins=(12, 12, 12, 10)
        )
        layout.addWidget(self.list, 1000)
        layout.addStretch(1)  # while the list is hidden
        layout.addWidget(self._foot)
        self.setLayout(layout)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._connect()
        self._take_look()
        self._show_rows([], more=False)
        self.retranslate()

    def _connect(self) -> None:
        self._typing.timeout.connect(self.ask)
        self.search.textChanged.connect(lambda: self._typing.start())
        self.search.returnPressed.connect(self.ask)
        self.search.installEventFilter(self)
        self.kind.currentIndexChanged.connect(self.ask)
        self.list.selectionModel().selectionChanged.connect(self._selection_changed)
        self.list.forget_wanted.connect(lambda: self.forget_wanted.emit(self.selected()))
        self.list.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._theme.changed.connect(self._take_look)

    @property
    def empty(self) -> bool:
        """Nothing is remembered at all, as far as is known."""
        return self._stats is not None and not sum(self._stats.items.values())

    def ask(self) -> None:
        """Ask for what is to be on show."""
        self._typing.stop()
        query, kind = self._wanted()
        self.asked.emit(SearchMemory(query, kind) if query else ListMemory(kind))

    def take_list(self, event: MemoryListed) -> None:
        """A page of the list; one that is no longer wanted is left out."""
        if self._wanted() != ("", event.kind):
            return
        rows = [row_of_item(item) for item in event.items]
        if event.offset and event.offset == len(self._model.rows):
            self._model.append(rows)
            self._more = event.more
        elif not event.offset:
            self._remark.set_text("")
            self._show_rows(rows, more=event.more)

    def take_found(self, event: MemoryFound) -> None:
        """What a search found, if it is still the one on show."""
        if self._wanted() == (event.query, event.kind):
            self._remark.set_text(search_remark(event.found))
            self._show_rows(rows_of_found(event.found.results), more=False)

    def take_stats(self, stats: MemoryStats) -> None:
        self._stats = stats
        self._foot.set_text("" if self.empty else stats_line(stats))
        self._show_kinds()
        self._show_emptiness()

    def take_item(self, item: MemoryItem) -> None:
        """An item as it is now, if it has a line here."""
        for place, old in enumerate(self._model.rows):
            if old.id == item.id and not old.quote:
                self._model.replace(place, row_of_item(item))

    def drop(self, ids: tuple[str, ...]) -> None:
        """Items were forgotten."""
        self._show_rows([row for row in self._model.rows if row.id not in ids], more=self._more)

    def clear(self) -> None:
        """Nothing may be seen."""
        self._stats = None
        self._foot.set_text("")
        self._remark.set_text("")
        self._show_rows([], more=False)
        self._show_kinds()

    def selected(self) -> list[Row]:
        """The lines the user chose, from the top."""
        places = sorted(index.row() for index in self.list.selectionModel().selectedIndexes())
        return [self._model.rows[place] for place in places]

    def mark(self, item_id: str) -> None:
        """Select the line of an item, without telling; no line where it has none."""
        ids = {item_id} if item_id else set()
        self._select(ids)

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.search.setPlaceholderText(tr("Search the memory"))
        self.search.setToolTip(plain_tip(tr("Search by words or meaning")))
        self.search.setAccessibleName(tr("Search the memory"))
        name_choice(self.kind, tr("Kind"))
        self.list.setAccessibleName(tr("What is remembered"))
        if self._stats is not None:
            self.take_stats(self._stats)
        self._show_kinds()
        self._show_emptiness()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        # From the search field the list is one arrow key away.
        pressed = event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent)
        if not pressed or event.key() != Qt.Key.Key_Down or not self._model.rows:  # type: ignore[attr-defined]
            return False
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if not self.list.selectionModel().hasSelection():
            self.list.setCurrentIndex(self._model.index(0, 0))
        return True

    def _wanted(self) -> tuple[str, MemoryKind | None]:
        return " ".join(self.search.text().split()), _KINDS[max(0, self.kind.currentIndex())]

    def _show_rows(self, rows: list[Row], *, more: bool) -> None:
        before = {row.id for row in self.selected()}
        place = self.list.verticalScrollBar().value()
        self._more = more
        self._listening = False
        self._model.show_rows(rows)
        self._listening = True
        self._select(before)
        self.list.verticalScrollBar().setValue(place)
        self._show_emptiness()

    def _select(self, ids: set[str]) -> None:
        self._listening = False
        selection = self.list.selectionModel()
        selection.clearSelection()
        for place, row in enumerate(self._model.rows):
            if row.id in ids:
                index = self._model.index(place, 0)
                flags = QItemSelectionModel.SelectionFlag
                selection.select(index, flags.Select)
                selection.setCurrentIndex(index, flags.NoUpdate)
        self._listening = True

    def _selection_changed(self) -> None:
        if self._listening:
            self.chosen.emit(self.selected())

    def _scrolled(self, value: int) -> None:
        near = value > self.list.verticalScrollBar().maximum() - self.list.height()
        if near and self._more:
            self._more = False  # asked for once
            self.asked.emit(ListMemory(self._wanted()[1], len(self._model.rows)))

    def _show_kinds(self) -> None:
        for place, kind in enumerate(_KINDS):
            name = kinds_name(kind)
            if self._stats is not None:
                counts = self._stats.items
                count = sum(counts.values()) if kind is None else counts.get(kind, 0)
                name = f"{name} ({number(count)})"
            self.kind.setItemText(place, name)

    def _show_emptiness(self) -> None:
        nothing = not self._model.rows
        query, kind = self._wanted()
        self.list.setVisible(not nothing)
        self._nothing.setVisible(nothing)
        self._nothing.setText(
            tr("Nothing was found for these words.")
            if query
            else tr("Nothing of this kind yet.")
            if kind is not None
            else tr("What Jarvis remembers will be listed here.")
        )

    def _take_look(self) -> None:
        self.setFixedWidth(round(WIDTH * min(self._theme.scale, _MOST_SCALE)))
