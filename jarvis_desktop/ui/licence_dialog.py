"""A licence to read: what it allows in a few words, what its makers ask for, and its text."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from jarvis_desktop.events import KnownModel
from jarvis_desktop.resources import resource
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.model_words import LICENCE_PAGES, licence_line
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import Label, TextButton, column, plain_tip, row


class LicenceDialog(QDialog):
    """Of one model; made anew each time."""

    def __init__(self, theme: Theme, model: KnownModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Licence of {model}", model=model.title))
        title = Label(model.licence, role="group", wrap=True)
        allowed = Label(role="second", wrap=True)
        allowed.set_text(licence_line(model.licence).capitalize())
        notice = Label(role="second", wrap=True)
        notice.set_text(model.notice)
        file = resource("resources", "licences", f"{model.licence}.txt")
        self.text = QPlainTextEdit(file.read_text(encoding="utf-8") if file.exists() else "")
        self.text.setReadOnly(True)
        self.text.setAccessibleName(tr("Text of the licence"))
        self.text.setVisible(file.exists())
        page = LICENCE_PAGES.get(model.licence, "")
        self.web = TextButton(theme, "plain")
        self.web.setText(tr("Read it on the web"))
        self.web.setToolTip(plain_tip(page))
        self.web.setVisible(bool(page))
        self.web.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(page)))
        close = TextButton(theme, "primary")
        close.setText(tr("Close"))
        close.clicked.connect(self.accept)
        close.setDefault(True)
        layout = column(title, allowed, notice, spacing=8, margins=(24, 16, 24, 16))
        layout.addWidget(self.text, 1)
        layout.addLayout(row(self.web, None, close))
        self.setLayout(layout)
        self.resize(680, 560 if file.exists() else 200)
