"""The messages of a conversation: what is known of each, and the widgets of those near the view."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import FORGOTTEN, Citation, Message, Role, Versions
from jarvis_desktop.ui.messages import Answer, Question
from jarvis_desktop.ui.theme import Theme

_GONE = 4  # messages that are deleted between two turns of the event loop


class MessageRows(QObject):
    """Makes widgets of messages, and has them back once they are far out of view.

    One that is more than what is known of its message (a tool's question, an answer that grows) is kept.
    """

    revised = Signal(str, str)  # id of a turn, and what is asked in its place
    version_chosen = Signal(str, int)  # see `Pager.chosen`
    read_wanted = Signal(str, str)  # id of a turn, and its answer
    read_enough = Signal()
    play_wanted = Signal(str)  # id of a turn
    question_made = Signal(object)  # Question, now on show
    link_activated = Signal(str)
    citation_opened = Signal(object)  # Citation

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.marked = "", ""  # id of a message, and words to mark in it
        self._theme = theme
        self._said: list[Message] = []
        self._questions: dict[str, str] = {}  # text by turn
        self._versions: dict[tuple[str, Role], Versions] = {}  # by turn
        self._citations: dict[str, tuple[Citation, ...]] = {}  # what is known of them, by turn
        self._facts: dict[str, tuple[str, str, bool]] = {}  # how answers of this run were made, by turn
        self._unexplained: list[Message] = []  # answers made since `take_unexplained`
        self._reading = ""  # the turn whose answer is read aloud
        self._answers: dict[str, Answer] = {}  # by turn
        self._kept: dict[tuple[str, Role], Question | Answer] = {}  # out of view
        self._gone: deque[QWidget] = deque()  # to be deleted, a few at a time

    @property
    def count(self) -> int:
        """Of messages, with widgets or without."""
        return len(self._said)

    @property
    def newest(self) -> str:
        """The last turn; "" where nothing was said."""
        return self._said[-1].turn_id if self._said else ""

    @property
    def growing(self) -> list[Answer]:
        """Answers that are not finished."""
        return [answer for answer in self._answers.values() if not answer.finished]

    def answer(self, turn_id: str) -> Answer | None:
        """The widget of an answer; None while it has none."""
        return self._answers.get(turn_id)

    def unchanged(self, messages: Sequence[Message]) -> int:
        """How many of the messages, from the top, are among these and say the same."""
        count = 0
        for before, after in zip(self._said, messages, strict=False):
            if (before.turn_id, before.role, before.text) != (after.turn_id, after.role, after.text):
                break
            count += 1
        return count

    def drop_after(self, count: int) -> None:
        """What is known of all messages but the first ones is wanted no more."""
        known = {(each.turn_id, each.role) for each in self._said[:count]}
        for key in self._kept.keys() - known:
            self._delete(self._kept.pop(key))
        answered = {turn for turn, role in known if role is Role.ASSISTANT}
        self._citations = {turn: each for turn, each in self._citations.items() if turn in answered}
        self._facts = {turn: each for turn, each in self._facts.items() if turn in answered}

    def take(self, messages: Sequence[Message]) -> None:
        """These are the messages from now on."""
        self._said = list(messages)
        self._questions = {each.turn_id: each.text for each in messages if each.role is Role.USER}

    def add_turn(self, turn_id: str, text: str) -> None:
        """A question that was asked, and its answer, which has no word yet."""
        self._questions[turn_id] = text
        for message in (self._question(turn_id), self._answer(turn_id)):
            self._kept[turn_id, message.role] = message
            said = text if message.role is Role.USER else ""
            self._said.append(Message("", "", turn_id, message.role, said, 0.0))

    def use_versions(self, versions: Sequence[Versions]) -> None:
        """Which messages have other versions, and which of them is on show."""
        self._versions = {(each.turn_id, each.role): each for each in versions}

    def show_versions(self, message: Question | Answer) -> None:
        """Tell a message which versions it has."""
        message.bar.show_versions(self._versions.get((message.turn_id, message.role)))

    def show_reading(self, turn_id: str) -> None:
        """The answer of a turn is being read aloud; none of any turn for ""."""
        for each in (self._reading, turn_id):
            if answer := self._answers.get(each):
                answer.show_reading(each == turn_id)
        self._reading = turn_id

    def finish(
        self, turn_id: str, text: str, *, interrupted: bool, heard: bool, facts: str, details: str
    ) -> None:
        """See `Answer.finish`."""
        _, _, heard_before = self._facts.get(turn_id, ("", "", False))
        self._facts[turn_id] = facts, details, heard or heard_before
        self._note(turn_id, text=text, interrupted=interrupted)
        if answer := self._answers.get(turn_id):
            answer.finish(text, interrupted=interrupted, heard=heard, facts=facts, details=details)

    def fail(self, turn_id: str, error: JarvisError, kept_text: str) -> bool:
        """Show an error in its answer; False when that has no widget."""
        answer = self._answers.get(turn_id)
        if answer is not None:
            answer.fail(error, kept_text, lambda: self._ask_again(turn_id))
            self._note(turn_id, answer.text.given_text, error_code=error.code)
        return answer is not None

    def cite(self, turn_id: str, citations: tuple[Citation, ...]) -> None:
        """What an answer was given to read."""
        self._citations[turn_id] = citations
        answer = self._answers.get(turn_id)
        if answer is not None and citations:
            answer.cite(citations)

    def take_unexplained(self) -> list[Message]:
        """Answers that were made since, and of which it is not known what they were given to read."""
        answers, self._unexplained = self._unexplained, []
        self._citations |= dict.fromkeys((each.turn_id for each in answers), ())
        return answers

    def forget(self, items: tuple[str, ...]) -> None:
        """Items of the memory are gone."""
        for turn_id, cited in self._citations.items():
            kept = (each for each in cited if not {each.id, each.id.rpartition("#")[0]}.intersection(items))
            self._citations[turn_id] = tuple(kept)
        for answer in self._answers.values():
            answer.forget(items)

    def make(self, number: int) -> Question | Answer:
        """The widget of a message."""
        message = self._said[number]
        widget = self._kept.pop((message.turn_id, message.role), None) or self._stored(message)
        if widget.parent() is not None:  # it was let go
            widget.show()
        if self.marked[0] and message.id == self.marked[0]:
            widget.text.mark(self.marked[1])
        return widget

    def let_go(self, number: int, widget: QWidget, *, keep: bool) -> None:
        """The widget of a message is needed no more, for now; with `keep` it is the one that comes back."""
        message = self._said[number]
        widget.hide()
        assert isinstance(widget, Question | Answer)
        if keep or not widget.renewable:
            self._kept[message.turn_id, message.role] = widget
        else:
            self._delete(widget)

    def delete_some(self) -> bool:
        """Delete a few widgets of those that are gone for good; whether none is left."""
        for _ in range(min(_GONE, len(self._gone))):
            self._gone.popleft().deleteLater()
        return not self._gone

    def _question(self, turn_id: str) -> Question:
        question = Question(self._theme, turn_id, self._questions[turn_id])
        question.revised.connect(lambda text: self.revised.emit(turn_id, text))
        question.played.connect(lambda: self.play_wanted.emit(turn_id))
        question.played_enough.connect(self.read_enough)
        self.question_made.emit(question)
        question.version_chosen.connect(self.version_chosen)
        self.show_versions(question)
        return question

    def _answer(self, turn_id: str) -> Answer:
        asked = self._questions.get(turn_id, FORGOTTEN)
        answer = Answer(self._theme, turn_id, repeatable=asked != FORGOTTEN)
        answer.again.connect(lambda: self._ask_again(turn_id))
        answer.read.connect(lambda: self.read_wanted.emit(turn_id, answer.text.given_text))
        answer.read_enough.connect(self.read_enough)
        answer.show_reading(turn_id == self._reading)
        answer.version_chosen.connect(self.version_chosen)
        self.show_versions(answer)
        answer.link_activated.connect(self.link_activated)
        answer.citation_opened.connect(self.citation_opened)
        self._answers[turn_id] = answer
        return answer

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

    def _ask_again(self, turn_id: str) -> None:
        if text := self._questions.get(turn_id):
            self.revised.emit(turn_id, text)

    def _note(self, turn_id: str, text: str, *, interrupted: bool = False, error_code: str = "") -> None:
        """What an answer says in the end."""
        for place, said in reversed(list(enumerate(self._said))):
            if (said.turn_id, said.role) == (turn_id, Role.ASSISTANT):
                self._said[place] = replace(said, text=text, interrupted=interrupted, error_code=error_code)
                break

    def _delete(self, widget: QWidget) -> None:
        if isinstance(widget, Answer):
            self._answers.pop(widget.turn_id, None)
        widget.hide()
        self._gone.append(widget)
