"""The conversation: questions and answers one below the other, and what to try while there are none."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Citation, Message, ToolAsked, ToolUsed, Versions
from jarvis_desktop.ui.empty_state import EmptyState
from jarvis_desktop.ui.follow_ups import FollowUps
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.long_list import GAP, LongList
from jarvis_desktop.ui.message_actions import order_tabs, takes_tab
from jarvis_desktop.ui.message_rows import MessageRows
from jarvis_desktop.ui.messages import Answer, Question
from jarvis_desktop.ui.scroll_anchor import ScrollAnchor
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.tool_card import Decide
from jarvis_desktop.ui.widgets import IconButton, column, row

TEXT_WIDTH = 720
_MARGIN = 24
_ABOVE = 16  # the first message
_SLICE_S = 0.004  # of making messages between two turns of the event loop
_TABS_MS = 100  # the way of the keyboard is put in order once scrolling comes to rest


class Conversation(QScrollArea):
    """The messages of one conversation, newest at the bottom, and below them what waits to be asked."""

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
        self._chosen_version = "", 0  # and the step there, until it is on show
        self._suggested: FollowUps | None = None
        self._waiting: deque[Question] = deque()
        self._rows = self._make_rows()
        self._builder = QTimer(self, interval=0)
        self._builder.timeout.connect(self._build_some)
        self._tabs = QTimer(self, interval=_TABS_MS, singleShot=True)
        self._tabs.timeout.connect(self._order_tabs)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.empty = EmptyState(theme)
        self.empty.chosen.connect(self.asked)
        self._list = LongList(self._rows.make, self._let_go)
        self._queue = QVBoxLayout()
        self._queue.setSpacing(GAP)
        self._column = QWidget()
        self._column.setMaximumWidth(TEXT_WIDTH)
        self._column.setLayout(column(self._list, self._queue, None, spacing=GAP, margins=(0, _ABOVE, 0, 8)))
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
        self._anchor = ScrollAnchor(self, self._list, _ABOVE, lambda: self._is_empty)
        self._anchor.wanted.connect(self._builder.start)
        self._anchor.missing.connect(self._build_some)
        self._latest = IconButton(theme, "arrow-down", "accent")
        self._latest.setParent(self)
        self._latest.setProperty("kind", "floating")
        self._latest.setFixedSize(36, 36)
        self._latest.clicked.connect(self.show_latest)
        self._latest.hide()
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(self._range_changed)
        bar.valueChanged.connect(self._show_latest_button)
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
        if self._rows.marked[0]:
            for message in self.messages():
                message.text.mark("")
        self._rows.marked = message_id, words
        same = 0 if message_id else self._rows.unchanged(messages)
        self._clear(same)
        self._anchor.hold()
        self._rows.take(messages)
        self._list.set_count(len(messages))
        self.show_versions(versions)
        wanted = next((row for row, each in enumerate(messages) if each.id == message_id), None)
        if wanted is not None:
            self._anchor.hold_row(wanted)
        elif same in (0, len(messages)):
            self._anchor.hold_end()
        else:
            self._anchor.leave_end()
        self._build_some()
        if wanted is not None:
            self._anchor.hold(_MARGIN)
        self._anchor.keep_place()
        self._builder.start()

    def show_versions(self, versions: Sequence[Versions]) -> None:
        """Which messages have other versions, and which of them is on show."""
        self._rows.use_versions(versions)
        for message in self.messages():
            self._rows.show_versions(message)

    def suggest(self, turn_id: str, questions: Sequence[str]) -> None:
        """Offer questions below the answer of a turn, as long as it is the newest."""
        answer = self._rows.answer(turn_id)
        if answer is None or self._waiting or self._rows.newest != turn_id:
            return
        self._drop_suggestions()
        self._suggested = FollowUps(self._theme, questions)
        self._suggested.asked.connect(self.asked)
        answer.add(self._suggested)
        self._tabs.start()

    def show_reading(self, turn_id: str) -> None:
        """The answer of a turn is being read aloud; none of any turn for ""."""
        self._rows.show_reading(turn_id)

    def messages(self) -> list[Question | Answer]:
        """Those that are widgets, from the top."""
        shown = (*self._list.widgets, *self._waiting)
        return [widget for widget in shown if isinstance(widget, Question | Answer)]

    def questions(self) -> list[Question]:
        """Those on show."""
        return [each for each in self.messages() if isinstance(each, Question)]

    def mark_heard(self, turn_id: str, text: str) -> bool:
        """Mark what is heard of a turn, "": nothing; whether it is in sight."""
        in_sight = False
        for message in self.messages():
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
        self._rows.add_turn(turn_id, text)
        self._list.set_count(self._rows.count)
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
        for answer in self._rows.growing:
            answer.show_progress(say)

    def append(self, turn_id: str, token: str) -> None:
        if answer := self._rows.answer(turn_id):
            answer.append(token)

    def ask_tool(self, asked: ToolAsked, decide: Decide) -> bool:
        """Ask whether a tool may be used; False when the turn is not on show."""
        answer = self._rows.answer(asked.turn_id)
        if answer is not None:
            answer.tool(asked.call_id).ask(asked, decide)
        return answer is not None

    def tell_tool(self, used: ToolUsed) -> None:
        """A tool was used, or not allowed."""
        if answer := self._rows.answer(used.turn_id):
            answer.tool(used.call_id).tell(used)

    def show_paused(self, turn_id: str, paused: bool) -> None:
        """Whether an answer waits because the user speaks."""
        if answer := self._rows.answer(turn_id):
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
        self._rows.finish(turn_id, text, interrupted=interrupted, heard=heard, facts=facts, details=details)
        self._tabs.start()

    def cite(self, turn_id: str, citations: tuple[Citation, ...]) -> None:
        """What an answer was given to read."""
        self._rows.cite(turn_id, citations)
        self._tabs.start()

    def forget(self, items: tuple[str, ...]) -> None:
        """Items of the memory are gone."""
        self._drop_suggestions()
        self._rows.forget(items)

    def fail(self, turn_id: str, error: JarvisError, kept_text: str) -> bool:
        """Show an error in its answer; False when the turn is not on show."""
        return self._rows.fail(turn_id, error, kept_text)

    def show_latest(self) -> None:
        """Scroll to the end and stay there."""
        self._anchor.hold_end()
        self._build_some()
        self._anchor.keep_place()
        self._builder.start()

    def show_actions_before(self, widget: QWidget) -> None:
        """The keyboard goes back from `widget`: the buttons of the message before it are on its way."""
        before = next(filter(takes_tab, _chained_before(widget)), widget)
        for message in self.messages():
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

    def _make_rows(self) -> MessageRows:
        rows = MessageRows(self._theme, self)
        rows.revised.connect(self.revised)
        rows.version_chosen.connect(self._choose_version)
        rows.read_wanted.connect(self.read_wanted)
        rows.read_enough.connect(self.read_enough)
        rows.play_wanted.connect(self.play_wanted)
        rows.question_made.connect(self.question_made)
        rows.link_activated.connect(self.link_activated)
        rows.citation_opened.connect(self.citation_opened)
        return rows

    def _choose_version(self, message_id: str, step: int) -> None:
        self._chosen_version = message_id, step
        self.version_chosen.emit(message_id)

    def _show_chosen_version(self) -> None:
        """The message whose version was chosen keeps the keyboard and its place on the screen."""
        chosen, step = self._chosen_version
        for message in self.messages():
            pager = message.bar.pager
            if pager is not None and chosen and pager.shown == chosen:
                self._chosen_version = "", 0
                self._anchor.leave_end()
                if step:
                    pager.take_focus(step)
                self.ensureWidgetVisible(message.bar, 0, _MARGIN)
                self._anchor.hold()

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
        self._list.set_count(kept)
        self._rows.drop_after(kept)
        while self._waiting:
            self._drop(self._waiting.popleft())

    def _build_some(self) -> None:
        """Makes messages near the view, a slice at a time: a long conversation opens at once."""
        filled = self._list.fill(self._anchor.view, _SLICE_S)
        deleted = self._rows.delete_some()
        if filled and deleted:
            self._builder.stop()
            self._tabs.start()
            self._show_chosen_version()
        self._show_emptiness()
        if answers := self._rows.take_unexplained():
            turns = tuple(each.turn_id for each in answers)
            self.sources_wanted.emit(answers[0].conversation_id, turns)

    def _let_go(self, number: int, widget: QWidget) -> None:
        """A message is far out of view, or gone."""
        self._anchor.let_go(widget)
        focused = QApplication.focusWidget()
        if focused is not None and widget.isAncestorOf(focused):
            self.setFocus()  # and not some widget that the keyboard would scroll to
        suggesting = self._suggested is not None and widget.isAncestorOf(self._suggested)
        self._rows.let_go(number, widget, keep=suggesting)

    @property
    def _is_empty(self) -> bool:
        return not self._rows.count and not self._waiting

    def _show_emptiness(self) -> None:
        self.empty.setVisible(self._is_empty)
        self._column.setVisible(not self._is_empty)

    def _order_tabs(self) -> None:
        self._tabs.stop()
        order_tabs(self.messages())

    def _range_changed(self, _: int, maximum: int) -> None:
        # The text keeps its place, below the same edge as the composer, when the scroll bar appears.
        right = _MARGIN - self.verticalScrollBar().sizeHint().width() if maximum else _MARGIN
        self._page_layout.setContentsMargins(_MARGIN, 0, right, 0)
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
