"""Events on their way in and out, within bounds: the package's reader takes whatever length it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from wyoming.event import Event, Eventable, async_write_event

from jarvis_desktop.errors import JarvisError

LONGEST_DATA = 256 * 1024
"""Bytes of an event's data, as text; its first line is bounded by the reader, at 64 KiB."""

LONGEST_PAYLOAD = 1024 * 1024
"""Bytes of sound in one event: half a minute of what Home Assistant sends."""

PATIENCE_S, PATIENCE_IN_SOUND_S = 60.0, 10.0
"""For a whole event to come, or to be taken; and for the next one while sound is on its way."""


async def read_event(reader: asyncio.StreamReader, patience: float = PATIENCE_S) -> Event | None:
    """The next event, None when there are no more. Raises `JarvisError` and `TimeoutError`."""
    async with asyncio.timeout(patience):
        try:
            return await _read(reader)
        except asyncio.IncompleteReadError:
            raise invalid("it ends in the middle") from None
        except (ValueError, RecursionError):  # no JSON, a first line without end, nested without end
            raise invalid("it is no JSON, or too long") from None


async def write_event(event: Eventable, writer: asyncio.StreamWriter) -> None:
    """Send an event. Raises `ConnectionError`, and `TimeoutError` where nobody takes it."""
    async with asyncio.timeout(PATIENCE_S):
        await async_write_event(event.event(), writer)


def text(event: Event, name: str) -> str:
    """A field that is a text, "" where there is none."""
    return _text(event.data, name)


def voice(event: Event) -> Mapping[str, str]:
    """Name and language of the voice that is asked for, "" where there is none."""
    asked = event.data.get("voice") or {}
    if not isinstance(asked, dict):
        raise invalid("its voice is no object")
    return {name: _text(asked, name) for name in ("name", "language")}


def number(event: Event, name: str, least: int, most: int) -> int:
    """A field that is a whole number between the two."""
    value = event.data.get(name)
    if type(value) is not int or not least <= value <= most:
        raise invalid(f"its {name} is no whole number from {least} to {most}")
    return value


def names(event: Event) -> list[str]:
    """The names it lists; none means any."""
    listed = event.data.get("names") or []
    if not isinstance(listed, list) or not all(isinstance(name, str) for name in listed):
        raise invalid("its names are no list of texts")
    return listed


def invalid(reason: str) -> JarvisError:
    """What is told of an event that makes no sense; the reason never holds what the event said."""
    return JarvisError(
        "wyoming.invalid",
        "An event is not understood: {reason}.",
        "Check that the client speaks the Wyoming protocol.",
        reason=reason,
    )


async def _read(reader: asyncio.StreamReader) -> Event | None:
    line = await reader.readline()
    if not line:
        return None
    if not line.endswith(b"\n"):
        raise invalid("it ends in the middle")
    header = _object(line)
    kind, data = header.get("type"), header.get("data") or {}
    if not isinstance(kind, str) or not isinstance(data, dict):
        raise invalid("it has no type, or its data are no object")
    if more := _length(header, "data_length", LONGEST_DATA):
        data |= _object(await reader.readexactly(more))
    payload = await reader.readexactly(_length(header, "payload_length", LONGEST_PAYLOAD))
    return Event(kind, data, payload)


def _object(encoded: bytes) -> dict[str, Any]:
    value = json.loads(encoded)
    if not isinstance(value, dict):
        raise invalid("it is no object")
    return value


def _length(header: Mapping[str, Any], name: str, most: int) -> int:
    value = header.get(name) or 0
    if type(value) is not int or not 0 <= value <= most:
        raise invalid(f"its {name} is not between 0 and {most}")
    return value


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name) or ""
    try:
        value.encode()  # JSON can hold halves of characters, which cannot be passed on
    except (AttributeError, UnicodeEncodeError):
        raise invalid(f"its {name} is no text") from None
    return str(value)
