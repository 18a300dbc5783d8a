"""What the guard asks of a request before anything else looks at it. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from pydantic_core import from_json

from jarvis_desktop.events import Scope
from jarvis_desktop.server.errors import RequestError

OPEN = "/health"
"""The one route that needs no token."""

UNCOUNTED = frozenset({"/ready", "/metrics"})
"""Routes that watch over the others, and answer while a client has used up what it may ask."""

SCOPES: Mapping[str, Scope] = MappingProxyType(
    {
        "/v1/chat/completions": Scope.CHAT,
        "/v1/embeddings": Scope.EMBEDDINGS,
        "/v1/audio/transcriptions": Scope.TRANSCRIPTION,
        "/v1/audio/speech": Scope.SPEECH,
        "/v1/tasks": Scope.TASKS,
        "/v1/models": Scope.MODELS,
        "/ready": Scope.MODELS,
        "/openapi.json": Scope.MODELS,
        "/metrics": Scope.METRICS,
    }
)
"""What each route needs, and whatever is below it. What is not here does not exist."""

_FORMS = frozenset({"/v1/audio/transcriptions"})
_METHODS = frozenset({"GET", "POST", "DELETE"})
_ONCE = (b"host", b"origin", b"authorization", b"content-type", b"content-length")
_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_SAME = frozenset({b"same-origin", b"none"})  # of Sec-Fetch-Site: our own page, or the user's address bar

MOST_NESTED = 64
"""Arrays and objects within each other in a JSON body."""

MOST_VALUES = 50_000
"""In a JSON body: everything else waits while they are read, some 10 ms."""

_AT_ONCE = 1 << 16  # bytes; other threads wait as long as one such piece takes
_SURROGATES = (rb"\ud", rb"\uD", b"\xed")  # how they begin, alone or in pairs
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def headers_of(scope: Mapping[str, Any]) -> dict[bytes, bytes]:
    """The headers of a request by lower-case name; raises `RequestError` for one that may be there once."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in found and name in _ONCE:
            raise RequestError(
                "server.header_twice", "The header {header} came twice.", status=403, header=name.decode()
            )
        found[name] = value
    return found


def check_place(scope: Mapping[str, Any], headers: Mapping[bytes, bytes], names: Collection[str]) -> None:
    """Refuse what a page in a browser could have sent, or was led to send.

    `names` may stand for this computer beside those of loopback. Raises `RequestError` (403, 405).
    """
    port = scope["server"][1]
    hosts = {f"{name}:{port}".lower() for name in (*_LOOPBACK, *names)}
    # A target with a host of its own (GET http://elsewhere/) does not begin with a slash.
    if headers.get(b"host", b"").decode("latin-1").lower() not in hosts or not scope["path"].startswith("/"):
        raise RequestError(
            "server.foreign_host",
            "The request is not addressed to this computer.",
            "Use http://127.0.0.1:{port}. Other names have to be listed in server.allowed_hosts.",
            status=403,
            port=port,
        )
    origin = headers.get(b"origin")
    own = {f"http://{host}" for host in hosts}
    foreign = origin is not None and origin.decode("latin-1").lower() not in own
    if foreign or headers.get(b"sec-fetch-site", b"none") not in _SAME:
        raise RequestError(
            "server.foreign_origin",
            "Pages in a browser may not use Jarvis.",
            "Ask from a program on this computer.",
            status=403,
        )
    if scope["method"] not in _METHODS:
        raise RequestError("server.no_method", "This method is not used here.", status=405)


def route_of(path: str) -> str:
    """The route in `SCOPES` that a path belongs to; "" for none."""
    return next((each for each in (OPEN, *SCOPES) if path == each or path.startswith(f"{each}/")), "")


def check_body(route: str, headers: Mapping[bytes, bytes], most: int) -> str:
    """What kind of body a request says it has: "" for none, "json" or "form". `most` is in bytes.

    Raises `RequestError`, with status 413 or 415.
    """
    length = headers.get(b"content-length", b"0")
    if length == b"0" and b"transfer-encoding" not in headers:
        return ""
    kind, _, options = headers.get(b"content-type", b"").partition(b";")
    kind = kind.strip().lower()
    form = kind == b"multipart/form-data" and route in _FORMS
    encoded = headers.get(b"content-encoding", b"identity") != b"identity"
    charset = not form and options.strip().lower().replace(b'"', b"") not in (b"", b"charset=utf-8")
    if (kind != b"application/json" and not form) or encoded or charset:
        raise _wrong_type()
    if not length.isdigit() or int(length) > most:
        raise too_large(most)
    return "form" if form else "json"


def bearer(headers: Mapping[bytes, bytes]) -> str:
    """The token that was sent, or ""."""
    kind, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def check_json(body: bytes) -> None:
    """Refuse a JSON text that cannot be read safely, or not quickly. Raises `RequestError`."""
    if not json.detect_encoding(body).startswith("utf-8"):
        raise _wrong_type()
    depth = values = 0
    for piece in _outside_strings(body):
        for bracket in piece.translate(None, _NOT_BRACKETS):
            depth += 1 if bracket in b"[{" else -1
            if depth > MOST_NESTED:
                raise RequestError(
                    "server.too_deep",
                    "The request is nested more than {most} levels deep.",
                    "Send it flatter.",
                    most=MOST_NESTED,
                )
        values += sum(map(piece.count, (b",", b"[", b"{")))
        if values > MOST_VALUES:
            raise RequestError(
                "server.too_many_values",
                "The request holds more than {most} values.",
                "Send it in parts.",
                status=413,
                most=MOST_VALUES,
            )
    if any(mark in body for mark in _SURROGATES):
        _check_characters(body)


def _check_characters(body: bytes) -> None:
    """Refuse half characters, which Python's reader lets pass, and which cannot be passed on."""
    try:
        from_json(body)
    except ValueError:
        raise RequestError(
            "server.no_json",
            "The request is no JSON, or holds halves of characters.",
            "Send JSON in UTF-8.",
        ) from None


def _outside_strings(body: bytes) -> Iterator[bytes]:
    """What of a JSON text is no string, piece by piece. Linear in whatever is sent."""
    quoted, escaping = False, b""
    for start in range(0, len(body), _AT_ONCE):
        piece = (escaping + body[start : start + _AT_ONCE]).replace(rb"\\", b"")
        escaping = piece[-1:] if piece.endswith(b"\\") else b""  # the quote behind it comes next
        parts = piece.replace(rb"\"", b"").split(b'"')
        yield b"".join(parts[quoted::2])
        quoted ^= len(parts) % 2 == 0


def _wrong_type() -> RequestError:
    return RequestError(
        "server.wrong_type",
        "This route takes no such body.",
        "Send application/json, in UTF-8 and not compressed; recordings as multipart/form-data.",
        status=415,
    )


def too_large(most: int) -> RequestError:
    """The refusal of a body of more than `most` bytes."""
    return RequestError(
        "server.too_large",
        "The request is longer than {most} MiB.",
        "Send it in parts. Recordings may be as long as server.longest_body_mib allows.",
        status=413,
        most=most // (1 << 20),
    )


def no_room(seconds: int) -> RequestError:
    """The refusal of a body that has no room beside the others."""
    return RequestError(
        "server.no_room",
        "Jarvis is reading as much as it can hold.",
        "Ask again in {retry_after} s.",
        status=503,
        retry_after=seconds,
    )


def too_slow() -> RequestError:
    """The refusal of a body that does not arrive."""
    return RequestError(
        "server.too_slow", "The request did not arrive in time.", "Send it again.", status=408
    )
