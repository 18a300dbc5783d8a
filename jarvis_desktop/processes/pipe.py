"""The protocol between the program and its child processes: frames over stdin and stdout.

A frame is a fixed head (magic, size of the JSON, size of the payload), a JSON object, and raw bytes for audio
or vectors. Nothing is pickled, so a child cannot make its parent run code.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Protocol

from jarvis_desktop.errors import Category, JarvisError

Buffer = bytes | bytearray | memoryview

HEAD = struct.Struct("!4sIQ")
MAX_JSON = 64 << 20  # bytes; a frame that claims more is not ours
_MAGIC = b"JVS1"


class ProtocolError(Exception):
    """The bytes on the pipe are not a frame."""


class Readable(Protocol):
    """A blocking byte stream that returns fewer bytes than asked only at its end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Reply:
    """What a call gives back: JSON values, and raw bytes when there is audio."""

    data: dict[str, Any]
    payload: Buffer = b""


def pack(message: dict[str, Any], payload: Buffer = b"") -> bytes:
    """Head and JSON of a frame; the payload is written right behind it, uncopied."""
    # Names of files may hold bytes that are no text, which Python keeps as half characters.
    text = json.dumps(message, ensure_ascii=False).encode(errors="surrogatepass")
    return HEAD.pack(_MAGIC, len(text), memoryview(payload).nbytes) + text


def sizes(head: bytes) -> tuple[int, int]:
    """Bytes of JSON and of payload that follow this head; raises `ProtocolError`."""
    magic, json_bytes, payload_bytes = HEAD.unpack(head)
    if magic != _MAGIC or json_bytes > MAX_JSON:
        raise ProtocolError("not a frame")
    return json_bytes, payload_bytes


def unpack(text: bytes) -> dict[str, Any]:
    """The JSON object of a frame; raises `ProtocolError`."""
    try:
        message = json.loads(text)
    except ValueError as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("not a JSON object")
    return message


def read_frame(stream: Readable) -> tuple[dict[str, Any], bytes] | None:
    """Next frame of a blocking stream; None at its end. Raises `ProtocolError`."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    json_bytes, payload_bytes = sizes(head)
    text, payload = stream.read(json_bytes), stream.read(payload_bytes)
    if len(text) < json_bytes or len(payload) < payload_bytes:
        return None
    return unpack(text), payload


def error_as_json(error: JarvisError) -> dict[str, Any]:
    """An error with its templates, to be raised again on the other side by `error_from_json`."""
    return {
        "class": type(error).__name__,
        "code": error.code,
        "message": error.message_template,
        "hint": error.hint_template,
        "category": error.category.value,
        "params": {key: _plain(value) for key, value in error.params.items()},
    }


def error_from_json(data: dict[str, Any]) -> JarvisError:
    """The error that `error_as_json` took apart."""
    classes = {cls.__name__: cls for cls in JarvisError.__subclasses__()}
    cls = classes.get(data["class"], JarvisError)
    return cls(data["code"], data["message"], data["hint"], Category(data["category"]), **data["params"])


def _plain(value: object) -> object:
    return value if isinstance(value, str | int | float | None) else str(value)
