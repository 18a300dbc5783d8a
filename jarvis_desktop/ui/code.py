"""Blocks of code within a text document: where they are, what they say, and their colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Literal, Name, Operator
from pygments.util import ClassNotFound
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from jarvis_desktop.ui.theme import Tokens

CODE_PADDING = 10  # px around a block of code

MOST_COLOURED = 8_000
"""Characters of code in one document that get colours, which cost milliseconds; the rest stays plain."""

_LABEL = 24  # characters of a language's name
_BEYOND_16_BITS = re.compile(r"[\U00010000-\U0010ffff]")
_TOKENS = (
    (Comment, "second"),
    (Keyword, "accent"),
    (Operator.Word, "accent"),
    (Name.Tag, "accent"),
    (Literal, "warning"),
    (Name.Attribute, "warning"),
    (Generic.Deleted, "danger"),
    (Generic.Inserted, "accent"),
)


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """The lines from `first` to `last`."""

    first: QTextBlock
    last: QTextBlock

    @property
    def text(self) -> str:
        lines = [self.first.text()]
        block = self.first
        while block != self.last:
            block = block.next()
            lines.append(block.text())
        return "\n".join(lines)

    @property
    def language(self) -> str:
        """Its name as it is known, else as the text gives it; "" where none is given."""
        given = str(self.first.blockFormat().property(QTextFormat.Property.BlockCodeLanguage) or "")
        lexer = _lexer(given)
        return lexer.name if lexer is not None else given[:_LABEL]


def is_code(block: QTextBlock) -> bool:
    """The block is a line of a code block."""
    kind = block.blockFormat()
    return kind.hasProperty(QTextFormat.Property.BlockCodeFence) or kind.hasProperty(
        QTextFormat.Property.BlockCodeLanguage
    )


def code_blocks(document: QTextDocument) -> Iterator[CodeBlock]:
    """All of them, from the top."""
    first: QTextBlock | None = None
    block = document.begin()
    while block.isValid():
        if is_code(block):
            first = first or block
            if not is_code(block.next()):
                yield CodeBlock(first, block)
                first = None
        block = block.next()


def header_height(document: QTextDocument) -> float:
    """Pixels above the lines of a block for its language and a button."""
    return max(28.0, QFontMetricsF(document.defaultFont()).height() + 8)


def colour(document: QTextDocument, tokens: Tokens) -> None:
    """Tell words, texts and comments of the code apart."""
    left = MOST_COLOURED
    for code in code_blocks(document):
        given = str(code.first.blockFormat().property(QTextFormat.Property.BlockCodeLanguage) or "")
        text = code.text
        left -= len(text)
        if (lexer := _lexer(given)) is not None and left >= 0:
            _colour(code.first, lexer, text, tokens)


def _colour(first: QTextBlock, lexer: Lexer, text: str, tokens: Tokens) -> None:
    cursor = QTextCursor(first)
    # Qt counts in units of 16 bits.
    counted = _BEYOND_16_BITS.sub("\ufffd\ufffd", text)
    for index, kind, words in lexer.get_tokens_unprocessed(f"{counted}\n"):
        token = next((token for each, token in _TOKENS if kind in each), "")
        if token and words.strip():
            look = QTextCharFormat()
            look.setForeground(QColor(getattr(tokens, token)))
            cursor.setPosition(first.position() + index)
            end = min(first.position() + len(counted), cursor.position() + len(words))
            cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(look)


@lru_cache(maxsize=32)
def _lexer(language: str) -> Lexer | None:
    try:
        return get_lexer_by_name(language.lower()) if language else None
    except ClassNotFound:
        return None
