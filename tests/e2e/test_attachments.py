"""A file that belongs to a chat, in the real window: chosen by keys, read, cited, kept, taken away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.screen_reader import ScreenReader, screen_reader
from tests.e2e.sound import sound_card

__all__ = ["desktop", "sound_card"]  # fixtures

FILE_MANAGER = """
import sys
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication
app = QGuiApplication([])
data = QMimeData()
data.setUrls([QUrl.fromLocalFile(sys.argv[1])])
app.clipboard().setMimeData(data)
app.processEvents()
print("copied", flush=True)
app.exec()
"""

LEASE = """Lease of the flat in Elm Street 12

The landlord is Mr Paul Okafor.
The deposit is 1850 euros, due before the keys are handed over.
Cats are welcome; drums are not.
"""


@contextmanager
def copied(desktop: Desktop, file: Path) -> Iterator[None]:
    """A file manager in which the file was copied."""
    program = subprocess.Popen(
        [sys.executable, "-c", FILE_MANAGER, str(file)], env=desktop.env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == "copied\n"
        yield
    finally:
        program.terminate()
        program.communicate()


def paste(desktop: Desktop, file: Path) -> None:
    with copied(desktop, file):
        desktop.click_text_field()
        desktop.xdotool("key", "--window", desktop.window, "ctrl+v")
        wait_for("the file", lambda: file.name in names(desktop))


def choose(desktop: Desktop, name: str) -> None:
    """Add a file of the program's folder by the dialog that Ctrl+O opens."""
    desktop.xdotool("key", "--window", desktop.window, "ctrl+o")
    search = ("search", "--onlyvisible", "--sync", "--name", "Which files shall Jarvis read")
    dialog = desktop.xdotool(*search).split()[0]
    desktop.activate(dialog)
    desktop.xdotool("type", "--delay", "15", name)
    desktop.xdotool("key", "Return")  # to whoever has the keyboard: the dialog is gone before the key is up


def names(desktop: Desktop) -> list[str]:
    """Of the files that are kept."""
    with sqlite3.connect(f"file:{desktop.home / 'data' / 'jarvis.sqlite3'}?mode=ro", uri=True) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM attachments ORDER BY number")]


def shows(reader: ScreenReader, desktop: Desktop, words: str) -> bool:
    assert desktop.process is not None
    return words in reader.read(desktop.process.pid)


def press(reader: ScreenReader, desktop: Desktop, name: str) -> None:
    assert desktop.process is not None
    pid = desktop.process.pid
    wait_for(name, lambda: reader.press(pid, name))


def test_files_are_chosen_pasted_read_cited_kept_and_taken_away(desktop: Desktop, tmp_path: Path) -> None:
    lease = tmp_path / "lease.txt"
    lease.write_text(LEASE)
    with screen_reader(desktop.env) as reader:
        desktop.env = dict(reader.env)
        desktop.start()
        choose(desktop, "LICENSE")
        wait_for("a long file", lambda: shows(reader, desktop, "LICENSE, 11 kB, read in parts"))
        paste(desktop, lease)
        wait_for("the chip", lambda: shows(reader, desktop, "lease.txt, 1 kB"))
        press(reader, desktop, "Take LICENSE out of this chat")
        wait_for("the long file to go", lambda: names(desktop) == ["lease.txt"])
        desktop.click_text_field()
        desktop.ask("How many euros is the deposit?")
        wait_for("the answer", lambda: len(desktop.messages()) == 2)
        wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
        assert "1850" in desktop.messages()[1][1].replace(",", "").replace(".", "")
        wait_for("the citation", lambda: shows(reader, desktop, "Source 1: lease.txt"))
        assert desktop.running("parser_worker") == []
        desktop.quit()

        desktop.start()
        wait_for("the chip", lambda: shows(reader, desktop, "lease.txt, 1 kB"))
        wait_for("the citation", lambda: shows(reader, desktop, "Source 1: lease.txt"))
        press(reader, desktop, "Take lease.txt out of this chat")
        wait_for("the chip to go", lambda: not shows(reader, desktop, "lease.txt, 1 kB"))
        assert names(desktop) == []
    kept = [file for file in (desktop.home / "data").rglob("*") if file.is_file()]
    assert [file.name for file in kept if b"Okafor" in file.read_bytes()] == []
