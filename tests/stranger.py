"""Another computer, as far as a program can tell: a listener on an address of this one outside loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
import pytest


@dataclass
class Stranger:
    """`heard` counts who came."""

    host: str
    port: int
    heard: list[str] = field(default_factory=list)
    held: list[socket.socket] = field(default_factory=list)


def outer_address() -> str:
    """An IPv4 address of this machine outside loopback; skips the test where there is none."""
    for addresses in psutil.net_if_addrs().values():
        for each in addresses:
            if each.family == socket.AF_INET and not each.address.startswith("127."):
                return each.address
    pytest.skip("needs a network interface beside loopback")


@contextmanager
def stranger() -> Iterator[Stranger]:
    """Accepts whoever comes, until the end of the block."""
    host = outer_address()
    with socket.create_server((host, 0)) as server:
        known = Stranger(host, server.getsockname()[1])

        def accept() -> None:
            while True:
                try:
                    connection, (address, _) = server.accept()
                except OSError:
                    return
                known.heard.append(address)
                known.held.append(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield known
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in known.held:
                connection.close()
