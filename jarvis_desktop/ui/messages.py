"""One question or one answer, as the conversation shows it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Citation
from jarvis_desktop.ui.citations import Citations
from jarvis_desktop.ui.i18n import hint_of, message_of, tr
from jarvis_desktop.ui.text_view import TextView
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.tool_card import ToolCard
from jarvis_desktop.ui.widgets import IconButton, IconLabel, Label, Notice, column, plain_tip, row

_BUBBLE_SHARE = 0.85  # of the conversation's width
_BUBBLE_PADDING = 14


class Question(QWidget):
    """What the user said or typed, on a tinted ground to the right."""

    def __init__(self, theme: Theme, text: str, *, waiting: bool = False) -> None:
        super().__init__()
        self.text = TextView(theme)
        self.text.set_plain(text)
        self._bubble = QFrame()
        self._bubble.setProperty("card", "question")
        self._bubble.setLayout(column(self.text, margins=(_BUBBLE_PADDING, 10, _BUBBLE_PADDING, 6)))
        self._note = Label(role="small")
        self._note.setVisible(waiting)
        self._waiting = waiting
        bubble = row(None, self._bubble)
        note = row(None, self._note)
        self.setLayout(column(bubble, note, spacing=4, margins=(0, 8, 0, 0)))
        self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        most = int(self.width() * _BUBBLE_SHARE)
        self._bubble.setFixedWidth(min(most, self.text.ideal_width() + 2 * _BUBBLE_PADDING + 2))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.text.setAccessibleName(tr("You"))
        if self._waiting:
            self._note.setText(tr("Waits its turn"))


class Answer(QWidget):
    """What Jarvis answers: grows while it is written, then offers what can be done with it."""

    again = Signal()
    link_activated = Signal(str)
    citation_opened = Signal(object)  # Citation

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.text = TextView(theme)
        self.text.link_activated.connect(self.link_activated)
        self._progress = Label(role="second")
        self._mark_icon = IconLabel(theme, "hand-palm", "warning", 16)
        self._mark = Label(role="small")
        self._facts = Label(role="small")
        self._pause_icon = IconLabel(theme, "pause-fill", "warning", 14)
        self._pause = Label(role="small")
        self._theme = theme
        self._tools: dict[str, ToolCard] = {}
        self.problem: Notice | None = None  # most answers never need one
        self.citations: Citations | None = None
        self._copy = IconButton(theme, "copy", size=16)
        self._again = IconButton(theme, "arrow-clockwise", size=16)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.given_text))
        self._again.clicked.connect(self.again)
        self._marks = QWidget()
        self._marks.setLayout(row(self._mark_icon, self._mark, None, spacing=6))
        self._actions = QWidget()
        self._actions.setLayout(
            row(self._copy, self._again, self._facts, self._pause_icon, self._pause, None, spacing=4)
        )
        self._actions.setFixedHeight(26)
        self._say: Callable[[], str] | None = None
        self._finished = self._failed = False
        self._parts = column(self._progress, self.text, self._marks, self._actions, spacing=4)
        self.setLayout(self._parts)
        self.text.hide()
        for hidden in (self._progress, self._marks):
            hidden.hide()
        self.show_paused(False)
        QApplication.instance().focusChanged.connect(self._show_actions)  # type: ignore[union-attr]
        self._show_actions()
        self._retranslate()

    @property
    def finished(self) -> bool:
        return self._finished

    def show_progress(self, say: Callable[[], str]) -> None:
        """While no word has arrived: what is being waited for."""
        if self.text.isHidden() and not self._finished:
            self._say = say
            self._progress.set_text(say())

    def append(self, token: str) -> None:
        """The next piece of the answer."""
        if self.text.isHidden():
            self._say = None
            self._progress.hide()
            self.text.show()
        self.text.append_markdown(token)

    def tool(self, call_id: str) -> ToolCard:
        """The card of one use of a tool, above the text, made when it is first asked for."""
        if call_id not in self._tools:
            card = self._tools[call_id] = ToolCard(self._theme)
            self._parts.insertWidget(self._parts.indexOf(self.text), card)
        return self._tools[call_id]

    def show_paused(self, paused: bool) -> None:
        """The voice waits because the user speaks; in the row of the actions, so nothing jumps."""
        self._pause_icon.setVisible(paused)
        self._pause.setVisible(paused)

    def finish(
        self,
        text: str,
        *,
        interrupted: bool = False,
        failed: bool = False,
        facts: str = "",
        details: str = "",
    ) -> None:
        """The answer as it is kept; `facts` is a line about how it was made, `details` more of them."""
        self._finished = True
        self.show_paused(False)
        self._say = None
        self._progress.hide()
        self.text.set_markdown(text)
        self.text.setVisible(bool(text))
        self._failed = failed
        self._marks.setVisible(interrupted or failed)
        self._retranslate()
        self._facts.setText(facts)
        self._facts.setToolTip(plain_tip(details))
        self._facts.setAccessibleDescription(details)
        self._show_actions()

    def fail(self, error: JarvisError, kept_text: str, action: Callable[[], None] | None) -> None:
        """The answer stopped because of `error`; what had arrived stays."""
        self.finish(kept_text or self.text.given_text)
        if self.problem is None:
            self.problem = Notice(self._theme)
            self.problem.dismiss.hide()
            self._parts.insertWidget(self._parts.indexOf(self._actions), self.problem)
        self.problem.present(message_of(error), hint_of(error), tr("Try again") if action else "", action)

    def cite(self, citations: tuple[Citation, ...]) -> None:
        """What it was given to read, as chips below the text."""
        if self.citations is None:
            self.citations = Citations(self._theme)
            self.citations.opened.connect(self.citation_opened)
            self._parts.insertWidget(self._parts.indexOf(self.text) + 1, self.citations)
        self.citations.show_citations(citations)

    def forget(self, items: tuple[str, ...]) -> None:
        """Items of the memory are gone."""
        if self.citations is not None:
            self.citations.forget(items)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._show_actions()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._show_actions()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _show_actions(self) -> None:
        """Shown under the mouse and with the keyboard focus; the row keeps its height, so nothing jumps."""
        focus = QApplication.focusWidget()
        near = self.underMouse() or (focus is not None and self.isAncestorOf(focus))
        useful = self._finished and bool(self.text.given_text)
        for item in (self._copy, self._again, self._facts):
            item.setVisible(near and useful)

    def _retranslate(self) -> None:
        self.text.setAccessibleName(tr("Jarvis"))
        stopped = tr("You stopped this answer here.")
        self._mark.setText(tr("This answer broke off here.") if self._failed else stopped)
        self._pause.setText(tr("Paused, listening to you …"))
        self._copy.describe(tr("Copy"))
        self._again.describe(tr("Ask again"))
        if self._say is not None:
            self._progress.setText(self._say())


def separator() -> QFrame:
    """A thin line between parts of a page."""
    line = QFrame()
    line.setProperty("role", "line")
    line.setFixedHeight(1)
    line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return line
