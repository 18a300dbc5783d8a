"""Cuts a reply into chunks to be spoken while the rest is still being generated."""

from __future__ import annotations

import re

FIRST_CLAUSE = 10
"""Characters: the first chunk may end at a comma from here on, so that the voice starts early."""

_LONGEST = 300  # characters; a reply without punctuation is cut at a space
_FENCE = re.compile(r"\s*(```|~~~)")
_BOUNDARY = re.compile(
    r"""
    (?P<stop> [.!?…]+ ["'”’»)\]*_]* [ \t]+ )   # the space behind tells a full stop from "$29.50"
    | (?P<line> \n\s* )
    | (?P<clause> [,;:—] [ \t]+ )
    """,
    re.VERBOSE,
)
_ABBREVIATIONS = frozenset(
    word
    for words in (
        "mr mrs ms dr prof st jr vs etc approx fig inc ltd co dept est",  # English
        "sr sra srta dra dña ud uds vd vds pág págs núm tel av avda aprox ej máx mín ee uu gral ing",
    )
    for word in words.split()
)
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")  # "e.g", "p.m", "J"
_NUMBERING = re.compile(r"\s*\d{1,3}\.")


class ReplyChunker:
    """`ports.SentenceChunker`: the first clause, then whole sentences; all chunks joined are the reply."""

    def __init__(self) -> None:
        self._rest = ""
        self._first = True

    def push(self, token: str) -> list[str]:
        """Chunks completed by this token."""
        self._rest += token
        chunks = []
        while cut := _cut(self._rest, self._first):
            chunks.append(self._rest[:cut])
            self._rest = self._rest[cut:]
            self._first = False
        return chunks

    def flush(self) -> list[str]:
        """What is left at the end of the reply."""
        rest, self._rest = self._rest, ""
        return [rest] if rest else []


def _cut(text: str, first: bool) -> int:
    """Where the first chunk of `text` ends, 0 while that cannot be told."""
    if fence := _FENCE.match(text):
        closing = re.compile(rf"\n[ \t]*{fence[1]}[^\n]*\n").search(text, fence.end())
        return closing.end() if closing else 0
    for boundary in _BOUNDARY.finditer(text):
        if _ends_chunk(text, boundary, first):
            return boundary.end()
    if len(text) > _LONGEST:
        return max(text.rfind(" ", 0, _LONGEST), text.rfind("\n", 0, _LONGEST)) + 1 or _LONGEST
    return 0


def _ends_chunk(text: str, boundary: re.Match[str], first: bool) -> bool:
    before = text[: boundary.start()]
    if not before.strip():
        return False
    if boundary["line"]:
        return True
    if boundary["clause"]:
        return first and len(before.strip()) >= FIRST_CLAUSE
    return not (boundary["stop"].rstrip() == "." and _abbreviates(before))


def _abbreviates(before: str) -> bool:
    """Whether a full stop behind `before` belongs to its last word (or numbers a list)."""
    word = before.split()[-1].lstrip("(¿¡\"'“«*_")
    if word == "I":
        return False
    line = before.rpartition("\n")[2]
    return (
        word.casefold() in _ABBREVIATIONS
        or _INITIALS.fullmatch(word) is not None
        or _NUMBERING.fullmatch(line + ".") is not None
    )
