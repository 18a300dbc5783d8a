"""What is stored where, and the button that deletes everything after one question."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QWidget

from jarvis_desktop.events import DeleteEverything, Stored, StoredKind
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.model_words import disk_size
from jarvis_desktop.ui.privacy_words import amount_line, kind_name, loss_lines
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import ElidedLabel, Label, TextButton, column, row


class _Row(QWidget):
    """One kind of what is stored: how much there is of it, and where."""

    def __init__(self) -> None:
        super().__init__()
        self._kind, self._amount, self._path = (
            Label(wrap=True),
            Label(role="second"),
            ElidedLabel(role="small"),
        )
        head = row(spacing=16)
        head.addWidget(self._kind, 1)
        head.addWidget(self._amount)
        self.setLayout(column(head, self._path, spacing=2))

    def show_stored(self, stored: Stored) -> None:
        self._kind.setText(kind_name(stored.kind))
        self._amount.setText(amount_line(stored))
        self._path.setText(str(stored.path))


class StorageCard(QWidget):
    """`take_stored` has what there is; `asked` says that all of it shall go."""

    asked = Signal(object)  # DeleteEverything
    opened = Signal(object)  # the question, for it to be seen

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._stored: tuple[Stored, ...] = ()
        self._title = Label(role="heading")
        self._rows = {kind: _Row() for kind in StoredKind}
        self.delete = TextButton(theme, "plain", "trash", "danger")
        self._question = QFrame()
        self._question.setProperty("card", "danger")
        self._asks, self._loss = Label(role="strong", wrap=True), Label(wrap=True)
        self.models = QCheckBox()
        self._after = Label(role="second", wrap=True)
        self.keep, self.confirm = TextButton(theme, "plain"), TextButton(theme, "plain", "trash", "danger")
        self._arrange()
        self.delete.clicked.connect(self._ask)
        self.keep.clicked.connect(self._put_away)
        self.confirm.clicked.connect(self._confirmed)
        self._question.hide()

    @property
    def asking(self) -> bool:
        """Whether the question is on show."""
        return not self._question.isHidden()

    def take_stored(self, stored: Sequence[Stored]) -> None:
        """All that is kept, by kind."""
        self._stored = tuple(stored)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self._title.setText(tr("Stored on this computer"))
        for each in self._stored:
            self._rows[each.kind].show_stored(each)
        self.delete.setText(tr("Delete everything …"))
        self._asks.setText(tr("Delete all of this? It cannot be had back."))
        self._loss.setText(loss_lines(self._stored))
        size = sum(each.size for each in self._stored if each.kind is StoredKind.MODELS)
        self.models.setText(tr("The downloaded models too ({size})", size=disk_size(size)))
        self._after.setText(
            tr("Jarvis closes to do it. Files of yours elsewhere, which it only read, stay as they are.")
        )
        self.keep.setText(tr("Keep everything"))
        self.confirm.setText(tr("Delete everything"))
        self._question.setAccessibleName(f"{self._asks.text()}\n{self._loss.text()}\n{self._after.text()}")

    def _arrange(self) -> None:
        buttons = row(self.keep, self.confirm, None, spacing=8)
        self._question.setLayout(
            column(
                self._asks, self._loss, self.models, self._after, buttons, spacing=8, margins=(16, 12, 16, 12)
            )
        )
        rows = column(*self._rows.values(), spacing=8)
        self.setLayout(column(self._title, rows, row(self.delete, None), self._question, spacing=12))

    def _ask(self) -> None:
        self.models.setChecked(False)
        self._question.show()
        self.delete.hide()
        self.keep.setFocus()
        QTimer.singleShot(0, self, lambda: self.opened.emit(self._question))  # it has no place yet

    def _put_away(self) -> None:
        self._question.hide()
        self.delete.show()
        self.delete.setFocus()

    def _confirmed(self) -> None:
        self.confirm.setEnabled(False)
        self.asked.emit(DeleteEverything(self.models.isChecked()))
