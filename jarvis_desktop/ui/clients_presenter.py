"""Translates between the core's events and what the window tells of programs that use Jarvis."""

from __future__ import annotations

from PySide6.QtCore import QObject

from jarvis_desktop.events import (
    ClientAdded,
    ClientAsked,
    ClientSettled,
    ClientsListed,
    Failed,
    ListClients,
    ServerChanged,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.client_words import question, question_lines
from jarvis_desktop.ui.clients_page import ClientsPage
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.notifications import Notifications


class ClientsPresenter(QObject):
    """Asks in the window, and beside the clock where that is hidden; keeps the page of the settings."""

    def __init__(self, bridge: Bridge, window: MainWindow, notifications: Notifications) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        self._notifications = notifications
        self._page: ClientsPage | None = None
        self._server = ServerChanged()
        window.client.answered.connect(bridge.post)
        bridge.on(ClientAsked, self._asked)
        bridge.on(ClientSettled, self._settled)
        bridge.on(ServerChanged, self._server_changed)
        bridge.on(ClientsListed, self._listed)
        bridge.on(ClientAdded, self._added)
        bridge.on(Failed, self._failed)

    def fill(self, page: ClientsPage) -> None:
        """Keep a page up to date from now on."""
        if self._page is None:
            self._page = page
            page.asked.connect(self._bridge.post)
            page.take_server(self._server)
        self._bridge.post(ListClients())

    def _asked(self, event: ClientAsked) -> None:
        self._window.client.ask(event)
        self._window.announce(f"{question(event)}. {question_lines(event)}")
        self._notifications.tell(tr("Jarvis asks"), question(event))

    def _settled(self, event: ClientSettled) -> None:
        self._window.client.settle(event.client_id)
        if self._page is not None:
            self._bridge.post(ListClients())

    def _server_changed(self, event: ServerChanged) -> None:
        self._server = event
        if self._page is not None:
            self._page.take_server(event)
            self._bridge.post(ListClients())  # the first start makes a token

    def _listed(self, event: ClientsListed) -> None:
        if self._page is not None:
            self._page.take(event.clients)

    def _added(self, event: ClientAdded) -> None:
        if self._page is not None:
            self._page.take_added(event)

    def _failed(self, event: Failed) -> None:
        if self._page is not None and event.error.code.startswith(("server.client", "server.file")):
            self._page.take_failure(event.error)
