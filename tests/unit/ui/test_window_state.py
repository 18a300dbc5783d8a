"""The window comes back as it was left, also when the file or the screen has gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.window_state import WindowState

MakeWindow = Callable[[], MainWindow]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "window.ini"


@pytest.fixture
def window(app: QApplication) -> Iterator[MakeWindow]:
    """Makes windows, which end with the test."""
    made: list[MainWindow] = []

    def make() -> MainWindow:
        made.append(MainWindow(Theme(app)))
        made[-1].setMinimumSize(300, 300)  # the screen of the tests is a small one
        return made[-1]

    yield make
    for each in made:
        each.deleteLater()


def test_place_size_and_panes_come_back(window: MakeWindow, file: Path) -> None:
    before = window()
    before.show()
    before.setGeometry(40, 30, 600, 500)
    before.panel.collapse.click()
    WindowState(file).keep(before)
    after = window()
    WindowState(file).restore(after)
    after.show()
    assert after.geometry() == before.geometry()
    assert after.panes == (True, False)


def test_a_maximised_window_comes_back_maximised_and_knows_its_size_before(
    window: MakeWindow, file: Path
) -> None:
    before = window()
    before.setGeometry(40, 30, 600, 500)
    before.showMaximized()
    WindowState(file).keep(before)
    after = window()
    WindowState(file).restore(after)
    after.show()
    assert after.isMaximized()
    assert after.normalGeometry().size() == before.normalGeometry().size()


def test_a_window_of_a_screen_that_is_gone_is_put_on_one_that_is_there(
    app: QApplication, window: MakeWindow, file: Path
) -> None:
    before = window()
    before.show()
    before.setGeometry(9000, 7000, 600, 500)
    WindowState(file).keep(before)
    after = window()
    WindowState(file).restore(after)
    after.show()
    screen = app.primaryScreen().availableGeometry()
    assert screen.intersects(after.frameGeometry())
    assert after.frameGeometry().left() < screen.right() - 100
    assert after.frameGeometry().top() < screen.bottom() - 100


@pytest.mark.parametrize("text", ["", "[General]\ngeometry=@ByteArray(rubbish)\nsidebar=perhaps\n", "\0\0[["])
def test_a_missing_or_damaged_file_costs_nothing(window: MakeWindow, file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    fresh = window()
    size = fresh.size()
    WindowState(file).restore(fresh)
    fresh.show()
    assert fresh.size() == size
