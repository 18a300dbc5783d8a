"""One question or one answer, as the conversation shows it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import FORGOTTEN, Citation, Role
from jarvis_desktop.ui.action_buttons import ActionButton, CopyButton
from jarvis_desktop.ui.citations import Citations
from jarvis_desktop.ui.i18n import hint_of, message_of, tr
from jarvis_desktop.ui.message_actions import MessageActions
from jarvis_desktop.ui.question_editor import QuestionEditor
from jarvis_desktop.ui.text_view import TextView
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.tool_card import ToolCard
from jarvis_desktop.ui.widgets import IconLabel, Label, Notice, column, plain_tip, row

_BUBBLE_SHARE = 0.85  # of the conversation's width
_BUBBLE_PADDING = 14


class Question(QWidget):
    """What the user said or typed, on a tinted ground to the right; can be changed and asked anew."""

    role = Role.USER
    revised = Signal(str)  # the new text
    played = Signal()  # what was said
    played_enough = Signal()
    version_chosen = Signal(str, int)  # see `Pager.chosen`

    def __init__(self, theme: Theme, turn_id: str, text: str, *, waiting: bool = False) -> None:
        super().__init__()
        self.turn_id = turn_id
        self.text = TextView(theme)
        self.text.set_plain(text)
        self.editor: QuestionEditor | None = None
        self._theme = theme
        self._kept = self._playing = False
        self._play: ActionButton | None = None
        self._bubble = QFrame()
        self._bubble.setProperty("card", "question")
        self._bubble.setLayout(column(self.text, margins=(_BUBBLE_PADDING, 10, _BUBBLE_PADDING, 6)))
        self._note = Label(role="small")
        self._note.setVisible(waiting)
        self._waiting = waiting
        self.bar = MessageActions(theme, self, self._made_buttons, before=(None, self._note))
        self.bar.version_chosen.connect(self.version_chosen)
        self.bar.allow(not waiting and text != FORGOTTEN)
        self._parts = column(row(None, self._bubble), self.bar, spacing=2, margins=(0, 8, 0, 0))
        self.setLayout(self._parts)
        self._retranslate()

    @property
    def renewable(self) -> bool:
        """Whether it can be made again from its text, with nothing lost."""
        return self.editor is None

    def _made_buttons(self) -> list[QWidget]:
        def play_called() -> str:
            return tr("Stop playing") if self._playing else tr("Play what Jarvis heard")

        self._play = ActionButton(self._theme, "play-fill", play_called)
        self._play.clicked.connect(lambda: (self.played_enough if self._playing else self.played).emit())
        self._show_play()
        edit = ActionButton(self._theme, "pencil-simple", lambda: tr("Change the question"))
        edit.clicked.connect(self.edit)
        return [self._play, _copy_button(self._theme, self.text), edit]

    def show_recording(self, *, kept: bool, playing: bool) -> None:
        """Whether what was said can be heard again, and is being played; the button ends that then."""
        if (kept, playing) == (self._kept, self._playing):
            return
        self._kept, self._playing = kept, playing
        if playing:
            self.bar.fill()
        self._show_play()

    def _show_play(self) -> None:
        if self._play is not None:
            self._play.show_icon(
                "stop-fill" if self._playing else "play-fill", "danger" if self._playing else "second"
            )
            self._play.retranslate()
            self.bar.withhold(self._play, not self._kept)
            self.bar.pin(self._play, self._playing)

    def edit(self) -> None:
        """Have the user change the text, in its place."""
        if self.editor is not None:
            return
        self.editor = QuestionEditor(self._theme, self.text.given_text)
        self.editor.submitted.connect(self._submit)
        self.editor.cancelled.connect(self._leave)
        self._parts.insertWidget(0, self.editor)
        self._bubble.hide()
        self.bar.allow(False)
        self.editor.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        most = int(self.width() * _BUBBLE_SHARE)
        self._bubble.setFixedWidth(min(most, self.text.ideal_width() + 2 * _BUBBLE_PADDING + 2))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _submit(self, text: str) -> None:
        self._leave()
        self.revised.emit(text)

    def _leave(self) -> None:
        editor, self.editor = self.editor, None
        if editor is not None:
            self._bubble.show()
            self.bar.allow(True)
            self.text.setFocus()
            editor.hide()
            editor.deleteLater()

    def _retranslate(self) -> None:
        self.text.setAccessibleName(tr("You"))
        if self._waiting:
            self._note.setText(tr("Waits its turn"))


class Answer(QWidget):
    """What Jarvis answers: grows while it is written, then offers what can be done with it."""

    role = Role.ASSISTANT
    again = Signal()
    read = Signal()  # it aloud
    read_enough = Signal()
    version_chosen = Signal(str, int)
    link_activated = Signal(str)
    citation_opened = Signal(object)  # Citation

    def __init__(self, theme: Theme, turn_id: str, *, repeatable: bool = True) -> None:
        super().__init__()
        self.turn_id = turn_id
        self.text = TextView(theme)
        self.text.link_activated.connect(self.link_activated)
        self._progress = Label(role="second", wrap=True)
        self._mark_icon = IconLabel(theme, "hand-palm", "warning", 16)
        self._mark = Label(role="small", wrap=True)
        self._facts = Label(role="small")
        self._pause_icon = IconLabel(theme, "pause-fill", "warning", 14)
        self._pause = Label(role="small")
        self._theme = theme
        self._tools: dict[str, ToolCard] = {}
        self.problem: Notice | None = None  # most answers never need one
        self.citations: Citations | None = None
        self._repeatable = repeatable
        self._reading = False
        self._read: ActionButton | None = None
        self.bar = MessageActions(
            theme, self, self._made_buttons, after=(self._facts, self._pause_icon, self._pause, None)
        )
        self.bar.version_chosen.connect(self.version_chosen)
        self.bar.come_and_go(self._facts)
        self._marks = QWidget()
        marks = row(self._mark_icon, spacing=6)
        marks.addWidget(self._mark, 1)
        self._marks.setLayout(marks)
        self._say: Callable[[], str] | None = None
        self._finished = self._failed = self._heard = False
        self._parts = column(
            self._progress, self.text, self._marks, self.bar, spacing=4, margins=(0, 0, 0, 8)
        )
        self.setLayout(self._parts)
        self.text.hide()
        for hidden in (self._progress, self._marks):
            hidden.hide()
        self.show_paused(False)
        self._retranslate()

    @property
    def finished(self) -> bool:
        return self._finished

    @property
    def renewable(self) -> bool:
        """Whether it can be made again from its text, with nothing lost."""
        return self._finished and self.problem is None and not self._tools

    def show_progress(self, say: Callable[[], str]) -> None:
        """While no word has arrived: what is being waited for."""
        if self.text.isHidden() and not self._finished:
            self._say = say
            self._show_progress()

    def _show_progress(self) -> None:
        waits_for_user = any(card.asking for card in self._tools.values())
        self._progress.set_text(self._say() if self._say is not None and not waits_for_user else "")

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
            card.asking_changed.connect(self._show_progress)
            self._parts.insertWidget(self._parts.indexOf(self._progress), card)
        return self._tools[call_id]

    def show_paused(self, paused: bool) -> None:
        """The voice waits because the user speaks; in the row of the actions, so nothing jumps."""
        self._pause_icon.setVisible(paused)
        self._pause.setVisible(paused)

    def show_reading(self, reading: bool) -> None:
        """Whether it is being read aloud; the button ends that then."""
        self._reading = reading
        if reading:
            self.bar.fill()
        if self._read is not None:
            self._read.show_icon(
                "stop-fill" if reading else "speaker-high", "danger" if reading else "second"
            )
            self._read.retranslate()
            self.bar.pin(self._read, reading)

    def finish(
        self,
        text: str,
        *,
        interrupted: bool = False,
        heard: bool = False,
        failed: bool = False,
        facts: str = "",
        details: str = "",
    ) -> None:
        """The answer as it is kept; of one `interrupted` that may be what was `heard`.

        `facts` is a line about how it was made, `details` more of them.
        """
        self._finished = True
        self.show_paused(False)
        self._say = None
        self._progress.hide()
        self.text.set_markdown(text)
        self.text.setVisible(bool(text))
        self._failed, self._heard = failed, self._heard or heard
        self._marks.setVisible(interrupted or failed)
        self._retranslate()
        self._facts.setText(facts)
        self._facts.setToolTip(plain_tip(details))
        self._facts.setAccessibleDescription(details)
        self.bar.allow(bool(text))

    def fail(self, error: JarvisError, kept_text: str, action: Callable[[], None] | None) -> None:
        """The answer stopped because of `error`; what had arrived stays."""
        self.finish(kept_text or self.text.given_text)
        if self.problem is None:
            self.problem = Notice(self._theme)
            self.problem.dismiss.hide()
            self._parts.insertWidget(self._parts.indexOf(self.bar), self.problem)
        self.problem.present(message_of(error), hint_of(error), tr("Try again") if action else "", action)

    def cite(self, citations: tuple[Citation, ...]) -> None:
        """What it was given to read, as chips below the text."""
        if self.citations is None:
            self.citations = Citations(self._theme)
            self.citations.opened.connect(self.citation_opened)
            self._parts.insertWidget(self._parts.indexOf(self.text) + 1, self.citations)
        self.citations.show_citations(citations)

    def add(self, widget: QWidget) -> None:
        """Show something below all the rest."""
        self._parts.addWidget(widget)

    def forget(self, items: tuple[str, ...]) -> None:
        """Items of the memory are gone."""
        if self.citations is not None:
            self.citations.forget(items)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def _made_buttons(self) -> list[QWidget]:
        def read_called() -> str:
            return tr("Stop reading aloud") if self._reading else tr("Read aloud")

        self._read = ActionButton(self._theme, "speaker-high", read_called)
        self._read.clicked.connect(lambda: (self.read_enough if self._reading else self.read).emit())
        buttons: list[QWidget] = [_copy_button(self._theme, self.text), self._read]
        if self._repeatable:
            again = ActionButton(self._theme, "arrow-clockwise", lambda: tr("Answer again"))
            again.clicked.connect(self.again)
            buttons.append(again)
        return buttons

    def _retranslate(self) -> None:
        self.text.setAccessibleName(tr("Jarvis"))
        stopped = tr("You stopped this answer here.")
        if self._heard:
            stopped = tr("You interrupted. You heard it up to here.")
        self._mark.setText(tr("This answer broke off here.") if self._failed else stopped)
        self._pause.setText(tr("Paused, listening to you …"))
        self._show_progress()


def _copy_button(theme: Theme, text: TextView) -> CopyButton:
    return CopyButton(theme, lambda: text.given_text, lambda: tr("Copy"))


def separator() -> QFrame:
    """A thin line between parts of a page."""
    line = QFrame()
    line.setProperty("role", "line")
    line.setFixedHeight(1)
    line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return line
