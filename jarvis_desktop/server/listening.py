"""The port that a server listens on."""

from __future__ import annotations

import errno
import ipaddress
import socket
import sys

from jarvis_desktop.errors import JarvisError

NEXT_PORTS = 20
"""Tried behind one that is taken."""

_TAKEN = frozenset({errno.EADDRINUSE, errno.EACCES})


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A socket that listens already, on the next free port where `port` is taken.

    `setting` is the port's. Raises `JarvisError` ``server.no_port``, ``server.no_address``.
    """
    for number in range(port, min(port + NEXT_PORTS, 65536)):
        try:
            return _listening(host, number)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise _no_address(host, error) from error
    raise JarvisError(
        "server.no_port",
        "No port from {first} to {last} is free.",
        "Choose another one: jarvis config set {setting} PORT",
        first=port,
        last=port + NEXT_PORTS - 1,
        setting=setting,
    )


def _listening(host: str, port: int) -> socket.socket:
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind)
    try:
        if sys.platform == "win32":  # where else another program could take the port beside us
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(socket.SOMAXCONN)
    except OSError:
        listening.close()
        raise
    return listening


def _no_address(host: str, error: OSError) -> JarvisError:
    return JarvisError(
        "server.no_address",
        "Jarvis cannot listen at {host} ({reason}).",
        "Choose an address of this computer: 127.0.0.1 is for programs on it only.",
        host=host,
        reason=error.strerror,
    )


def opens_to_network(host: str) -> bool:
    """Whether other computers may reach what listens there."""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def place(host: str, port: int) -> str:
    """Both as they stand in an address."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
