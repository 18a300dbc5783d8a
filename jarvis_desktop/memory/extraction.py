"""Texts of PDF, HTML and DOCX files. Others wrote them: runs in the parser's process, under its limits."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.chunking import Heading
from jarvis_desktop.memory.formats import LONGEST, Document, clean, damaged, not_as_named, tidy, too_long

_MOST_UNPACKED = 200 << 20  # bytes of all parts of a DOCX
_MOST_RATIO = 200  # of what is packed; text of a document packs 5 to 20 times
_RATIO_FROM = 20 << 20  # bytes; below, any ratio is harmless
_MOST_PARTS = 10_000

_HYPHENATED = re.compile(r"(?<=[a-zà-ÿ])[-\u00ad]\n(?=[a-zà-ÿ])")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "\u00ad": None})
_BLANKS = re.compile(r"[^\S\n]+")
_LEADERS = re.compile(r"(?: ?\.){4,}")  # dots that lead to a page number
_GAPS = re.compile(r"\n{3,}")


class _Writer:
    """A text that grows by blocks, and where its headings are."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []

    def block(self, text: str, *, gap: str = "\n\n", level: int = 0) -> None:
        """Add a paragraph, or a heading with a `level`; raises `StorageError` when it is too much."""
        text = clean(text).strip()
        if not text:
            return
        if self._length:
            self._add(gap)
        start = self._length
        self._add(text)
        if level:
            self._headings.append(Heading(start, self._length, level, " ".join(text.split())))

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
        if self._length > LONGEST:
            raise too_long(self._path)

    def document(self) -> Document:
        return Document("".join(self._parts), headings=tuple(self._headings))


# --- PDF --------------------------------------------------------------------------------------------------


def pdf(path: Path, data: bytes, wanted: Callable[[], bool]) -> Document:
    """Text of a PDF, a page after the other; pages that cannot be read are left out.

    Raises `StorageError`: ``memory.damaged``, ``memory.protected``, ``memory.scan``, ``memory.too_long``.
    """
    from pypdf import PasswordType, PdfReader

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            raise _protected(path)
        count = len(reader.pages)
    except (StorageError, MemoryError):
        raise
    except Exception as error:  # whatever a damaged file makes of the library
        raise damaged(path, "PDF") from error
    pages: list[str] = []
    failed = length = 0
    for number in range(count):
        if not wanted():
            break
        try:
            text = reader.pages[number].extract_text()
        except MemoryError:
            raise
        except Exception:  # as above; the other pages may be sound
            failed += 1
            continue
        pages.append(text.strip())
        length += len(text)
        if length > LONGEST:
            raise too_long(path)
    text = tidy(path, "\n\n".join(filter(None, pages)).translate(_LIGATURES))
    text = _LEADERS.sub(" …", _BLANKS.sub(" ", text))
    text = _HYPHENATED.sub("", _GAPS.sub("\n\n", text))
    if not text.strip():
        raise damaged(path, "PDF") if failed or not count else _scan(path)
    return Document(text, metadata={"pages": count} | ({"unread_pages": failed} if failed else {}))


# --- HTML -------------------------------------------------------------------------------------------------

_UNREAD = frozenset(
    "script style nav noscript template svg math head iframe object embed canvas audio video form button "
    "select textarea input datalist dialog".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer "
    "header h1 h2 h3 h4 h5 h6 hr html li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_CLOSE = frozenset({"li", "tr", "dt", "dd"})  # lines below each other rather than paragraphs
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def html(path: Path, data: bytes) -> Document:
    """Text of a web page as a reader sees it: no scripts, navigation or hidden parts; nothing is fetched.

    Raises `StorageError`: ``memory.damaged``, ``memory.too_long``.
    """
    from lxml import etree

    encoding = _html_encoding(data)
    parser = etree.HTMLParser(encoding=encoding, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.LxmlError, LookupError, ValueError) as error:
        raise damaged(path, "HTML") from error
    if root is None:
        raise damaged(path, "HTML")
    writer = _Writer(path)
    if root.find(".//h1") is None:
        writer.block(" ".join(root.findtext(".//title", "").split()), level=1)
    _Page(writer).walk(root)
    return writer.document()


def _html_encoding(data: bytes) -> str | None:
    """UTF-8 where it is that; else what the page says itself (None), or else what most such pages are in."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return None if b"charset" in data[:2048].lower() else "cp1252"
    return "utf-8"


class _Page:
    """The walk over a page: text between tags is collected; where a block begins or ends it becomes one."""

    def __init__(self, writer: _Writer) -> None:
        self._writer = writer
        self._inline: list[str] = []
        self._level = 0  # of the heading that is open
        self._gap = "\n\n"
        self._verbatim = 0  # <pre> that are open

    def walk(self, root: Any) -> None:
        from lxml import etree

        events = etree.iterwalk(root, events=("start", "end"))
        for event, element in events:
            unread = element.tag in _UNREAD or _is_hidden(element)
            if event == "start" and unread:
                events.skip_subtree()
            elif event == "start":
                self._begin(element)
            else:
                if not unread:
                    self._end(element)
                self._inline.append(element.tail or "")
        self._flush()

    def _begin(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
            if tag in _CLOSE and element.getprevious() is not None:
                self._gap = "\n"
            if tag[0] == "h" and tag[1:].isdigit():
                self._level = int(tag[1:])
        elif tag == "br":
            self._inline.append("\n" if self._verbatim else " ")
        self._verbatim += tag == "pre"
        self._inline.append(element.text or "")

    def _end(self, element: Any) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._flush()
            self._level = 0
        elif tag in ("td", "th") and element.getnext() is not None:
            self._inline.append(" | ")
        self._verbatim -= tag == "pre"

    def _flush(self) -> None:
        text = "".join(self._inline)
        text = text if self._verbatim else " ".join(text.split())
        self._inline.clear()
        if text.strip():
            self._writer.block(text, gap=self._gap, level=self._level)
            self._gap = "\n\n"


def _is_hidden(element: Any) -> bool:
    get = element.get
    return (
        get("hidden") is not None
        or get("aria-hidden") == "true"
        or get("role") == "navigation"
        or bool(_HIDDEN.search(get("style") or ""))
    )


# --- DOCX -------------------------------------------------------------------------------------------------

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_WORD_UNREAD = frozenset({_FALLBACK, *(_WORD + name for name in ("del", "moveFrom", "rPr", "pPr"))})
_SPACES = {f"{_WORD}tab": "\t", f"{_WORD}br": "\n", f"{_WORD}cr": "\n", f"{_WORD}noBreakHyphen": "-"}
_HEADING_STYLE = re.compile(r"heading ([1-9])$", re.IGNORECASE)


def docx(path: Path, data: bytes) -> Document:
    """Text of a Word document, with tables, text boxes and inserted changes; rows of tables are lines.

    Raises `StorageError`: ``memory.damaged``, ``memory.bomb``, ``memory.too_long``.
    """
    import docx as python_docx

    try:
        _refuse_bomb(path, data)
        document = python_docx.Document(io.BytesIO(data))
        levels = {style.style_id: _style_level(str(style.name)) for style in document.styles}
        writer = _Writer(path)
        for text, style, gap in _word_blocks(document.element.body):
            writer.block(text, gap=gap, level=levels.get(style, 0))
        return writer.document()
    except (StorageError, MemoryError):
        raise
    except Exception as error:  # whatever a damaged file makes of the library
        raise damaged(path, "DOCX") from error


def _refuse_bomb(path: Path, data: bytes) -> None:
    """Sizes are those that the archive claims; Python's reader gives no more than these."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        if "word/document.xml" not in archive.namelist():
            raise not_as_named(path, "it is no Word document")
    unpacked = sum(part.file_size for part in parts)
    too_dense = unpacked > _RATIO_FROM and unpacked > _MOST_RATIO * len(data)
    if unpacked > _MOST_UNPACKED or len(parts) > _MOST_PARTS or too_dense:
        raise StorageError(
            "memory.bomb",
            "{file} would unpack to {size} MB, far more than a document holds.",
            "It is made to fill memory, or damaged; do not open it.",
            file=path,
            size=unpacked >> 20,
        )


def _style_level(name: str) -> int:
    """Level of a heading's style, below the document's title; 0 for other styles."""
    if name == "Title":
        return 1
    found = _HEADING_STYLE.match(name)
    return int(found[1]) + 1 if found else 0


def _word_blocks(body: Any) -> Iterator[tuple[str, str, str]]:
    """Text, style id and the gap before it, of each paragraph and each row of a table."""
    from lxml import etree

    walk = etree.iterwalk(body, events=("start", "end"))
    runs: list[str] = []
    rows: list[list[str]] = []  # cells of each row that is open, tables standing in cells of others
    for event, element in walk:
        tag = element.tag
        if event == "start":
            if tag in _WORD_UNREAD:
                walk.skip_subtree()
            elif tag == f"{_WORD}tr":
                rows.append([])
            elif tag == f"{_WORD}tc" and rows:
                rows[-1].append("")
            else:
                runs.append((element.text or "") if tag == f"{_WORD}t" else _SPACES.get(tag, ""))
        elif tag in (f"{_WORD}p", f"{_WORD}tr"):
            if tag == f"{_WORD}p":
                text, style, gap = "".join(runs).strip(), _style_of(element), "\n\n"
                runs.clear()
            else:
                text, style, gap = " | ".join(" ".join(cell.split()) for cell in rows.pop()), "", "\n"
            if rows and rows[-1]:
                rows[-1][-1] += f" {text}"
            elif text.strip(" |"):
                yield text, style, gap


def _style_of(paragraph: Any) -> str:
    style = paragraph.find(f"{_WORD}pPr/{_WORD}pStyle")
    return "" if style is None else str(style.get(f"{_WORD}val"))


# --- refusals ---------------------------------------------------------------------------------------------


def _protected(path: Path) -> StorageError:
    return StorageError(
        "memory.protected",
        "{file} is protected by a password.",
        "Save a copy without one and take that in.",
        file=path,
    )


def _scan(path: Path) -> StorageError:
    return StorageError(
        "memory.scan",
        "{file} holds no text: its pages are pictures, as those of a scan.",
        "Have a program recognise the text first (OCR), then take it in again.",
        file=path,
    )
