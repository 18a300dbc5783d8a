"""What a guard needs beside itself: the clients, the questions to the user, and the audit file."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from pathlib import Path

from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import Event
from jarvis_desktop.server.audit import Audit
from jarvis_desktop.server.consent import Consent
from jarvis_desktop.server.context import Asgi
from jarvis_desktop.server.guard import Guard
from jarvis_desktop.server.listening import opens_to_network
from jarvis_desktop.server.tokens import TokenStore


class Gate:
    """Open until `close`. `ask` takes the questions about new clients; None: nobody is asked.

    Raises `StorageError` where the clients cannot be read.
    """

    def __init__(
        self,
        tokens: TokenStore,
        audit: Path,
        settings: Callable[[], Server],
        ask: Callable[[Event], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        tokens.open()
        self._tokens = tokens
        self._settings = settings
        self._clock = clock
        self._consent = Consent(tokens, ask) if ask is not None else None
        self._audit = Audit(audit)

    def around(self, app: Asgi) -> Asgi:
        """The application behind the guard."""
        return Guard(app, self._tokens, self._settings, self._audit.note, self._consent, self._clock)

    def close(self) -> None:
        """Write down what waits. Blocks."""
        self._audit.close()
        self._tokens.keep_use()


def check_address(settings: Server) -> None:
    """Raise `ConfigError` for what is no address, or one that others reach without names allowed for it."""
    try:
        ipaddress.ip_address(settings.host)
    except ValueError as error:
        raise ConfigError(
            "server.no_address",
            "{host} is no address to listen on.",
            "Use 127.0.0.1, or the number of a network card: jarvis config set server.host ADDRESS",
            host=settings.host or '""',
        ) from error
    if opens_to_network(settings.host) and not settings.allowed_names:
        raise ConfigError(
            "server.open_without_names",
            "Other computers could reach Jarvis at {host}, and no names are allowed for that.",
            "List the names that they call this computer by in server.allowed_hosts, or use 127.0.0.1.",
            host=settings.host,
        )
