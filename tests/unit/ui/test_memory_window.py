"""The memory window: what is remembered is listed and found there, and it keeps to the profile."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.events import (
    ListMemory,
    MemoriesChanged,
    MemoryCounted,
    MemoryFound,
    MemoryItem,
    MemoryKind,
    MemoryListed,
    MemoryShown,
    OpenMemory,
    Recalled,
    Recollection,
    SearchMemory,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_window import MemoryWindow

from .conftest import Pump
from .driving import play, texts
from .fake_core import FakeCore, FakeSettings
from .remembered import ITEMS, LEASE, NEW, NOTE, OLD, TURN, choose, opened, posted, rows, show, stats


@pytest.fixture
def window(ready: Desktop, core: FakeCore) -> MemoryWindow:
    return opened(ready, core)


def test_it_opens_from_the_sidebar_the_tray_and_by_key(ready: Desktop, core: FakeCore) -> None:
    for want in (ready.window.sidebar.memory_wanted.emit, ready.tray.memory_wanted.emit):
        want()
        assert posted(core) == [ListMemory()]
        ready.memory.open().close()
        core.posted.clear()
    QTest.keyClick(ready.window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert posted(core) == [ListMemory()]


def test_the_list_shows_everything_and_says_it_to_a_screen_reader(window: MemoryWindow) -> None:
    assert rows(window) == [NOTE.text, NEW.text, OLD.text, "lease.pdf", TURN.text]
    spoken = [
        str(window.list.list.model().index(place, 0).data(Qt.ItemDataRole.AccessibleTextRole))
        for place in (0, 2, 3)
    ]
    assert spoken[0].startswith("Note, pinned, The spare key")
    assert "no longer true" in spoken[1]
    assert "12 passages" in spoken[2]
    assert "Facts about you (2)" in [window.list.kind.itemText(place) for place in range(5)]


def test_typing_searches_once_the_typing_pauses(window: MemoryWindow, core: FakeCore, pump: Pump) -> None:
    QTest.keyClicks(window.list.search, "when is my deposit back")
    assert core.posted == []
    pump(lambda: bool(core.posted))
    assert core.posted == [SearchMemory("when is my deposit back")]


def test_what_was_found_is_listed_once_an_item_and_opens_at_the_passage(
    window: MemoryWindow, core: FakeCore
) -> None:
    window.list.search.setText("deposit")
    QTest.keyClick(window.list.search, Qt.Key.Key_Return)
    assert posted(core) == [SearchMemory("deposit")]
    quote = "The deposit is two months' rent."
    found = (
        Recalled("d1#2", "d1", MemoryKind.DOCUMENT, quote, "lease.pdf", 0.9),
        Recalled("d1#1", "d1", MemoryKind.DOCUMENT, "The rent is 840 euros.", "lease.pdf", 0.5),
        Recalled("t1", "t1", MemoryKind.TURN, TURN.text, "Rome trip", 0.1),
    )
    play(core, MemoryFound("deposit", None, Recollection(found, confident=True)))
    assert rows(window) == ["lease.pdf", TURN.text]
    choose(window, 0)
    assert posted(core) == [OpenMemory("d1#2")]
    play(core, MemoryShown(LEASE))
    marked = window.item.text.extraSelections()
    assert [each.cursor.selectedText() for each in marked] == [quote]


def test_an_answer_to_an_older_search_is_left_out(window: MemoryWindow, core: FakeCore) -> None:
    window.list.search.setText("deposit")
    found = Recollection((Recalled("t1", "t1", MemoryKind.TURN, "old", "", 1.0),), confident=True)
    play(core, MemoryFound("depo", None, found))
    assert len(rows(window)) == 5


def test_a_doubtful_search_and_one_by_words_only_say_so(window: MemoryWindow, core: FakeCore) -> None:
    window.list.search.setText("x")
    found = (Recalled("t1", "t1", MemoryKind.TURN, TURN.text, "", 0.1),)
    play(core, MemoryFound("x", None, Recollection(found)))
    assert "Nothing fits well" in texts(window.list)
    play(core, MemoryFound("x", None, Recollection(found, skipped={"dense": "no_encoder"}, confident=True)))
    assert "by words only" in texts(window.list)


def test_kinds_are_listed_by_themselves(window: MemoryWindow, core: FakeCore) -> None:
    window.list.kind.setCurrentIndex(1)
    assert posted(core) == [ListMemory(MemoryKind.FACT)]
    play(core, MemoryListed(MemoryKind.FACT, 0, (NEW, OLD)))
    assert rows(window) == [NEW.text, OLD.text]
    window.list.search.setText("live")
    window.list.ask()
    assert posted(core) == [SearchMemory("live", MemoryKind.FACT)]


def test_the_next_page_is_asked_for_at_the_end_of_the_list(window: MemoryWindow, core: FakeCore) -> None:
    page = tuple(MemoryItem(f"n{number}", MemoryKind.NOTE, f"Note {number}") for number in range(100))
    play(core, MemoryListed(None, 0, page, more=True))
    for _ in range(2):
        QTest.keyClick(window.list.list, Qt.Key.Key_End)
    assert ListMemory(None, 100) in posted(core)
    play(core, MemoryListed(None, 100, (TURN,)))
    assert rows(window)[-1] == TURN.text


def test_an_empty_memory_says_how_to_fill_it(window: MemoryWindow, core: FakeCore) -> None:
    play(core, MemoryListed(None, 0, ()), MemoryCounted(stats({})))
    assert "drop files" in texts(window.blank)
    QTest.mouseClick(window.blank.first, Qt.MouseButton.LeftButton)
    assert window.item.text.hasFocus()


def test_switched_off_nothing_is_asked_and_the_settings_are_one_click_away(
    ready: Desktop, core: FakeCore, settings: FakeSettings
) -> None:
    settings.patch({"memory.enabled": False})
    play(core)
    window = ready.memory.open()
    assert core.posted == []
    assert "switched off" in texts(window.blank)
    QTest.mouseClick(window.blank.first, Qt.MouseButton.LeftButton)
    assert ready._dialog is not None
    assert ready._dialog.isVisible()
    settings.patch({"memory.enabled": True})
    play(core)
    assert ListMemory() in core.posted


def test_a_private_profile_shows_nothing_of_the_others(
    window: MemoryWindow, core: FakeCore, settings: FakeSettings
) -> None:
    show(core, window, MemoryShown(NOTE))
    settings.base = settings.base.model_copy(
        update={
            "profiles": type(settings.base).model_validate({"profiles": {"P": {"memory": "none"}}}).profiles
        }
    )
    settings.patch({"conversation.profile": "P"})
    play(core, MemoriesChanged(), MemoryListed(None, 0, ITEMS), MemoryShown(NOTE))  # were on their way
    assert rows(window) == []
    assert window.blank.isVisible()
    assert "Nothing is remembered in this profile" in texts(window.blank)
    assert core.posted == []


def test_a_profile_with_a_memory_of_its_own_shows_nothing_of_the_others(
    window: MemoryWindow, core: FakeCore, settings: FakeSettings
) -> None:
    show(core, window, MemoryShown(NOTE))
    settings.base = settings.base.model_copy(
        update={
            "profiles": type(settings.base).model_validate({"profiles": {"P": {"memory": "own"}}}).profiles
        }
    )
    settings.patch({"conversation.profile": "P"})
    play(core)
    assert rows(window) == []
    assert window.blank.isVisible()
    assert ListMemory() in core.posted


def test_everything_has_a_name_for_a_screen_reader_and_follows_the_language(
    window: MemoryWindow, ready: Desktop, core: FakeCore
) -> None:
    show(core, window, MemoryShown(NOTE))
    named = (window.list.search, window.list.kind, window.list.list, window.item.text)
    assert all(widget.accessibleName() for widget in (*named, window.copies))
    ready.language.use("es")
    play(core)
    assert window._title.text() == "Memoria"


def test_it_fits_its_smallest_size_with_larger_text(window: MemoryWindow, ready: Desktop) -> None:
    ready.theme.apply("light", 1.25)
    window.resize(window.minimumSize())
    QApplication.processEvents()
    assert window.minimumSizeHint().width() <= window.width()
    ready.theme.apply("light", 1.0)
