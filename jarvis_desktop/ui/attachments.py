"""The files of the conversation on show: chips above the text field."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from jarvis_desktop.events import AttachmentListed, AttachmentState
from jarvis_desktop.ui.flow import Flow
from jarvis_desktop.ui.i18n import hint_of, message_of, tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconButton, Label, Scroll, TextButton, column, plain_tip, row
from jarvis_desktop.ui.words import file_size

_NAME = 36  # characters of a name on its chip
_MOST_LINES = 3  # of chips on show; more are scrolled


class AttachmentChip(Translated, QFrame):
    """One file. Enter shows what was read of it, Delete takes it away, the menu key has more."""

    opened = Signal(str)
    removed = Signal(str)
    remember_wanted = Signal(str)

    def __init__(self, theme: Theme, listed: AttachmentListed) -> None:
        super().__init__()
        self.listed = listed
        self.setProperty("card", "attachment")
        self.name = TextButton(theme, "file", "file-text", "second")
        self.name.clicked.connect(self._open)
        self.name.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._show, self._remember, self._remove = QAction(self), QAction(self), QAction(self)
        self._show.triggered.connect(self._open)
        self._remember.triggered.connect(lambda: self.remember_wanted.emit(self.listed.id))
        self._remove.triggered.connect(self._take_away)
        self.name.addActions([self._show, self._remember, self._remove])
        self.remove = IconButton(theme, "x", size=14)
        self.remove.clicked.connect(self._take_away)
        self.setLayout(row(self.name, self.remove, spacing=0, margins=(0, 0, 2, 0)))
        self.show_state(listed)

    def show_state(self, listed: AttachmentListed) -> None:
        """The same file as it is now."""
        self.listed = listed
        failed = listed.state is AttachmentState.FAILED
        self.name.show_icon(*(("warning-circle", "danger") if failed else ("file-text", "second")))
        self.setProperty("failed", failed)
        self.style().unpolish(self)
        self.style().polish(self)
        self.retranslate()

    def retranslate(self) -> None:
        listed = self.listed
        name = listed.name or tr("Pasted text")
        short = name if len(name) <= _NAME else name[: _NAME - 1] + "…"
        told, explained = _state(listed)
        self.name.setText(" · ".join(filter(None, (short, told))).replace("&", "&&"))
        self.name.setAccessibleName(", ".join(filter(None, (name, told))))
        self.name.setAccessibleDescription(explained)
        self.name.setToolTip(plain_tip("\n".join(filter(None, (listed.location or name, explained)))))
        self.remove.describe(tr("Take {name} out of this chat", name=name))
        read = listed.state in (AttachmentState.WHOLE, AttachmentState.PARTS)
        self._show.setText(tr("Show what was read"))
        self._show.setVisible(read)
        self._remember.setText(tr("Keep in memory …"))
        self._remember.setVisible(read and bool(listed.location))
        self._remove.setText(tr("Take out of this chat"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._take_away()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        if self._show.isVisible():
            self.opened.emit(self.listed.id)

    def _take_away(self) -> None:
        self.removed.emit(self.listed.id)


class AttachmentBar(Translated, QWidget):
    """A chip for each file, and what is wrong with those that could not be read."""

    opened = Signal(str)  # ids
    removed = Signal(str)
    remember_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.chips: dict[str, AttachmentChip] = {}  # by id, in order
        self._flow = Flow()
        self.problem = Label(role="error", wrap=True)
        self.problem.hide()
        self._scroll = Scroll(self._flow)
        self.setLayout(column(self._scroll, self.problem, spacing=4))
        self.hide()

    def show_files(self, listed: tuple[AttachmentListed, ...]) -> None:
        """Take on the files there are; a chip that stays keeps the keyboard."""
        wanted = {each.id: each for each in listed}
        for key in [key for key in self.chips if key not in wanted]:
            self._drop(self.chips.pop(key))
        for key, each in wanted.items():
            if key in self.chips:
                self.chips[key].show_state(each)
            else:
                self._add(each)
        self.setVisible(bool(listed))
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        problems = [problem_text(chip.listed) for chip in self.chips.values()]
        self.problem.set_text("\n".join(filter(None, problems)))
        self.setAccessibleName(tr("Files of this chat"))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _add(self, listed: AttachmentListed) -> None:
        chip = self.chips[listed.id] = AttachmentChip(self._theme, listed)
        chip.opened.connect(self.opened)
        chip.removed.connect(self.removed)
        chip.remember_wanted.connect(self.remember_wanted)
        self._flow.add(chip)

    def _drop(self, chip: AttachmentChip) -> None:
        focus = QApplication.focusWidget()
        if focus is not None and chip.isAncestorOf(focus):
            (next(reversed(self.chips.values())).name if self.chips else self).setFocus()
        self._flow.drop(chip)

    def _fit(self) -> None:
        height = self._flow.height_for(self.width())
        line = max((chip.sizeHint().height() for chip in self.chips.values()), default=0)
        self._scroll.setFixedHeight(min(height, _MOST_LINES * (line + Flow.GAP)))


def problem_text(listed: AttachmentListed) -> str:
    """Why a file could not be read, with its name in place of the path."""
    if (error := listed.error) is None:
        return ""
    text = f"{message_of(error)} {hint_of(error)}".strip()
    return text.replace(listed.location, listed.name) if listed.location else text


def _state(listed: AttachmentListed) -> tuple[str, str]:
    """What the chip says of a file, and what that means."""
    match listed.state:
        case AttachmentState.READING:
            return tr("is being read …"), tr("A question waits until it is read.")
        case AttachmentState.FAILED:
            return tr("not read"), problem_text(listed)
        case AttachmentState.PARTS:
            return tr("{size}, read in parts", size=file_size(listed.size)), tr(
                "It is too long to be read whole. For each question Jarvis reads the parts that fit it best."
            )
    return file_size(listed.size), tr("Jarvis reads all of it with every question in this chat.")
