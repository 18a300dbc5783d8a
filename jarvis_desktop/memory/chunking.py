"""Divides a text into passages: what is searched, embedded and quoted as one piece."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from jarvis_desktop.memory.items import Span

TextKind = Literal["text", "markdown", "lines", "table", "code", "record"]
"""Divided at paragraphs and sentences; at headings too; at lines; so, below the first one; at definitions;
and hardly ever."""

PASSAGE = 1_200
"""Characters of a passage at most: some 300 tokens, which tells one thing; the encoder reads 512."""

RECORD = 1_800
"""Characters up to which a record, a note or a turn stays one passage."""

_TOKENS = 480  # of a passage at most
_PLAIN, _DENSE_TOKENS = 0.25, 0.8  # tokens of a Latin letter or a space, and of any other character
_LEAST, _LEAST_SECTION = 200, 80  # characters; what is shorter goes with its neighbour where it can
_TITLE, _CONTEXT = 80, 200  # characters of one heading, and of the path of them

_DENSE = re.compile(r"[^A-Za-zÀ-ɏ\s]")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n")
_ENTRY = re.compile(r"\n(?=\s*(?:[-*+•|>]|\d+[.)])\s)")  # of a list or a table
_SENTENCE = re.compile(r"[.!?…][\"'”’»)\]]*\s+|[。！？]")
_SPACE = re.compile(r"\s+")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_ATX = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)[ \t#]*$")
_UNDERLINE = re.compile(r" {0,3}(={3,}|-{3,})[ \t]*$")
_DEFINITION = (
    r"(?:(?:export|default|pub|pub\(\w+\)|public|private|protected|internal|static|abstract|final|async|unsafe"
    r"|inline|override|virtual|suspend|data|sealed|partial)[ \t]+)*"
    r"(?:def|class|func|fun|fn|function|interface|struct|enum|impl|trait|type|module|namespace|object|record"
    r"|protocol|extension|sub|procedure|CREATE)\b"
)
_INNER = re.compile(rf"\n(?=[ \t]*(?:@\w[^\n]*\n[ \t]*)*{_DEFINITION})")
_OUTER = re.compile(rf"{_DEFINITION}|[A-Za-z_][\w \t*&:<>,~\[\]]*\([^;\n]*[{{)][ \t]*$")
_LEADS = re.compile(r"(?:@|#|//|/\*|\*|--|\"\"\")|[ \t]+\*")  # belongs to the definition on the next line

# Where a passage may end, best place first, and the share of it that has to be full by then.
_PROSE = ((_PARAGRAPH, 0.33), (_ENTRY, 0.4), (_SENTENCE, 0.4), (_LINE, 0.4), (_SPACE, 0.5))
_LINES = ((_PARAGRAPH, 0.5), (_LINE, 0.4), (_SPACE, 0.5))
_PLACES: dict[TextKind, tuple[tuple[re.Pattern[str], float], ...]] = {
    "text": _PROSE,
    "markdown": _PROSE,
    "record": _PROSE,
    "lines": _LINES,
    "table": _LINES,
    "code": ((_INNER, 0.33), (_PARAGRAPH, 0.33), (_LINE, 0.4), (_SPACE, 0.5)),
}


@dataclass(frozen=True, slots=True)
class Heading:
    """A line of a text that names what follows: from `start` up to `end`; 1 is the top level."""

    start: int
    end: int
    level: int
    title: str


@dataclass(frozen=True, slots=True)
class _Section:
    start: int
    end: int
    above: str  # context of the passage that begins with the heading itself
    within: str  # of those after it


def spans(
    text: str, kind: TextKind = "text", *, context: str = "", headings: Sequence[Heading] = ()
) -> tuple[Span, ...]:
    """Passages in order, without overlap, that hold every character but white space between them.

    `context` stands before that of every passage (a file's name, a speaker). `headings`, in order, are for
    texts that do not show them as Markdown does.
    """
    if kind == "record":
        start, end = _trimmed(text, 0, len(text))
        if start < end <= _reach(text, start, end, RECORD):
            return (Span(start, end, context),)
    found = headings or _HEADINGS.get(kind, _no_headings)(text)
    return tuple(
        Span(start, end, section.within if number else section.above)
        for section in _sections(text, found, context, least=_LEAST if kind == "code" else _LEAST_SECTION)
        for number, (start, end) in enumerate(_pieces(text, section, _PLACES[kind]))
    )


def _pieces(
    text: str, section: _Section, places: Sequence[tuple[re.Pattern[str], float]]
) -> Iterator[tuple[int, int]]:
    start, end = _trimmed(text, section.start, section.end)
    while start < end:
        reach = _reach(text, start, end, PASSAGE)
        if reach < end:
            # a last passage of a few words would say nothing by itself
            reach = max(start + 1, min(reach, max(end - _LEAST, start + _LEAST)))
            reach = _cut(text, start, reach, places)
        yield _trimmed(text, start, reach)
        start, _ = _trimmed(text, reach, end)


def _reach(text: str, start: int, end: int, most: int) -> int:
    """How far a passage may go from `start`: characters, and tokens, of which other scripts have more."""
    end = min(end, start + most)
    dense = len(_DENSE.findall(text, start, end))
    tokens = (end - start - dense) * _PLAIN + dense * _DENSE_TOKENS
    return end if tokens <= _TOKENS else start + max(1, int((end - start) * _TOKENS / tokens))


def _cut(text: str, start: int, reach: int, places: Sequence[tuple[re.Pattern[str], float]]) -> int:
    for pattern, full in places:
        least = start + max(1, int((reach - start) * full))
        ends = [match.end() for match in pattern.finditer(text, least, reach)]
        if ends:
            return ends[-1]
    return reach


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


# --- sections ---------------------------------------------------------------------------------------------


def _sections(text: str, headings: Sequence[Heading], root: str, *, least: int) -> Iterator[_Section]:
    """The parts that headings make; a heading with nothing below it goes with the next one.

    So does a part of fewer than `least` characters (imports, a word or two) where that makes one passage.
    """
    path: list[Heading] = []
    begun: _Section | None = _Section(0, 0, root, root)
    for number, heading in enumerate(headings):
        end = headings[number + 1].start if number + 1 < len(headings) else len(text)
        above = _path(root, [h for h in path if h.level < heading.level])
        path = [*(h for h in path if h.level < heading.level), heading]
        if number == 0 and text[: heading.start].strip():
            begun = _Section(0, heading.start, root, root)
            if heading.start > least or end > PASSAGE:
                yield begun
                begun = None
        start, above = (begun.start, begun.above) if begun else (heading.start, above)
        begun = _Section(start, end, above, _path(root, path))
        following = headings[number + 2].start if number + 2 < len(headings) else len(text)
        short = end - start < least and following - start <= PASSAGE
        if number + 1 < len(headings) and (short or not text[heading.end : end].strip()):
            continue
        yield begun
        begun = None
    if not headings:
        yield _Section(0, len(text), root, root)


def _path(root: str, headings: Sequence[Heading]) -> str:
    titles = [heading.title[:_TITLE].strip() for heading in headings]
    path = " > ".join(filter(None, [root, *titles]))
    return path if len(path) <= _CONTEXT else "… " + path[-_CONTEXT:].partition(" ")[2]


def _no_headings(text: str) -> list[Heading]:
    return []


def _markdown_headings(text: str) -> list[Heading]:
    found: list[Heading] = []
    fence = ""
    before, above = (0, ""), ""  # the line before with its place, and the one above that
    start = 0
    for line in text.splitlines(keepends=True):
        bare, end = line.rstrip(), start + len(line)
        if opened := _FENCE.match(bare):
            fence = "" if fence == opened[1] else fence or opened[1]
        elif not fence:
            if atx := _ATX.match(bare):
                found.append(Heading(start, end, len(atx[1]), atx[2]))
            elif (under := _UNDERLINE.match(bare)) and before[1] and not above:
                found.append(Heading(before[0], end, 1 if under[1][0] == "=" else 2, before[1].strip()))
        above, before, start = before[1], (start, bare), end
    return found


def _definitions(text: str) -> list[Heading]:
    """Top-level definitions with the decorators and comments right above them."""
    found: list[Heading] = []
    start, lead = 0, None  # where what belongs to the next definition begins
    for line in text.splitlines(keepends=True):
        bare, end = line.rstrip(), start + len(line)
        if _OUTER.match(bare):
            found.append(Heading(start if lead is None else lead, end, 1, bare.rstrip(" :{(")))
            lead = None
        elif _LEADS.match(bare):
            lead = start if lead is None else lead
        else:
            lead = None
        start = end
    return found


def _first_line(text: str) -> list[Heading]:
    """Of a table: it names the columns."""
    start, _ = _trimmed(text, 0, len(text))
    end = text.find("\n", start) + 1 or len(text)
    return [Heading(start, end, 1, text[start:end].strip())] if start < end else []


_HEADINGS = {"markdown": _markdown_headings, "code": _definitions, "table": _first_line}
