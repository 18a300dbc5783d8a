"""The right side of the memory window: one item, where it is from, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit, QVBoxLayout, QWidget

from jarvis_desktop.events import (
    AddNote,
    EditMemory,
    MemoryItem,
    MemoryKind,
    MemoryShown,
    OpenMemory,
    PinMemory,
)
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.markdown import LINE_HEIGHT, SealedDocument
from jarvis_desktop.ui.memory_words import (
    KIND_ICONS,
    SPOKEN,
    day,
    kind_name,
    moment,
    one_line,
    origin_name,
    times_used,
)
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import ElidedLabel, IconLabel, Label, TextButton, column, plain_tip, row

_EDITABLE = (MemoryKind.NOTE, MemoryKind.FACT)
_MOST = 40_000  # characters on show, laid out in 40 ms; the file has the rest
_EARLIER = 5  # replaced facts on show


class QuotedText(QTextEdit):
    """Plain text to read, or to write while it is edited. Loads nothing, whatever it says."""

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        document = SealedDocument(self)
        document.setUndoRedoEnabled(True)
        self.setDocument(document)
        self.setObjectName("memory-text")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.use_editing(False)

    def use_editing(self, on: bool) -> None:
        """Whether the user may write."""
        self.setReadOnly(not on)
        flags = Qt.TextInteractionFlag
        if not on:
            self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)
        self.setViewportMargins(*((10, 8, 10, 8) if on else (0, 0, 0, 0)))
        self.setProperty("editing", on)
        self.style().unpolish(self)
        self.style().polish(self)

    def show_text(self, text: str, *, struck: bool, quote: str, tint: str) -> None:
        """Show `text`; `quote`, a part of it, is marked and brought into view."""
        self.setExtraSelections([])
        self.document().setDefaultFont(self.font())
        self.setPlainText(text)
        whole = QTextCursor(self.document())
        whole.select(QTextCursor.SelectionType.Document)
        shape = QTextBlockFormat()
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        whole.setBlockFormat(shape)
        look = QTextCharFormat()
        look.setFontStrikeOut(struck)
        whole.mergeCharFormat(look)
        self.document().clearUndoRedoStacks()
        start = text.find(quote) if quote and quote != text else -1
        if start >= 0:
            self._mark(start, start + len(quote), tint)

    def _mark(self, start: int, end: int, tint: str) -> None:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        self.setTextCursor(cursor)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        marked = QTextEdit.ExtraSelection()
        marked.cursor = cursor
        marked.format.setBackground(QColor(tint))
        self.setExtraSelections([marked])
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.cursorRect().top() - 24)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not self.isReadOnly() and enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submitted.emit()
        else:
            super().keyPressEvent(event)


class MemoryItemView(Translated, QWidget):
    """Shows an item; wishes that change it go out as intents, the rest as signals."""

    asked = Signal(object)  # Intent
    forget_wanted = Signal()
    file_wanted = Signal(str)  # path
    conversation_wanted = Signal(str)  # id
    closed = Signal()  # a new note was given up

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: MemoryShown | None = None
        self._quote = ""
        self._editing = False
        self._drafts: dict[str, str] = {}  # what was written and not saved, by item; "" is a new note
        self._saving: str | None = None  # the draft that was sent to be kept
        self._icon = IconLabel(theme, "note-pencil", "accent", 20)
        self._kind = ElidedLabel(role="heading")
        self._pinned = ElidedLabel(role="small")
        self.pin = TextButton(theme, "quiet", "push-pin", "second")
        self.edit = TextButton(theme, "quiet", "pencil-simple", "second")
        self.forget = TextButton(theme, "quiet", "trash", "second")
        self._replaced = QFrame()
        self._replaced.setProperty("card", "question")
        self._replaced_words = Label(wrap=True)
        self._replaced_open = TextButton(theme, "link")
        self.text = QuotedText()
        self.save = TextButton(theme, "primary")
        self.cancel = TextButton(theme, "plain")
        self._keys = Label(role="small")
        self._editor = QWidget()
        self._earlier_title = Label(role="small")
        self._earlier = QVBoxLayout()
        self._facts = QFrame()
        self._source = Label(wrap=True)
        self.open_origin = TextButton(theme, "link")
        self._details = Label(role="second", wrap=True)
        self._arrange()
        self._connect()
        self.retranslate()

    def _arrange(self) -> None:
        head = row(self._icon, self._kind, self._pinned, None, self.pin, self.edit, self.forget, spacing=8)
        replaced = row(spacing=10, margins=(12, 8, 12, 8))
        replaced.addWidget(self._replaced_words, 1)
        replaced.addWidget(self._replaced_open)
        self._replaced.setLayout(replaced)
        kept = self.forget.sizePolicy()
        kept.setRetainSizeWhenHidden(True)  # the text does not jump when its editing begins
        self.forget.setSizePolicy(kept)
        self._editor.setLayout(row(self._keys, None, self.cancel, self.save))
        self._earlier.setSpacing(2)
        self._facts.setObjectName("memory-facts")
        origin = row(spacing=8)
        origin.addWidget(self._source, 1)
        origin.addWidget(self.open_origin)
        self._facts.setLayout(column(origin, self._details, spacing=4, margins=(0, 10, 0, 0)))
        layout = column(head, self._replaced, spacing=12, margins=(24, 14, 24, 16))
        layout.addWidget(self.text, 1)
        layout.addWidget(self._editor)
        layout.addWidget(self._earlier_title)
        layout.addLayout(self._earlier)
        layout.addWidget(self._facts)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.pin.clicked.connect(self._pin)
        self.edit.clicked.connect(self._edit)
        self.forget.clicked.connect(self.forget_wanted)
        self.save.clicked.connect(self._save)
        self.cancel.clicked.connect(self.give_up)
        self._replaced_open.clicked.connect(self._open_newer)
        self.text.submitted.connect(self._save)
        self.text.textChanged.connect(self._keep_draft)
        self.open_origin.clicked.connect(self._open_origin)
        self._theme.changed.connect(self._show)

    @property
    def item(self) -> MemoryItem | None:
        """The item on show; None while a new note is written."""
        return self._shown.item if self._shown else None

    @property
    def editing(self) -> bool:
        return self._editing

    def show_item(self, shown: MemoryShown, quote: str = "") -> None:
        """Show an item, or what was being written about it; `quote` is the part that matters."""
        if self._saving in ("", shown.item.id):
            self._drafts.pop(self._saving or "", None)
            self._saving = None
        self._shown, self._quote = shown, quote
        self._editing = shown.item.id in self._drafts
        self._show()

    def compose(self) -> None:
        """Write a new note."""
        self._shown, self._quote, self._editing = None, "", True
        self._show()
        self.text.setFocus()

    def drop_drafts(self, items: tuple[str, ...]) -> None:
        """What was written about items that are gone."""
        for item_id in items:
            self._drafts.pop(item_id, None)

    def save_failed(self) -> None:
        """What was written could not be kept: it stays to be saved again."""
        self._saving = None

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.edit.setText(tr("Edit"))
        self.forget.setText(tr("Forget"))
        self.save.setText(tr("Save"))
        self.cancel.setText(tr("Cancel"))
        self._keys.setText(tr("Ctrl+Enter saves"))
        self.text.setPlaceholderText(tr("What shall Jarvis remember?"))
        self._replaced_open.setText(tr("Show"))
        self._earlier_title.setText(tr("Before that it was:"))
        self._show()

    def _show(self) -> None:
        item = self.item
        kind = item.kind if item else MemoryKind.NOTE
        self._icon.show_icon(KIND_ICONS[kind], "accent")
        named = item.source if item and kind is MemoryKind.DOCUMENT else ""
        self._kind.setText(named or kind_name(kind) if item else tr("New note"))
        self._pinned.set_text(tr("pinned") if item and item.pinned else "")
        self.pin.setText(tr("Unpin") if item and item.pinned else tr("Pin"))
        self.pin.show_icon("push-pin-fill" if item and item.pinned else "push-pin", "second")
        for button in (self.pin, self.forget):
            button.setVisible(item is not None and not self._editing)
        self.edit.setVisible(item is not None and kind in _EDITABLE and not self._editing)
        self._editor.setVisible(self._editing)
        self._facts.setVisible(item is not None)
        self._show_text(item)
        self._show_history()
        if item is not None:
            self._show_origin(item)

    def _show_text(self, item: MemoryItem | None) -> None:
        text = excerpt(item.text, self._quote) if item else ""
        if self._editing:
            text = self._drafts.get(item.id if item else "", item.text if item else "")
        struck = bool(item and item.superseded_by) and not self._editing
        self.text.blockSignals(True)
        self.text.use_editing(self._editing)
        tint = self._theme.tokens.accent_soft
        self.text.show_text(text, struck=struck, quote="" if self._editing else self._quote, tint=tint)
        self.text.blockSignals(False)
        self.text.setAccessibleName(tr("Text of the note") if item is None else tr("Text"))
        self.save.setEnabled(bool(text.strip()))

    def _show_history(self) -> None:
        newer = self._shown.replaced_by if self._shown else None
        self._replaced.setVisible(newer is not None and not self._editing)
        if newer is not None:
            self._replaced_words.setText(
                tr(
                    "No longer true since {day}. Now: {text}",
                    day=day(newer.created_at, within=True),
                    text=one_line(newer.text),
                )
            )
        while (old := self._earlier.takeAt(0)) is not None:
            if (widget := old.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        earlier = self._shown.earlier[:_EARLIER] if self._shown and not self._editing else ()
        self._earlier_title.setVisible(bool(earlier))
        for fact in earlier:
            button = TextButton(self._theme, "struck")
            said = one_line(fact.text)
            button.setText(said.replace("&", "&&"))
            button.setAccessibleName(tr("{text}, no longer true", text=said))
            button.setToolTip(plain_tip(f"{said}\n{moment(fact.created_at)}"))
            button.clicked.connect(lambda _=False, chosen=fact.id: self.asked.emit(OpenMemory(chosen)))
            self._earlier.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def _show_origin(self, item: MemoryItem) -> None:
        name = origin_name(item.source)
        if item.kind in SPOKEN:
            said = (
                tr("You said this in a chat: {name}", name=name) if name else tr("You said this in a chat.")
            )
        elif item.kind is MemoryKind.DOCUMENT:
            said = tr("File: {name}", name=name)
        else:
            said = tr("From {name}", name=name) if name else tr("You wrote this or asked to keep it.")
        self._source.setText(said)
        openable = bool(item.location) and (item.kind in SPOKEN or item.kind is MemoryKind.DOCUMENT)
        self.open_origin.setVisible(openable)
        file = item.kind is MemoryKind.DOCUMENT
        self.open_origin.setText(tr("Open the file") if file else tr("Open the chat"))
        self.open_origin.setToolTip(plain_tip(item.location) if file else "")
        pieces = [
            tr("Kept since {moment}", moment=moment(item.created_at, within=True)) if item.created_at else "",
            times_used(item),
            tr("{count} passages", count=number(item.passages)) if item.passages > 1 else "",
            tr("only in the profile {name}", name=item.owner) if item.owner else "",
            tr("{count} characters of it are shown", count=number(_MOST)) if len(item.text) > _MOST else "",
        ]
        self._details.setText(" · ".join(filter(None, pieces)))

    def _pin(self) -> None:
        if (item := self.item) is not None:
            self.asked.emit(PinMemory(item.id, not item.pinned))

    def _edit(self) -> None:
        if (item := self.item) is not None:
            self._editing = True
            self._drafts[item.id] = item.text
            self._show()
            self.text.setFocus()
            self.text.moveCursor(QTextCursor.MoveOperation.End)

    def _keep_draft(self) -> None:
        if self._editing:
            text = self.text.toPlainText()
            self._drafts[self.item.id if self.item else ""] = text
            self.save.setEnabled(bool(text.strip()))

    def _save(self) -> None:
        text, item = self.text.toPlainText().strip(), self.item
        if text and (item is None or text != item.text):
            self._saving = item.id if item else ""
            self.asked.emit(EditMemory(item.id, text) if item else AddNote(text))
        elif text:
            self.give_up()

    def give_up(self) -> None:
        """What was written is not kept."""
        item = self.item
        self._drafts.pop(item.id if item else "", None)
        self._editing = False
        if item is None:
            self.closed.emit()
        else:
            self._show()
            self.edit.setFocus()

    def _open_newer(self) -> None:
        if (item := self.item) is not None:
            self.asked.emit(OpenMemory(item.superseded_by))

    def _open_origin(self) -> None:
        if (item := self.item) is not None:
            wanted = self.file_wanted if item.kind is MemoryKind.DOCUMENT else self.conversation_wanted
            wanted.emit(item.location)


def excerpt(text: str, quote: str) -> str:
    """All of a text, or of a long one what is around the quote."""
    if len(text) <= _MOST:
        return text
    start = max(0, text.find(quote) - _MOST // 2) if quote else 0
    piece = text[start : start + _MOST]
    return f"{'… ' if start else ''}{piece}{' …' if start + _MOST < len(text) else ''}"
