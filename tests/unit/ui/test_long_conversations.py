"""Conversations of thousands of messages: what is in view stays, and only what is near it is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.events import (
    AnswerExplained,
    Citation,
    ConversationOpened,
    ExplainAnswers,
    Forgotten,
    MemoryForgotten,
    MemoryKind,
    Message,
    OpenConversation,
    ReplyToken,
    Role,
    ToolAsked,
    ToolUse,
    TurnStarted,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.messages import Answer, Question

from .conftest import Pump
from .driving import finished, play
from .fake_core import FakeCore

COUNT = 3000
MOST = 150
"""Messages that are there at once."""


def text(number: int) -> str:
    """Of one line and more, with code now and then."""
    code = f"\n\n```python\nprint({number})\n```" if number % 7 == 3 else ""
    return f"message {number}. " + "Words and more words. " * (number % 11 * 3) + code


SAID = tuple(
    Message(f"m{n}", "long", f"t{n // 2}", (Role.USER, Role.ASSISTANT)[n % 2], text(n), float(n))
    for n in range(COUNT)
)


class Reader:
    """Looks at the conversation and scrolls it."""

    def __init__(self, desktop: Desktop, core: FakeCore, pump: Pump) -> None:
        self.desktop, self.core, self._pump = desktop, core, pump
        self.conversation = desktop.window.conversation
        self.bar = self.conversation.verticalScrollBar()

    def there(self) -> list[Question | Answer]:
        return self.conversation.messages()

    def numbers(self) -> list[int]:
        """Which messages are there, from the top."""
        return [int(each.text.given_text.split(".")[0].removeprefix("message ")) for each in self.there()]

    def in_view(self) -> dict[int, int]:
        """Messages on the screen, and how far below the upper edge they begin."""
        height = self.conversation.viewport().height()
        places = {
            number: each.mapTo(self.conversation.viewport(), QPoint()).y()
            for number, each in zip(self.numbers(), self.there(), strict=True)
            if each.isVisible()
        }
        heights = dict(zip(self.numbers(), (each.height() for each in self.there()), strict=True))
        return {number: y for number, y in places.items() if y < height and y + heights[number] > 0}

    def until(self, condition: Callable[[], bool]) -> None:
        self._pump(condition)

    def settle(self) -> None:
        """Until nothing is made, moved or deleted any more."""

        def still() -> bool:
            before = self.in_view()
            QApplication.processEvents()
            return not self.conversation._builder.isActive() and self.in_view() == before

        self.until(still)


@pytest.fixture
def reader(ready: Desktop, core: FakeCore, pump: Pump) -> Reader:
    """At the end of a long conversation."""
    reader = Reader(ready, core, pump)
    play(core, ConversationOpened("long", SAID))
    reader.until(lambda: COUNT - 1 in reader.in_view() and reader.bar.value() == reader.bar.maximum() > 0)
    reader.settle()
    return reader


def test_older_messages_come_by_scrolling_and_what_is_read_stays_where_it_is(reader: Reader) -> None:
    seen = set(reader.in_view())
    for _ in range(30):
        reader.bar.setValue(reader.bar.value() - 300)
        before = reader.in_view()
        reader.settle()
        after = reader.in_view()
        assert len(before) > 1
        assert {number: after.get(number) for number in before} == before
        seen |= set(after)
        assert len(reader.there()) <= MOST
    assert sorted(seen) == list(range(min(seen), COUNT))
    assert len(seen) > 30


def test_home_and_end_lead_to_the_first_and_the_last_message(reader: Reader) -> None:
    reader.there()[-1].text.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Home)
    reader.until(lambda: reader.in_view().get(0, -1) >= 0)
    reader.settle()
    assert list(reader.in_view()) == list(range(len(reader.in_view())))
    assert reader.bar.value() == 0
    assert len(reader.there()) <= MOST
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_PageDown)
    reader.settle()
    assert 0 not in reader.in_view()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_End)
    reader.until(lambda: COUNT - 1 in reader.in_view())
    reader.settle()
    assert reader.bar.value() == reader.bar.maximum()
    assert len(reader.there()) <= MOST


def test_the_scroll_bar_leads_to_every_part_of_the_conversation(reader: Reader) -> None:
    for share in (0.5, 0.25, 0.75, 0.1):
        reader.bar.setValue(round(reader.bar.maximum() * share))
        reader.until(lambda: len(reader.in_view()) > 1)
        reader.settle()
        assert min(reader.in_view()) == pytest.approx(COUNT * share, rel=0.15)
        assert len(reader.there()) <= MOST


def test_every_message_can_be_reached_with_the_tab_key(reader: Reader) -> None:
    reader.bar.setValue(reader.bar.maximum() // 2)
    reader.until(lambda: len(reader.in_view()) > 1)
    reader.settle()
    start = min(reader.in_view())
    next(
        each for each in reader.there() if each.text.given_text.startswith(f"message {start}.")
    ).text.setFocus()
    reached: list[int] = []
    for _ in range(150):
        focused = QApplication.focusWidget()
        here = next(each for each in reader.there() if each.isAncestorOf(focused))
        number = int(here.text.given_text.split(".")[0].removeprefix("message "))
        if number not in reached:
            reached.append(number)
        QTest.keyClick(focused, Qt.Key.Key_Backtab)
        reader.settle()
    assert reached == list(range(start, start - len(reached), -1))
    assert len(reached) > 25  # further than what was there at first


def test_a_message_in_the_middle_is_shown_with_its_neighbours(reader: Reader) -> None:
    play(reader.core, ConversationOpened("long", SAID, "m1234"))
    reader.until(lambda: 0 <= reader.in_view().get(1234, -1) <= 60)
    reader.settle()
    assert 0 <= reader.in_view()[1234] <= 60
    assert {1233, 1235} <= set(reader.numbers())
    assert len(reader.there()) <= MOST


def test_a_question_asked_far_from_the_end_is_shown_there_with_its_answer(reader: Reader) -> None:
    reader.bar.setValue(0)
    reader.settle()
    play(
        reader.core,
        TurnStarted("new", "long", "message 3000.", spoken=False),
        ReplyToken("new", "message 3001."),
    )
    reader.until(lambda: {3000, 3001} <= set(reader.in_view()))
    reader.settle()
    assert reader.numbers()[-3:] == [2999, 3000, 3001]


def test_an_answer_goes_on_growing_while_something_else_is_read(reader: Reader) -> None:
    play(
        reader.core,
        TurnStarted("new", "long", "message 3000.", spoken=False),
        ReplyToken("new", "message 3001."),
    )
    reader.settle()
    reader.bar.setValue(0)
    reader.until(lambda: 0 in reader.in_view())
    reader.settle()
    before = reader.in_view()
    play(reader.core, ReplyToken("new", " And on."), finished("new", "message 3001. And on."))
    reader.settle()
    assert reader.in_view() == before
    reader.conversation.show_latest()
    reader.until(lambda: 3001 in reader.in_view())
    reader.settle()
    assert [each.text.toPlainText() for each in reader.there()[-2:]] == [
        "message 3000.",
        "message 3001. And on.",
    ]
    assert "tiny" in reader.there()[-1]._facts.text()  # type: ignore[union-attr]


def test_the_question_of_a_tool_is_still_there_after_scrolling_away(reader: Reader) -> None:
    allowed: list[bool] = []
    play(reader.core, TurnStarted("new", "long", "message 3000.", spoken=False))
    asked = ToolAsked("new", "call", ToolUse("clock", "Clock", "", "{}"))
    assert reader.conversation.ask_tool(asked, lambda yes, _: allowed.append(yes))
    answer = reader.there()[-1]
    assert isinstance(answer, Answer)
    card = answer.tool("call")
    reader.bar.setValue(0)
    reader.settle()
    reader.conversation.show_latest()
    reader.until(card.isVisible)


def test_sources_are_asked_for_near_the_view_only_and_stay_forgotten(reader: Reader) -> None:
    note = Citation("n1", "Note", "The key is with Ana.", MemoryKind.NOTE)
    lease = Citation("d1#3", "Lease", "Two months.", MemoryKind.DOCUMENT)
    last = f"t{COUNT // 2 - 1}"
    asked = [
        turn for each in reader.core.posted if isinstance(each, ExplainAnswers) for turn in each.turn_ids
    ]
    assert last in asked
    assert len(asked) < MOST
    play(reader.core, AnswerExplained(last, (note, lease)))
    reader.bar.setValue(0)
    reader.settle()
    play(reader.core, MemoryForgotten(Forgotten("r1", 1.7e9, ("d1",), 1, 1)))
    reader.conversation.show_latest()
    reader.settle()
    answer = reader.there()[-1]
    assert isinstance(answer, Answer)
    assert answer.citations is not None
    assert ["Note" in chip.text() for chip in answer.citations.chips] == [True]
    assert OpenConversation("long") not in reader.core.posted


def test_words_can_be_selected_and_copied_after_scrolling(reader: Reader) -> None:
    reader.bar.setValue(reader.bar.maximum() // 2)
    reader.until(lambda: len(reader.in_view()) > 1)
    reader.settle()
    number = max(reader.in_view())
    view = reader.there()[reader.numbers().index(number)].text
    view.setFocus()
    view.selectAll()
    view.copy()
    assert f"message {number}." in QApplication.clipboard().text()
