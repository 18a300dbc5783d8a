"""What stands above each block of code of a text: its language, and a button that copies it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QTextBrowser

from jarvis_desktop.ui.action_buttons import CopyButton
from jarvis_desktop.ui.code import CODE_PADDING, CodeBlock, code_blocks, header_height
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme

_SMALL = 0.85


class CodeHeaders:
    """Keeps the buttons of a view at their blocks; they are widgets, so that the keyboard reaches them."""

    def __init__(self, theme: Theme, view: QTextBrowser) -> None:
        self._theme = theme
        self._view = view
        self._buttons: list[tuple[CodeBlock, CopyButton]] = []

    def renew(self) -> None:
        """Give each block of the document a button."""
        self.clear()
        for code in code_blocks(self._view.document()):
            button = CopyButton(self._theme, partial(_text, code), _name)
            button.setParent(self._view.viewport())
            button.show()
            self._buttons.append((code, button))
        self.place()

    def clear(self) -> None:
        """Take the buttons away, before the document goes."""
        for _, button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons.clear()

    def place(self) -> None:
        """Move the buttons to where the blocks are now."""
        document = self._view.document()
        for code, button in self._buttons:
            top = document.documentLayout().blockBoundingRect(code.first).top() - CODE_PADDING / 2
            button.adjustSize()
            above = top - (header_height(document) + button.height()) / 2
            button.move(self._view.viewport().width() - button.width() - 4, round(above))

    def paint(self, painter: QPainter, code: CodeBlock, area: QRectF) -> None:
        """Write the language into the head of the block's ground."""
        painter.save()
        font = self._view.font()
        font.setPointSizeF(font.pointSizeF() * _SMALL)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.tokens.second))
        height = header_height(self._view.document())
        head = QRectF(area.left() + CODE_PADDING, area.top() + CODE_PADDING / 2, area.width(), height)
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, code.language)
        painter.restore()


def _text(code: CodeBlock) -> str:
    return code.text


def _name() -> str:
    return tr("Copy the code")
