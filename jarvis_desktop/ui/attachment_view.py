"""What a file of a chat says, as it was read; a passage that an answer rests on is marked."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QWidget

from jarvis_desktop.events import Attachment
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.memory_item import QuotedText, excerpt
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import Label, TextButton, column, plain_tip, row
from jarvis_desktop.ui.words import file_size


class AttachmentView(Translated, QDialog):
    """Made anew for each file."""

    def __init__(self, theme: Theme, attachment: Attachment, quote: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._attachment = attachment
        self._heading, self._facts = Label(role="group", wrap=True), Label(role="second", wrap=True)
        self.text = QuotedText()
        self.text.show_text(
            excerpt(attachment.text, quote), struck=False, quote=quote, tint=theme.tokens.accent_soft
        )
        self.open_file = TextButton(theme, "plain")
        self.open_file.setVisible(bool(attachment.location))
        self.open_file.setToolTip(plain_tip(attachment.location))
        self._close = TextButton(theme, "primary")
        self._close.clicked.connect(self.accept)
        self._close.setDefault(True)
        layout = column(self._heading, self._facts, spacing=8, margins=(24, 16, 24, 16))
        layout.addWidget(self.text, 1)
        layout.addLayout(row(self.open_file, None, self._close))
        self.setLayout(layout)
        self.resize(680, 560)
        self.retranslate()
        self.text.setFocus()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        attachment = self._attachment
        name = attachment.name or tr("Pasted text")
        self.setWindowTitle(name)
        self._heading.setText(name)
        characters = tr("{count} characters were read", count=number(len(attachment.text)))
        self._facts.set_text(f"{file_size(attachment.size)} · {characters}")
        self.text.setAccessibleName(tr("What was read of {name}", name=name))
        self.open_file.setText(tr("Open the file"))
        self._close.setText(tr("Close"))
