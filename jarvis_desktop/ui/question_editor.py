"""Changing a question that was asked: its text in a field, in its own place."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame

from jarvis_desktop.ui.composer import QuestionField
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import TextButton, column, row


class QuestionEditor(Translated, QFrame):
    """Enter or the button asks what stands there, Escape leaves the question as it was."""

    submitted = Signal(str)
    cancelled = Signal()

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__()
        self.setProperty("card", "editor")
        self.field = QuestionField()
        self._cancel = TextButton(theme, "quiet")
        self._ask = TextButton(theme, "primary")
        self.field.setPlainText(text)
        self.field.moveCursor(QTextCursor.MoveOperation.End)
        self.field.textChanged.connect(self._allow)
        self.field.submitted.connect(self._submit)
        self._ask.clicked.connect(self._submit)
        self._cancel.clicked.connect(self.cancelled)
        buttons = row(None, self._cancel, self._ask)
        self.setLayout(column(self.field, buttons, margins=(12, 8, 8, 8)))
        self.setFocusProxy(self.field)
        self.retranslate()

    def event(self, event: QEvent) -> bool:
        # Else the window takes the key, and stops the answer under way.
        if event.type() is QEvent.Type.ShortcutOverride and _is_escape(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_escape(event):
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _submit(self) -> None:
        if text := self.field.toPlainText().strip():
            self.submitted.emit(text)

    def _allow(self) -> None:
        self._ask.setEnabled(bool(self.field.toPlainText().strip()))

    def retranslate(self) -> None:
        self.field.setAccessibleName(tr("Your question"))
        self._cancel.setText(tr("Cancel"))
        self._ask.setText(tr("Ask"))


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
