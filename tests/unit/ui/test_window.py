"""What the user sees and does in the window, on a core that only plays events."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from jarvis_desktop.errors import EngineError
from jarvis_desktop.events import (
    Conversation,
    ConversationOpened,
    ConversationsListed,
    Decided,
    EngineMeasured,
    Failed,
    Interrupt,
    Interrupted,
    Message,
    NewConversation,
    OpenConversation,
    Part,
    PartChanged,
    PartState,
    Phase,
    PhaseChanged,
    Remark,
    ReplyToken,
    ResourcesSampled,
    RetryPart,
    Role,
    Route,
    SubmitText,
    Tier,
    Timings,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.ui import presenter
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.theme import DARK, LIGHT

from .conftest import Pump
from .driving import answers, finished, messages, play, questions, texts
from .fake_core import FakeCore, FakeSettings

BROKEN = EngineError("engine.died", "The engine stopped ({status}).", "Start it again.", status=9)


class Shown(QObject):
    """The windows that come to the screen, in their order."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.windows: list[QWidget] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


@pytest.fixture
def shown(app: QApplication) -> Shown:
    return Shown(app)


def test_nothing_comes_to_the_screen_but_the_window(shown: Shown, desktop: Desktop) -> None:
    assert shown.windows == [desktop.window]


def test_the_core_starts_once_and_after_the_window_is_on_the_screen(desktop: Desktop, core: FakeCore) -> None:
    assert desktop.window.isVisible()
    desktop.window.repaint()
    QApplication.processEvents()
    assert core.starts == 1


def test_enter_asks_and_shift_enter_starts_a_line(ready: Desktop, core: FakeCore) -> None:
    field = ready.window.composer.field
    QTest.keyClicks(field, "one")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "two")
    assert core.posted == []
    one_line = field.fontMetrics().lineSpacing()
    assert field.height() >= 2 * one_line
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert core.posted == [SubmitText("one\ntwo")]
    assert field.toPlainText() == ""


def test_nothing_is_asked_with_an_empty_field(ready: Desktop, core: FakeCore) -> None:
    QTest.keyClick(ready.window.composer.field, Qt.Key.Key_Return)
    QTest.mouseClick(ready.window.composer.send, Qt.MouseButton.LeftButton)
    assert core.posted == []


def test_the_panel_tells_how_a_question_was_taken_and_what_the_engine_tells(
    ready: Desktop, core: FakeCore
) -> None:
    play(core, EngineMeasured(0.25, 0.5, 2, 1, 250.0))
    told = [label.text() for label in ready.window.panel.findChildren(QLabel)]
    assert "2 running, 1 waiting · cache 25 % full · 50 % read before · first word after 0.25 s" in told
    play(core, replace(finished("t1", "Paris."), route=Route(54, Tier.TECHNICAL, reused=True)))
    told = [label.text() for label in ready.window.panel.findChildren(QLabel)]
    assert any("Technical question (54 of 100), answered before" in text for text in told)


def test_a_decision_is_told_in_one_line_and_can_be_put_away(ready: Desktop, core: FakeCore) -> None:
    template = "There is not enough memory for {model}: {other} answers instead."
    play(core, Decided(Remark(template, {"model": "big", "other": "small"})))
    card = ready.window.remark
    assert card.isVisible()
    assert card.message == "There is not enough memory for big: small answers instead."
    card.dismiss.click()
    assert not card.isVisible()


def test_an_answer_grows_and_is_kept_as_it_was_given(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    play(core, TurnStarted("t1", "c1", "Hello <b>you</b>", spoken=False))
    assert questions(ready)[0].text.toPlainText() == "Hello <b>you</b>"
    for token in ("Good ", "**morning**", ", Ana."):
        play(core, ReplyToken("t1", token))
    pump(lambda: "Good morning, Ana." in answers(ready)[0].text.toPlainText())
    play(core, finished("t1", "Good **morning**, Ana.", first_token=300, total=900))
    assert answers(ready)[0].text.toPlainText() == "Good morning, Ana."
    assert answers(ready)[0].text.given_text == "Good **morning**, Ana."


def test_an_interrupted_answer_keeps_what_was_heard_and_says_so(ready: Desktop, core: FakeCore) -> None:
    play(core, TurnStarted("t1", "c1", "Tell me", spoken=True), ReplyToken("t1", "One two three four"))
    play(core, Interrupted("t1", "One two"))
    play(core, TurnFinished("t1", "One two", "tiny", "llama.cpp", Timings(), Usage(), interrupted=True))
    assert answers(ready)[0].text.toPlainText() == "One two"
    assert "stopped" in texts(answers(ready)[0])


def test_an_error_stands_in_its_answer_keeps_the_text_and_asks_again(ready: Desktop, core: FakeCore) -> None:
    play(core, TurnStarted("t1", "c1", "Why?", spoken=False), ReplyToken("t1", "Because"))
    play(core, Failed(BROKEN, "t1", "Because"))
    problem = answers(ready)[0].problem
    assert problem is not None
    assert answers(ready)[0].text.toPlainText() == "Because"
    assert problem.message == "The engine stopped (9)."
    QTest.mouseClick(problem.button, Qt.MouseButton.LeftButton)
    assert core.posted == [SubmitText("Why?", instead_of="t1")]


def test_a_failed_part_says_why_and_is_retried(ready: Desktop, core: FakeCore) -> None:
    play(core, PartChanged(Part.ENGINE, PartState.FAILED, "tiny", error=BROKEN))
    problem = ready.window.panel.parts[Part.ENGINE].problem
    assert problem.message == "The engine stopped (9)."
    QTest.mouseClick(problem.button, Qt.MouseButton.LeftButton)
    assert core.posted == [RetryPart(Part.ENGINE)]
    play(core, PartChanged(Part.ENGINE, PartState.READY, "tiny"))
    assert problem.message == ""


def test_what_loads_is_said_in_the_panel_the_foot_and_the_answer(ready: Desktop, core: FakeCore) -> None:
    play(core, PartChanged(Part.ENGINE, PartState.LOADING, "tiny", 0.42))
    play(core, TurnStarted("t1", "c1", "Hello", spoken=False))
    assert "42" in texts(ready.window.panel.parts[Part.ENGINE])
    assert "language model" in texts(ready.window)
    assert "42" in texts(answers(ready)[0])
    play(core, PartChanged(Part.ENGINE, PartState.READY, "tiny"))
    assert "42" not in texts(answers(ready)[0])


def test_a_question_asked_meanwhile_waits_below_and_is_answered(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.THINKING), TurnStarted("t1", "c1", "First", spoken=False))
    QTest.keyClicks(ready.window.composer.field, "Second")
    QTest.keyClick(ready.window.composer.field, Qt.Key.Key_Return)
    assert [question.text.toPlainText() for question in questions(ready)] == ["First", "Second"]
    assert "Waits" in texts(questions(ready)[1])
    play(core, finished("t1", "Done."), TurnStarted("t2", "c1", "Second", spoken=False))
    assert [question.text.toPlainText() for question in questions(ready)] == ["First", "Second"]
    assert "Waits" not in texts(questions(ready)[1])
    assert len(answers(ready)) == 2


def test_stop_interrupts_and_drops_what_waits(ready: Desktop, core: FakeCore) -> None:
    play(core, PhaseChanged(Phase.REPLYING), TurnStarted("t1", "c1", "First", spoken=False))
    ready.window.conversation.queue("Second")
    QTest.mouseClick(ready.window.composer.stop, Qt.MouseButton.LeftButton)
    assert core.posted == [Interrupt()]
    assert [question.text.toPlainText() for question in questions(ready)] == ["First"]


def test_escape_stops(ready: Desktop, core: FakeCore) -> None:
    QTest.keyClick(ready.window, Qt.Key.Key_Escape)
    assert core.posted == [Interrupt()]


def test_the_stop_button_is_there_only_while_there_is_something_to_stop(
    ready: Desktop, core: FakeCore
) -> None:
    assert ready.window.composer.stop.isHidden()
    play(core, PhaseChanged(Phase.SPEAKING))
    assert not ready.window.composer.stop.isHidden()
    play(core, PhaseChanged(Phase.IDLE))
    assert ready.window.composer.stop.isHidden()


# --- conversations ----------------------------------------------------------------------------------------


def test_a_conversation_opens_with_its_messages(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    stored = []
    for number in range(120):
        role = Role.USER if number % 2 == 0 else Role.ASSISTANT
        stored.append(Message(str(number), "c2", f"t{number // 2}", role, f"text {number}", 0.0))
    play(core, ConversationOpened("c2", tuple(stored)))
    bar = ready.window.conversation.verticalScrollBar()
    pump(lambda: len(messages(ready)) > 20 and bar.value() == bar.maximum() > 0)
    assert messages(ready)[-1].text.toPlainText() == "text 119"  # type: ignore[attr-defined]


def test_the_newest_message_stays_in_view_unless_the_user_scrolled_up(
    ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    bar = ready.window.conversation.verticalScrollBar()
    play(core, TurnStarted("t1", "c1", "Go", spoken=False))
    for number in range(60):
        play(core, ReplyToken("t1", f"line {number}\n\n"))
    pump(lambda: bar.maximum() > 200 and bar.value() == bar.maximum())
    bar.setValue(10)
    play(core, finished("t1", "\n\n".join(f"line {number}" for number in range(80))))
    QTest.qWait(60)
    assert bar.value() == 10


def test_conversations_are_listed_by_day_and_opened(ready: Desktop, core: FakeCore) -> None:
    import time

    now = time.time()
    listed = (Conversation("a", "Café <b>plans</b>", now), Conversation("b", "Bread", now - 86_400))
    play(core, ConversationsListed(listed))
    sidebar = ready.window.sidebar
    model = sidebar.list.model()
    rows = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert rows == ["Today", "Café <b>plans</b>", "Yesterday", "Bread"]
    sidebar.list.clicked.emit(model.index(1, 0))
    assert core.posted == [OpenConversation("a")]


def test_the_title_follows_the_conversation(ready: Desktop, core: FakeCore) -> None:
    play(core, TurnStarted("t1", "c9", "Plan a trip", spoken=False))
    assert ready.window._title.full_text() == "New chat"
    play(core, ConversationsListed((Conversation("c9", "Plan a trip", 0.0),)))
    assert ready.window._title.full_text() == "Plan a trip"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_placeholders_and_days_are_as_legible_as_other_quiet_text(
    ready: Desktop, settings: FakeSettings, theme: str, pump: Pump
) -> None:
    settings.patch({"look.theme": theme})
    quiet = {"light": LIGHT, "dark": DARK}[theme].second.lower()
    for widget in (ready.window.composer.field, ready.window.sidebar.search, ready.window.sidebar.list):
        pump(lambda w=widget: w.palette().placeholderText().color().name() == quiet)  # type: ignore[misc]
        assert widget.palette().placeholderText().color().alpha() == 255


def test_new_chat_by_button_and_by_keys(ready: Desktop, core: FakeCore) -> None:
    ready.window.sidebar._new.click()
    QTest.keyClick(ready.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    assert core.posted == [NewConversation(), NewConversation()]


def test_an_empty_page_without_room_shows_its_beginning(
    ready: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    page = ready.window.conversation
    ready.window.resize(860, 580)
    settings.patch({"look.font_scale": 2.0})
    pump(lambda: page.verticalScrollBar().maximum() > 0)
    assert page.verticalScrollBar().value() == 0
    assert not page._latest.isVisible()


def test_the_empty_page_offers_four_things_that_are_asked(ready: Desktop, core: FakeCore) -> None:
    cards = ready.window.conversation.empty._cards
    assert len(cards) == 4
    for card in cards:
        card.click()
    assert len({intent.text for intent in core.posted if isinstance(intent, SubmitText)}) == 4


def test_the_page_does_not_promise_privacy_with_a_remote_engine(
    ready: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    assert "stays on this machine" in texts(ready.window.conversation.empty)
    settings.patch({"engine.kind": "remote"})
    pump(lambda: "stays on this machine" not in texts(ready.window.conversation.empty))
    assert "server" in texts(ready.window.conversation.empty)


def test_a_link_opens_only_after_confirmation(
    ready: Desktop, core: FakeCore, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("jarvis_desktop.ui.presenter._open", opened.append)
    play(core, TurnStarted("t1", "c1", "Link?", spoken=False))
    play(core, finished("t1", "[here](https://example.org/)"))
    answers(ready)[0].text.anchorClicked.emit("https://example.org/")
    assert opened == []
    assert "https://example.org/" in texts(ready.window.question)
    QTest.mouseClick(ready.window.question.button, Qt.MouseButton.LeftButton)
    assert opened == ["https://example.org/"]


# --- the panes --------------------------------------------------------------------------------------------


def test_the_panel_shows_memory_times_and_the_slowest_stage(ready: Desktop, core: FakeCore) -> None:
    panel = ready.window.panel
    play(core, ResourcesSampled(8192, 16384, 2048))
    assert "8.0 of 16 GB" in texts(panel)
    assert "none found" in texts(panel)
    play(core, ResourcesSampled(8192, 16384, 2048, "Card X", 6144, 24576))
    assert "6.0 of 24 GB" in texts(panel)
    assert "Card X" in texts(panel)
    play(core, TurnStarted("t1", "c1", "Hi", spoken=True))
    play(
        core,
        finished(
            "t1", "Yes.", transcript=200, first_token=1200, first_sentence=1300, first_audio=1400, total=3000
        ),
    )
    assert "first word took longest (1.00 s)" in texts(panel)
    assert "Voice to voice: 1.40 s" in texts(panel)
    assert "42.0 tokens per second" in texts(panel)


def test_panes_give_way_when_the_window_is_narrow_and_come_back(ready: Desktop, core: FakeCore) -> None:
    window = ready.window
    play(core, ResourcesSampled(8192, 16384, 2048))
    window.resize(1200, 700)
    assert window.sidebar.isVisible()
    assert window.panel.isVisible()
    window.resize(860, 600)
    assert window.sidebar.isVisible()
    assert not window.panel.isVisible()
    assert "8.0 of 16 GB" in window._summary.full_text()
    window._show_panel.click()
    assert window.panel.isVisible()
    assert not window.sidebar.isVisible()
    window.resize(1200, 700)
    assert window.sidebar.isVisible()
    assert window.panel.isVisible()
    window.panel.collapse.click()
    assert not window.panel.isVisible()


def test_every_button_and_field_has_a_name(ready: Desktop, core: FakeCore) -> None:
    play(core, TurnStarted("t1", "c1", "Hi", spoken=False), Failed(BROKEN, "t1", ""))
    ready.open_settings()
    nameless = [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for top in (ready.window, ready._dialog)
        if top is not None
        for widget in top.findChildren(QWidget)
        if widget.isVisibleTo(top)
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text().strip())
        and not widget.objectName().startswith("qt_")
    ]
    assert not nameless, nameless


def test_everything_in_the_composer_is_reached_by_the_tab_key(ready: Desktop, core: FakeCore) -> None:
    window = ready.window
    window.activateWindow()
    QTest.keyClicks(window.composer.field, "x")
    reached = set()
    for _ in range(60):
        if (focus := QApplication.focusWidget()) is not None:
            reached.add(focus)
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    assert {window.composer.mic, window.composer.field, window.composer.mute, window.composer.send} <= reached
    assert {window.sidebar.search, window.sidebar._new} <= reached


def test_closing_without_a_tray_minimises_and_says_how_to_quit(
    ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    if ready.tray.available:
        pytest.skip("this platform has a tray")
    ready.window.close()
    pump(ready.window.isMinimized)
    assert "Ctrl+Q" in ready.window.remark.message
    assert core.running


def test_closing_quits_and_stops_the_core_where_that_is_wanted(
    desktop: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"desktop.keep_running": False})
    desktop.window.close()
    pump(lambda: not desktop.window.isVisible())
    desktop.close()
    assert not core.running


def test_a_link_opens_only_once_its_address_was_seen_and_confirmed(ready: Desktop, core: FakeCore) -> None:
    opened: list[str] = []
    play(core, TurnStarted("t1", "c1", "Where?", spoken=False))
    play(core, finished("t1", "See [your bank](https://example.org/a?b=1)."))
    with patch.object(presenter.QDesktopServices, "openUrl", lambda url: opened.append(url.toString())):
        answers(ready)[0].text.anchorClicked.emit("https://example.org/a?b=1")
        assert ready.window.question.isVisible()
        assert "https://example.org/a?b=1" in texts(ready.window.question)
        assert opened == []
        QTest.mouseClick(ready.window.question.button, Qt.MouseButton.LeftButton)
    assert opened == ["https://example.org/a?b=1"]


def test_a_long_address_is_shown_in_lines_and_a_very_long_one_says_so(ready: Desktop, core: FakeCore) -> None:
    play(core, TurnStarted("t1", "c1", "Where?", spoken=False), finished("t1", "Here."))
    link = answers(ready)[0].text.anchorClicked
    address = "https://example.org/" + "a" * 300
    link.emit(address)
    QApplication.processEvents()
    shown = next(label for label in ready.window.question.findChildren(QLabel) if "aaa" in label.text())
    assert shown.text().replace("\u200b", "") == address
    assert shown.height() > 4 * shown.fontMetrics().height()
    link.emit("https://example.org/" + "a" * 3000)
    assert "2,620 more characters" in texts(ready.window.question)
