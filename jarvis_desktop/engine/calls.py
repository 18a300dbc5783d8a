"""Tools a model asks for: put together from the pieces of a stream, or read out of what it wrote as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from jarvis_desktop.ports import ToolCall, ToolSpec

MOST_CALLS = 8
"""In one reply; what comes after is left out. A model that loops asks without end."""


class CallParts:
    """Calls of OpenAI's protocol, whose names and arguments come in pieces that carry an index."""

    def __init__(self) -> None:
        self._parts: dict[int, dict[str, str]] = {}

    def add(self, pieces: Iterable[Mapping[str, Any]]) -> None:
        """Take the ``tool_calls`` of one chunk; raises `TypeError` or `AttributeError` for what is none."""
        for piece in pieces:
            parts = self._parts.setdefault(
                int(piece.get("index") or 0), {"id": "", "name": "", "arguments": ""}
            )
            function = piece.get("function") or {}
            parts["id"] = parts["id"] or str(piece.get("id") or "")
            parts["name"] += function.get("name") or ""
            parts["arguments"] += function.get("arguments") or ""

    def finish(self) -> list[ToolCall]:
        """All calls, in order."""
        ordered = [self._parts[index] for index in sorted(self._parts)[:MOST_CALLS]]
        return [
            ToolCall(parts["id"] or f"call-{number}", parts["name"], parts["arguments"] or "{}")
            for number, parts in enumerate(ordered)
        ]


class WrittenCalls:
    """Finds a call that a model writes as its answer, ``{"name": ..., "arguments": {...}}`` and no more.

    Small models (Qwen2.5-Coder 0.5B always) leave out the marks around a call that engines look for. Text is
    held back only while it can still become a call of one of the tools `names`. Once the call is written it
    is `complete`: what such a model writes after it are calls without end.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._held = ""
        self._passing = not names
        self._call: ToolCall | None = None

    @property
    def complete(self) -> bool:
        """The answer is a call, and all there is to know of it is known."""
        return self._call is not None

    def push(self, text: str) -> str:
        """What of the answer may be shown."""
        if self._passing:
            return text
        if self._call is not None:
            return ""
        self._held += text
        if self._may_become_call():
            if "}" in text:
                self._call = self._read()
            return ""
        self._passing = True
        held, self._held = self._held, ""
        return held

    def finish(self) -> tuple[str, tuple[ToolCall, ...]]:
        """The answer is over: what was held back, or the call that it is."""
        held, self._held = self._held, ""
        return ("", (self._call,)) if self._call is not None else (held, ())

    def _may_become_call(self) -> bool:
        text = _BARE.sub("", self._held)
        return any(
            beginning.startswith(text[: len(beginning)])
            for beginning in (*(f'{{"name":"{name}"' for name in self._names), *_MARKS)
        )

    def _read(self) -> ToolCall | None:
        """The call the text consists of, if it does."""
        try:
            value = json.loads(_MARKED.sub("", self._held))
            name, arguments = value["name"], value["arguments"]
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        if name not in self._names or not isinstance(arguments, dict):
            return None
        return ToolCall("written", name, json.dumps(arguments, ensure_ascii=False), bare=True)


def call_format(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """OpenAI's ``response_format`` that holds an answer to a call, as `WrittenCalls` reads it."""
    definitions: dict[str, Any] = {}
    for tool in tools:
        if isinstance(own := tool.parameters.get("$defs"), Mapping):
            definitions |= own  # they are referred to from the root
    calls = [
        {
            "type": "object",
            "properties": {"name": {"const": tool.name}, "arguments": tool.parameters},
            "required": ["name", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
    ]
    schema = {"$defs": definitions, "anyOf": calls}
    return {"type": "json_schema", "json_schema": {"name": "call", "schema": schema}}


_BARE = re.compile(r"\s+|```json|```(?=\s*\{)|<tool_call>")
_MARKED = re.compile(r"^\s*(?:```(?:json)?|<tool_call>)|(?:```|</tool_call>)\s*$")
_MARKS = ("```json", "<tool_call>")
