"""Which files can be read, and what those of plain text say.

Runs in the parser's process; what a file is named decides whether it is looked at, its first bytes how.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal, get_args

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.chunking import Heading, TextKind

Format = Literal["text", "markdown", "lines", "table", "code", "html", "docx", "pdf", "records"]

_MARKUP = {
    ".md": "markdown", ".markdown": "markdown", ".mdx": "markdown", ".html": "html", ".htm": "html",
    ".xhtml": "html", ".pdf": "pdf", ".docx": "docx", ".jsonl": "records", ".ndjson": "records",
    ".csv": "table", ".tsv": "table",
}  # fmt: skip
_TEXT = ".txt .text .rst .adoc .asciidoc .org .tex .srt .vtt .textile .wiki".split()
_LINES = (
    ".log .json .xml .yaml .yml .toml .ini .cfg .conf .properties .diff .patch .bib .ics .vcf .geojson"
).split()
_CODE = (
    ".py .pyi .js .mjs .cjs .ts .jsx .tsx .java .kt .kts .scala .groovy .c .h .cc .cpp .cxx .hpp .hh .cs .go "
    ".rs .rb .php .swift .m .mm .pl .pm .lua .r .jl .sh .bash .zsh .fish .ps1 .bat .sql .hs .ml .ex .exs "
    ".erl .clj .lisp .el .dart .vue .svelte .css .scss .less .qml .proto .graphql .cmake .gradle .nix .zig "
    ".nim .f90 .pas .asm .s .vb .tcl .v .vhd"
).split()
_SUFFIXES: Mapping[str, str] = (
    _MARKUP | dict.fromkeys(_TEXT, "text") | dict.fromkeys(_LINES, "lines") | dict.fromkeys(_CODE, "code")
)
_NAMES = {"readme": "text", "license": "text", "licence": "text", "makefile": "code", "dockerfile": "code"}
_PICTURES = frozenset(
    ".png .jpg .jpeg .webp .gif .bmp .tif .tiff .heic .heif .avif .svg .ico .raw .dng .psd".split()
)
_PICTURE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_OLD_WORD = b"\xd0\xcf\x11\xe0"  # also the envelope of a DOCX with a password

HEAD = 4096
"""Bytes of a file's beginning that tell what it is."""

LONGEST = 10_000_000
"""Characters of one document: several times the longest novels."""

LINES_NAMED = 5
"""Bad lines of a file that are told one by one."""

_LONGEST_LINE = 4 << 20  # bytes of one record
_SPEAKERS = ("speaker", "author", "sender", "from")  # names of metadata
_TIMES = ("created_at", "timestamp", "date_time", "datetime", "date", "time")
_LONGEST_NAME = 60
_LONGEST_ID = 200
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says: its text, how that is divided, and headings where the text does not show them."""

    text: str
    kind: TextKind = "text"
    headings: tuple[Heading, ...] = ()
    metadata: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a file of records; `number` counts from 1."""

    number: int
    id: str
    text: str
    metadata: Mapping[str, str | int | float | bool]

    @property
    def speaker(self) -> str:
        """Who says it, where the metadata tell and the text does not begin with it."""
        name = str(self._told(_SPEAKERS) or "").strip()
        return "" if len(name) > _LONGEST_NAME or self.text.startswith(name) else name

    @property
    def said_at(self) -> float | None:
        """When it was said, in s since the epoch, where the metadata tell: so, or as in ISO 8601."""
        value = self._told(_TIMES)
        try:
            moment = float(value) if isinstance(value, int | float) else datetime.fromisoformat(str(value))
            return moment if isinstance(moment, float) else moment.timestamp()
        except (ValueError, OverflowError, OSError):
            return None

    def _told(self, names: Sequence[str]) -> str | int | float | bool | None:
        return next((self.metadata[name] for name in names if self.metadata.get(name)), None)


def format_by_name(path: Path) -> Format | None:
    """What a file's name says it is; None for what cannot be read."""
    found = _SUFFIXES.get(path.suffix.lower()) or _NAMES.get(path.stem.lower())
    return next((name for name in get_args(Format) if name == found), None)


def format_of(path: Path, head: bytes) -> Format:
    """What a file is by its name and its first bytes.

    Raises `StorageError`: ``memory.picture``, ``memory.kind_unknown``, ``memory.not_as_named``.
    """
    named = format_by_name(path)
    if path.suffix.lower() in _PICTURES or (named is None and head.startswith(_PICTURE_STARTS)):
        raise StorageError(
            "memory.picture",
            "{file} is a picture, and there is no model that reads pictures.",
            "Take in what is written on it as text.",
            file=path,
        )
    if head.startswith(b"%PDF-") or (named == "pdf" and b"%PDF-" in head[:1024]):
        return "pdf"
    if named == "docx" and head.startswith(b"PK"):
        return "docx"
    if named in ("pdf", "docx"):
        reason = (
            "it is an old or protected Word file" if head.startswith(_OLD_WORD) else "its beginning is not"
        )
        raise not_as_named(path, reason)
    if named is not None:
        return named
    if _plain(head):
        return "text"
    raise StorageError(
        "memory.kind_unknown",
        "{file} is of a kind that cannot be read.",
        "These can: text, Markdown, source code, PDF, HTML, DOCX, and JSONL with an id and a text on a line.",
        file=path,
    )


def damaged(path: Path, kind: str) -> StorageError:
    """The error for a file whose inside is not what its format asks for."""
    return StorageError(
        "memory.damaged",
        "{file} cannot be read: it is no {kind} file, or a damaged one.",
        "Open it with another program, or get it once more.",
        file=path,
        kind=kind,
    )


def not_as_named(path: Path, reason: str) -> StorageError:
    """The error for a file that is not what its name says."""
    return StorageError(
        "memory.not_as_named",
        "{file} is not what its name says: {reason}.",
        "Save it once more with the program it comes from, or give it its right name.",
        file=path,
        reason=reason,
    )


# --- text -------------------------------------------------------------------------------------------------


def decode(path: Path, data: bytes) -> str:
    """Text of a file in any of the usual encodings, with plain line ends and no control characters.

    Raises `StorageError` ``memory.not_as_named`` for what is no text, ``memory.too_long``.
    """
    text = _decoded(data)
    if text is None:
        raise not_as_named(path, "it does not hold text")
    return tidy(path, text)


def tidy(path: Path, text: str) -> str:
    """As `clean`; raises `StorageError` ``memory.too_long``."""
    text = clean(text)
    if len(text) > LONGEST:
        raise too_long(path)
    return text


def clean(text: str) -> str:
    """Line ends as ``\\n``, no control characters, no halves of characters, which UTF-8 cannot hold."""
    return _storable(_CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")))


def too_long(path: Path) -> StorageError:
    """The error for more text than one document may have."""
    return StorageError(
        "memory.too_long",
        "{file} holds more than {millions} million characters.",
        "Divide it into several files.",
        file=path,
        millions=LONGEST // 1_000_000,
    )


def too_heavy(path: Path) -> StorageError:
    """The error for a document that asks for more memory or time than it may have."""
    return StorageError(
        "memory.too_heavy",
        "{file} was given up: reading it takes more memory or time than a document may.",
        "It may be damaged, or made to do harm. Save it anew, or divide it.",
        file=path,
    )


def _decoded(data: bytes) -> str | None:
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if (wide := _wide(data)) is not None:
        return wide
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    # Every byte is a letter in latin-1: what tells is how many control characters there are.
    strange = len(_CONTROLS.findall(text, 0, HEAD))
    return None if "\x00" in text[:HEAD] or strange > 0.02 * min(len(text), HEAD) else text


def _wide(data: bytes) -> str | None:
    """UTF-16 without its mark, as some programs write it: every second byte is 0 in Latin scripts."""
    head = data[:HEAD]
    if len(head) < 4 or len(head) % 2:
        return None
    for encoding, zeros, others in (
        ("utf-16-le", head[1::2], head[::2]),
        ("utf-16-be", head[::2], head[1::2]),
    ):
        if zeros.count(0) > 0.6 * len(zeros) and others.count(0) < 0.02 * len(others):
            return data.decode(encoding, errors="replace")
    return None


def _plain(head: bytes) -> bool:
    """Whether a file whose name says nothing holds text: only UTF-8 is taken for it."""
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD)
    except UnicodeDecodeError:
        return False
    return not _CONTROLS.search(text)


# --- records ----------------------------------------------------------------------------------------------


def records(file: BinaryIO) -> Iterator[Record | tuple[int, str]]:
    """The records of a JSONL file as they are read; for a bad line its number and what is wrong with it."""
    used: set[str] = set()
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = file.readline(_LONGEST_LINE)
            yield number, "it is too long"
            continue
        line = line.removeprefix(b"\xef\xbb\xbf").strip()
        if not line:
            continue
        found = _record(number, line)
        if isinstance(found, Record):
            if found.id in used:
                yield number, "its id is that of a line before"
                continue
            used.add(found.id)
            yield found
        else:
            yield number, found


def _record(number: int, line: bytes) -> Record | str:
    try:
        value = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        return "it is not JSON in UTF-8"
    if not isinstance(value, dict):
        return "it is not an object"
    identity, text, metadata = value.get("id"), value.get("text"), value.get("metadata")
    if isinstance(identity, int) and not isinstance(identity, bool):
        identity = str(identity)
    if not isinstance(identity, str) or not identity.strip() or len(identity) > _LONGEST_ID:
        return "it has no usable id"
    if not isinstance(text, str) or not text.strip():
        return "it has no text"
    if metadata is not None and not isinstance(metadata, dict):
        return "its metadata is not an object"
    return Record(number, _storable(identity), clean(text), _flat(metadata or {}))


def _flat(metadata: Mapping[str, object]) -> dict[str, str | int | float | bool]:
    """Values that a store keeps as they are; lists and objects as JSON."""
    return {
        _storable(name): _storable(value)
        if isinstance(value, str)
        else value
        if isinstance(value, bool | int | float)
        else json.dumps(value, ensure_ascii=True)
        for name, value in metadata.items()
        if value is not None
    }


def _storable(text: str) -> str:
    """Without halves of characters, which JSON and PDF may hold and UTF-8 may not."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def bad_lines(path: Path, count: int, bad: Sequence[tuple[int, str]]) -> StorageError:
    """The error for `count` lines that were left out; `bad` has number and reason of the first of them."""
    numbers = ", ".join(str(number) for number, _ in bad)
    return StorageError(
        "memory.bad_lines",
        "{count} lines of {file} were left out (line {lines}); the first: {reason}.",
        "Each line has to be an object with an id and a text.",
        count=count,
        file=path,
        lines=numbers + (", …" if count > len(bad) else ""),
        reason=bad[0][1],
    )
