"""Documents made to do harm, or broken: each is refused in time with a reason, the next one is read."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import threading
import zipfile
import zlib
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import docx
import pytest

from jarvis_desktop.memory.ingest import Kept
from jarvis_desktop.memory.items import NewItem
from jarvis_desktop.memory.reading import Limits
from jarvis_desktop.memory.store import MemoryStore
from tests.conftest import ROOT
from tests.unit.memory.documents import Shelf, pdf, take_in

TIGHT = Limits(cpu_seconds=2.0, memory_bytes=400 << 20)  # by the clock a busy machine takes longer


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A document that has to be read after a bad one."""
    path = tmp_path / "good.txt"
    path.write_text("The berth is number 12.")
    return path


def problem_of(shelf: Shelf, bad: Path, good: Path, limits: Limits = TIGHT) -> str:
    """What is said of the bad file; the good one has to be read none the less."""
    first, second = take_in(shelf, bad, good, limits=limits)
    assert second.problem == ""
    assert [item.source for item in shelf.items.values()] == ["good.txt"]
    return first.problem


def word_document(body: bytes) -> bytes:
    """A Word document whose text is `body`, packed."""
    made = io.BytesIO()
    docx.Document().save(made)
    out = io.BytesIO()
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, body if name == "word/document.xml" else source.read(name))
    return out.getvalue()


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    bomb = tmp_path / "bomb.docx"
    bomb.write_bytes(word_document(b" " * (60 << 20)))
    assert bomb.stat().st_size < 1 << 20
    assert "would unpack to 60 MB" in problem_of(shelf, bomb, good)


def test_a_zip_that_lies_about_its_size_is_refused(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    content = word_document(b" " * (60 << 20))
    true, claimed = (60 << 20).to_bytes(4, "little"), (1 << 20).to_bytes(4, "little")
    assert content.count(true) == 2
    bomb = tmp_path / "liar.docx"
    bomb.write_bytes(content.replace(true, claimed))
    assert "damaged" in problem_of(shelf, bomb, good)


def test_entities_that_multiply_are_refused(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = (
        f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY e0 "boat">{levels}]><w:document xmlns:w="{word}">'
        "<w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>"
    )
    path = tmp_path / "laughs.docx"
    path.write_bytes(word_document(body.encode()))
    assert problem_of(shelf, path, good)


def test_a_pdf_that_would_fill_the_memory_is_given_up(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(pdf(content=zlib.compress(b"(boat) Tj " * 7_000_000)))
    assert path.stat().st_size < 1 << 20
    assert "more memory or time" in problem_of(shelf, path, good)


def test_a_pdf_that_takes_for_ever_is_given_up(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    path = tmp_path / "slow.pdf"
    content = b"BT /F1 12 Tf " + b"(boat) Tj T* " * 100_000 + b"ET"
    path.write_bytes(pdf(*[""] * 60, content=zlib.compress(content)))
    limits = Limits(seconds=5.0)  # a third of what it takes; the next reader has to start in it
    assert "more memory or time" in problem_of(shelf, path, good, limits)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on computing time")
def test_the_system_ends_what_computes_too_long(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    path = tmp_path / "slow.pdf"
    path.write_bytes(pdf(content=zlib.compress(b"BT " + b"(boat) Tj T* " * 1_500_000 + b"ET")))
    assert "more memory or time" in problem_of(shelf, path, good, Limits(cpu_seconds=1.0))


def test_pdfs_that_are_cut_off_or_scrambled_are_refused(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    whole = pdf(*["The harbour master said that the mooring costs 12 euros." * 3] * 20)
    chance = random.Random(1)
    for number in range(12):
        broken = bytearray(whole[: len(whole) // (number + 2)] if number % 2 else whole)
        for place in chance.sample(range(10, len(broken)), len(broken) // 20):
            broken[place] = chance.randrange(256)
        (tmp_path / f"broken{number}.pdf").write_bytes(broken)
    told = take_in(shelf, *sorted(tmp_path.glob("broken*.pdf")), good, limits=TIGHT)
    assert all(one.problem or one.passages for one in told)
    assert any("damaged" in one.problem for one in told)
    assert "good.txt" in {item.source for item in shelf.items.values()}


def test_a_pdf_with_a_password_is_refused(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(PdfReader(io.BytesIO(pdf("Secret."))))
    writer.encrypt("password")
    path = tmp_path / "secret.pdf"
    writer.write(path)
    assert "protected by a password" in problem_of(shelf, path, good)


def test_files_too_large_or_with_too_much_text_are_refused(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(101 << 20)
    assert "has 101 MB; documents of up to 100 MB are read" in problem_of(shelf, huge, good)
    long = tmp_path / "long.txt"
    long.write_text("The boat. " * 1_100_000)
    assert "more than 10 million characters" in problem_of(Shelf(), long, good, Limits())


def test_a_line_without_end_spoils_only_itself(tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "notes.jsonl"
    with path.open("w") as file:
        file.write('{"id": "a", "text": "Before."}\n{"id": "long", "text": "' + "x" * (9 << 20) + '"}\n')
        file.write("[" * 100_000 + '\n{"id": "\\ud800", "text": "After. \\ud800"}')
    [told] = take_in(shelf, path, limits=Limits(memory_bytes=TIGHT.memory_bytes))
    assert [item.text for item in shelf.items.values()] == ["Before.", "After. ?"]
    assert "(line 2, 3); the first: it is too long" in told.problem


def test_deeply_nested_pages_do_no_harm(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    path = tmp_path / "deep.html"
    path.write_text("<div>" * 200_000 + "boat" + "</div>" * 200_000)
    told = take_in(shelf, path, good, limits=TIGHT)
    assert told[1].problem == ""
    assert told[0].problem or "boat" in shelf.by_name("deep.html").text


@pytest.mark.skipif(os.name == "nt", reason="needs named pipes")
def test_pipes_and_names_in_no_encoding_are_refused(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    assert "neither a file nor a folder" in problem_of(shelf, pipe, good)
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    odd.write_text("A name of another time.")
    assert "its name is not in UTF-8" in problem_of(Shelf(), odd, good)


@pytest.mark.skipif(os.name == "nt", reason="files are kept from reading in another way there")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path, shelf: Shelf, good: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("Mine.")
    path.chmod(0)
    if os.geteuid() == 0:  # who may read every file, except those of the kernel that are only to be written
        path = Path("/sys/bus/platform/drivers_probe")
    assert "cannot be opened: Permission denied" in problem_of(shelf, path, good)


WRITER = """
import asyncio, sys
from pathlib import Path
from tests.faults.test_ingest_faults import StoreShelf
from jarvis_desktop.memory.ingest import Ingest

async def main(file, folder):
    async for told in Ingest(StoreShelf(Path(file))).run([Path(folder)]):
        print(told.file, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


class StoreShelf:
    """The store itself, opened by this process."""

    def __init__(self, file: Path) -> None:
        self.store = MemoryStore(file)
        self.store.open()

    async def documents(self, owner: str) -> Sequence[Kept]:
        return [Kept(*each) for each in self.store.documents(owner)]

    async def add(self, items: Sequence[NewItem]) -> Sequence[str]:
        return self.store.add(items)

    async def drop(self, item_ids: Sequence[str], owner: str) -> None:
        self.store.drop(item_ids)


def test_kill_9_loses_nothing_that_was_told_and_the_next_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(300):
        (folder / f"{number:03}.md").write_text(f"# Note {number}\n\nThe berth of this one is {number}.")
    file = tmp_path / "memory.sqlite3"
    told: set[str] = set()
    for rounds in (1, 2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file), str(folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            for _ in range(100 * rounds):
                told.add(writer.stdout.readline().strip())
            writer.kill()
            told |= {line.strip() for line in writer.stdout if line.endswith("\n")}
        shelf = StoreShelf(file)
        assert told <= {location for _, location, _ in shelf.store.documents()} | {""}
        shelf.store.close()
    shelf = StoreShelf(file)
    again = take_in(shelf, folder)
    assert {one.file for one in again if one.skipped} >= told - {""}
    assert len(shelf.store.documents()) == 300
    shelf.store.close()


def test_documents_cannot_call_home(tmp_path: Path, shelf: Shelf) -> None:
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        home = f"http://127.0.0.1:{server.server_port}"
        page = (
            f'<!DOCTYPE html SYSTEM "{home}/dtd"><html><head><link rel=stylesheet href="{home}/css"></head>'
        )
        page += f'<body><img src="{home}/img"><iframe src="{home}/frame"></iframe><p>boat</p></body></html>'
        body = f"""<?xml version="1.0"?><!DOCTYPE d SYSTEM "{home}/dtd" [<!ENTITY x SYSTEM "{home}/entity">]>
            <w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>
            <w:t>boat &x;</w:t></w:r></w:p></w:body></w:document>"""
        uri = f"/OpenAction << /S /URI /URI ({home}/uri) >> ".encode()
        (tmp_path / "page.html").write_text(page)
        (tmp_path / "word.docx").write_bytes(word_document(body.encode()))
        (tmp_path / "paper.pdf").write_bytes(pdf("boat", extra=uri))
        take_in(shelf, tmp_path)
        assert {"page.html", "paper.pdf"} <= {item.source for item in shelf.items.values()}
        assert asked == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
