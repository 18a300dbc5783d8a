"""Tools a model asks for: put together from the pieces of a stream, or read out of what it wrote as text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any

from jarvis_desktop.ports import ToolCall

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
    """Finds calls that a model writes as its answer, ``{"name": ..., "arguments": {...}}`` and nothing else.

    Small models (Qwen2.5-Coder 0.5B always) leave out the marks around a call that engines look for. Text is
    held back only while it can still become a call of one of the tools `names`.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._held = ""
        self._passing = not names

    def push(self, text: str) -> str:
        """What of the answer may be shown."""
        if self._passing:
            return text
        self._held += text
        if self._may_become_call():
            return ""
        self._passing = True
        held, self._held = self._held, ""
        return held

    def finish(self) -> tuple[str, list[ToolCall]]:
        """The answer is over: what was held back, or the calls that it is."""
        held, self._held = self._held, ""
        calls = self._calls(held)
        return ("", calls) if calls else (held, [])

    def _may_become_call(self) -> bool:
        text = _BARE.sub("", self._held)
        return any(
            beginning.startswith(text[: len(beginning)])
            for beginning in (*(f'{{"name":"{name}"' for name in self._names), *_MARKS)
        )

    def _calls(self, text: str) -> list[ToolCall]:
        """The calls `text` consists of; empty when there is anything else in it."""
        decoder, calls, number = json.JSONDecoder(), list[ToolCall](), count()
        text = _FENCE.sub("", text).strip()
        while text and len(calls) < MOST_CALLS:
            try:
                value, end = decoder.raw_decode(text)
                name, arguments = value["name"], value["arguments"]
            except (ValueError, TypeError, KeyError, RecursionError):
                return []
            if name not in self._names or not isinstance(arguments, dict):
                return []
            calls.append(ToolCall(f"written-{next(number)}", name, json.dumps(arguments, ensure_ascii=False)))
            text = text[end:].lstrip(" \n,;")
        return calls


_BARE = re.compile(r"\s+|```json|```(?=\s*\{)|<tool_call>")
_FENCE = re.compile(r"```(?:json)?|</?tool_call>")
_MARKS = ("```json", "<tool_call>")
