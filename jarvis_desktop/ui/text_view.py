"""A piece of read-only text as tall as its content: what every message is made of."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator

from PySide6.QtCore import QRect, QRectF, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QTextEdit, QWidget

from jarvis_desktop.folding import places
from jarvis_desktop.ui.code import CODE_PADDING, CodeBlock, header_height, is_code
from jarvis_desktop.ui.code_headers import CodeHeaders
from jarvis_desktop.ui.markdown import (
    LINE_HEIGHT,
    MarkdownStream,
    SealedDocument,
    plain_text,
    quote_level,
    render,
)
from jarvis_desktop.ui.theme import Theme

FLUSH_MS = 40  # 25 frames a second, as often as an eye follows text
_NOT_ITS_OWN = {  # the window talks while Space is held, and the conversation scrolls
    Qt.Key.Key_Space,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
_DUTY = 8  # between two flushes at least this many times the time one took


class TextView(QTextBrowser):
    """Shows plain text or Markdown and grows with it; loads and opens nothing by itself."""

    link_activated = Signal(str)  # an http or https address

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._source = ""
        self._markdown = False
        self._stream: MarkdownStream | None = None
        self._pause_ms = FLUSH_MS
        self._flush_timer = QTimer(self, singleShot=True)
        self._flush_timer.timeout.connect(self._flush)
        self._found: list[QTextEdit.ExtraSelection] = []
        self._heard = ""
        self._heard_from = self._heard_until = 0  # where in the text it is looked for, and ends
        self._headers = CodeHeaders(theme, self)
        self._backs: list[tuple[QTextBlock, QTextBlock]] | None = None
        self._ideal_width: int | None = None
        self._take_document(SealedDocument(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.viewport().setAutoFillBackground(False)
        self.anchorClicked.connect(self._activate)
        theme.changed.connect(self._restyle)

    @property
    def given_text(self) -> str:
        """The text as it was given, Markdown included."""
        return self._source

    def set_plain(self, text: str) -> None:
        """Show `text` exactly as it is."""
        self._source, self._markdown = text, False
        self.document().setDefaultFont(self.font())
        self.setPlainText(text)
        shape = QTextBlockFormat()
        shape.setLineHeight(LINE_HEIGHT, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.setBlockFormat(shape)

    def set_markdown(self, source: str) -> None:
        """Show the whole of `source`; ends a stream."""
        self._flush_timer.stop()
        self._stream = None
        self._source, self._markdown = source, True
        # Into a document that is not on show, so that it is laid out once and not for every change.
        fresh = SealedDocument(self)
        fresh.setDefaultFont(self.font())
        render(fresh, source, self._theme.tokens)
        self._headers.clear()
        self._take_document(fresh)
        self._headers.renew()
        self._show_marks()

    def append_markdown(self, text: str) -> None:
        """Add the next piece of a reply; it shows within a few hundredths of a second."""
        if self._stream is None:
            self.document().setDefaultFont(self.font())
            self._stream = MarkdownStream(self.document(), self._theme.tokens)
            self._stream.append(self._source)
            self._markdown = True
            self._pause_ms = 0  # the first word shows at once
        self._source += text
        self._stream.append(text)
        if not self._flush_timer.isActive():
            self._flush_timer.start(self._pause_ms)

    def mark(self, words: str) -> None:
        """Have each of these words stand out where it is found, until the text is shown anew."""
        plain = self.document().toPlainText()
        self._found = []
        for start, end in places(plain, words):
            selection = self._selection(plain, start, end)
            selection.format.setBackground(QColor(self._theme.tokens.accent))
            selection.format.setForeground(QColor(self._theme.tokens.on_accent))
            self._found.append(selection)
        self._show_marks()

    def mark_heard(self, piece: str) -> QRect | None:
        """Have a piece of the given text stand out while it is heard, "": none; where it is, if anywhere."""
        if piece == self._heard == "":
            return None
        if piece != self._heard:
            self._heard, self._heard_from = piece, self._heard_until if piece else 0
        return self._show_marks()

    def _show_marks(self) -> QRect | None:
        """Lay all marks over the text; returns where the piece is that is heard."""
        heard = self._heard_selection() if self._heard else None
        self.setExtraSelections([*self._found, *([heard] if heard is not None else [])])
        if heard is None:
            return None
        begin = QTextCursor(self.document())
        begin.setPosition(heard.cursor.selectionStart())
        return self.cursorRect(begin).united(self.cursorRect(heard.cursor))

    def _heard_selection(self) -> QTextEdit.ExtraSelection | None:
        plain = self.document().toPlainText()
        words = (plain_text(self._heard) if self._markdown else self._heard).split()
        pattern = re.compile(r"\s+".join(map(re.escape, words)))
        found = pattern.search(plain, self._heard_from)
        if not words or found is None:
            return None
        self._heard_until = found.end()
        selection = self._selection(plain, found.start(), found.end())
        # Underlined, for it must not be told by its colour alone.
        selection.format.setBackground(QColor(self._theme.tokens.accent_soft))
        selection.format.setFontUnderline(True)
        return selection

    def _selection(self, plain: str, start: int, end: int) -> QTextEdit.ExtraSelection:
        selection = QTextEdit.ExtraSelection()
        selection.cursor = QTextCursor(self.document())
        selection.cursor.setPosition(utf16_units(plain[:start]))
        selection.cursor.setPosition(utf16_units(plain[:end]), QTextCursor.MoveMode.KeepAnchor)
        return selection

    def ideal_width(self) -> int:
        """Width in pixels that the longest line needs."""
        if self._ideal_width is None:
            document = self.document()
            width = document.textWidth()
            document.setTextWidth(-1)
            self._ideal_width = math.ceil(document.idealWidth())
            document.setTextWidth(width)
        return self._ideal_width

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        return self.document().loadResource(kind, name)  # sealed

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _NOT_ITS_OWN:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the conversation scrolls, not the message

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._markdown:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            self._paint_backs(painter, QRectF(event.rect()))
            painter.end()
        super().paintEvent(event)

    def _take_document(self, document: SealedDocument) -> None:
        self._found = []
        self.setExtraSelections([])
        before = self.document()
        self.setDocument(document)
        if isinstance(before, SealedDocument):
            before.deleteLater()
        document.documentLayout().documentSizeChanged.connect(self._fit)
        document.contentsChanged.connect(self._forget_measures)
        self._forget_measures()
        self._fit()

    def _forget_measures(self) -> None:
        self._backs = self._ideal_width = None

    def _paint_backs(self, painter: QPainter, exposed: QRectF) -> None:
        """Rounded ground of code blocks and the bar beside quotes, which block formats cannot draw."""
        if self._backs is None:
            self._backs = list(_backed_blocks(self.document()))
        tokens = self._theme.tokens
        layout = self.document().documentLayout()
        for first, last in self._backs:
            area = layout.blockBoundingRect(first).united(layout.blockBoundingRect(last))
            if is_code(first):
                area.setLeft(first.blockFormat().leftMargin() - CODE_PADDING)
                area.setRight(self.viewport().width())
                area.adjust(0, -CODE_PADDING - header_height(self.document()), 0, CODE_PADDING)
                painter.setBrush(QColor(tokens.sunken))
            else:
                area.setRect(0, area.top(), 3, area.height() - 4)
                painter.setBrush(QColor(tokens.line))
            if area.intersects(exposed):
                radius = min(8.0, area.width() / 2)
                painter.drawRoundedRect(area, radius, radius)
                if is_code(first):
                    self._headers.paint(painter, CodeBlock(first, last), area)

    def _flush(self) -> None:
        if self._stream is not None:
            started = time.perf_counter()
            self._stream.flush()
            if self._heard:
                self._show_marks()
            took_ms = (time.perf_counter() - started) * 1000
            self._pause_ms = max(FLUSH_MS, round(took_ms * _DUTY))

    def _fit(self) -> None:
        width = self.viewport().width()
        if (
            width != self.document().textWidth()
        ):  # setting it lays out everything, also where it stays the same
            self.document().setTextWidth(width)
        height = math.ceil(self.document().size().height())
        if is_code(self.document().lastBlock()):  # whose ground ends below its line
            height += CODE_PADDING
        if height != self.height():
            self.setFixedHeight(height)
        self._headers.place()

    def _restyle(self) -> None:
        if self._markdown:
            self.set_markdown(self._source)
        elif self._source:
            self.set_plain(self._source)

    def _activate(self, url: QUrl) -> None:
        if url.scheme() in ("http", "https"):
            # As it is sent: names in other scripts that look like well-known ones are seen for what they are.
            self.link_activated.emit(url.toString(QUrl.ComponentFormattingOption.FullyEncoded))


def utf16_units(text: str) -> int:
    """Characters as Qt counts them, in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _backed_blocks(document: QTextDocument) -> Iterator[tuple[QTextBlock, QTextBlock]]:
    """First and last block of each block of code and each quote."""
    first: QTextBlock | None = None
    kind: object = None
    block = document.begin()
    while block.isValid():
        now = "code" if is_code(block) else quote_level(block) or None
        if now != kind:
            if first is not None:
                yield first, block.previous()
            first, kind = (block if now else None), now
        block = block.next()
    if first is not None:
        yield first, document.lastBlock()
