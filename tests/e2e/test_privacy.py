"""Privacy on real parts: nothing leaves a sealed Jarvis, and nothing is left of one that was deleted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jarvis_desktop.events import Connection
from jarvis_desktop.network import filter as system_filter
from jarvis_desktop.network.ledger import Ledger
from tests.conftest import Recording
from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.sound import SoundCard, sound_card
from tests.e2e.test_window import question_file
from tests.stranger import Stranger, stranger

__all__ = ["desktop", "sound_card"]  # fixtures

# What Python runs at the start of every child: it calls another computer, past all that Python could refuse.
CALLS_HOME = """
import ctypes, os, pathlib, socket, struct
if "JARVIS_WATCHED" in os.environ:
    libc = ctypes.CDLL(None, use_errno=True)
    address = struct.pack("=H", 2) + struct.pack("!H", {port}) + socket.inet_aton({host!r}) + bytes(8)
    reached = libc.connect(libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0), address, 16) == 0
    pathlib.Path({log!r}, str(os.getpid())).write_text("reached" if reached else str(ctypes.get_errno()))
"""


def open_privacy(desktop: Desktop) -> str:
    """Open the privacy window by its key; returns the window's number."""
    desktop.activate()
    desktop.xdotool("key", "--window", desktop.window, "ctrl+shift+p")
    found = desktop.xdotool("search", "--sync", "--onlyvisible", "--name", "^Privacy").split()[0]
    desktop.activate(found)
    return found


def press(desktop: Desktop, window: str, *names: str) -> None:
    desktop.xdotool("key", "--window", window, "--delay", "60", *names)


def treacherous(desktop: Desktop, other: Stranger) -> Path:
    """Have every child process call the other computer; returns the folder where each tells how it went."""
    code, log = desktop.home / "code", desktop.home / "calls"
    code.mkdir()
    log.mkdir()
    (code / "sitecustomize.py").write_text(CALLS_HOME.format(port=other.port, host=other.host, log=str(log)))
    desktop.env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(code), desktop.env.get("PYTHONPATH"))))
    return log


def listed(ledger: Ledger, log: Path) -> tuple[Connection, ...]:
    """What is in the list once it has all that were tried, of which another process tells."""
    noted = ledger.read()
    return noted if len(noted) == len(list(log.iterdir())) else ()


@pytest.mark.skipif(not system_filter.available(), reason="needs Linux 5.5 with seccomp")
def test_sealed_a_spoken_turn_works_and_no_process_reaches_another_computer(
    desktop: Desktop, sound_card: SoundCard, recordings: list[Recording], tmp_path: Path
) -> None:
    """Every child process tries to; the list names each try, and the switch in the window ends it at once."""
    settings = desktop.home / "config" / "config.toml"
    settings.parent.mkdir()
    settings.write_text("[privacy]\noffline = true\n")
    with stranger() as other:
        log = treacherous(desktop, other)
        desktop.start()
        wait_for("the models", desktop.loaded)
        desktop.xdotool("keydown", "--window", desktop.window, "space")
        wait_for("the microphone to open", lambda: desktop.title().startswith("Listening"))
        assert sound_card.speak(question_file(recordings, tmp_path)).wait(30) == 0
        desktop.xdotool("keyup", "--window", desktop.window, "space")
        wait_for("the answer", lambda: len(desktop.messages()) == 2 and desktop.messages()[1][1])
        wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
        assert "time" in desktop.messages()[0][1].lower()

        ledger = Ledger(desktop.home / "data" / "connections.jsonl")
        noted = wait_for("the list to have each try", lambda: listed(ledger, log))
        assert {each.read_text() for each in log.iterdir()} == {"1"}  # EPERM
        assert len(noted) >= 4  # hearing, transcription, engine, voice
        assert {(each.host, each.port, each.allowed) for each in noted} == {(other.host, other.port, False)}
        assert {"hearing", "transcription", "speech"} <= {each.who for each in noted}

        press(desktop, open_privacy(desktop), "space")
        wait_for("the setting", lambda: "true" not in settings.read_text())
        memory, *_ = desktop.running("memory_worker")
        memory.kill()  # another one is started when it is needed, and calls as well
        desktop.activate()
        desktop.click_text_field()
        desktop.ask("What is the capital of France?")
        wait_for("the call", lambda: other.heard)


def test_everything_is_deleted_by_keyboard_and_no_file_tells_what_was_said(desktop: Desktop) -> None:
    desktop.start()
    desktop.ask("Remember that I meet Ana at the old lighthouse.")
    wait_for("the answer", lambda: len(desktop.messages()) == 2 and desktop.messages()[1][1])
    home = [folder for folder in desktop.home.iterdir() if folder.is_dir() and not folder.is_symlink()]
    assert any(b"lighthouse" in file.read_bytes() for folder in home for file in files(folder))

    window = open_privacy(desktop)
    press(desktop, window, "shift+Tab", "space")  # the last button asks; the keyboard is on what keeps all
    press(desktop, window, "Tab", "space")
    assert desktop.process is not None
    assert desktop.process.wait(30) == 0

    assert [file for folder in home for file in files(folder)] == []
    assert (desktop.home / "models").is_symlink()


def files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]
