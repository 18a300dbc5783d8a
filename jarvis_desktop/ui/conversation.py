"""The conversation: questions and answers one below the other, and what to try while there are none."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import FORGOTTEN, Citation, Message, Role, ToolAsked, ToolUsed, Versions
from jarvis_desktop.ui.empty_state import EmptyState
from jarvis_desktop.ui.follow_ups import FollowUps
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.long_list import GAP, LongList
from jarvis_desktop.ui.message_actions import order_tabs, takes_tab
from jarvis_desktop.ui.messages import Answer, Question
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.tool_card import Decide
from jarvis_desktop.ui.widgets import IconButton, column, row

TEXT_WIDTH = 720
_MARGIN = 24
_ABOVE = 16  # the first message
_SLICE_S = 0.004  # of making messages between two turns of the event loop
_GONE = 4  # messages that are deleted between two of them
_TABS_MS = 100  # the way of the keyboard is put in order once scrolling comes to rest


class Conversation(QScrollArea):
    """The messages of one conversation, newest at the bottom, which stays in view while it is.

    What the user looks at stays where it is, whatever is made, changes or grows around it.
    """

    asked = Signal(str)
    revised = Signal(str, str)  # id of a turn, and what is asked in its place
    version_chosen = Signal(str)  # id of a message
    read_wanted = Signal(str, str)  # id of a turn, and its answer
    read_enough = Signal()
    play_wanted = Signal(str)  # id of a turn
    question_made = Signal(object)  # Question, now on show
    link_activated = Signal(str)
    citation_opened = Signal(object)  # Citation
    sources_wanted = Signal(str, object)  # id of a conversation, and turns whose answers came near

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._versions: dict[tuple[str, Role], Versions] = {}  # by turn
        self._chosen_version = "", 0  # and the step there, until it is on show
        self._suggested: FollowUps | None = None
        self._reading = ""  # the turn whose answer is read aloud
        self._answers: dict[str, Answer] = {}  # by turn
        self._questions: dict[str, str] = {}  # text by turn
        self._citations: dict[str, tuple[Citation, ...]] = {}  # what is known of them, by turn
        self._unexplained: list[Message] = []  # answers made since sources were last asked for
        self._waiting: deque[Question] = deque()
        self._said: list[Message] = []
        self._facts: dict[str, tuple[str, str, bool]] = {}  # how answers of this run were made, by turn
        self._kept: dict[
            tuple[str, Role], Question | Answer
        ] = {}  # out of view, and more than what is stored
        self._sticky = True
        self._moving = False  # the scroll bar, and not by the user
        self._view = 0, 0  # first and last message in view
        self._held: tuple[QWidget, int] | None = None  # a message, and how far below the upper edge it stays
        self._wanted = "", ""  # message to bring into view, words to mark in it
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_some)
        self._gone: deque[QWidget] = deque()  # to be deleted, a few at a time
        self._tabs = QTimer(self, interval=_TABS_MS, singleShot=True)
        self._tabs.timeout.connect(self._order_tabs)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.empty = EmptyState(theme)
        self.empty.chosen.connect(self.asked)
        self._list = LongList(self._row, self._let_go)
        self._list.laid_out.connect(self._keep_place)
        self._queue = QVBoxLayout()
        self._queue.setSpacing(GAP)
        self._column = QWidget()
        self._column.setMaximumWidth(TEXT_WIDTH)
        self._column.setLayout(column(self._list, self._queue, None, spacing=GAP, margins=(0, _ABOVE, 0, 8)))
        self._page = page = QWidget()
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
        self._drop_suggestions()
        if self._wanted[0]:
            for message in self._messages():
                message.text.mark("")
        self._wanted = message_id, words
        same = 0 if message_id else self._unchanged(messages)
        self._clear(same)
        self._hold()
        self._said = list(messages)
        self._list.set_count(len(messages))
        self._questions = {each.turn_id: each.text for each in messages if each.role is Role.USER}
        self.show_versions(versions)
        wanted = next((row for row, each in enumerate(messages) if each.id == message_id), None)
        self._sticky = wanted is None and same in (0, len(messages))
        if self._sticky:
            self._view_end()
        elif wanted is not None:
            self._view = wanted, wanted
        self._build_some()
        if wanted is not None:
            self._hold(_MARGIN)
        self._keep_place()
        self._builder.start()

    def show_versions(self, versions: Sequence[Versions]) -> None:
        """Which messages have other versions, and which of them is on show."""
        self._versions = {(each.turn_id, each.role): each for each in versions}
        for message in self._messages():
            message.bar.show_versions(self._versions.get((message.turn_id, message.role)))

    def suggest(self, turn_id: str, questions: Sequence[str]) -> None:
        """Offer questions below the answer of a turn, as long as it is the newest."""
        answer = self._answers.get(turn_id)
        newest = self._said[-1].turn_id if self._said and not self._waiting else ""
        if answer is None or newest != turn_id:
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
        self._drop_suggestions()
        self._questions[turn_id] = text
        for message in (self._question(turn_id), self._answer(turn_id)):
            self._kept[turn_id, message.role] = message
            said = text if message.role is Role.USER else ""
            self._said.append(Message("", "", turn_id, message.role, said, 0.0))
        self._list.set_count(len(self._said))
        self.show_latest()

    def queue(self, text: str) -> None:
        """A question was typed while another is answered."""
        question = Question(self._theme, "", text, waiting=True)
        self._waiting.append(question)
        self._queue.addWidget(question)
        self._show_emptiness()
        self.show_latest()

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
        _, _, heard_before = self._facts.get(turn_id, ("", "", False))
        self._facts[turn_id] = facts, details, heard or heard_before
        self._note(turn_id, text=text, interrupted=interrupted)
        if answer := self._answers.get(turn_id):
            answer.finish(text, interrupted=interrupted, heard=heard, facts=facts, details=details)
            self._tabs.start()

    def cite(self, turn_id: str, citations: tuple[Citation, ...]) -> None:
        """What an answer was given to read."""
        self._citations[turn_id] = citations
        answer = self._answers.get(turn_id)
        if answer is not None and citations:
            answer.cite(citations)
            self._tabs.start()

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
            self._note(turn_id, answer.text.given_text, error_code=error.code)
        return answer is not None

    def show_latest(self) -> None:
        """Scroll to the end and stay there."""
        self._sticky = True
        self._view_end()
        self._build_some()
        self._keep_place()
        self._builder.start()

    def show_actions_before(self, widget: QWidget) -> None:
        """The keyboard goes back from `widget`: the buttons of the message before it are on its way."""
        before = next(filter(takes_tab, _chained_before(widget)), widget)
        for message in self._messages():
            if message.isAncestorOf(before) and not message.isAncestorOf(widget):
                message.bar.show_all()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self._retranslate()

    def focusNextPrevChild(self, next_: bool) -> bool:
        if self._tabs.isActive():
            self._order_tabs()
        return super().focusNextPrevChild(next_)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bar = self.verticalScrollBar()
        if event.key() == Qt.Key.Key_Home:
            bar.setValue(bar.minimum())
        elif event.key() == Qt.Key.Key_End:
            self.show_latest()
        else:
            super().keyPressEvent(event)

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
                self._chosen_version, self._sticky = ("", 0), False
                if step:
                    pager.take_focus(step)
                self.ensureWidgetVisible(message.bar, 0, _MARGIN)
                self._hold()

    def _ask_again(self, turn_id: str) -> None:
        if text := self._questions.get(turn_id):
            self.revised.emit(turn_id, text)

    def _messages(self) -> list[Question | Answer]:
        """Those that are widgets."""
        shown = (*self._list.widgets, *self._waiting)
        return [widget for widget in shown if isinstance(widget, Question | Answer)]

    def _unchanged(self, messages: Sequence[Message]) -> int:
        """How many of the messages on show, from the top, are among these and say the same."""
        count = 0
        for before, after in zip(self._said, messages, strict=False):
            if (before.turn_id, before.role, before.text) != (after.turn_id, after.role, after.text):
                break
            count += 1
        return count

    def _note(self, turn_id: str, text: str, *, interrupted: bool = False, error_code: str = "") -> None:
        """What an answer says in the end."""
        for place, said in reversed(list(enumerate(self._said))):
            if (said.turn_id, said.role) == (turn_id, Role.ASSISTANT):
                self._said[place] = replace(said, text=text, interrupted=interrupted, error_code=error_code)
                break

    def _drop(self, widget: QWidget) -> None:
        self._queue.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def _drop_suggestions(self) -> None:
        suggested, self._suggested = self._suggested, None
        if suggested is not None:
            suggested.hide()
            suggested.deleteLater()

    def _clear(self, kept: int) -> None:
        """Take away all messages but the first ones."""
        known = {(each.turn_id, each.role) for each in self._said[:kept]}
        self._list.set_count(kept)
        for key in self._kept.keys() - known:
            self._delete(self._kept.pop(key))
        answered = {turn for turn, role in known if role is Role.ASSISTANT}
        self._citations = {turn: each for turn, each in self._citations.items() if turn in answered}
        self._facts = {turn: each for turn, each in self._facts.items() if turn in answered}
        while self._waiting:
            self._drop(self._waiting.popleft())

    def _build_some(self) -> None:
        """Makes messages near the view, a slice at a time: a long conversation opens at once."""
        done = self._list.fill(self._view, _SLICE_S)
        for _ in range(min(_GONE, len(self._gone))):
            self._gone.popleft().deleteLater()
        if done and not self._gone:
            self._builder.stop()
            self._tabs.start()
            self._show_chosen_version()
        self._show_emptiness()
        if self._unexplained:
            answers, self._unexplained = self._unexplained, []
            turns = tuple(each.turn_id for each in answers)
            self._citations |= dict.fromkeys(turns, ())
            self.sources_wanted.emit(answers[0].conversation_id, turns)

    def _row(self, number: int) -> Question | Answer:
        """The widget of a message."""
        message = self._said[number]
        widget = self._kept.pop((message.turn_id, message.role), None) or self._stored(message)
        if widget.parent() is not None:  # it was let go
            widget.show()
        if self._wanted[0] and message.id == self._wanted[0]:
            widget.text.mark(self._wanted[1])
        return widget

    def _stored(self, message: Message) -> Question | Answer:
        if message.role is Role.USER:
            return self._question(message.turn_id)
        answer = self._answer(message.turn_id)
        facts, details, heard = self._facts.get(message.turn_id, ("", "", False))
        answer.finish(
            message.text,
            interrupted=message.interrupted,
            heard=heard,
            failed=bool(message.error_code),
            facts=facts,
            details=details,
        )
        if citations := self._citations.get(message.turn_id, ()):
            answer.cite(citations)
        elif message.turn_id not in self._citations:
            self._unexplained.append(message)
        return answer

    def _let_go(self, number: int, widget: QWidget) -> None:
        """A message is far out of view, or gone."""
        message = self._said[number]
        if self._held is not None and self._held[0] is widget:
            self._held = None
        focused = QApplication.focusWidget()
        if focused is not None and widget.isAncestorOf(focused):
            self.setFocus()  # and not some widget that the keyboard would scroll to
        widget.hide()
        assert isinstance(widget, Question | Answer)
        suggesting = self._suggested is not None and widget.isAncestorOf(self._suggested)
        if suggesting or not widget.renewable:
            self._kept[message.turn_id, message.role] = widget
        else:
            self._delete(widget)

    def _delete(self, widget: QWidget) -> None:
        if isinstance(widget, Answer):
            self._answers.pop(widget.turn_id, None)
        widget.hide()
        self._gone.append(widget)

    @property
    def _is_empty(self) -> bool:
        return not self._said and not self._waiting

    def _show_emptiness(self) -> None:
        self.empty.setVisible(self._is_empty)
        self._column.setVisible(not self._is_empty)

    def _order_tabs(self) -> None:
        self._tabs.stop()
        order_tabs(self._messages())

    def _view_end(self) -> None:
        self._held = None
        self._view = (max(0, len(self._said) - 1),) * 2

    def _look(self) -> None:
        """Note which messages are in view, and have those around them made."""
        top = self.verticalScrollBar().value() - self._top(self._list)
        view = self._list.seen(top, top + self.viewport().height())
        if view != self._view:
            self._view = view
            self._builder.start()

    def _hold(self, offset: int | None = None) -> None:
        """The first message in view stays where it is, or so far below the upper edge."""
        first = self._list.widget(self._view[0])
        if self._sticky or first is None:
            self._held = None
        else:
            if offset is None:  # what was made just now has no place yet
                offset = _ABOVE if first.isHidden() else self._top(first) - self.verticalScrollBar().value()
            self._held = first, offset

    def _top(self, message: QWidget) -> int:
        return message.mapTo(self._page, QPoint()).y()

    def _keep_place(self) -> None:
        """After messages moved: show again what was shown."""
        bar = self.verticalScrollBar()
        if self._sticky:
            place = 0 if self._is_empty else bar.maximum()
        elif self._held is not None and not self._held[0].isHidden():
            place = self._top(self._held[0]) - self._held[1]
        else:  # it was made just now and has no place yet
            return
        self._moving = True
        bar.setValue(place)
        self._moving = False
        # As long as the place is out of reach, there is more to be laid out, and nothing to be told from it.
        if bar.value() == place:
            self._look()

    def _range_changed(self, _: int, maximum: int) -> None:
        self._keep_place()
        # The text keeps its place, below the same edge as the composer, when the scroll bar appears.
        right = _MARGIN - self.verticalScrollBar().sizeHint().width() if maximum else _MARGIN
        self._page_layout.setContentsMargins(_MARGIN, 0, right, 0)
        self._show_latest_button()

    def _value_changed(self, value: int) -> None:
        # While what is held has no place yet, it is Qt that moves the bar into its new range.
        placed = self._held is None or not self._held[0].isHidden()
        if placed and not self._moving:
            self._sticky = value >= self.verticalScrollBar().maximum() - 4
            if self._sticky:
                self._view_end()
            else:
                self._look()
            if self._list.widget(self._view[0]) is None:
                self._build_some()
            self._hold()
            self._builder.start()
        self._show_latest_button()

    def _show_latest_button(self) -> None:
        bar = self.verticalScrollBar()
        self._latest.setVisible(not self._is_empty and bar.maximum() - bar.value() > 80)
        self._latest.raise_()

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("Conversation"))
        self._latest.describe(tr("Go to the latest message"))


def _chained_before(widget: QWidget) -> Iterator[QWidget]:
    """Every other widget of a window, from the one before it on, as the keyboard goes back."""
    before = widget.previousInFocusChain()
    while before is not None and before is not widget:
        yield before
        before = before.previousInFocusChain()
