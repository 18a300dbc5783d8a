"""What this program is, which version, and whether there is a newer one."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QWidget

from jarvis_desktop import __version__
from jarvis_desktop.events import UpdatesChecked
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.sound_words import error_line
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, TextButton, column, plain_tip, row

_WIDTH = 440  # at text size 1


class AboutDialog(Translated, QDialog):
    """Asks for newer versions when its button is pressed, and never else."""

    check_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._asking = False
        self._found: UpdatesChecked | None = None
        self._name = Label("Jarvis", role="title")
        self._version = Label(role="second")
        self._what = Label(wrap=True)
        self._licence = Label(role="second", wrap=True)
        self.answer = Label(role="group", wrap=True)
        self.notes = Label(role="second", wrap=True)
        self.problem = Label(role="error", wrap=True)
        self.check = TextButton(theme, "plain", "arrow-clockwise")
        self.check.clicked.connect(self._ask)
        self.link = TextButton(theme, "plain")
        self.link.clicked.connect(self._open_link)
        self._close = TextButton(theme, "primary")
        self._close.clicked.connect(self.accept)
        self._close.setDefault(True)
        names = column(self._name, self._version, spacing=0)
        head = row(IconLabel(theme, "chat-teardrop", "accent", 44), spacing=12)
        head.addLayout(names, 1)
        layout = column(spacing=8, margins=(24, 16, 24, 16))
        layout.addLayout(head)
        layout.addLayout(column(self._what, self._licence, spacing=4, margins=(0, 8, 0, 8)))
        for label in (self.answer, self.notes, self.problem):
            layout.addWidget(label)
        layout.addSpacing(8)
        layout.addLayout(row(self.check, self.link, None, self._close, spacing=8))
        self.setLayout(layout)
        self._parts = layout
        theme.changed.connect(self._take_look)
        self.retranslate()

    def show_found(self, found: UpdatesChecked) -> None:
        """What came of the question."""
        self._asking, self._found = False, found
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("About Jarvis"))
        self._version.setText(tr("Version {version}", version=__version__))
        self._what.setText(tr("A voice assistant that lives on this computer."))
        self._licence.setText(tr("Apache License 2.0. Parts of it are under other terms, see NOTICE."))
        self.check.setText(tr("Asking …") if self._asking else tr("Check for updates"))
        self.check.setEnabled(not self._asking)
        self._close.setText(tr("Close"))
        found = self._found or UpdatesChecked()
        self.answer.set_text(_answer(self._found))
        self.notes.set_text(found.notes)
        self.problem.set_text(error_line(found.error) if found.error else "")
        self.link.setText(tr("Open its page"))
        self.link.setToolTip(plain_tip(found.link))
        self.link.setVisible(bool(found.link))
        self._take_look()

    def _ask(self) -> None:
        self._asking, self._found = True, None
        self.retranslate()
        self.check_wanted.emit()

    def _open_link(self) -> None:
        if self._found is not None:
            QDesktopServices.openUrl(QUrl(self._found.link))

    def _take_look(self) -> None:
        self._parts.activate()
        # Not adjustSize: it asks for the height at the width that the layout would like to have.
        width = max(round(_WIDTH * self._theme.scale), self._parts.minimumSize().width())
        self.setFixedSize(width, self._parts.totalHeightForWidth(width))


def _answer(found: UpdatesChecked | None) -> str:
    """In one or two sentences; nothing before anybody asked, and nothing beside a problem."""
    if found is None or found.error is not None:
        return ""
    told = []
    if found.on_disk:
        told.append(
            tr("Version {version} is installed. Quit Jarvis and start it again.", version=found.on_disk)
        )
    if not found.asked:
        told.append(tr("Jarvis knows no place to ask. Look where you got it from, or see Settings, Updates."))
    elif found.newer:
        told.append(tr("Version {version} is there.", version=found.newer))
    else:
        told.append(tr("This is the newest version."))
    return " ".join(told)
