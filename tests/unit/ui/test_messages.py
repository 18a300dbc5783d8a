"""What can be done with a single message: by mouse, and by keys alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from jarvis_desktop.events import (
    FORGOTTEN,
    ConversationOpened,
    FollowUpsSuggested,
    Interrupt,
    Message,
    ReadAloud,
    ReadingAloud,
    Role,
    ShowVersion,
    SubmitText,
    TurnStarted,
    Versions,
    VersionsListed,
)
from jarvis_desktop.ui.application import Desktop

from .conftest import Pump
from .driving import answers, finished, messages, play, questions, texts
from .fake_core import FakeCore


def stored(*turns: tuple[str, str, str]) -> tuple[Message, ...]:
    """Questions with their answers, by turn."""
    return tuple(
        Message(f"{turn}-{role}", "c1", turn, role, text, 1.0)
        for turn, question, answer in turns
        for role, text in ((Role.USER, question), (Role.ASSISTANT, answer))
    )


BREAD = ("t1", "Why does bread rise?", "The **yeast** makes gas.")
RYE = ("t2", "And rye?", "Less so.")
TALK = stored(BREAD, RYE)


def named(widget: QWidget, name: str) -> QAbstractButton:
    """The button of that name that can be seen."""
    found = [each for each in widget.findChildren(QAbstractButton) if each.accessibleName() == name]
    (button,) = [each for each in found if each.isVisible()]
    return button


def names(widget: QWidget) -> set[str]:
    return {each.accessibleName() for each in widget.findChildren(QAbstractButton) if each.isVisible()}


def tab_to(name: str) -> None:
    """Press Tab until a button of that name has the keyboard."""
    for _ in range(20):
        focused = QApplication.focusWidget()
        if focused.accessibleName() == name:
            return
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    pytest.fail(f"the keyboard does not get to {name!r}")


def press() -> None:
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)


@pytest.fixture
def talk(ready: Desktop, core: FakeCore, pump: Pump) -> Desktop:
    """Two questions and their answers are on show."""
    play(core, ConversationOpened("c1", TALK))
    pump(lambda: [each.isVisible() for each in messages(ready)] == [True] * len(TALK))
    core.posted.clear()
    return ready


def test_actions_come_under_the_mouse_and_with_the_keyboard_and_go(talk: Desktop) -> None:
    question, answer = questions(talk)[0], answers(talk)[0]
    assert names(question) == names(answer) == set()
    question.text.setFocus()
    assert names(question) == {"Copy", "Change the question"}
    answer.text.setFocus()
    assert names(answer) == {"Copy", "Read aloud", "Answer again"}
    assert names(question) == set()
    talk.window.composer.field.setFocus()
    QApplication.sendEvent(answer, QEvent(QEvent.Type.Leave))
    assert names(answer) == set()


def test_the_keyboard_goes_through_the_messages_from_the_top(talk: Desktop) -> None:
    questions(talk)[0].text.setFocus()
    seen: list[QWidget] = []
    while (focused := QApplication.focusWidget()) is not talk.window.composer.field:
        seen += [each for each in messages(talk) if each.isAncestorOf(focused) and each not in seen]
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert seen == messages(talk)


def test_the_keyboard_comes_back_through_the_buttons_of_each_message(talk: Desktop) -> None:
    talk.window.composer.field.setFocus()
    seen: list[tuple[int, str]] = []
    first = questions(talk)[0].text
    while (focused := QApplication.focusWidget()) is not first:
        QTest.keyClick(focused, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
        reached = QApplication.focusWidget()
        at = [place for place, each in enumerate(messages(talk)) if each.isAncestorOf(reached)]
        seen += [(place, reached.accessibleName()) for place in at]
    question = ["Change the question", "Copy", "You"]
    answer = ["Answer again", "Read aloud", "Copy", "Jarvis"]
    expected = [answer, question, answer, question]
    assert seen == [(3 - back, name) for back, names in enumerate(expected) for name in names]


def test_questions_and_answers_are_copied_as_they_were_given(talk: Desktop) -> None:
    for message, said in ((questions(talk)[0], BREAD[1]), (answers(talk)[0], BREAD[2])):
        message.text.setFocus()
        tab_to("Copy")
        press()
        assert QGuiApplication.clipboard().text() == said
        assert named(message, "Copied").hasFocus()


def test_an_answer_is_asked_for_again_by_keys(talk: Desktop, core: FakeCore) -> None:
    answers(talk)[0].text.setFocus()
    tab_to("Answer again")
    press()
    assert core.posted == [SubmitText(BREAD[1], instead_of="t1")]
    assert talk.window.composer.field.hasFocus()


def test_an_answer_is_read_aloud_until_the_same_button_ends_it(talk: Desktop, core: FakeCore) -> None:
    answers(talk)[0].text.setFocus()
    tab_to("Read aloud")
    press()
    assert core.posted.pop() == ReadAloud("t1", BREAD[2])
    play(core, ReadingAloud("t1"))
    talk.window.composer.field.setFocus()
    assert names(answers(talk)[0]) == {"Stop reading aloud"}  # also from afar
    named(answers(talk)[0], "Stop reading aloud").click()
    assert core.posted == [Interrupt()]
    play(core, ReadingAloud())
    assert names(answers(talk)[0]) == set()


def test_a_question_is_changed_in_its_place_and_asked(talk: Desktop, core: FakeCore) -> None:
    questions(talk)[1].text.setFocus()
    tab_to("Change the question")
    press()
    field = QApplication.focusWidget()
    QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field, "And spelt?")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert core.posted == [SubmitText("And spelt?", instead_of="t2")]


def test_escape_leaves_a_question_as_it_was_and_stops_nothing_else(talk: Desktop, core: FakeCore) -> None:
    question = questions(talk)[1]
    question.edit()
    assert question.editor is not None
    assert question.editor.field.toPlainText() == RYE[1]
    QTest.keyClicks(question.editor.field, " and spelt")
    QTest.keyClick(question.editor.field, Qt.Key.Key_Escape)
    assert core.posted == []
    assert question.editor is None
    assert question.text.isVisible()
    assert question.text.toPlainText() == RYE[1]


def test_nothing_is_asked_again_that_was_forgotten(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    play(core, ConversationOpened("c1", stored(("t1", FORGOTTEN, "Noted."))))
    pump(lambda: [each.isVisible() for each in messages(ready)] == [True] * 2)
    questions(ready)[0].text.setFocus()
    assert names(questions(ready)[0]) == set()
    answers(ready)[0].text.setFocus()
    assert "Answer again" not in names(answers(ready)[0])


def test_a_question_that_waits_cannot_be_changed(ready: Desktop) -> None:
    ready.window.conversation.queue("Later?")
    questions(ready)[0].text.setFocus()
    assert names(questions(ready)[0]) == set()


def test_versions_are_told_and_chosen_by_keys_which_stay_there(
    talk: Desktop, core: FakeCore, pump: Pump
) -> None:
    def versions(shown: int) -> tuple[Versions, ...]:
        return (Versions("t1", Role.ASSISTANT, ("a", "b", "c"), shown),)

    play(core, VersionsListed("c1", versions(2)))
    assert "3/3" in texts(answers(talk)[0])
    later = named(answers(talk)[0], "Later version")
    assert not later.isEnabled()
    answers(talk)[0].text.setFocus()
    tab_to("Earlier version")
    for shown in (1, 0):
        press()
        assert core.posted.pop() == ShowVersion("abc"[shown])
        other = stored((*BREAD[:2], f"Version {shown}."))
        play(core, ConversationOpened("c1", other, versions=versions(shown)))
        pump(lambda: bool(answers(talk)))
        assert f"{shown + 1}/3" in texts(answers(talk)[0])
        assert answers(talk)[0].isAncestorOf(QApplication.focusWidget())
    assert QApplication.focusWidget().accessibleName() == "Later version"  # there is no earlier one


def test_what_stands_before_another_version_stays_as_it_is(talk: Desktop, core: FakeCore, pump: Pump) -> None:
    before = messages(talk)
    play(
        core,
        ConversationOpened("c1", stored(BREAD)),
        TurnStarted("t3", "c1", "And spelt?", spoken=False),
        finished("t3", "Well."),
        VersionsListed("c1", (Versions("t3", Role.USER, ("a", "b"), 1),)),
    )
    assert messages(talk)[:2] == before[:2]
    assert [each.text.toPlainText() for each in questions(talk)] == [BREAD[1], "And spelt?"]
    assert "2/2" in texts(questions(talk)[1])
    play(core, ConversationOpened("c1", TALK, versions=(Versions("t2", Role.USER, ("a", "b"), 0),)))
    pump(lambda: len(messages(talk)) == len(TALK))
    assert messages(talk)[:2] == before[:2]
    assert [each.text.toPlainText() for each in answers(talk)] == ["The yeast makes gas.", RYE[2]]


def test_another_version_leaves_a_long_conversation_where_it_was_scrolled(
    ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    turns = [(f"t{number}", f"Question {number}?", "Many words. " * 60) for number in range(8)]
    play(
        core,
        ConversationOpened("c1", stored(*turns), versions=(Versions("t1", Role.ASSISTANT, ("a", "b"), 0),)),
    )
    bar = ready.window.conversation.verticalScrollBar()
    pump(lambda: len(answers(ready)) == 8 and bar.value() == bar.maximum() > 0)
    pager = answers(ready)[1].bar.pager
    assert pager is not None
    pump(pager.isVisible)
    ready.window.conversation.ensureWidgetVisible(pager)
    before = bar.value()
    named(pager, "Later version").click()
    turns[1] = ("t1", "Question 1?", "Other words. " * 50)
    play(
        core,
        ConversationOpened("c1", stored(*turns), versions=(Versions("t1", Role.ASSISTANT, ("a", "b"), 1),)),
    )
    pump(lambda: len(answers(ready)) == 8)
    QTest.qWait(50)
    assert bar.maximum() > 0
    assert abs(bar.value() - before) < ready.window.conversation.height()
    assert answers(ready)[1].bar.visibleRegion().boundingRect().isValid()


def test_words_on_messages_follow_the_language(talk: Desktop, core: FakeCore) -> None:
    questions(talk)[0].text.setFocus()
    english = names(questions(talk)[0])
    talk.language.use("es")
    QApplication.processEvents()
    assert "Copiar" in names(questions(talk)[0])
    assert "Copy" not in names(questions(talk)[0])
    assert len(english) == 2


def test_suggested_questions_stand_below_the_newest_answer_until_one_is_asked(
    talk: Desktop, core: FakeCore
) -> None:
    play(core, FollowUpsSuggested("t1", ("Too late?",)))
    assert "Too late?" not in names(talk.window.conversation)
    play(core, FollowUpsSuggested("t2", ("And wheat?", "Salt & water?")))
    answers(talk)[1].text.setFocus()
    tab_to("Salt & water?")
    press()
    assert core.posted == [SubmitText("Salt & water?")]
    play(core, TurnStarted("t3", "c1", "Salt & water?", spoken=False))
    assert not {"And wheat?", "Salt & water?"} & names(talk.window.conversation)


def test_suggested_questions_never_make_the_window_wider(talk: Desktop, core: FakeCore) -> None:
    talk.window.resize(talk.window.minimumSize())
    width = talk.window.conversation.widget().width()
    play(core, FollowUpsSuggested("t2", ("What " + "w" * 200 + "?",)))
    QTest.qWait(20)
    assert talk.window.conversation.widget().width() == width


def test_suggested_questions_go_when_something_is_forgotten(talk: Desktop, core: FakeCore) -> None:
    play(core, FollowUpsSuggested("t2", ("How is Ana?",)))
    assert "How is Ana?" in names(talk.window.conversation)
    talk.window.conversation.forget(("i1",))
    assert "How is Ana?" not in names(talk.window.conversation)
