"""The window asks before a tool is used, and shows what came of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from jarvis_desktop.events import (
    AllowTool,
    ConversationOpened,
    Interrupted,
    ReplyToken,
    TimerEnded,
    ToolAsked,
    ToolUse,
    ToolUsed,
    TurnStarted,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.tool_card import ToolCard, arguments_line, outcome

from .driving import answers, play, texts
from .fake_core import FakeCore, FakeSettings

SUM = ToolUse("calculator", "Calculator", "", '{"expression": "12*7"}')
SEND = ToolUse("mail__send", "Send <b>mail</b>", "mail", '{"to": "x@y", "text": "<i>hello</i>"}')


def words(card: ToolCard) -> str:
    return texts(card).strip()  # icons have none


def asked(desktop: Desktop, core: FakeCore, use: ToolUse = SUM, *, anew: bool = False) -> ToolCard:
    play(core, TurnStarted("t1", "c1", "What is 12 times 7?", spoken=False), ToolAsked("t1", "a", use, anew))
    return answers(desktop)[0].tool("a")


def test_allowing_is_told_to_the_core_and_the_use_becomes_one_line(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core)
    assert words(card).splitlines() == ["Jarvis wants to use Calculator", "12*7"]
    QTest.mouseClick(card.allow, Qt.MouseButton.LeftButton)
    assert core.wishes == [AllowTool("a", True)]
    assert not card.allow.isVisible()
    play(core, ToolUsed("t1", "a", replace(SUM, allowed=True), "84"), ReplyToken("t1", "It is 84."))
    assert words(card) == "Used Calculator: 12*7 = 84"


def test_refusing_is_told_to_the_core(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core)
    QTest.mouseClick(card.refuse, Qt.MouseButton.LeftButton)
    assert core.wishes == [AllowTool("a", False)]
    play(core, ToolUsed("t1", "a", replace(SUM, failed=True), "The user does not allow this."))
    assert words(card) == "Did not use Calculator: 12*7"


def test_the_keyboard_is_enough(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core)
    card.allow.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(card.allow, Qt.Key.Key_Tab)
    assert card.always.hasFocus()
    QTest.keyClick(card.always, Qt.Key.Key_Tab)
    assert card.refuse.hasFocus()
    QTest.keyClick(card.refuse, Qt.Key.Key_Space)
    assert core.wishes == [AllowTool("a", False)]


def test_the_question_takes_no_focus_from_whoever_is_typing(ready: Desktop, core: FakeCore) -> None:
    ready.window.composer.field.setFocus()
    asked(ready, core)
    assert ready.window.composer.field.hasFocus()


def test_always_is_kept_in_the_settings_where_it_can_be_seen(
    ready: Desktop, core: FakeCore, settings: FakeSettings
) -> None:
    settings.patch({"tools.allowed": "current_time"})
    QTest.mouseClick(asked(ready, core).always, Qt.MouseButton.LeftButton)
    assert core.wishes == [AllowTool("a", True)]
    assert settings.current.tools.allowed == "current_time, calculator"


def test_what_is_asked_anew_tells_why_and_is_not_allowed_for_ever(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core, SEND, anew=True)
    assert "text from outside" in words(card)
    assert not card.always.isVisible()


def test_others_words_are_shown_to_the_letter(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core, SEND)
    assert "Jarvis wants to use Send <b>mail</b> of mail" in words(card)
    assert "to: x@y, text: <i>hello</i>" in words(card)


def test_an_interrupted_question_can_no_longer_be_answered(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core)
    play(core, ToolUsed("t1", "a", replace(SUM, failed=True), "Interrupted."), Interrupted("t1", ""))
    assert not card.allow.isVisible()
    assert words(card) == "Did not use Calculator: 12*7"


def test_a_question_whose_conversation_is_not_on_show_is_refused(ready: Desktop, core: FakeCore) -> None:
    play(core, ToolAsked("elsewhere", "a", SUM))
    assert core.wishes == [AllowTool("a", False)]


def test_opening_another_chat_refuses_what_is_asked_there(ready: Desktop, core: FakeCore) -> None:
    """Nobody could answer any more, and the turn would wait for its whole minute."""
    asked(ready, core)
    play(core, ConversationOpened("c2", ()), ConversationOpened("c3", ()))
    assert core.wishes == [AllowTool("a", False)]


def test_opening_another_chat_refuses_nothing_that_was_answered(ready: Desktop, core: FakeCore) -> None:
    QTest.mouseClick(asked(ready, core).allow, Qt.MouseButton.LeftButton)
    play(core, ToolAsked("t1", "b", SUM), ToolUsed("t1", "b", SUM, "84"), ConversationOpened("c2", ()))
    assert core.wishes == [AllowTool("a", True)]


def test_the_card_follows_the_language(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core)
    ready.language.use("es")
    play(core)
    assert words(card).splitlines()[0] == "Jarvis quiere usar Calculadora"
    assert card.refuse.accessibleName() == "No permitir"


def test_a_timer_that_has_run_out_is_told(ready: Desktop, core: FakeCore) -> None:
    play(core, TimerEnded("tea"))
    assert ready.window.remark.message == "Time is up: tea"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("{}", ""),
        ('{"a": 1, "b": [2]}', "a: 1, b: [2]"),
        ('{"city": "Málaga"}', "Málaga"),
        ('{"expr', '{"expr'),
        ("[1]", "[1]"),
        ("[" * 3000, "[" * 3000),
    ],
)
def test_arguments_are_shown_whatever_they_are(arguments: str, line: str) -> None:
    assert arguments_line(arguments) == line


def test_a_long_result_is_cut_on_its_line(ready: Desktop) -> None:
    line = outcome(ToolUsed("t", "c", replace(SEND, allowed=True), "word " * 500))
    assert len(line) < 300
    failed = outcome(ToolUsed("t", "c", replace(SUM, allowed=True, failed=True), "Error: division\nby zero."))
    assert failed == "Calculator: 12*7 failed: Error: division by zero."


def test_nobody_thinks_while_the_user_is_asked(ready: Desktop, core: FakeCore) -> None:
    card = asked(ready, core)
    answer = answers(ready)[0]
    assert "Thinking" not in texts(answer)
    QTest.mouseClick(card.allow, Qt.MouseButton.LeftButton)
    assert "Thinking" in texts(answer)
    play(core, ToolUsed("t1", "a", replace(SUM, allowed=True), "84"), ReplyToken("t1", "It is 84."))
    assert "Thinking" not in texts(answer)
