"""Markdown in messages: what is frozen, what a stream shows, and what is never loaded."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication

from jarvis_desktop.ui.markdown import MarkdownStream, SealedDocument, finished_length, render
from jarvis_desktop.ui.text_view import TextView
from jarvis_desktop.ui.theme import LIGHT, Theme
from tests.injections import HOSTILE

from .conftest import Pump

LONG = "\n\n".join(
    [
        "# Trip to Rome",
        "Two days are **enough** for the *centre*; see [the map](https://example.org/map).",
        "1. Walk to the Forum.\n2. Eat.\n\n   Twice.\n3. Sleep.",
        "```python\ndef walk(where):\n\n    return where\n```",
        "| Day | Place |\n|---|---|\n| 1 | Forum |\n| 2 | Ostia |",
        "> Book the train early.",
        "- water\n- shoes\n\n- hat",
        "~~~\n```\nnot a fence\n```\n~~~",
        "The end.",
    ]
)


@pytest.fixture
def theme(app: QApplication) -> Theme:
    made = Theme(app)
    made.apply("light", 1.0)
    return made


@pytest.mark.parametrize(
    ("text", "finished"),
    [
        ("", ""),
        ("still going", ""),
        ("one\n\n", ""),
        ("one\n\ntwo", "one\n\n"),
        ("one\n\ntwo\n\nthree", "one\n\ntwo\n\n"),
        ("```\na\n\nb", ""),
        ("```\na\n\nb\n```\n\nc", "```\na\n\nb\n```\n\n"),
        ("~~~\n```\n\nx\n~~~\n\ny", "~~~\n```\n\nx\n~~~\n\n"),
        ("- a\n\n- b", ""),
        ("- a\n\n  more of a", ""),
        ("- a\n\n- b\n\nafter", "- a\n\n- b\n\n"),
        ("1. a\n\n2", ""),  # it may become "2. b"
        ("a\n\n-", ""),  # it may become "- b"
    ],
)
def test_only_blocks_that_cannot_change_are_finished(text: str, finished: str) -> None:
    assert text[: finished_length(text)] == finished


@pytest.mark.parametrize("step", [1, 3, 7, 50])
def test_a_streamed_reply_reads_like_the_whole_one(app: QApplication, step: int) -> None:
    whole = SealedDocument()
    render(whole, LONG, LIGHT)
    streamed = SealedDocument()
    stream = MarkdownStream(streamed, LIGHT)
    for start in range(0, len(LONG), step):
        stream.append(LONG[start : start + step])
        stream.flush()
    assert _lines(streamed) == _lines(whole)


def test_at_every_step_a_streamed_reply_says_what_the_same_text_says_at_once(app: QApplication) -> None:
    streamed = SealedDocument()
    stream = MarkdownStream(streamed, LIGHT)
    for end in range(0, len(LONG), 3):
        stream.append(LONG[end : end + 3])
        stream.flush()
        whole = SealedDocument()
        render(whole, LONG[: end + 3], LIGHT)
        assert streamed.toPlainText().split() == whole.toPlainText().split()


def test_three_thousand_tokens_arrive_complete(theme: Theme, pump: Pump) -> None:
    view = TextView(theme)
    view.resize(600, 100)
    view.show()
    tokens = [f"word{number} " if number % 12 else f"word{number}.\n\n" for number in range(3000)]
    for number, token in enumerate(tokens):
        view.append_markdown(token)
        if number % 100 == 0:
            QApplication.processEvents()
    pump(lambda: "word2999" in view.toPlainText())
    shown = view.toPlainText().split()
    view.set_markdown("".join(tokens))
    assert shown == "".join(tokens).split()
    assert view.toPlainText().split() == shown
    assert view.given_text == "".join(tokens)
    assert view.height() >= view.document().size().height() - 1


def test_a_change_of_theme_does_not_lose_what_was_streamed(theme: Theme, pump: Pump) -> None:
    view = TextView(theme)
    view.append_markdown("first **half** ")
    pump(lambda: "first" in view.toPlainText())
    theme.apply("dark", 1.0)
    view.append_markdown("second half")
    pump(lambda: "second half" in view.toPlainText())
    assert view.toPlainText() == "first half second half"


def test_html_is_shown_and_not_obeyed(theme: Theme) -> None:
    view = TextView(theme)
    view.set_markdown('Hello <b>there</b> <img src="file:///etc/hostname">')
    assert "<b>there</b>" in view.toPlainText()
    assert "<img" in view.toPlainText()


def test_no_picture_is_loaded_from_file_or_network(theme: Theme, tmp_path: Path, pump: Pump) -> None:
    secret = tmp_path / "secret.png"
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(0xFF0000)
    assert image.save(str(secret))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = listener.getsockname()[1]
        view = TextView(theme)
        view.resize(400, 300)
        source = (
            f"![file]({secret.as_uri()}) ![path]({secret}) ![net](http://127.0.0.1:{port}/x.png)\n\n"
            f"<img src='http://127.0.0.1:{port}/y.png'> ![data](data:image/png;base64,iVBORw0KGgo=)"
        )
        for token in source.split(" "):
            view.append_markdown(token + " ")
            QApplication.processEvents()
        view.set_markdown(source)
        view.show()
        picture = view.grab().toImage()
        with pytest.raises(TimeoutError):
            listener.accept()
    assert "\ufffc" not in view.toPlainText()  # the mark of a picture
    assert "[file]" in view.toPlainText()
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert 0xFFFF0000 not in colours


def test_answers_that_repeat_hostile_passages_reach_nothing(theme: Theme) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        port = str(listener.getsockname()[1])
        view = TextView(theme)
        opened: list[str] = []
        view.link_activated.connect(opened.append)
        view.show()
        for hostile in HOSTILE:
            source = hostile.replace("{port}", port)
            view.set_markdown("")
            view.append_markdown(source)
            QApplication.processEvents()
            view.set_markdown(source)
            QApplication.processEvents()
            view.set_plain(source)
            assert "\ufffc" not in view.toPlainText()
        with pytest.raises(TimeoutError):
            listener.accept()
    assert opened == []


def test_links_do_not_open_and_only_web_addresses_are_offered(theme: Theme) -> None:
    view = TextView(theme)
    offered: list[str] = []
    view.link_activated.connect(offered.append)
    view.set_markdown("[web](https://example.org/a) [file](file:///etc/passwd) [odd](javascript:alert(1))")
    for address in ("https://example.org/a", "file:///etc/passwd", "javascript:alert(1)"):
        view.anchorClicked.emit(address)
    assert offered == ["https://example.org/a"]
    assert not view.openLinks()


def test_a_look_alike_address_is_shown_as_it_is_sent(theme: Theme) -> None:
    view = TextView(theme)
    offered: list[str] = []
    view.link_activated.connect(offered.append)
    view.anchorClicked.emit("https://\u0430\u0440\u0440\u04cf\u0435.com/")  # "apple" in Cyrillic letters
    assert offered == ["https://xn--80ak6aa92e.com/"]


def _lines(document: QTextDocument) -> list[str]:
    return [line for line in document.toPlainText().splitlines() if line.strip()]
