"""The rows of the sidebar: conversations under headings, or what a search found."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QStandardItem,
    QTextCharFormat,
    QTextLayout,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QStyleOptionViewItem,
    QWidget,
)

from jarvis_desktop.events import Conversation, ConversationMatch
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.list_rows import Index, RowDelegate, scroll_smoothly, small, write
from jarvis_desktop.ui.text_view import utf16_units
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import IconButton, plain_tip

ID, TITLE, MATCH, PINNED = (Qt.ItemDataRole.UserRole + number for number in range(4))

_MARGIN = 8
_MORE = 24  # width of the button on a row
_LINES = 2  # of a snippet


def heading(text: str) -> QStandardItem:
    """The row above a group of conversations."""
    item = QStandardItem(text)
    item.setFlags(Qt.ItemFlag.NoItemFlags | Qt.ItemFlag.ItemIsEnabled)
    return item


def entry(conversation: Conversation, match: ConversationMatch | None = None) -> QStandardItem:
    """The row of a conversation, perhaps with what was found in it."""
    title = " ".join(conversation.title.split()) or tr("New chat")
    item = QStandardItem(title)
    item.setData(conversation.id, ID)
    item.setData(title, TITLE)
    item.setData(conversation.pinned, PINNED)
    item.setData(plain_tip(conversation.title), Qt.ItemDataRole.ToolTipRole)
    item.setData(match, MATCH)
    told = title, tr("pinned") if conversation.pinned else "", match.snippet if match else ""
    item.setData(", ".join(filter(None, told)), Qt.ItemDataRole.AccessibleTextRole)
    flags = Qt.ItemFlag
    item.setFlags(flags.ItemIsEnabled | flags.ItemIsSelectable | flags.ItemIsEditable)
    return item


class _Rows(RowDelegate):
    """Draws the rows, and edits titles in their place."""

    renamed = Signal(str, str)  # id, the new title

    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(theme, parent)
        self.with_button = QPersistentModelIndex()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        height = option.fontMetrics.height() + 2 * _MARGIN
        match: ConversationMatch | None = index.data(MATCH)
        if match is not None and match.snippet:
            height += _LINES * QFontMetrics(small(option.font)).height() + 2
        return QSize(100, height)

    def draw(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        tokens = self._theme.tokens
        area = option.rect.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        if not index.data(ID):
            write(painter, area, small(option.font), tokens.second, index.data())
        else:
            title = QRect(area)
            title.setHeight(option.fontMetrics.height())
            if index == self.with_button:
                title.setRight(title.right() - _MORE)
            write(painter, title, option.font, tokens.text, index.data(TITLE))
            match: ConversationMatch | None = index.data(MATCH)
            if match is not None and match.snippet:
                area.setTop(title.bottom() + 3)
                painter.setPen(QColor(tokens.second))
                self._write_snippet(painter, area, small(option.font), match)

    def _write_snippet(self, painter: QPainter, area: QRect, font: QFont, match: ConversationMatch) -> None:
        layout, end = self._laid_out(match.snippet, match.marks, font, area.width())
        if end < len(match.snippet):
            layout, _ = self._laid_out(match.snippet[: end - 2] + "…", match.marks, font, area.width())
        painter.setClipRect(area)
        layout.draw(painter, QPointF(area.topLeft()))

    def _laid_out(
        self, text: str, marks: tuple[tuple[int, int], ...], font: QFont, width: int
    ) -> tuple[QTextLayout, int]:
        """The lines of a snippet, and how many of its characters are on them; found words stand out."""
        layout = QTextLayout(text, font)
        ranges = []
        for start, end in marks:
            found = QTextLayout.FormatRange()
            # Qt counts in UTF-16.
            found.start, found.length = utf16_units(text[:start]), utf16_units(text[start:end])
            look = QTextCharFormat()
            look.setFontWeight(QFont.Weight.Bold)
            look.setForeground(QColor(self._theme.tokens.accent))
            found.format = look
            ranges.append(found)
        layout.setFormats(ranges)
        layout.beginLayout()
        top, end = 0.0, 0
        for _ in range(_LINES):
            line = layout.createLine()
            if not line.isValid():
                break
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top))
            top += line.height()
            end = line.textStart() + line.textLength()
        layout.endLayout()
        return layout, len(text.encode("utf-16-le")[: 2 * end].decode("utf-16-le", "ignore"))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("New name"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        area = QRect(option.rect)
        area.setHeight(option.fontMetrics.height() + 2 * _MARGIN)
        editor.setGeometry(area)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QLineEdit)
        title = " ".join(editor.text().split())
        if title and title != index.data(TITLE):
            model.setData(model.index(index.row(), 0), title, TITLE)  # until the list is told anew
            self.renamed.emit(index.data(ID), title)


class ConversationList(QListView):
    """Tells what the user wants done with a row: by keys, by the mouse, or by the button on the row."""

    rename_wanted = Signal()
    delete_wanted = Signal()
    undo_wanted = Signal()
    menu_wanted = Signal(QPoint)  # on the screen, for the current row
    renamed = Signal(str, str)  # id, the new title
    edited = Signal()  # editing has ended

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._hovered = QPersistentModelIndex()
        self._rows = _Rows(theme, self)
        self.more = IconButton(theme, "dots-three", size=18)
        self._rows.renamed.connect(self.renamed)
        self._rows.closeEditor.connect(lambda *_: self.edited.emit())
        self.setItemDelegate(self._rows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        scroll_smoothly(self)
        self.setMouseTracking(True)
        self.more.setParent(self.viewport())
        self.more.setFixedSize(_MORE, _MORE)
        self.more.clicked.connect(self._more_clicked)
        self.more.hide()
        self.verticalScrollBar().valueChanged.connect(self._place_button)

    @property
    def editing(self) -> bool:
        return self.state() is QAbstractItemView.State.EditingState

    def edit_title(self) -> None:
        """Have the title of the current row edited in its place."""
        index = self.currentIndex()
        if index.data(ID):
            self.scrollTo(index)
            self.edit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Undo):
            self.undo_wanted.emit()
        elif event.key() == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            self._want_menu(self.currentIndex())  # under X11 Qt knows the menu key only
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            self._want_menu(self.indexAt(event.pos()), event.globalPos())
        else:
            self._want_menu(self.currentIndex())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(QModelIndex())

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._place_button()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_button()

    def updateGeometries(self) -> None:
        super().updateGeometries()  # rows have come, gone or moved
        self._place_button()

    def _want_menu(self, index: QModelIndex, where: QPoint | None = None) -> None:
        if index.data(ID):
            self.setCurrentIndex(index)
            self.menu_wanted.emit(where or self.viewport().mapToGlobal(self.visualRect(index).center()))

    def _hover(self, index: QModelIndex) -> None:
        hovered = QPersistentModelIndex(index if index.data(ID) else QModelIndex())
        if hovered != self._hovered:
            self._hovered = hovered
            self._place_button()

    def _place_button(self) -> None:
        """On the row under the mouse, else on the current one."""
        index = self._at(self._hovered) if self._hovered.isValid() else self.currentIndex()
        area = self.visualRect(index)
        shown = bool(index.data(ID)) and not area.isEmpty()
        before = self._at(self._rows.with_button)
        self._rows.with_button = QPersistentModelIndex(index if shown else QModelIndex())
        for changed in (before, index):
            if changed.isValid():
                self.update(changed)
        if shown:
            top = area.top() + (self.fontMetrics().height() + 2 * _MARGIN - _MORE) // 2
            self.more.move(area.right() - _MORE - 3, top)
            self.more.describe(tr("Actions for “{title}”", title=index.data(TITLE)))
        self.more.setVisible(shown)

    def _at(self, index: QPersistentModelIndex) -> QModelIndex:
        return self.model().index(index.row(), 0) if index.isValid() else QModelIndex()

    def _more_clicked(self) -> None:
        self.setCurrentIndex(self._at(self._rows.with_button))
        self.menu_wanted.emit(self.more.mapToGlobal(QPoint(0, self.more.height())))
