"""A program comes to the local API for the first time while the window is open."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.raw_http import RawClient

__all__ = ["desktop"]  # a fixture


def click_first_answer(desktop: Desktop) -> None:
    """Click the first button of the question above the text field."""
    geometry = desktop.xdotool("getwindowgeometry", "--shell", desktop.window)
    height = int(next(line for line in geometry.splitlines() if line.startswith("HEIGHT=")).split("=")[1])
    desktop.xdotool("mousemove", "--window", desktop.window, "370", str(height - 134), "click", "1")


def test_a_program_waits_until_the_user_lets_it_in(desktop: Desktop) -> None:
    desktop.env["JARVIS_SERVER__ENABLED"] = "true"
    desktop.start()
    note = desktop.home / "runtime" / "server.json"
    wait_for("the server", note.exists)
    program = RawClient()
    program.port = json.loads(note.read_text())["port"]
    program.token = (desktop.home / "data" / "server.token").read_text().strip()
    audit = desktop.home / "logs" / "audit.jsonl"
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(program.ask)

        def let_in() -> bool:
            click_first_answer(desktop)  # where the question is not there yet, nothing is hit
            return waiting.done()

        wait_for("the window to ask", let_in)
        assert waiting.result(30).status == 200
    assert program.ask().status == 200
    clients = json.loads((desktop.home / "data" / "clients.json").read_text())["clients"]
    assert [(each["name"], each["standing"]) for each in clients] == [("default", "allowed")]
    wait_for("the audit", audit.exists)
