"""Markdown into text documents: safely (nothing is fetched, no HTML), and token by token at a bounded cost.

Parsing a growing reply again for each token costs a minute for 4,000 tokens. So blocks that are finished stay
as they are, only the rest is parsed again, and the whole is rendered once at the end.
"""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QImage,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)

from jarvis_desktop.ui.code import CODE_PADDING, colour, header_height, is_code
from jarvis_desktop.ui.theme import Tokens

LINE_HEIGHT = 145  # per cent
QUOTE_INDENT = 14
_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
_HEADING_STEPS = {1: 1.25, 2: 1.15, 3: 1.05}
_FENCE = re.compile(r"\s*(`{3,}|~{3,})(.*)")
_LIST_ITEM = re.compile(r"([-*+]|\d{1,9}[.)])\s")
_LONGEST_TAIL = 4000  # characters; beyond it a long list is cut at its next blank line after all


class SealedDocument(QTextDocument):
    """A document that loads nothing: no file, no address, no embedded data."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setUndoRedoEnabled(False)
        self.setDocumentMargin(0)

    def loadResource(self, kind: int, name: object) -> object:
        # Not None: for a missing picture Qt would try the name as a file path itself.
        return QImage(1, 1, QImage.Format.Format_ARGB32)


def finished_length(text: str) -> int:
    """How much of `text`, which starts outside any fence, can no longer change by what follows.

    Blocks end at a blank line outside fences once the next line has begun and continues no list.
    """
    finished = position = 0
    fence = ""
    after_blank = False
    for line in text.splitlines(keepends=True):
        blank = not line.strip()
        if after_blank and not blank and not fence and _starts_block(line, position - finished):
            finished = position
        if match := _FENCE.match(line):
            mark, rest = match.groups()
            if not fence:
                fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence) and not rest.strip():
                fence = ""
        after_blank = blank
        position += len(line)
    return finished


def _starts_block(line: str, pending: int) -> bool:
    if line[0] in " \t":
        return False
    begun = line[0].isalpha() or bool(line.strip()[1:])  # "-" may yet become a list item
    return begun and (not _LIST_ITEM.match(line) or pending > _LONGEST_TAIL)


def render(document: QTextDocument, source: str, tokens: Tokens, *, growing: bool = False) -> None:
    """Fill `document` with the Markdown `source` in the house style; `growing` code has no colours yet."""
    document.setMarkdown(source, _FEATURES)
    _style(document, tokens, coloured=not growing)


def plain_text(source: str) -> str:
    """The words alone, as they would be read."""
    document = SealedDocument()
    document.setMarkdown(source, _FEATURES)
    return document.toPlainText()


class MarkdownStream:
    """Lets one document grow with a reply. `append` is cheap; `flush` shows what was appended."""

    def __init__(self, document: QTextDocument, tokens: Tokens) -> None:
        self._document = document
        self._tokens = tokens
        self._tail = ""
        self._frozen_at = 0  # position in the document where the tail begins

    def append(self, text: str) -> None:
        self._tail += text

    def flush(self) -> None:
        """Freeze what is finished and parse the rest again."""
        if finished := finished_length(self._tail):
            self._replace_tail(self._tail[:finished], growing=False)
            self._tail = self._tail[finished:]
            self._frozen_at = self._document.characterCount() - 1
        self._replace_tail(self._tail, growing=True)

    def _replace_tail(self, source: str, *, growing: bool) -> None:
        piece = SealedDocument()
        piece.setDefaultFont(self._document.defaultFont())
        render(piece, source, self._tokens, growing=growing)
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        cursor.setPosition(self._frozen_at)
        cursor.movePosition(QTextCursor.MoveOperation.End, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        if not piece.isEmpty():
            self._insert(cursor, piece)
        cursor.endEditBlock()

    def _insert(self, cursor: QTextCursor, piece: QTextDocument) -> None:
        first = piece.begin()
        listed = first.textList() is not None
        # Inserting a fragment begins a block of its own only for a list.
        if self._frozen_at and not listed:
            cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
        start = cursor.position()
        cursor.insertFragment(QTextDocumentFragment(piece))
        if not listed:
            QTextCursor(self._document.findBlock(start)).setBlockFormat(first.blockFormat())


def quote_level(block: QTextBlock) -> int:
    """How deeply the block is quoted; 0 is not at all."""
    level: Any = block.blockFormat().property(QTextFormat.Property.BlockQuoteLevel)
    return int(level or 0)


def fixed_font(document: QTextDocument) -> QFont:
    """The system's fixed-width font, a little smaller than the text around it."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(document.defaultFont().pointSizeF() * 0.9)
    return font


def _style(document: QTextDocument, tokens: Tokens, *, coloured: bool) -> None:
    fixed = fixed_font(document)
    # One edit, so that the document is laid out once and not for every block.
    edit = QTextCursor(document)
    edit.beginEditBlock()
    block = document.begin()
    while block.isValid():
        _style_block(block)
        _style_words(block, tokens, fixed)
        block = block.next()
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            _style_table(frame, tokens)
    if coloured:
        colour(document, tokens)
    edit.endEditBlock()


def _style_block(block: QTextBlock) -> None:
    shape = block.blockFormat()
    if is_code(block):
        shape.setLeftMargin(shape.leftMargin() + CODE_PADDING)
        shape.setRightMargin(CODE_PADDING)
        head = CODE_PADDING + 4 + header_height(block.document())
        shape.setTopMargin(0 if is_code(block.previous()) else head)
        shape.setBottomMargin(0 if is_code(block.next()) else CODE_PADDING + 8)
        shape.setNonBreakableLines(False)
        shape.setLineHeight(125, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    else:
        listed = block.textList() is not None
        heading = shape.headingLevel() > 0
        shape.setTopMargin(8 if heading and block.blockNumber() else 0)
        in_table = QTextCursor(block).currentTable() is not None
        shape.setBottomMargin(0 if in_table else 4 if listed or heading else 8)
        if level := quote_level(block):
            shape.setLeftMargin(QUOTE_INDENT * level)
        height = 100 if in_table else LINE_HEIGHT
        shape.setLineHeight(height, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    QTextCursor(block).setBlockFormat(shape)


def _style_words(block: QTextBlock, tokens: Tokens, fixed: QFont) -> None:
    heading = block.blockFormat().headingLevel()
    base = block.document().defaultFont().pointSizeF()
    changes: list[tuple[int, int, QTextCharFormat, str | None]] = []
    pieces = block.begin()
    while not pieces.atEnd():
        piece = pieces.fragment()
        look = piece.charFormat()
        text: str | None = None
        if look.isImageFormat():
            text = str(look.property(QTextFormat.Property.ImageAltText) or look.toImageFormat().name())
            look = QTextCharFormat()
            look.setFontItalic(True)
        elif is_code(block) or look.fontFixedPitch():
            look.setFont(fixed, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesSpecifiedOnly)
            if not is_code(block):
                look.setBackground(QColor(tokens.sunken))
        elif look.isAnchor():
            look.setForeground(QColor(tokens.accent))
        if heading:
            look.clearProperty(QTextFormat.Property.FontSizeAdjustment)
            look.setFontPointSize(base * _HEADING_STEPS.get(heading, 1.0))
            look.setFontWeight(QFont.Weight.DemiBold)
        changes.append((piece.position(), piece.length(), look, text))
        pieces += 1
    for position, length, look, text in reversed(changes):
        cursor = QTextCursor(block)
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        if text is None:
            cursor.setCharFormat(look)
        else:
            cursor.insertText(f"[{text}]" if text else "", look)


def _style_table(table: QTextTable, tokens: Tokens) -> None:
    shape = table.format()
    shape.setBorder(1)
    shape.setBorderBrush(QColor(tokens.line))
    shape.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
    shape.setBorderCollapse(True)
    shape.setCellPadding(6)
    shape.setCellSpacing(0)
    shape.setTopMargin(4)
    shape.setBottomMargin(10)
    shape.setWidth(QTextLength())
    table.setFormat(shape)
