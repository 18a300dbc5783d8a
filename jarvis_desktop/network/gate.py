"""The one gate of this process to other computers: an audit hook of Python's that no library can go round.

Who opens a connection announces it first, with the reason, so that a refusal is one the user understands.
What nobody announced is noted as unexpected. Loopback and local sockets are not outgoing.
"""

from __future__ import annotations

import ipaddress
import logging
import socket
import sys
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from jarvis_desktop.errors import NetworkError
from jarvis_desktop.events import Connection, Reason
from jarvis_desktop.network.ledger import Ledger

_log = logging.getLogger(__name__)

FRESH_SECONDS = 30.0
"""An announcement is for connections that follow within this time."""

DNS_PORTS = frozenset({53, 853, 5353})
"""A resolver on this computer carries names out of it."""

_SENDING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_ASKING = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is going to be reached; `made_at` is of the monotonic clock."""

    host: str
    who: str
    reason: Reason
    detail: str
    made_at: float


_announced: ContextVar[Announcement | None] = ContextVar("announced", default=None)
_last: ContextVar[str] = ContextVar("last connection", default="")


def is_local(host: str) -> bool:
    """Whether a name or address never leaves this computer."""
    bare = host.strip("[]").partition("%")[0]
    if bare.rstrip(".").lower() in {"", "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or address.is_unspecified


def stays_here(host: str, port: int) -> bool:
    """Whether what is sent to `host` and `port` stays on this computer."""
    return is_local(host) and port not in DNS_PORTS


class Gate:
    """Notes connections and, while `sealed` says so, refuses them. `subscribe` to hear of each."""

    def __init__(self) -> None:
        self._ledger: Ledger | None = None
        self._sealed: Callable[[], bool] = lambda: False
        self._listeners: list[Callable[[Connection], None]] = []
        self._expected: dict[tuple[str, int], Announcement] = {}  # by address and port
        self._seen: deque[tuple[str, int]] = deque(maxlen=1000)
        self._hooked = False
        self._noting = threading.local()

    @property
    def sealed(self) -> bool:
        """Nothing may leave the computer now."""
        return self._sealed()

    def open(self, ledger: Ledger, sealed: Callable[[], bool]) -> None:
        """Note in `ledger` from now on, until `close`."""
        self._ledger, self._sealed = ledger, sealed
        _announced.set(None)
        if not self._hooked:  # Python has no way to take one out again
            self._hooked = True
            sys.addaudithook(self._audit)

    def close(self) -> None:
        """Note and refuse nothing more."""
        self._ledger, self._sealed = None, lambda: False
        self._expected.clear()

    def subscribe(self, listener: Callable[[Connection], None]) -> Callable[[], None]:
        """`listener` is called from any thread; call the result to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def announce_url(self, reason: Reason, url: str, *, who: str, detail: str = "") -> None:
        """As `announce`, for a request to `url`."""
        parts = urlsplit(url)
        port = parts.port or (80 if parts.scheme == "http" else 443)
        self.announce(reason, parts.hostname or "", port, who=who, detail=detail)

    def announce(self, reason: Reason, host: str, port: int, *, who: str, detail: str = "") -> None:
        """Say why the connections that follow in this context are opened.

        Raises `NetworkError` ``network.sealed`` while the user works offline.
        """
        if is_local(host):
            return
        announcement = Announcement(host, who, reason, detail, time.monotonic())
        _announced.set(announcement)
        self._refuse_sealed(announcement, port)

    def expect(self, reason: Reason, host: str, port: int, *, who: str) -> None:
        """As `announce`, for connections to there that a library opens at any time, in threads of its own.

        Looks the name up; raises `OSError` where that fails.
        """
        if is_local(host):
            return
        announcement = Announcement(host, who, reason, "", time.monotonic())
        self._refuse_sealed(announcement, port)
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            self._expected[str(address[0]), port] = announcement

    def received(self, size: int) -> None:
        """The connection last opened in this context brought so many bytes."""
        if self._ledger is not None and (identity := _last.get()):
            self._ledger.note_received(identity, size)

    def note(self, connection: Connection, address: str = "") -> None:
        """Write down a connection, opened to `address` where that is known."""
        if self._ledger is None:
            return
        self._seen.append((address or connection.host, connection.port))
        self._ledger.note(connection)
        for listener in tuple(self._listeners):
            listener(connection)

    def knows(self, address: str, port: int) -> bool:
        """Whether a connection to that address was noted lately."""
        return (address, port) in self._seen

    def _refuse_sealed(self, announced: Announcement, port: int) -> None:
        if self.sealed:
            self.note(_connection(announced.host, port, announced, allowed=False))
            raise NetworkError(
                "network.sealed",
                "Jarvis works offline, so {host} was not contacted.",
                "Switch off “Work offline” in the privacy view to allow it.",
                host=announced.host,
            )

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in _SENDING:
            address = arguments[1]
            if not isinstance(address, tuple):
                return  # a path, or none: the socket is connected
            host, port = str(address[0]), int(address[1])
        elif event in _ASKING and self.sealed:
            raw = arguments[0]
            host, port = raw.decode(errors="replace") if isinstance(raw, bytes) else str(raw or ""), 0
        else:
            return
        if self._ledger is None or is_local(host) or getattr(self._noting, "now", False):
            return
        if event in _ASKING and _is_address(host):
            return
        self._noting.now = True  # what is done to note it must not be noted
        try:
            self._decide(event, host, port)
        finally:
            self._noting.now = False

    def _decide(self, event: str, host: str, port: int) -> None:
        announcement = _announced.get()
        if announcement is not None and time.monotonic() - announcement.made_at > FRESH_SECONDS:
            announcement = None
        announcement = announcement or self._expected.get((host, port))
        sealed = self.sealed
        if sealed or event != "socket.sendto" or not self.knows(host, port):  # datagrams to a place: one line
            connection = _connection(host, port, announcement, allowed=not sealed)
            _last.set(connection.id)
            self.note(connection, host)
        if sealed:
            raise PermissionError(f"Jarvis works offline: {host} is not contacted")


def refuse_all() -> None:
    """Refuse, for good, whatever is not on this computer; for processes that never need more."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _SENDING and isinstance(arguments[1], tuple) and not is_local(str(arguments[1][0])):
        raise PermissionError(f"{arguments[1][0]} is not contacted")


def unexpected(host: str, port: int, who: str, *, allowed: bool) -> Connection:
    """A connection that nobody announced."""
    return Connection(uuid.uuid4().hex, time.time(), host, port, who, Reason.UNEXPECTED, allowed)


def _connection(host: str, port: int, announced: Announcement | None, *, allowed: bool) -> Connection:
    plain = unexpected(host, port, "Jarvis", allowed=allowed)
    if announced is None:
        return plain
    return replace(
        plain, host=announced.host, who=announced.who, reason=announced.reason, detail=announced.detail
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


GATE = Gate()
"""Of this process; Python has one set of audit hooks."""
