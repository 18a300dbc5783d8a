"""The conversation: questions and answers one below the other, and what to try while there are none."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import FORGOTTEN, Citation, Message, Role, ToolAsked, ToolUsed, Versions
from jarvis_desktop.ui.empty_state import EmptyState
from jarvis_desktop.ui.follow_ups import FollowUps
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.message_actions import order_tabs
from jarvis_desktop.ui.messages import Answer, Question
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.tool_card import Decide
from jarvis_desktop.ui.widgets import IconButton, TextButton, column, row

TEXT_WIDTH = 720
_MARGIN = 24
_PAGE = 60  # messages shown at first and per "earlier"
_SLICE_S = 0.008  # of building messages between two turns of the event loop


class Conversation(QScrollArea):
    """The messages of one conversation, newest at the bottom, which stays in view while it is."""

    asked = Signal(str)
    revised = Signal(str, str)  # id of a turn, and what is asked in its place
    version_chosen = Signal(str)  # id of a message
    read_wanted = Signal(str, str)  # id of a turn, and its answer
    read_enough = Signal()
    play_wanted = Signal(str)  # id of a turn
    question_made = Signal(object)  # Question, now on show
    link_activated = Signal(str)
    citation_opened = Signal(object)  # Citation

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._versions: dict[tuple[str, Role], Versions] = {}  # by turn
        self._chosen_version = "", 0  # and the step there, until it is on show
        self._anchor: QWidget | None = None  # stays in view while the page below it changes
        self._suggested: FollowUps | None = None
        self._reading = ""  # the turn whose answer is read aloud
        self._built_at = 0  # where in the list messages are being built
        self._answers: dict[str, Answer] = {}  # by turn
        self._questions: dict[str, str] = {}  # text by turn
        self._citations: dict[str, tuple[Citation, ...]] = {}  # of answers that are built later
        self._waiting: deque[Question] = deque()
        self._earlier: list[Message] = []
        self._to_build: list[Message] = []
        self._sticky = True
        self._maximum = 0  # of the scroll bar, before it changed
        self._wanted = "", ""  # message to bring into view, words to mark in it
        self._found: QWidget | None = None  # kept in view until the user scrolls
        self._placing = QTimer(self, interval=0, singleShot=True)  # once what moved is in its place
        self._placing.timeout.connect(self._show_found)
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_some)
        self._tabs = QTimer(self, interval=0, singleShot=True)
        self._tabs.timeout.connect(lambda: order_tabs(self._messages()))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.empty = EmptyState(theme)
        self.empty.chosen.connect(self.asked)
        self._more = TextButton(theme, "quiet")
        self._more.clicked.connect(self._show_earlier)
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        self._column = QWidget()
        self._column.setMaximumWidth(TEXT_WIDTH)
        self._column.setLayout(column(row(None, self._more, None), self._list, None, margins=(0, 16, 0, 8)))
        page = QWidget()
        page.setObjectName("page")
        self._page_layout = row(spacing=0, margins=(_MARGIN, 0, _MARGIN, 0))
        self._page_layout.addStretch(1)
        self._page_layout.addWidget(self._column, 1000)
        self._page_layout.addWidget(self.empty, 1000)
        self._page_layout.addStretch(1)
        self.empty.setMaximumWidth(TEXT_WIDTH)
        page.setLayout(self._page_layout)
        self.setWidget(page)
        self._latest = IconButton(theme, "arrow-down", "accent")
        self._latest.setParent(self)
        self._latest.setProperty("kind", "floating")
        self._latest.setFixedSize(36, 36)
        self._latest.clicked.connect(self.show_latest)
        self._latest.hide()
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._range_changed)
        bar.valueChanged.connect(self._value_changed)
        self._more.hide()
        self._show_emptiness()
        self._retranslate()

    def open(
        self,
        messages: tuple[Message, ...],
        versions: Sequence[Versions] = (),
        message_id: str = "",
        words: str = "",
    ) -> None:
        """Show a conversation, its end in view, or one of its messages, `words` marked in it.

        What is on show of it already stays where it is.
        """
        self._builder.stop()
        self._drop_suggestions()
        self._anchor = self._found = None
        if self._wanted[0]:
            for message in self._messages():
                message.text.mark("")
        self._wanted = message_id, words
        self._built_at = 0 if message_id else self._unchanged(messages)
        if self._built_at:
            self._to_build = list(messages[len(self._earlier) + self._built_at :])
            self._sticky = not self._to_build
        else:
            self._sticky = True
            wanted = (place for place, message in enumerate(messages) if message.id == message_id)
            first = min(max(0, len(messages) - _PAGE), next(wanted, len(messages)))
            self._earlier, self._to_build = list(messages[:first]), list(messages[first:])
        self._clear(self._built_at)
        self._questions |= {each.turn_id: each.text for each in messages if each.role is Role.USER}
        self.show_versions(versions)
        self._build_some()
        self._builder.start()
        if self._sticky:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def show_versions(self, versions: Sequence[Versions]) -> None:
        """Which messages have other versions, and which of them is on show."""
        self._versions = {(each.turn_id, each.role): each for each in versions}
        for message in self._messages():
            message.bar.show_versions(self._versions.get((message.turn_id, message.role)))

    def suggest(self, turn_id: str, questions: Sequence[str]) -> None:
        """Offer questions below the answer of a turn, as long as it is the newest."""
        newest = self._list.itemAt(self._list.count() - 1)
        answer = self._answers.get(turn_id)
        if answer is None or newest is None or newest.widget() is not answer:
            return
        self._drop_suggestions()
        self._suggested = FollowUps(self._theme, questions)
        self._suggested.asked.connect(self.asked)
        answer.add(self._suggested)
        self._tabs.start()

    def show_reading(self, turn_id: str) -> None:
        """The answer of a turn is being read aloud; none of any turn for ""."""
        for each in (self._reading, turn_id):
            if answer := self._answers.get(each):
                answer.show_reading(each == turn_id)
        self._reading = turn_id

    def questions(self) -> list[Question]:
        """Those on show."""
        return [each for each in self._messages() if isinstance(each, Question)]

    def mark_heard(self, turn_id: str, text: str) -> bool:
        """Mark what is heard of a turn, "": nothing; whether it is in sight."""
        in_sight = False
        for message in self._messages():
            area = message.text.mark_heard(text if turn_id and message.turn_id == turn_id else "")
            if area is not None:
                top = message.text.mapTo(self.viewport(), area.topLeft()).y()
                in_sight |= top >= 0 and top + area.height() <= self.viewport().height()
        return in_sight

    def start_turn(self, turn_id: str, text: str) -> None:
        """A question was accepted; its answer follows."""
        for waiting in list(self._waiting):
            if waiting.text.given_text == text:
                self._waiting.remove(waiting)
                self._drop(waiting)
                break
        self._anchor = self._found = None
        self._sticky = True
        self._drop_suggestions()
        self._questions[turn_id] = text
        self._add(self._question(turn_id))
        self._add(self._answer(turn_id))
        for waiting in self._waiting:  # they stay below the turn that is answered first
            self._list.removeWidget(waiting)
            self._list.addWidget(waiting)

    def queue(self, text: str) -> None:
        """A question was typed while another is answered."""
        question = Question(self._theme, "", text, waiting=True)
        self._waiting.append(question)
        self._anchor, self._sticky = None, True
        self._add(question)

    def drop_queue(self) -> None:
        """The questions that wait will not be asked."""
        while self._waiting:
            self._drop(self._waiting.popleft())
        self._show_emptiness()

    def show_progress(self, say: Callable[[], str]) -> None:
        """What the answers without a word yet are waiting for."""
        for answer in self._answers.values():
            if not answer.finished:
                answer.show_progress(say)

    def append(self, turn_id: str, token: str) -> None:
        if answer := self._answers.get(turn_id):
            answer.append(token)

    def ask_tool(self, asked: ToolAsked, decide: Decide) -> bool:
        """Ask whether a tool may be used; False when the turn is not on show."""
        answer = self._answers.get(asked.turn_id)
        if answer is not None:
            answer.tool(asked.call_id).ask(asked, decide)
        return answer is not None

    def tell_tool(self, used: ToolUsed) -> None:
        """A tool was used, or not allowed."""
        if answer := self._answers.get(used.turn_id):
            answer.tool(used.call_id).tell(used)

    def show_paused(self, turn_id: str, paused: bool) -> None:
        """Whether an answer waits because the user speaks."""
        if answer := self._answers.get(turn_id):
            answer.show_paused(paused)

    def finish(
        self,
        turn_id: str,
        text: str,
        *,
        interrupted: bool,
        heard: bool = False,
        facts: str = "",
        details: str = "",
    ) -> None:
        """See `Answer.finish`."""
        if answer := self._answers.get(turn_id):
            answer.finish(text, interrupted=interrupted, heard=heard, facts=facts, details=details)
            self._tabs.start()

    def cite(self, turn_id: str, citations: tuple[Citation, ...]) -> None:
        """What an answer was given to read."""
        if answer := self._answers.get(turn_id):
            if citations:
                answer.cite(citations)
                self._tabs.start()
        else:
            self._citations[turn_id] = citations

    def forget(self, items: tuple[str, ...]) -> None:
        """Items of the memory are gone."""
        self._drop_suggestions()
        for turn_id, cited in self._citations.items():
            kept = (each for each in cited if not {each.id, each.id.rpartition("#")[0]}.intersection(items))
            self._citations[turn_id] = tuple(kept)
        for answer in self._answers.values():
            answer.forget(items)

    def fail(self, turn_id: str, error: JarvisError, kept_text: str) -> bool:
        """Show an error in its answer; False when the turn is not on show."""
        answer = self._answers.get(turn_id)
        if answer is not None:
            answer.fail(error, kept_text, lambda: self._ask_again(turn_id))
        return answer is not None

    def show_latest(self) -> None:
        """Scroll to the end and stay there."""
        self._anchor = self._found = None
        self._sticky = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._latest.move((self.viewport().width() - 36) // 2, self.viewport().height() - 48)

    def _question(self, turn_id: str) -> Question:
        question = Question(self._theme, turn_id, self._questions[turn_id])
        question.revised.connect(lambda text: self.revised.emit(turn_id, text))
        question.played.connect(lambda: self.play_wanted.emit(turn_id))
        question.played_enough.connect(self.read_enough)
        self.question_made.emit(question)
        self._page_versions(question)
        return question

    def _answer(self, turn_id: str) -> Answer:
        asked = self._questions.get(turn_id, FORGOTTEN)
        answer = Answer(self._theme, turn_id, repeatable=asked != FORGOTTEN)
        answer.again.connect(lambda: self._ask_again(turn_id))
        answer.read.connect(lambda: self.read_wanted.emit(turn_id, answer.text.given_text))
        answer.read_enough.connect(self.read_enough)
        answer.show_reading(turn_id == self._reading)
        self._page_versions(answer)
        answer.link_activated.connect(self.link_activated)
        answer.citation_opened.connect(self.citation_opened)
        self._answers[turn_id] = answer
        return answer

    def _page_versions(self, message: Question | Answer) -> None:
        message.version_chosen.connect(self._choose_version)
        message.bar.show_versions(self._versions.get((message.turn_id, message.role)))

    def _choose_version(self, message_id: str, step: int) -> None:
        self._chosen_version = message_id, step
        self.version_chosen.emit(message_id)

    def _show_chosen_version(self) -> None:
        """The message whose version was chosen keeps the keyboard and its place on the screen."""
        chosen, step = self._chosen_version
        for message in self._messages():
            pager = message.bar.pager
            if pager is not None and chosen and pager.shown == chosen:
                self._chosen_version, self._anchor = ("", 0), message.bar
                if step:
                    pager.take_focus(step)
                self._keep_anchor()

    def _keep_anchor(self) -> None:
        if self._anchor is not None:
            anchor = self._anchor
            self.ensureWidgetVisible(anchor, 0, _MARGIN)
            self._anchor = anchor  # the user has not scrolled

    def _ask_again(self, turn_id: str) -> None:
        if text := self._questions.get(turn_id):
            self.revised.emit(turn_id, text)

    def _messages(self) -> list[Question | Answer]:
        items = (self._list.itemAt(index) for index in range(self._list.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if isinstance(widget, Question | Answer)]

    def _unchanged(self, messages: Sequence[Message]) -> int:
        """How many of the messages on show, from the top, are among these and say the same."""
        before = len(self._earlier)
        if self._to_build or self._earlier != list(messages[:before]):
            return 0
        count = 0
        for shown, message in zip(self._messages(), messages[before:], strict=False):
            if (shown.turn_id, shown.role, shown.text.given_text) != (
                message.turn_id,
                message.role,
                message.text,
            ):
                break
            count += 1
        return count

    def _add(self, widget: QWidget) -> None:
        self._list.addWidget(widget)
        self._show_emptiness()

    def _drop(self, widget: QWidget) -> None:
        self._list.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _drop_suggestions(self) -> None:
        suggested, self._suggested = self._suggested, None
        if suggested is not None:
            suggested.hide()
            suggested.deleteLater()

    def _clear(self, kept: int) -> None:
        """Take away all messages but the first ones."""
        while item := self._list.takeAt(kept):
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._answers = {each.turn_id: each for each in self._messages() if isinstance(each, Answer)}
        self._questions.clear()
        self._citations.clear()
        self._waiting.clear()
        self._found = None
        self._show_emptiness()

    def _build_some(self) -> None:
        """Builds messages from the newest up, a slice at a time: a long conversation opens at once."""
        until = time.perf_counter() + _SLICE_S
        while self._to_build and time.perf_counter() < until:
            message = self._to_build.pop()
            widget = self._stored(message)
            self._list.insertWidget(self._built_at, widget)
            if message.id == self._wanted[0]:
                self._found = widget
                widget.text.mark(self._wanted[1])
        if not self._to_build:
            self._builder.stop()
            self._more.setVisible(bool(self._earlier))
            self._tabs.start()
            self._show_chosen_version()
        self._show_emptiness()

    def _stored(self, message: Message) -> Question | Answer:
        if message.role is Role.USER:
            return self._question(message.turn_id)
        answer = self._answer(message.turn_id)
        answer.finish(message.text, interrupted=message.interrupted, failed=bool(message.error_code))
        if citations := self._citations.pop(message.turn_id, ()):
            answer.cite(citations)
        return answer

    def _show_found(self) -> None:
        if self._found is not None:
            found = self._found
            top = self._column.y() + found.mapTo(self._column, QPoint()).y()
            self.verticalScrollBar().setValue(top - _MARGIN)
            self._found = found  # the user has not scrolled

    def _show_earlier(self) -> None:
        self._anchor = self._found = None
        self._sticky, self._built_at = False, 0
        self._more.hide()
        self._earlier, self._to_build = self._earlier[:-_PAGE], self._earlier[-_PAGE:]
        self._builder.start()

    def _show_emptiness(self) -> None:
        empty = self._list.count() == 0 and not self._to_build
        self.empty.setVisible(empty)
        self._column.setVisible(not empty)

    def _range_changed(self, _: int, maximum: int) -> None:
        if self._found is not None:
            self._placing.start()
        elif self._anchor is not None:
            self._keep_anchor()
        elif self._sticky:
            self.verticalScrollBar().setValue(maximum)
        elif (
            self._builder.isActive() and not self._built_at
        ):  # what is built above must not push the text away
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + maximum - self._maximum)
        self._maximum = maximum
        # The text keeps its place, below the same edge as the composer, when the scroll bar appears.
        right = _MARGIN - self.verticalScrollBar().sizeHint().width() if maximum else _MARGIN
        self._page_layout.setContentsMargins(_MARGIN, 0, right, 0)
        self._show_latest_button()

    def _value_changed(self, value: int) -> None:
        self._anchor = self._found = None
        self._sticky = value >= self.verticalScrollBar().maximum() - 4
        self._show_latest_button()

    def _show_latest_button(self) -> None:
        bar = self.verticalScrollBar()
        self._latest.setVisible(bar.maximum() - bar.value() > 80)
        self._latest.raise_()

    def _retranslate(self) -> None:
        self._more.setText(tr("Show earlier messages"))
        self._latest.describe(tr("Go to the latest message"))
