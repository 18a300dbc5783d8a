"""Cuts a reply into chunks to be spoken while the rest is still being generated."""

from __future__ import annotations

import re

FIRST_CLAUSE = 10
"""Characters: the first chunk may end at a comma from here on, so that the voice starts early."""

PATIENCE = 40
"""Characters: where no punctuation comes within these, the first chunk ends before a conjunction instead."""

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
_CONJUNCTION = re.compile(
    r"(?<=[^\W\d_]{4})(?<!nta)\s"  # not in "by which" nor in "treinta y dos"
    r"(?=(?:and|but|because|while|which|where|when|although|if|or"
    r"|y|e|o|pero|porque|mientras|aunque|cuando|donde|si)\s)"
)
_SHORTEST_BEFORE_CONJUNCTION = 20  # characters
_OPEN_SPAN = re.compile(
    r"""
    `[^`\n]*\Z                             # code
    | \[[^\]\n]*\Z | \]\([^)\n]*\Z     # a link's text, its address
    | (?<![\w$])\$(?![\s\d])[^$\n]*\Z   # a formula
    """,
    re.VERBOSE,
)
_CODE_SPAN = re.compile(r"`[^`\n]*`|(?<![\w$])\$(?![\s\d])[^$\n]+\$")
_OPENING = "(¿¡\"'“«*_["
_ABBREVIATIONS = frozenset(
    word
    for words in (
        "mr mrs ms dr prof st jr vs approx fig inc ltd co dept est",  # English
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
    boundary = next((found for found in _BOUNDARY.finditer(text) if _ends_chunk(text, found, first)), None)
    if first and len(text) > PATIENCE + 2 and (boundary is None or boundary.start() > PATIENCE):
        for conjunction in _CONJUNCTION.finditer(text, _SHORTEST_BEFORE_CONJUNCTION):
            if boundary is not None and boundary.start() < conjunction.start():
                break
            if not _inside_span(text[: conjunction.start()]):
                return conjunction.end()
    if boundary is not None:
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
    if _inside_span(before):
        return False
    if boundary["clause"]:
        return first and len(before.strip()) >= FIRST_CLAUSE
    if boundary["stop"].rstrip() != ".":
        return True
    following = text[boundary.end() : boundary.end() + 1]
    word = before.split()[-1].lower().strip(_OPENING)
    if word == "etc" or (word[-1:].isdigit() and not _numbers_item(before)):
        return bool(following) and not following.islower()  # "el 3. de mayo"; one character more decides
    return not _abbreviates(before)


def _inside_span(before: str) -> bool:
    """Whether code, a link or a formula that began before goes on."""
    line = _CODE_SPAN.sub("", before.rpartition("\n")[2])
    return _OPEN_SPAN.search(line) is not None


def _numbers_item(before: str) -> bool:
    return _NUMBERING.fullmatch(before.rpartition("\n")[2] + ".") is not None


def _abbreviates(before: str) -> bool:
    """Whether a full stop behind `before` belongs to its last word (or numbers a list)."""
    word = before.split()[-1].lstrip(_OPENING)
    if word == "I":
        return False
    return word.casefold() in _ABBREVIATIONS or _INITIALS.fullmatch(word) is not None or _numbers_item(before)
