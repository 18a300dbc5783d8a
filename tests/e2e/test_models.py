"""A model comes onto the disk through the real window, while Jarvis answers, and over a restart."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.model_server import Server, server

__all__ = ["desktop", "server"]  # fixtures

NAME = "smollm2-135m"
HELD = 32 << 20  # bytes; whole blocks of the downloader, so that all of them are written


def open_models(desktop: Desktop) -> str:
    """Open the models window by its key; returns the window's number."""
    desktop.activate()
    desktop.xdotool("key", "--window", desktop.window, "ctrl+shift+m")
    found = desktop.xdotool("search", "--sync", "--onlyvisible", "--name", "^Models").split()[0]
    desktop.activate(found)
    return found


def press_until(desktop: Desktop, window: str, done: Callable[[], bool], *more: str) -> None:
    """Search for the model and press its main button, and `more` keys, until that has an effect.

    The button is past the filter and the licence; the list may not be there yet.
    """

    def pressed() -> bool:
        desktop.xdotool("key", "--window", window, "ctrl+f")
        desktop.xdotool("type", "--window", window, "--delay", "15", NAME)
        desktop.xdotool("key", "--window", window, "--delay", "60", "Tab", "Tab", "Tab", "space", *more)
        deadline = time.monotonic() + 3
        while not done() and time.monotonic() < deadline:
            time.sleep(0.05)
        return done()

    wait_for("what the button does", pressed)


def test_a_download_beside_a_chat_survives_a_restart_and_is_used(
    desktop: Desktop, models_home: Path, server: Server
) -> None:
    """Download, close the window, chat, quit; start again, go on, and have the new model answer."""
    shared = models_home / "models"
    server.content = next((shared / NAME).glob("*.gguf")).read_bytes()
    server.hold_after = HELD
    models = desktop.home / "models"
    models.unlink()  # a link to the shared ones, of which each but one is linked now
    models.mkdir()
    for folder in shared.iterdir():
        if folder.name != NAME:
            (models / folder.name).symlink_to(folder)
    desktop.env |= {"HF_ENDPOINT": server.url, "NO_PROXY": "127.0.0.1"}

    desktop.start()
    window = open_models(desktop)
    press_until(desktop, window, lambda: any((models / NAME).glob("*.part")))
    desktop.xdotool("key", "ctrl+w")  # to whichever has the keyboard: its window is gone before the key is up
    desktop.activate()
    desktop.ask("What is the capital of France?")
    wait_for("the answer", lambda: len(desktop.messages()) == 2 and "Paris" in desktop.messages()[1][1])
    (part,) = (models / NAME).glob("*.part")
    wait_for("all that the server gave", lambda: part.stat().st_size == HELD)
    assert desktop.process is not None
    os.kill(desktop.process.pid, signal.SIGTERM)
    desktop.process.wait(20)
    assert part.stat().st_size == HELD

    asked, server.hold_after = len(server.requests), None
    server.let_go.set()
    desktop.start()
    window = open_models(desktop)
    wait_for("the models", desktop.loaded)
    assert len(server.requests) == asked, "nothing is fetched unasked"
    press_until(desktop, window, lambda: len(server.requests) > asked)
    wait_for("the model, checked", (models / NAME / ".verified.json").exists)
    assert server.requests[asked:] == [f"bytes={HELD}-"]
    assert part.with_suffix("").read_bytes() == server.content

    settings = desktop.home / "config" / "config.toml"
    press_until(desktop, window, lambda: settings.exists() and NAME in settings.read_text(), "Down", "Return")
    wait_for("the engine with the new model", lambda: desktop.running("llama_server.py", NAME))
