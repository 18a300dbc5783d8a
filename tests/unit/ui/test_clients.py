"""Programs that use Jarvis: the question in the window, and the page of the settings about them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import (
    AddClient,
    AllowClient,
    Client,
    ClientAdded,
    ClientAsked,
    ClientSettled,
    ClientsListed,
    Failed,
    ListClients,
    RevokeClient,
    Scope,
    ServerChanged,
    Standing,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.client_card import ClientCard
from jarvis_desktop.ui.clients_page import ClientsPage

from .driving import play, texts
from .fake_core import FakeCore, FakeSettings

BOTH = frozenset({Scope.CHAT, Scope.SPEECH})
NOTEBOOK = Client("1", "Notebook", BOTH, Standing.NEW, 1_700_000_000.0)
EDITOR = Client("2", "Editor <b>", frozenset({Scope.CHAT}), Standing.NEW, 1_700_000_000.0)


def asked(client: Client = NOTEBOOK, wanted: frozenset[Scope] = frozenset({Scope.CHAT})) -> ClientAsked:
    return ClientAsked(client, "curl", 4242, wanted)


def card(desktop: Desktop) -> ClientCard:
    return desktop.window.client


def click(button: QPushButton) -> None:
    assert button.isVisible()
    button.click()


@pytest.fixture
def page(ready: Desktop, core: FakeCore) -> ClientsPage:
    ready.open_settings("server")
    assert ready._dialog is not None
    play(core, ClientsListed((NOTEBOOK, EDITOR)))
    core.posted.clear()
    return ready._dialog.clients


def test_the_window_asks_who_may_use_it(ready: Desktop, core: FakeCore) -> None:
    assert not card(ready).isVisible()
    play(core, asked())
    shown = texts(card(ready))
    for word in ("curl", "4242", "Notebook", "Answers", "Speech"):
        assert word in shown
    assert "curl" in card(ready).accessibleName()


@pytest.mark.parametrize(
    ("button", "allowed"), [("allow", BOTH), ("allow_these", {Scope.CHAT}), ("refuse", frozenset())]
)
def test_the_answer_is_told_to_the_core(
    ready: Desktop, core: FakeCore, button: str, allowed: frozenset[Scope]
) -> None:
    play(core, asked())
    click(getattr(card(ready), button))
    assert core.wishes == [AllowClient("1", allowed)]
    assert not card(ready).isVisible()


def test_the_keyboard_is_enough(ready: Desktop, core: FakeCore) -> None:
    play(core, asked())
    card(ready).allow.setFocus()
    QTest.keyClick(card(ready).allow, Qt.Key.Key_Tab)
    QTest.keyClick(card(ready).allow_these, Qt.Key.Key_Tab)
    assert card(ready).refuse.hasFocus()
    QTest.keyClick(card(ready).refuse, Qt.Key.Key_Space)
    assert core.wishes == [AllowClient("1", frozenset())]


def test_what_is_asked_for_may_grow_while_the_question_is_open(ready: Desktop, core: FakeCore) -> None:
    play(core, asked(), asked(wanted=BOTH))
    assert not card(ready).allow_these.isVisible()  # it would be the same
    click(card(ready).allow)
    assert core.wishes == [AllowClient("1", BOTH)]


def test_two_programs_are_asked_about_one_after_the_other(ready: Desktop, core: FakeCore) -> None:
    play(core, asked(), asked(EDITOR))
    assert "Notebook" in texts(card(ready))
    click(card(ready).allow)
    assert "Editor <b>" in texts(card(ready))
    play(core, ClientSettled("2"))  # nobody answered in time
    assert not card(ready).isVisible()


def test_a_program_that_the_system_does_not_name_is_asked_about(ready: Desktop, core: FakeCore) -> None:
    play(core, ClientAsked(NOTEBOOK, "", 0, BOTH))
    assert "A program wants to use Jarvis" in texts(card(ready))
    assert "Process" not in texts(card(ready))


def test_the_page_lists_who_may_ask(page: ClientsPage) -> None:
    first, second = page.rows
    assert "Notebook" in texts(first)
    assert "Answers · Speech" in texts(first)
    assert "never used" in texts(first)
    assert "Editor <b>" in texts(second)


def test_the_page_is_filled_whenever_the_settings_open(ready: Desktop, core: FakeCore) -> None:
    ready.open_settings("server")
    ready.open_settings("look")
    assert core.wishes.count(ListClients()) == 2


def test_a_token_is_made_and_shown_once(page: ClientsPage, core: FakeCore) -> None:
    click(page.add)
    page.name.setText("Notes")
    page.scopes[Scope.SPEECH].click()
    click(page.create_button)
    assert core.wishes == [AddClient("Notes", frozenset({Scope.CHAT, Scope.MODELS, Scope.SPEECH}))]
    play(core, ClientAdded(NOTEBOOK, "jarvis-secret"), ClientsListed((NOTEBOOK,)))
    assert page.token.isVisible()
    click(page.copy)
    assert QGuiApplication.clipboard().text() == "jarvis-secret"
    click(page.done)
    assert not page.token.isVisible()
    assert page.token.text() == ""


def test_why_a_token_was_not_made_is_said_there(page: ClientsPage, core: FakeCore) -> None:
    click(page.add)
    click(page.create_button)
    play(core, Failed(ConfigError("server.client_name", "That cannot be a name.", "Choose another.")))
    assert page.error.text() == "That cannot be a name. Choose another."
    assert page.name.isVisible()


def test_revoking_asks_once(page: ClientsPage, core: FakeCore) -> None:
    click(page.rows[0].revoke)
    assert "Notebook" in page.question.message
    assert core.wishes == []
    click(page.question.button)
    assert core.wishes == [RevokeClient("1")]
    play(core, ClientsListed((EDITOR,)))
    assert [row.client for row in page.rows] == [EDITOR]


def test_who_was_refused_can_be_allowed_again(page: ClientsPage, core: FakeCore) -> None:
    refused = Client("3", "Laptop", BOTH, Standing.REFUSED, 1_700_000_000.0)
    play(core, ClientsListed((refused,)))
    click(page.rows[0].allow)
    assert core.wishes == [AllowClient("3", BOTH)]


def test_the_page_tells_where_programs_find_jarvis(page: ClientsPage, core: FakeCore) -> None:
    play(core, ServerChanged("http://127.0.0.1:8766"))
    assert "http://127.0.0.1:8766/v1" in texts(page)
    play(core, ServerChanged("", ConfigError("server.no_port", "No port is free.", "Choose another.")))
    assert "No port is free. Choose another." in texts(page)


def test_the_question_and_the_page_follow_the_language(
    ready: Desktop, core: FakeCore, settings: FakeSettings, page: ClientsPage
) -> None:
    play(core, asked())
    settings.patch({"look.language": "es"})
    play(core)
    assert card(ready).isVisible()
    assert page.rows[0].revoke.accessibleName().endswith("Notebook")
