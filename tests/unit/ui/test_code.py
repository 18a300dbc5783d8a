"""Blocks of code in answers: named, copied, in colours of the theme."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor, QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.events import ReplyToken, TurnStarted
from jarvis_desktop.ui.action_buttons import CopyButton
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.code import MOST_COLOURED, code_blocks
from jarvis_desktop.ui.markdown import MarkdownStream, SealedDocument, render
from jarvis_desktop.ui.theme import DARK, LIGHT

from .conftest import Pump
from .driving import answers, finished, play
from .fake_core import FakeCore, FakeSettings

PYTHON = "def area(r):\n    # of a circle 🟠\n    return 'about', 3.14"
ANSWER = f"Two ways:\n\n```python\n{PYTHON}\n```\n\nand\n\n```\nplain <b>text</b>\n```\n"


def rendered(source: str) -> QTextDocument:
    document = SealedDocument()
    render(document, source, LIGHT)
    return document


def colour_of(document: QTextDocument, words: str) -> str:
    """The colour of the first such words; "" where they have none of their own."""
    found = document.find(words, 0, QTextDocument.FindFlag.FindCaseSensitively)
    assert not found.isNull()
    at = QTextCursor(document)
    at.setPosition(found.selectionEnd())  # its format is that of the character before
    look = at.charFormat()
    brush = look.foreground()
    return "" if brush.style() is Qt.BrushStyle.NoBrush else brush.color().name().upper()


def coloured(document: QTextDocument) -> bool:
    return bool(colour_of(document, "return"))


def test_words_texts_and_comments_are_told_apart_also_after_an_emoji() -> None:
    document = rendered(ANSWER)
    assert colour_of(document, "def") == LIGHT.accent
    assert colour_of(document, "# of a circle") == LIGHT.second
    assert colour_of(document, "return") == LIGHT.accent
    assert colour_of(document, "about") == LIGHT.warning
    assert colour_of(document, "3.14") == LIGHT.warning
    assert colour_of(document, "area") == ""
    assert colour_of(document, "plain") == ""


@pytest.mark.parametrize(
    ("given", "language"),
    [
        ("py", "Python"),
        ("c++", "C++"),
        ("", ""),
        ("<b>brainwave</b>", "<b>brainwave</b>"),
        ("x" * 99, "x" * 24),
    ],
)
def test_a_block_knows_its_language_as_people_call_it(given: str, language: str) -> None:
    (code,) = code_blocks(rendered(f"Look:\n\n```{given}\nprint\n```"))
    assert code.language == language


def test_very_long_code_stays_plain_and_whole() -> None:
    long = "return 1\n" * (MOST_COLOURED // 9 + 2)
    document = rendered(f"```python\n{long}```\n")
    assert not coloured(document)
    (code,) = code_blocks(document)
    assert code.text == long.rstrip("\n")


def test_growing_code_gets_its_colours_when_it_is_finished() -> None:
    document = SealedDocument()
    stream = MarkdownStream(document, LIGHT)
    stream.append(f"Look:\n\n```python\n{PYTHON}\n")
    stream.flush()
    assert "return" in document.toPlainText()
    assert not coloured(document)
    stream.append("```\n\nThat is all")
    stream.flush()
    assert coloured(document)


@pytest.fixture
def shown(ready: Desktop, core: FakeCore, pump: Pump) -> Desktop:
    """An answer with two blocks of code."""
    play(core, TurnStarted("t1", "c1", "How?", spoken=False), ReplyToken("t1", ANSWER))
    play(core, finished("t1", ANSWER))
    pump(lambda: len(headed(ready)) == 2)
    return ready


def headed(desktop: Desktop) -> list[CopyButton]:
    """The buttons of the blocks, from the top."""
    found = [
        each
        for each in answers(desktop)[0].text.findChildren(CopyButton)
        if each.isVisible() and each.accessibleName() == "Copy the code"
    ]
    return sorted(found, key=lambda each: each.y())


def test_each_block_is_copied_exactly_by_keys(shown: Desktop) -> None:
    answers(shown)[0].text.setFocus()
    for said in (PYTHON, "plain <b>text</b>"):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
        assert QGuiApplication.clipboard().text() == said


def test_buttons_stand_above_their_blocks_and_follow_the_width(shown: Desktop) -> None:
    view = answers(shown)[0].text
    layout = view.document().documentLayout()
    for width in (1200, 900):
        shown.window.resize(width, 700)
        QTest.qWait(20)
        for button, code in zip(headed(shown), code_blocks(view.document()), strict=True):
            top = layout.blockBoundingRect(code.first).top()
            assert top - 40 < button.geometry().bottom() < top
            assert view.viewport().rect().contains(button.geometry())


def test_another_theme_brings_its_colours_and_one_button_for_each_block(
    shown: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"look.theme": "dark"})
    pump(lambda: colour_of(answers(shown)[0].text.document(), "def") == DARK.accent)
    assert len(headed(shown)) == 2
