"""Conversations are named, pinned, deleted, found and exported in the sidebar, by mouse and by keys."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu

from jarvis_desktop.events import (
    Conversation,
    ConversationDeleted,
    ConversationErased,
    ConversationMatch,
    ConversationOpened,
    ConversationsExported,
    ConversationsFound,
    ConversationsImported,
    ConversationsListed,
    DeleteConversation,
    ExportConversations,
    ImportConversations,
    Intent,
    Message,
    NewConversation,
    OpenConversation,
    PinConversation,
    RenameConversation,
    RestoreConversation,
    Role,
    SearchConversations,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.sidebar import Sidebar

from .conftest import Pump
from .driving import answers, play, texts
from .fake_core import FakeCore, FakeSettings

NOW = time.time()
ROME, BREAD, OLD = (
    Conversation(name, title, NOW - age)
    for name, title, age in (("rome", "Rome trip", 0), ("bread", "Bread", 60), ("old", "Why?", 86_400))
)


@pytest.fixture
def sidebar(ready: Desktop, core: FakeCore) -> Sidebar:
    """Three conversations, the first on show, the keyboard on the list."""
    ready.window.resize(1200, 760)
    play(core, ConversationOpened("rome", ()), ConversationsListed((ROME, BREAD, OLD)))
    ready.window.activateWindow()
    ready.window.sidebar.list.setFocus()
    core.posted.clear()
    return ready.window.sidebar


def rows(sidebar: Sidebar) -> list[str]:
    model = sidebar.list.model()
    return [model.index(place, 0).data() for place in range(model.rowCount())]


def current(sidebar: Sidebar) -> str | None:
    found: str | None = sidebar.list.currentIndex().data()
    return found


def posted(core: FakeCore, kind: type[Intent]) -> list[Intent]:
    return [intent for intent in core.posted if isinstance(intent, kind)]


def choose(menu: QMenu, words: str) -> None:
    """Pick the entry that begins with these words."""
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()
    menu.close()


def open_menu(sidebar: Sidebar) -> QMenu:
    """The menu of the current row, as the menu key opens it."""
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(sidebar.list, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def dialog(desktop: Desktop) -> QFileDialog:
    (found,) = (each for each in desktop.window.findChildren(QFileDialog) if each.isVisible())
    return found


def pick(desktop: Desktop, file: Path) -> None:
    """Choose a file in the dialog that is open."""
    chosen = dialog(desktop)
    chosen.fileSelected.emit(str(file))
    chosen.close()


# --- names and pins --------------------------------------------------------------------------------------


def test_f2_edits_the_title_in_its_place_and_enter_keeps_it(
    sidebar: Sidebar, core: FakeCore, pump: Pump
) -> None:
    QTest.keyClick(sidebar.list, Qt.Key.Key_F2)
    editor = sidebar.list.findChild(QLineEdit)
    assert editor.text() == "Rome trip"
    assert editor.accessibleName()
    editor.setText("  Rome in  May ")
    play(core, ConversationsListed((ROME, BREAD)))  # an answer ended: what is typed stays
    assert sidebar.list.findChild(QLineEdit) is editor
    QTest.keyClick(editor, Qt.Key.Key_Return)
    pump(lambda: bool(core.posted))
    assert core.posted == [RenameConversation("rome", "Rome in May")]
    QTest.qWait(1)
    assert rows(sidebar) == ["Today", "Rome trip", "Bread"]


@pytest.mark.parametrize("how", ["escape", "nothing", "the same"])
def test_a_title_is_kept_as_it_is_when_nothing_new_is_written(
    sidebar: Sidebar, core: FakeCore, pump: Pump, how: str
) -> None:
    choose(open_menu(sidebar), "Rename")
    editor = sidebar.list.findChild(QLineEdit)
    editor.setText({"escape": "Paris", "nothing": "  ", "the same": "Rome trip"}[how])
    QTest.keyClick(editor, Qt.Key.Key_Escape if how == "escape" else Qt.Key.Key_Return)
    pump(lambda: not sidebar.list.editing)
    assert core.posted == []


def test_pinned_conversations_stand_above_the_days(sidebar: Sidebar, core: FakeCore) -> None:
    choose(open_menu(sidebar), "Pin")
    assert core.posted == [PinConversation("rome", True)]
    play(core, ConversationsListed((ROME, BREAD, replace(OLD, pinned=True))))
    assert rows(sidebar) == ["Pinned", "Why?", "Today", "Rome trip", "Bread"]
    told = sidebar.list.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert told == "Why?, pinned"
    sidebar.list.setCurrentIndex(sidebar.list.model().index(1, 0))
    choose(open_menu(sidebar), "Unpin")
    assert core.posted[-1] == PinConversation("old", False)


def test_the_button_on_the_row_under_the_mouse_opens_its_menu(sidebar: Sidebar, core: FakeCore) -> None:
    button = sidebar.list.more
    assert button.accessibleName() == "Actions for “Rome trip”"
    bread = sidebar.list.visualRect(sidebar.list.model().index(2, 0))
    QTest.mouseMove(sidebar.list.viewport(), bread.center())
    assert button.accessibleName() == "Actions for “Bread”"
    assert bread.contains(button.geometry())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    choose(menu, "Delete")
    assert core.wishes == [DeleteConversation("bread")]


def test_the_right_mouse_button_opens_the_menu_of_a_row_and_of_no_heading(
    sidebar: Sidebar, core: FakeCore
) -> None:
    for row, there in ((0, False), (2, True)):
        where = sidebar.list.visualRect(sidebar.list.model().index(row, 0)).center()
        shown = sidebar.list.viewport().mapToGlobal(where)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, where, shown)
        QApplication.sendEvent(sidebar.list.viewport(), event)
        menu = QApplication.activePopupWidget()
        assert (menu is not None) == there
    assert isinstance(menu, QMenu)
    choose(menu, "Pin")
    assert core.posted == [PinConversation("bread", True)]


def test_shift_f10_opens_the_menu_of_the_current_row(sidebar: Sidebar, core: FakeCore) -> None:
    QTest.keyClick(sidebar.list, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    choose(menu, "Pin")
    assert core.posted == [PinConversation("rome", True)]


# --- deleting --------------------------------------------------------------------------------------------


def test_delete_key_deletes_the_next_is_under_the_cursor_and_undo_brings_all_back(
    sidebar: Sidebar, core: FakeCore
) -> None:
    play(core, ConversationOpened("bread", ()))
    sidebar.list.setFocus()
    QTest.keyClick(sidebar.list, Qt.Key.Key_Delete)
    assert core.wishes == [DeleteConversation("bread")]
    play(core, ConversationOpened("", ()), ConversationDeleted(BREAD), ConversationsListed((ROME, OLD)))
    assert "Deleted: Bread" in texts(sidebar)
    assert sidebar.list.hasFocus()
    assert current(sidebar) == "Why?"
    QTest.keyClick(sidebar.list, Qt.Key.Key_Delete)
    play(core, ConversationDeleted(OLD), ConversationsListed((ROME,)))
    assert current(sidebar) == "Rome trip"
    assert "Deleted: 2 chats" in texts(sidebar)
    core.posted.clear()
    QTest.keyClick(sidebar.list, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert core.posted == [RestoreConversation("bread"), RestoreConversation("old")]
    assert sidebar.undo_notice.isHidden()


def test_what_is_gone_for_good_can_be_had_back_no_longer(sidebar: Sidebar, core: FakeCore) -> None:
    play(core, ConversationDeleted(BREAD), ConversationDeleted(OLD))
    play(core, ConversationErased("bread"))
    assert "Deleted: Why?" in texts(sidebar)
    sidebar.undo_notice.button.click()
    assert core.posted == [RestoreConversation("old")]
    play(core, ConversationDeleted(BREAD), ConversationErased("bread"))
    assert sidebar.undo_notice.isHidden()


def test_it_is_told_that_the_memory_stays_unless_nothing_is_remembered(
    sidebar: Sidebar, core: FakeCore, settings: FakeSettings
) -> None:
    for remembers in (True, False):
        settings.patch({"memory.enabled": remembers})
        play(core, ConversationDeleted(BREAD))
        assert ("stay in the memory" in texts(sidebar)) == remembers


# --- finding ---------------------------------------------------------------------------------------------


def found(*conversations: Conversation) -> tuple[ConversationMatch, ...]:
    return tuple(
        ConversationMatch(each, f"m-{each.id}", "… the train to Rome leaves at 9 …", ((15, 19),))
        for each in conversations
    )


def test_a_search_shows_what_was_found_and_opens_it_at_the_message(
    sidebar: Sidebar, core: FakeCore, pump: Pump
) -> None:
    QTest.keyClicks(sidebar.search, "rome 9")
    pump(lambda: bool(core.posted))  # a moment after the last key
    assert core.posted == [SearchConversations("rome 9")]
    play(core, ConversationsFound("rome", found(BREAD)))
    assert rows(sidebar) == ["Today", "Rome trip", "Bread", "Yesterday", "Why?"]
    play(core, ConversationsFound("rome 9", found(ROME, OLD)))
    assert rows(sidebar) == ["Rome trip", "Why?"]
    accessible = sidebar.list.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert accessible == "Rome trip, … the train to Rome leaves at 9 …"
    QTest.keyClick(sidebar.search, Qt.Key.Key_Down)
    assert sidebar.list.hasFocus()
    QTest.keyClick(sidebar.list, Qt.Key.Key_Return)
    assert core.posted[-1] == OpenConversation("rome", "m-rome")  # though it is on show
    sidebar.search.clear()
    assert rows(sidebar) == ["Today", "Rome trip", "Bread", "Yesterday", "Why?"]


def test_what_is_found_is_asked_for_anew_when_conversations_change_and_nothing_found_is_said(
    sidebar: Sidebar, core: FakeCore
) -> None:
    sidebar.search.setFocus()
    sidebar.search.setText("rome")
    QTest.keyClick(sidebar.search, Qt.Key.Key_Return)
    play(core, ConversationsFound("rome", found(OLD, ROME)))
    assert sidebar.list.hasFocus()
    play(core, ConversationsListed((BREAD,)))
    assert core.posted == [SearchConversations("rome")] * 2
    sidebar.search.setFocus()
    QTest.keyClick(sidebar.search, Qt.Key.Key_Return)
    play(core, ConversationsFound("rome", ()))
    play(core, ConversationsFound("rome", found(BREAD)))  # later: a chat has the words now
    assert sidebar.search.hasFocus()
    play(core, ConversationsFound("rome", ()))
    assert "No chat has these words." in texts(sidebar)


def test_found_words_stand_out_in_the_snippet_also_behind_an_emoji(sidebar: Sidebar, core: FakeCore) -> None:
    accent = sidebar._theme.tokens.accent.lower()

    def coloured(match: ConversationMatch) -> bool:
        sidebar.search.setText("rome")
        play(core, ConversationsFound("rome", (match,)))
        picture = sidebar.list.viewport().grab().toImage()
        pixels = (
            picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())
        )
        return accent in pixels

    (plain,) = found(BREAD)
    assert not coloured(replace(plain, marks=()))
    assert coloured(plain)
    long = replace(plain, snippet="🕐 to Rome, " + "and then on by a slow train " * 8, marks=((5, 9),))
    assert coloured(long)


def test_a_found_message_is_brought_into_view_and_kept_there_until_the_user_scrolls(
    ready: Desktop, core: FakeCore, pump: Pump
) -> None:
    conversation, bar = ready.window.conversation, ready.window.conversation.verticalScrollBar()
    said = tuple(
        Message(f"m{n}", "rome", f"t{n}", Role.ASSISTANT, f"answer {n}\n\nand more", NOW) for n in range(150)
    )
    ready.window.sidebar.search.setText("MÓRE")
    play(core, ConversationOpened("rome", said, "m20"))

    def in_view() -> bool:
        shown = [each for each in answers(ready) if each.text.given_text.startswith("answer 20\n")]
        return bool(shown) and 0 <= shown[0].mapTo(conversation, QPoint()).y() <= 60

    pump(in_view)
    marked = {
        each.text.given_text.split("\n")[0]: [
            mark.cursor.selectedText() for mark in each.text.extraSelections()
        ]
        for each in answers(ready)
    }
    assert [text for text, marks in marked.items() if marks] == ["answer 20"]
    assert marked["answer 20"] == ["more"]
    ready.window.resize(900, 600)
    pump(in_view)
    bar.setValue(bar.value() + 400)
    ready.window.resize(1100, 700)
    QTest.qWait(20)
    assert not in_view()
    play(core, ConversationOpened("rome", said))
    pump(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())


# --- files -----------------------------------------------------------------------------------------------


def test_one_conversation_is_exported_under_its_name(
    ready: Desktop, sidebar: Sidebar, core: FakeCore, tmp_path: Path
) -> None:
    play(core, ConversationsListed((replace(ROME, title="Rome: 1/2 trips?"), BREAD)))
    choose(open_menu(sidebar), "Export")
    (offered,) = (Path(name).name for name in dialog(ready).selectedFiles())
    assert offered == "Rome 12 trips.md"
    pick(ready, tmp_path / "rome.md")
    assert core.posted == [ExportConversations(tmp_path / "rome.md", ("rome",))]
    play(core, ConversationsExported(tmp_path / "rome.md", 1))
    assert "Exported: 1" in texts(ready.window.remark)
    assert str(tmp_path / "rome.md") in texts(ready.window.remark).replace("\u200b", "")


def test_all_conversations_are_exported_and_imported_from_the_menu_above_the_list(
    ready: Desktop, sidebar: Sidebar, core: FakeCore, tmp_path: Path
) -> None:
    file = tmp_path / "chats.json"
    choose(sidebar.more.menu(), "Export all")
    assert Path(dialog(ready).selectedFiles()[0]).suffix == ".json"
    pick(ready, file)
    choose(sidebar.more.menu(), "Import")
    pick(ready, file)
    assert core.posted == [ExportConversations(file), ImportConversations(file)]
    play(core, ConversationsImported(file, 3, 2))
    assert "Imported: 3" in texts(ready.window.remark)
    assert "2 were here already" in texts(ready.window.remark)


# --- private conversations -------------------------------------------------------------------------------


def test_a_private_chat_is_begun_by_button_and_keys_and_says_what_it_is_as_long_as_it_is_on_show(
    ready: Desktop, sidebar: Sidebar, core: FakeCore
) -> None:
    window = ready.window
    window.sidebar._new_private.click()
    control = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(window, Qt.Key.Key_N, control)
    assert core.posted == [NewConversation(private=True)] * 2
    play(core, ConversationOpened("private-1", (), private=True))
    assert window._title.full_text() == "Private chat"
    assert not window.private.isHidden()
    assert "Nothing that is said in this chat is kept" in texts(window.conversation.empty)
    play(core, ConversationOpened("", ()))
    assert window._title.full_text() == "New chat"
    assert window.private.isHidden()
    assert "Nothing that is said in this chat is kept" not in texts(window.conversation.empty)
