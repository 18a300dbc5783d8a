"""Messages beside the clock: while Jarvis is not looked at, with no more than may be seen, and a way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import Category, EngineError
from jarvis_desktop.events import (
    ConversationOpened,
    Failed,
    OpenConversation,
    TimerEnded,
    ToolAsked,
    ToolUse,
    TurnStarted,
)
from jarvis_desktop.ui.application import Desktop

from .conftest import Pump
from .desktop_bus import FakeDesktop, fake_desktop
from .driving import finished, play
from .fake_core import FakeCore, FakeSettings

NAME = "org.freedesktop.Notifications"
TITLE, TEXT = 3, 4  # places in a call of Notify


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDesktop]:
    """A desktop that shows messages, and takes markup in them."""
    with fake_desktop(tmp_path, monkeypatch, NAME) as desktop:
        desktop.answers = {
            "GetCapabilities": lambda _: ("as", [["body", "actions", "body-markup"]]),
            "Notify": lambda _: ("u", [len(desktop.called("Notify"))]),
        }
        yield desktop


@pytest.fixture
def away(board: FakeDesktop, ready: Desktop) -> Desktop:
    """The window is not in sight."""
    ready.window.hide()
    return ready


def turn(core: FakeCore, reply: str, conversation: str = "c1") -> None:
    play(core, TurnStarted("t1", conversation, "Hi", spoken=True), finished("t1", reply))


def test_an_answer_is_told_by_its_first_sentence(
    away: Desktop, core: FakeCore, board: FakeDesktop, pump: Pump
) -> None:
    turn(core, "## Rome\n\nThe train *leaves* at 3.15 p. And more.")
    pump(lambda: bool(board.called("Notify")))
    turn(core, "It is **two** o'clock. You have time.")
    pump(lambda: len(board.called("Notify")) == 2)
    assert board.called("Notify")[0][TITLE] == "Jarvis has answered"
    assert [call[TEXT] for call in board.called("Notify")] == ["Rome", "It is two o'clock."]


def test_what_a_model_wrote_is_no_markup(
    away: Desktop, core: FakeCore, board: FakeDesktop, pump: Pump
) -> None:
    turn(core, "`<img src='http://example.org/?secret'>` is shown.")
    pump(lambda: bool(board.called("Notify")))
    text = board.called("Notify")[0][TEXT]
    assert "<" not in text
    assert "&lt;img" in text


def test_an_answer_that_failed_is_told(away: Desktop, core: FakeCore, board: FakeDesktop, pump: Pump) -> None:
    died = EngineError("engine.died", "The language model has crashed.", "Ask again.", Category.TRANSIENT)
    play(core, TurnStarted("t1", "c1", "Hi", spoken=True), Failed(died, "t1", ""))
    pump(lambda: bool(board.called("Notify")))
    title, text = board.called("Notify")[0][TITLE : TEXT + 1]
    assert (title, text) == ("Jarvis could not answer", "The language model has crashed.")


def test_timers_and_questions_of_tools_are_told(
    away: Desktop, core: FakeCore, board: FakeDesktop, pump: Pump
) -> None:
    play(core, TimerEnded("tea"), TurnStarted("t1", "c1", "Hi", spoken=True))
    play(core, ToolAsked("t1", "call", ToolUse("set_timer", "Set a timer", "", "{}")))
    pump(lambda: len(board.called("Notify")) == 2)
    timer, asked = board.called("Notify")
    assert timer[TITLE : TEXT + 1] == ["Time is up.", "tea"]
    assert asked[TITLE] == "Jarvis asks"


def test_a_private_chat_is_not_repeated(
    away: Desktop, core: FakeCore, board: FakeDesktop, pump: Pump
) -> None:
    play(core, ConversationOpened("p1", (), private=True))
    turn(core, "A secret.", conversation="p1")
    pump(lambda: bool(board.called("Notify")))
    play(core, ConversationOpened("c1", ()))
    turn(core, "No secret.")
    pump(lambda: len(board.called("Notify")) == 2)
    assert [call[TEXT] for call in board.called("Notify")] == ["", "No secret."]


@pytest.mark.parametrize(
    "config",
    [
        {"desktop": {"notifications": "brief"}},
        {"profiles": {"Quiet": {"memory": "none"}}, "conversation": {"profile": "Quiet"}},
    ],
    ids=["by the setting", "in a private profile"],
)
def test_what_was_said_is_left_out(
    away: Desktop,
    core: FakeCore,
    settings: FakeSettings,
    board: FakeDesktop,
    pump: Pump,
    config: dict[str, object],
) -> None:
    settings.base = Config.model_validate(config)
    turn(core, "A secret.")
    pump(lambda: bool(board.called("Notify")))
    assert board.called("Notify")[0][TITLE : TEXT + 1] == ["Jarvis has answered", ""]


def test_nothing_is_told_in_sight_or_when_switched_off_or_of_what_was_stopped(
    board: FakeDesktop, ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    turn(core, "In sight.")
    ready.window.hide()
    settings.patch({"desktop.notifications": "off"})
    turn(core, "Switched off.")
    settings.patch({"desktop.notifications": "full"})
    play(core, TurnStarted("t1", "c1", "Hi", spoken=True), finished("t1", ""))
    turn(core, "The last.")
    pump(lambda: bool(board.called("Notify")))
    assert [call[TEXT] for call in board.called("Notify")] == ["The last."]


def test_a_click_leads_to_the_conversation(
    away: Desktop, core: FakeCore, board: FakeDesktop, pump: Pump
) -> None:
    turn(core, "Here.", conversation="c7")
    pump(lambda: bool(away._notifications._board._on_show))
    play(core, ConversationOpened("c1", ()))
    board.signal("/org/freedesktop/Notifications", NAME, "ActionInvoked", "us", [1, "default"])
    pump(away.window.isVisible)
    assert OpenConversation("c7") in core.posted
    away.window.hide()
    play(core, ConversationOpened("c7", ()))
    core.posted.clear()
    board.signal("/org/freedesktop/Notifications", NAME, "ActionInvoked", "us", [1, "default"])
    pump(away.window.isVisible)
    assert core.posted == []


def test_without_such_a_service_the_tray_tells(ready: Desktop, core: FakeCore, pump: Pump) -> None:
    told: list[tuple[str, str]] = []
    ready.tray.tell = lambda *words: told.append(words)  # type: ignore[method-assign, assignment]
    ready.window.hide()
    turn(core, "Here. And more.", conversation="c7")
    pump(lambda: told == [("Jarvis has answered", "Here.")])
    play(core, ConversationOpened("c1", ()))
    ready.tray.message_clicked.emit()
    assert ready.window.isVisible()
    assert OpenConversation("c7") in core.posted
