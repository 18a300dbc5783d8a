"""How far the taking in of files is, and which of them could not be read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QListWidget

from jarvis_desktop.events import Ingested
from jarvis_desktop.ui.i18n import hint_of, message_of, number, tr
from jarvis_desktop.ui.memory_words import taken_in
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import (
    ElidedLabel,
    IconButton,
    ProgressBar,
    TextButton,
    column,
    plain_tip,
    row,
)

_LINES = 4  # of problems on show at once


class IngestCard(Translated, QFrame):
    """Hidden until files are taken in; stays with the outcome until it is put away."""

    stop_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("memory-progress")
        self._last: Ingested | None = None
        self._problems: list[Ingested] = []
        self._taken = self._unchanged = 0
        self._title = ElidedLabel(role="strong")
        self._file = ElidedLabel(role="small")
        self.bar = ProgressBar(theme)
        self.problems = QListWidget()
        self.problems.setFrameShape(QFrame.Shape.NoFrame)
        self.problems.setWordWrap(True)
        self.problems.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.problems.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.stop = TextButton(theme, "plain")
        self.stop.clicked.connect(self.stop_wanted)
        self.dismiss = IconButton(theme, "x", size=16)
        self.dismiss.clicked.connect(self.hide)
        head = row(spacing=8)
        head.addWidget(self._title)
        head.addWidget(self._file, 1)
        head.addWidget(self.stop)
        head.addWidget(self.dismiss)
        self.setLayout(column(head, self.bar, self.problems, spacing=6, margins=(16, 10, 16, 10)))
        self.hide()
        self.retranslate()

    @property
    def running(self) -> bool:
        return self._last is not None and bool(self._last.file)

    def begin(self) -> None:
        """Files were handed over; nothing is known of them yet."""
        if not self.running:
            self._last = None
            self._problems, self._taken, self._unchanged = [], 0, 0
        self._show()

    def take(self, progress: Ingested) -> None:
        """A file is done, or all of them."""
        if self._last is not None and not self._last.file:
            self._problems, self._taken, self._unchanged = [], 0, 0
        self._last = progress
        if progress.problem:
            self._problems.append(progress)
        elif progress.file:
            self._unchanged += progress.skipped
            self._taken += not progress.skipped
        self._show()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.stop.setText(tr("Stop"))
        self.dismiss.describe(tr("Dismiss"))
        self.problems.setAccessibleName(tr("Files that could not be taken in"))
        if not self.isHidden():
            self._show()

    def _show(self) -> None:
        last = self._last
        over = last is not None and not last.file
        self.bar.setVisible(not over)
        self.bar.show_share(last.done / last.total if last and last.total else None)
        self.stop.setVisible(not over)
        self.dismiss.setVisible(over)
        if last is None:
            self._title.setText(tr("Reading files …"))
            self._file.setText("")
        elif over:
            stopped = last.done < last.total
            self._title.setText(tr("Stopped") if stopped else tr("Files taken in"))
            self._file.setText(self._outcome(last))
        else:
            self._title.setText(tr("Reading files, {progress}", progress=taken_in(last)))
            self._file.setText(Path(last.file).name)
        self.bar.setAccessibleName(f"{self._title.full_text()} {self._file.full_text()}")
        self._show_problems()
        self.show()

    def _outcome(self, last: Ingested) -> str:
        if not last.total:
            return tr("There was nothing to take in.")
        counts = [
            tr("new: {count}", count=number(self._taken)),
            tr("unchanged: {count}", count=number(self._unchanged)) if self._unchanged else "",
            tr("not taken in: {count}", count=number(len(self._problems))) if self._problems else "",
            taken_in(last) if last.done < last.total else "",
        ]
        return " · ".join(filter(None, counts))

    def _show_problems(self) -> None:
        self.problems.setVisible(bool(self._problems))
        self.problems.clear()
        for step in self._problems:
            self.problems.addItem(_told(step))
            self.problems.item(self.problems.count() - 1).setToolTip(plain_tip(step.file))
        self._fit_problems()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_problems()

    def _fit_problems(self) -> None:
        self.problems.doItemsLayout()  # its lines break at the width it has now
        lines = [self.problems.item(line) for line in range(min(_LINES, self.problems.count()))]
        height = sum(self.problems.visualItemRect(line).height() for line in lines)
        self.problems.setFixedHeight(height + 2)


def _told(step: Ingested) -> str:
    """A problem with the file's name in it; the tooltip has the whole path."""
    name, error = Path(step.file).name, step.error
    problem = f"{message_of(error)} {hint_of(error)}".strip() if error is not None else step.problem
    return problem.replace(step.file, name) if step.file in problem else f"{name}: {problem}"
