"""Requests as odd as one likes, sent to a server on this machine."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass


@dataclass
class Answer:
    """What came back; `status` 0 where the connection was closed without a word."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        return str(json.loads(self.body)["error"]["code"])


class RawClient:
    """Talks to a server byte by byte, with a token."""

    port: int
    token: str

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def raw(self, request: bytes) -> Answer:
        """Send bytes as they are."""
        with self.connect() as connection:
            connection.sendall(request)
            return answer(connection)

    def ask(
        self,
        target: str = "/v1/models",
        *headers: str,
        method: str = "GET",
        body: bytes | None = None,
        token: str | None = None,
        host: str | None = None,
    ) -> Answer:
        """An ordinary request; `headers` are whole lines, a body is JSON unless they say otherwise."""
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'127.0.0.1:{self.port}'}", *headers]
        lines += [f"Authorization: Bearer {self.token if token is None else token}"] if token != "" else []
        if body is not None:
            lines += [f"Content-Length: {len(body)}"]
            if not any(line.lower().startswith("content-type") for line in headers):
                lines += ["Content-Type: application/json"]
        return self.raw("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))


def answer(connection: socket.socket) -> Answer:
    """Read one answer, to its end or that of the connection."""
    stream = connection.makefile("rb")
    head = stream.readline()
    if not head:
        return Answer(0, {}, b"")
    headers = {}
    while (line := stream.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.lower()] = value.strip()
    length = headers.get("content-length")
    body = stream.read(int(length)) if length else stream.read() if "connection" in headers else b""
    return Answer(int(head.split()[1]), headers, body)
