"""Colours can be read, and come only from the tokens."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication

from jarvis_desktop.resources import resource
from jarvis_desktop.ui import icons
from jarvis_desktop.ui.indicator import MOOD_LOOKS
from jarvis_desktop.ui.theme import DARK, LIGHT, Theme, Tokens, stylesheet
from jarvis_desktop.ui.words import PART_LOOKS

PAIRS = [
    *((text, ground) for text in ("text", "second") for ground in ("background", "surface", "hover")),
    *(("text", ground) for ground in ("accent_soft", "danger_soft", "sunken")),
    ("second", "danger_soft"),
    ("second", "accent_soft"),
    ("accent", "background"),
    ("accent", "surface"),
    ("on_accent", "accent"),
    ("danger", "background"),
    ("danger", "surface"),
    ("danger", "danger_soft"),
    ("warning", "background"),
    ("warning", "surface"),
]


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [channel / 255 for channel in QColor(colour).getRgb()[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read(tokens: Tokens, text: str, ground: str) -> None:
    light, dark = sorted((luminance(getattr(tokens, name)) for name in (text, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_widgets_name_no_colours() -> None:
    for path in Path(resource("jarvis_desktop", "ui")).glob("*.py"):
        if path.name != "theme.py":
            assert not re.findall(r"#[0-9A-Fa-f]{6}\b", path.read_text(encoding="utf-8")), path.name
    assert not re.findall(r"#[0-9A-Fa-f]{6}\b", resource("resources", "style.qss").read_text())


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_stylesheet_and_its_pictures_are_complete(tokens: Tokens) -> None:
    sheet = stylesheet(tokens, 1.0)
    assert "$" not in sheet
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    for picture in pictures:
        used = set(re.findall(r"#[0-9A-Fa-f]{6}", Path(picture).read_text()))
        assert used <= set(asdict(tokens).values())


def test_every_state_has_an_icon_of_its_own(app: QApplication) -> None:
    for looks in (MOOD_LOOKS, PART_LOOKS):
        assert len({look.icon for look in looks.values()}) == len(looks)
        for look in looks.values():
            picture = icons.pixmap(look.icon, "#FF0000", 96).toImage()
            assert _colours(picture) == {"#ff0000"}


def test_a_forced_theme_stays_when_the_system_changes(app: QApplication) -> None:
    theme = Theme(app)
    theme.apply("dark", 1.0)
    app.styleHints().colorSchemeChanged.emit(app.styleHints().colorScheme())
    assert theme.tokens is DARK


def _colours(picture: QImage) -> set[str]:
    return {
        picture.pixelColor(x, y).name()
        for x in range(picture.width())
        for y in range(picture.height())
        if picture.pixelColor(x, y).alpha() == 255
    }
