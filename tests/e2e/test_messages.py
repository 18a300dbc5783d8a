"""What a user does with messages, by keys alone, in the real window."""

from __future__ import annotations

import sqlite3

from tests.e2e.screen import Desktop, desktop, wait_for
from tests.e2e.sound import sound_card

__all__ = ["desktop", "sound_card"]  # fixtures


def tree(desktop: Desktop) -> list[tuple[str, str, str, str, bool]]:
    """Id, parent, role, text of every stored message, and whether it is the version on show."""
    connection = sqlite3.connect(f"file:{desktop.home / 'data' / 'jarvis.sqlite3'}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT id, parent, role, text, shown FROM messages ORDER BY number")
        return [(*row[:4], bool(row[4])) for row in rows]
    finally:
        connection.close()


def press(desktop: Desktop, key: str, times: int = 1) -> None:
    desktop.xdotool("key", "--window", desktop.window, "--delay", "60", *[key] * times)


def test_an_answer_is_asked_for_again_copied_and_the_first_one_shown(desktop: Desktop) -> None:
    """From a question Tab goes to what can be done with it, then to the answer, and so on."""
    del desktop.env["JARVIS_ENGINE__TEMPERATURE"]  # the two answers are told apart
    desktop.start()
    desktop.ask("Name one colour of the rainbow.")
    wait_for("the answer", lambda: len(desktop.messages()) == 2)
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")

    desktop.click_question()
    press(desktop, "Tab", len(["copy", "change", "answer", "copy", "read", "again"]))
    press(desktop, "space")
    wait_for("another answer", lambda: len(desktop.messages()) == 3)
    wait_for("the end of the turn", lambda: desktop.title() == "Jarvis")
    question, first, second = tree(desktop)
    assert first[1] == second[1] == question[0]
    assert (first[4], second[4]) == (False, True)

    desktop.click_question()
    press(desktop, "Tab", len(["copy", "change", "answer", "copy"]))
    press(desktop, "space")
    press(desktop, "Tab", len(["read", "again", "earlier"]))
    press(desktop, "space")
    wait_for("the first answer", lambda: tree(desktop)[1][4])
    desktop.click_text_field()
    press(desktop, "ctrl+v")
    press(desktop, "Return")
    wait_for("the next question", lambda: len(desktop.messages()) >= 4)
    assert tree(desktop)[3][1:4] == (first[0], "user", second[3].strip())
