"""What happens in the pictures of programs that use Jarvis."""

from __future__ import annotations

import time

import scenes
from fake_core import FakeCore

from jarvis_desktop.events import (
    Client,
    ClientAdded,
    ClientAsked,
    ClientsListed,
    Event,
    Scope,
    ServerChanged,
    Standing,
)

DAY = 86_400
NOW = time.time()

EDITOR = Client(
    "2", "Code editor", frozenset({Scope.CHAT, Scope.MODELS}), Standing.ALLOWED, NOW - 9 * DAY, NOW
)
CLIENTS = (
    Client("default", "default", frozenset(Scope), Standing.NEW, NOW - 20 * DAY),
    EDITOR,
    Client(
        "3", "Old laptop", frozenset({Scope.TRANSCRIPTION}), Standing.REFUSED, NOW - 5 * DAY, NOW - 5 * DAY
    ),
)
LISTED = ClientsListed(CLIENTS)
ASKED = ClientAsked(CLIENTS[0], "python3.11", 4242, frozenset({Scope.CHAT}))
TOKEN = "jarvis-" + "made-up-for-the-picture-" * 2


def client_asks(core: FakeCore) -> None:
    scenes.conversation(core)
    core.emit(ASKED)


CLIENT_SCENES = {
    "client-asks": (client_asks, {}, (1120, 760)),
    "client-asks-dark-es": (client_asks, {"look": {"theme": "dark", "language": "es"}}, (1120, 760)),
}

TOLD: dict[str, tuple[Event, ...]] = {
    "settings-clients": (ServerChanged("http://127.0.0.1:8765"), LISTED),
    "settings-clients-dark-es": (ServerChanged("http://127.0.0.1:8765"), LISTED),
    "settings-clients-token": (LISTED, ClientAdded(EDITOR, TOKEN)),
    "settings-clients-none": (ClientsListed(()),),
}

SETTINGS_SCENES = {
    "settings-clients": ({"server": {"enabled": True}}, "server", ""),
    "settings-clients-dark-es": (
        {"server": {"enabled": True}, "look": {"theme": "dark", "language": "es"}},
        "server",
        "",
    ),
    "settings-clients-token": ({"server": {"enabled": True}}, "server", ""),
    "settings-clients-none": ({}, "server", ""),
}
