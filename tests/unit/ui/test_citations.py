"""Below an answer stands what it was given to read."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.events import (
    AnswerExplained,
    Citation,
    ConversationOpened,
    ExplainAnswers,
    Forgotten,
    ListMemory,
    MemoryForgotten,
    MemoryKind,
    Message,
    OpenConversation,
    OpenMemory,
    Role,
    TurnStarted,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.citations import Citations

from .driving import answers, finished, play, texts
from .fake_core import FakeCore

LEASE = Citation(
    "d1#3", "R&D <b>lease</b>.pdf", "The deposit is <i>two</i> months' rent.", MemoryKind.DOCUMENT
)
NOTE = Citation("n1", "", "The spare key is with Ana.", MemoryKind.NOTE, created_at=1e9)


def cited(desktop: Desktop, core: FakeCore, *citations: Citation) -> Citations:
    done = replace(finished("t1", "In thirty days."), citations=citations)
    play(core, TurnStarted("t1", "c1", "When?", spoken=False), done)
    core.posted.clear()
    row = answers(desktop)[0].citations
    assert row is not None
    return row


def build_all() -> None:
    """Let the window build the messages of a long conversation, some in each round of its loop."""
    for _ in range(200):
        QApplication.processEvents()


def test_each_source_is_a_numbered_chip_that_opens_it(ready: Desktop, core: FakeCore) -> None:
    row = cited(ready, core, LEASE, NOTE)
    assert [chip.text().replace("&&", "&") for chip in row.chips] == [
        "1  R&D <b>lease</b>.pdf",
        "2  Note · 9 September 2001",
    ]
    assert row.chips[0].accessibleName() == "Source 1: R&D <b>lease</b>.pdf"
    QTest.mouseClick(row.chips[0], Qt.MouseButton.LeftButton)
    assert core.posted == [ListMemory(), OpenMemory("d1#3")]


def test_a_quote_is_no_markup(ready: Desktop, core: FakeCore) -> None:
    chip = cited(ready, core, LEASE).chips[0]
    assert "&lt;i&gt;two&lt;/i&gt;" in chip.toolTip()
    assert chip.accessibleDescription() == LEASE.quote


def test_an_answer_without_sources_has_no_row(ready: Desktop, core: FakeCore) -> None:
    play(core, TurnStarted("t1", "c1", "When?", spoken=False), finished("t1", "Now."))
    assert answers(ready)[0].citations is None


def test_chips_that_do_not_fit_stand_on_a_line_of_their_own(ready: Desktop, core: FakeCore) -> None:
    row = cited(
        ready, core, *[replace(NOTE, id=f"n{number}", source="A long name of a note") for number in range(8)]
    )
    play(core)
    assert len({chip.y() for chip in row.chips}) > 1
    assert all(chip.geometry().right() <= row.width() for chip in row.chips)
    assert max(chip.geometry().bottom() for chip in row.chips) < row.height()


def test_what_is_forgotten_is_no_longer_quoted(ready: Desktop, core: FakeCore) -> None:
    row = cited(ready, core, LEASE, NOTE)
    play(core, MemoryForgotten(Forgotten("r1", 1.7e9, ("d1",), 12, 12)))
    gone, kept = row.chips
    assert not gone.isEnabled()
    assert "forgotten" in gone.text()
    assert "lease" not in gone.text() + gone.toolTip() + gone.accessibleName() + gone.accessibleDescription()
    assert kept.isEnabled()
    assert "deposit" not in gone.toolTip()


def test_a_conversation_that_was_blanked_is_shown_anew_once_the_answer_is_there(
    ready: Desktop, core: FakeCore
) -> None:
    play(core, TurnStarted("t1", "c1", "Forget that.", spoken=False))
    play(core, MemoryForgotten(Forgotten("r1", 1.7e9, ("d1",), 1, 1), messages=2))
    assert core.posted == []
    play(core, finished("t1", "Forgotten."))
    assert core.posted == [OpenConversation("c1")]


def test_earlier_answers_have_their_sources_again(ready: Desktop, core: FakeCore) -> None:
    asked = Message("a", "c2", "t7", Role.USER, "When?", 1.0)
    answered = Message("b", "c2", "t7", Role.ASSISTANT, "In thirty days.", 2.0)
    play(core, ConversationOpened("c2", (asked, answered)))
    assert ExplainAnswers(("t7",), "c2") in core.posted
    play(core, AnswerExplained("t7", (NOTE,)))
    row = answers(ready)[0].citations
    assert row is not None
    assert len(row.chips) == 1


def test_answers_that_are_shown_later_have_their_sources_too(ready: Desktop, core: FakeCore) -> None:
    told = tuple(
        Message(f"{role}{number}", "c2", f"t{number}", role, "Words.", float(number))
        for number in range(60)
        for role in (Role.USER, Role.ASSISTANT)
    )
    play(core, ConversationOpened("c2", told))
    build_all()
    explained = [each for each in core.posted if isinstance(each, ExplainAnswers)]
    assert "t0" not in [turn for each in explained for turn in each.turn_ids]
    ready.window.conversation.verticalScrollBar().setValue(0)
    build_all()
    explained = [each for each in core.posted if isinstance(each, ExplainAnswers)]
    asked = [turn for each in explained for turn in each.turn_ids]
    assert {each.conversation_id for each in explained} == {"c2"}
    assert "t0" in asked
    assert len(asked) == len(set(asked))
    play(core, AnswerExplained("t0", (NOTE, LEASE)))
    play(core, MemoryForgotten(Forgotten("r1", 1.7e9, ("d1",), 1, 1)))
    row = answers(ready)[0].citations
    assert row is not None
    chips = [chip.text() for chip in row.chips]
    assert chips[0] == "1  Note · 9 September 2001"


def test_the_panel_tells_what_the_memory_gave_and_what_was_left_out(ready: Desktop, core: FakeCore) -> None:
    play(core, replace(finished("t1", "Soon.", recall=30, first_token=300), citations=(NOTE,)))
    assert "From memory: 1" in texts(ready.window.panel)
    assert "Remember" in ready.window.panel.turn.waterfall.accessibleName()
    play(core, finished("t2", "I will remember that.", recall=80, first_token=81))
    assert "Looking into the memory took longest" in texts(ready.window.panel)
    play(core, replace(finished("t2", "Soon."), skipped={"recall": "over_budget"}))
    assert "it took too long" in texts(ready.window.panel)
    play(core, replace(finished("t3", "Soon."), skipped={"recall": "opening"}))
    assert "still being opened" in texts(ready.window.panel)
    play(core, replace(finished("t3", "Soon."), skipped={"dense": "no_encoder"}))
    assert "by words only" in texts(ready.window.panel)


def test_the_chips_follow_the_language(ready: Desktop, core: FakeCore) -> None:
    row = cited(ready, core, NOTE)
    ready.language.use("es")
    play(core)
    assert "septiembre" in row.chips[0].text()
