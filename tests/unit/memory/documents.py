"""Documents as other programs write them, and a shelf to put them on."""

from __future__ import annotations

import asyncio
import io
import zlib
from collections.abc import Sequence
from pathlib import Path

from jarvis_desktop.events import Ingested
from jarvis_desktop.memory import ingest
from jarvis_desktop.memory.ingest import Ingest, Kept
from jarvis_desktop.memory.items import NewItem
from jarvis_desktop.memory.reading import Limits


def pdf(*pages: str, content: bytes | None = None, extra: bytes = b"") -> bytes:
    """A PDF with a line of text for each line of a page; `content` instead is the raw stream of each page."""
    streams = [content] * max(1, len(pages)) if content is not None else [_shown(page) for page in pages]
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(streams)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R " + extra + b">>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, stream in enumerate(streams):
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            b"/Contents %d 0 R >>" % (5 + 2 * number),
            b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        ]
    out = io.BytesIO(b"%PDF-1.4\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def _shown(page: str) -> bytes:
    lines = (line.encode("cp1252").replace(b"(", b"\\(").replace(b")", b"\\)") for line in page.split("\n"))
    shown = b"".join(b"(%s) Tj T*\n" % line for line in lines)
    return zlib.compress(b"BT /F1 12 Tf 14 TL 50 800 Td\n" + shown + b"ET")


class Shelf:
    """Keeps items as the store does, in memory."""

    def __init__(self) -> None:
        self.items: dict[str, NewItem] = {}
        self.adds: list[list[str]] = []

    async def documents(self, owner: str) -> Sequence[Kept]:
        return [
            Kept(item.id, item.location, item.content_hash)
            for item in self.items.values()
            if item.content_hash and item.owner == owner
        ]

    async def add(self, items: Sequence[NewItem]) -> Sequence[str]:
        new = [
            item.id for item in items if item.id not in self.items or self.items[item.id].text != item.text
        ]
        self.items |= {item.id: item for item in items}
        self.adds.append([item.id for item in items])
        return new

    async def drop(self, item_ids: Sequence[str], owner: str) -> None:
        for each in item_ids:
            del self.items[each]

    def by_name(self, name: str) -> NewItem:
        return next(item for item in self.items.values() if item.source == name)

    def passages(self, name: str) -> list[tuple[str, str]]:
        """Context and text of each passage of a document."""
        item = self.by_name(name)
        return [(span.context, item.text[span.start : span.end]) for span in item.spans]


def take_in(
    shelf: ingest.Shelf, *paths: Path, owner: str = "", limits: Limits | None = None, own: Sequence[Path] = ()
) -> list[Ingested]:
    """One run over `paths`; what it tells of each file."""

    async def run() -> list[Ingested]:
        return [told async for told in Ingest(shelf, limits or Limits(), own).run(paths, owner=owner)]

    told = asyncio.run(run())
    assert told[-1] == Ingested(len(told) - 1, len(told) - 1)
    assert [one.done for one in told[:-1]] == list(range(1, len(told)))
    return told[:-1]
