"""What Jarvis reads in files of each kind, and what it says of those it cannot read."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import MemoryKind
from jarvis_desktop.memory.formats import clean, decode
from tests.unit.memory.documents import Shelf, pdf, take_in

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def write(folder: Path, files: dict[str, str | bytes]) -> list[Path]:
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [folder / name for name in files]


def texts(shelf: Shelf) -> dict[str, str]:
    return {item.source: item.text for item in shelf.items.values()}


def test_text_in_any_usual_encoding(tmp_path: Path, shelf: Shelf) -> None:
    said = "El año pasado en Cádiz: 5 €"
    encodings = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252")
    files = {f"{encoding}.txt": f"{said}\r\n{encoding}\r\n".encode(encoding) for encoding in encodings}
    told = take_in(shelf, *write(tmp_path, files | {"old.txt": "Cádiz\x81".encode("latin-1")}))
    assert [one.problem for one in told] == [""] * 7
    expected = {f"{encoding}.txt": f"{said}\n{encoding}\n" for encoding in encodings}
    assert texts(shelf) == expected | {"old.txt": "Cádiz\x81"}


@given(st.text(st.characters(), max_size=200))
def test_whatever_a_document_says_can_be_stored(said: str) -> None:
    text = clean(said)
    assert text.encode().decode() == text
    assert not set(text) & {"\x00", "\x1b", "\r"}


@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    with contextlib.suppress(StorageError):
        decode(Path("any.txt"), data).encode()


def test_a_document_knows_where_it_came_from(tmp_path: Path, shelf: Shelf) -> None:
    [path] = write(tmp_path, {"Ideas für «Palma» 1.md": "# Palma\n\nMend the genoa."})
    [told] = take_in(shelf, path, owner="work")
    [item] = shelf.items.values()
    assert (told.file, told.passages, told.skipped) == (str(path), 1, False)
    assert (item.kind, item.source, item.location) == (MemoryKind.DOCUMENT, path.name, str(path))
    assert (item.owner, item.created_at) == ("work", path.stat().st_mtime)


def test_pdf_pages_are_read_and_words_made_whole(tmp_path: Path, shelf: Shelf) -> None:
    content = pdf("The harbour master (Ana) said the\nmoor-\ning costs 12 euros.", "Second page: año nuevo.")
    take_in(shelf, *write(tmp_path, {"mooring.pdf": content, "named.txt": content}))
    item = shelf.by_name("mooring.pdf")
    assert (
        item.text == "The harbour master (Ana) said the\nmooring costs 12 euros.\n\nSecond page: año nuevo."
    )
    assert item.metadata == {"pages": 2}
    assert len(shelf.items) == 1  # the other is the same file under a name that does not tell


def test_a_pdf_that_only_may_not_be_changed_is_read(tmp_path: Path, shelf: Shelf) -> None:
    writer = PdfWriter(PdfReader(io.BytesIO(pdf("Berth number 12."))))
    writer.encrypt("", owner_password="mine", algorithm="AES-256")
    writer.write(tmp_path / "locked.pdf")
    take_in(shelf, tmp_path / "locked.pdf")
    assert texts(shelf) == {"locked.pdf": "Berth number 12."}


def test_html_as_a_reader_sees_it(tmp_path: Path, shelf: Shelf) -> None:
    page = """<!doctype html><html><head><title>Boat - my site</title>
    <style>p { color: red }</style></head><body>
    <nav><a href="/">Home</a></nav><script>var hidden = "script";</script>
    <h1>The <em>boat</em></h1><p>It lies in&nbsp;Palma,
    berth&#32;12.</p><h2>Engine</h2><ul><li>Oil: 5&nbsp;l</li><li>Filter: <b>new</b></li></ul>
    <table><tr><th>Part</th><th>Price</th></tr><tr><td>Pump</td><td>80 €</td></tr></table>
    <p hidden>gone</p><div style="display: none">gone</div><span aria-hidden="true">gone</span>
    <pre>a  b
  c</pre><!-- gone --><form><input value="gone"><button>gone</button></form></body></html>"""
    plain = '<html><head><meta charset="{0}"></head><body><p>Cádiz año</p></body></html>'
    files: dict[str, str | bytes] = {
        "boat.html": page,
        "old.htm": plain.format("iso-8859-1").encode("iso-8859-1"),
        "wide.html": plain.format("utf-16").encode("utf-16"),
    }
    take_in(shelf, *write(tmp_path, files))
    assert shelf.by_name("boat.html").text == (
        "The boat\n\nIt lies in Palma, berth 12.\n\nEngine\n\nOil: 5 l\nFilter: new\n\n"
        "Part | Price\nPump | 80 €\n\na  b\n  c"
    )
    assert [context for context, _ in shelf.passages("boat.html")] == [""]
    assert shelf.by_name("old.htm").text == shelf.by_name("wide.html").text == "Cádiz año"


def test_word_documents_with_headings_tables_and_changes(tmp_path: Path, shelf: Shelf) -> None:
    document = docx.Document()
    document.add_heading("The boat", 0)
    document.add_paragraph(
        "It lies in Palma, in the second row of the old harbour, next to the fuel dock. " * 2
    )
    document.add_heading("Engine", 1)
    changed = document.add_paragraph(
        "Change the oil in May, and the filter with it; the pump is looked at too. " * 2
    )
    inserted = changed._p.makeelement(docx.oxml.ns.qn("w:ins"))
    changed._p.append(inserted)
    inserted.append(document.add_paragraph("Inserted.").runs[0]._r)
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ["Part", "Price", "Pump", "80 €"], strict=True
    ):
        cell.text = text
    file = io.BytesIO()
    document.save(file)
    take_in(shelf, *write(tmp_path, {"boat.docx": file.getvalue()}))
    found = shelf.passages("boat.docx")
    assert [context for context, _ in found] == ["", "The boat"]
    assert found[0][1].startswith("The boat\n\nIt lies in Palma")
    assert found[1][1].startswith("Engine\n\nChange the oil")
    assert found[1][1].endswith("Inserted.\nPart | Price\nPump | 80 €")


def test_records_become_notes_with_their_ids_and_bad_lines_are_told(tmp_path: Path, shelf: Shelf) -> None:
    lines = [
        '{"id": "a", "text": "Ana lives in Palma.", "metadata": {"year": 2021, "tags": ["x"], "none": null}}',
        "",
        '{"id": "b"}',
        "not json",
        json.dumps({"id": 7, "text": "Said twice. " * 100}),
        '{"id": "a", "text": "again"}',
        '["a"]',
    ]
    [told] = take_in(shelf, *write(tmp_path, {"notes.jsonl": "\ufeff" + "\n".join(lines)}))
    assert list(shelf.items) == ["a", "7"]
    note = shelf.items["a"]
    assert (note.kind, note.text, note.source) == (MemoryKind.NOTE, "Ana lives in Palma.", "notes.jsonl")
    assert note.metadata == {"year": 2021, "tags": '["x"]'}
    assert [len(item.spans) for item in shelf.items.values()] == [1, 1]
    assert told.passages == 2
    assert told.problem.startswith("4 lines of")
    assert "(line 3, 4, 6, 7); the first: it has no text." in told.problem


def test_who_said_a_record_and_when_is_taken_from_its_metadata(tmp_path: Path, shelf: Shelf) -> None:
    records = [
        ({"speaker": "Ana", "date": "2023-05-08T13:56:00+00:00"}, "I sail on Sundays."),
        ({"speaker": "Ana", "timestamp": 1_700_000_000}, "Ana: I moor in Palma."),
        ({"author": "", "date": "a Sunday"}, "Nobody said this."),
    ]
    lines = [
        json.dumps({"id": str(number), "text": text, "metadata": metadata})
        for number, (metadata, text) in enumerate(records)
    ]
    take_in(shelf, *write(tmp_path, {"talk.jsonl": "\n".join(lines)}))
    first, second, third = shelf.items.values()
    assert [item.spans[0].context for item in (first, second, third)] == ["Ana", "", ""]
    assert (first.created_at, second.created_at) == (1_683_554_160.0, 1_700_000_000.0)
    assert third.created_at > 1_750_000_000


def test_code_tables_and_data_are_read(tmp_path: Path, shelf: Shelf) -> None:
    files: dict[str, str | bytes] = {
        "boat.py": "def lies_in():\n    return b'%PDF-1.4'\n",
        "berths.csv": "berth,boat\n12,Ana\n",
        "settings.json": '{"berth": 12}',
        "README": "Read me.",
        "notes.unheard-of": "Plain text under a name that says nothing.",
    }
    told = take_in(shelf, *write(tmp_path, files))
    assert [one.problem for one in told] == [""] * 5
    assert shelf.passages("boat.py") == [("boat.py", "def lies_in():\n    return b'%PDF-1.4'")]
    assert texts(shelf) == files


def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, shelf: Shelf) -> None:
    files: dict[str, str | bytes] = {
        "photo.png": PNG,
        "photo": PNG,
        "program.bin": bytes(range(256)) * 20,
        "wrong.txt": bytes(range(256)) * 20,
        "wrong.pdf": "<html>not found</html>",
        "wrong.docx": b"\xd0\xcf\x11\xe0" + bytes(600),
        "scan.pdf": pdf(content=b""),
        "empty.txt": b"",
        "blank.md": " \n\n",
    }
    told = take_in(shelf, *write(tmp_path, files), tmp_path / "nowhere.txt")
    problems = {Path(one.file).name: one.problem for one in told}
    assert "is a picture, and there is no model that reads pictures" in problems["photo.png"]
    assert problems["photo"] == problems["photo.png"].replace("photo.png", "photo")
    assert "of a kind that cannot be read" in problems["program.bin"]
    assert "not what its name says: it does not hold text" in problems["wrong.txt"]
    assert "not what its name says" in problems["wrong.pdf"]
    assert "an old or protected Word file" in problems["wrong.docx"]
    assert "its pages are pictures" in problems["scan.pdf"]
    assert "is empty" in problems["empty.txt"]
    assert "is empty" in problems["blank.md"]
    assert "There is no file or folder" in problems["nowhere.txt"]
    assert not shelf.items
