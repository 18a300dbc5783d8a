"""Every scene of the tour has room for its words where room is short, and fits a small screen."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from jarvis_desktop.ui.models_window import ModelsWindow
from jarvis_desktop.ui.widgets import Label, column
from tests.conftest import ROOT

from .fitting import misfits

sys.path.insert(0, str(ROOT / "tests" / "ui"))  # the scenes are scripts, as the tour is

from long_words import LongWords
from tour import Tour

SCREEN = (1280, 760)  # 1280x800 without a title bar; also what 2560x1600 shows at a scale of 200 %
ROOMS = {
    "main window": Tour.main_window,
    "settings": Tour.settings,
    "memory": Tour.memory,
    "audio doctor": Tour.doctor,
    "guide": Tour.guide,
    "models": Tour.models,
    "privacy": Tour.privacy,
    "about": Tour.about,
}
_LOOK = re.compile("-(dark|spanish|es|large-text|large)")  # in the name of a scene


@pytest.fixture
def long_words(app: QApplication) -> Iterator[None]:
    words = LongWords(app)
    app.installTranslator(words)
    yield
    app.removeTranslator(words)


def complaints(app: QApplication, room: str, look: dict[str, object], only: str = "") -> list[str]:
    """What has no room in the scenes of a room; a scene in other looks is looked at once."""
    found: list[str] = []
    seen: set[str] = set()

    def new(name: str) -> bool:
        scene = _LOOK.sub("", name)
        return re.fullmatch(only or scene, scene) is not None and scene not in seen and not seen.add(scene)

    def look_at(window: QWidget | QPixmap, name: str) -> None:
        assert isinstance(window, QWidget)
        found.extend(f"{name}: {misfit}" for misfit in misfits(window))
        if window.width() > SCREEN[0] or window.height() > SCREEN[1]:
            found.append(f"{name}: the window is {window.width()}x{window.height()}")

    ROOMS[room](Tour(app, look_at, new, look | {"reduced_motion": "on"}, SCREEN))
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_the_largest_text_in_spanish_has_room_on_a_small_screen(app: QApplication, room: str) -> None:
    assert not complaints(app, room, {"font_scale": 2.0, "language": "es"})


@pytest.mark.parametrize(
    ("room", "scenes"),
    {
        "main window": "empty|loading|conversation|tools|error|private-chat|citations|attachments|voice-.*",
        "settings": "settings|settings-profiles",
        "memory": "memory-forget|memory-files|memory-old-fact|memory-restore",
        "audio doctor": "doctor-muted",
        "guide": "guide-models-paused|guide-sound|guide-privacy",
        "models": "models|models-at-work",
    }.items(),
)
@pytest.mark.parametrize("text_size", [1.0, 2.0])
def test_words_that_are_longer_by_two_fifths_have_room(
    app: QApplication, long_words: None, room: str, scenes: str, text_size: float
) -> None:
    assert not complaints(app, room, {"font_scale": text_size, "language": "en"}, scenes)


def test_the_foot_of_the_models_leaves_room_for_them(app: QApplication, long_words: None) -> None:
    shares = []

    def measure(window: QWidget | QPixmap, name: str) -> None:
        assert isinstance(window, ModelsWindow)
        shares.append(window._list.height() / window.height())

    look = {"font_scale": 2.0, "language": "en"}
    Tour(app, measure, lambda name: name == "models", look, SCREEN).models()
    assert shares
    assert shares[0] > 0.6


def test_a_picture_is_taken_once_what_was_about_to_happen_has_happened(app: QApplication) -> None:
    window = QWidget()
    label = Label()
    window.setLayout(column(label))
    steps = [QTimer(window, singleShot=True, interval=200) for _ in range(3)]
    for step, following in pairwise(steps):
        step.timeout.connect(following.start)
    steps[-1].timeout.connect(lambda: label.setText("done"))
    later = QTimer(window, singleShot=True, interval=600)
    later.timeout.connect(lambda: label.setText("too late"))
    try:
        window.show()
        steps[0].start()
        later.start()
        Tour(app, lambda *_: None, lambda _: False).wait()
        assert label.text() == "done"
    finally:
        window.deleteLater()


def test_words_without_room_are_found(app: QApplication) -> None:
    window = QWidget()
    window.resize(200, 200)
    label = Label("Words that are wider than their place")
    label.setParent(window)
    label.setGeometry(0, 0, 40, label.sizeHint().height())
    button = QPushButton("Go", window)
    button.move(window.width() - 5, 0)
    button.resize(button.sizeHint())
    try:
        window.show()
        assert [misfit.split()[0] for misfit in misfits(window)] == ["Label", "QPushButton"]
    finally:
        window.deleteLater()
