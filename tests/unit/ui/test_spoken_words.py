"""What a screen reader is told of single widgets."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit

from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.widgets import plain_tip


def test_the_buttons_in_a_field_to_search_have_names(desktop: Desktop) -> None:
    actions = desktop.window.sidebar.search.findChildren(QAction)
    assert {action.text() for action in actions if action.isVisible()} >= {"Clear", "Search"}


def test_a_field_for_keys_tells_what_it_is_for_and_what_it_holds(desktop: Desktop) -> None:
    desktop.open_settings("desktop")
    dialog = desktop._dialog
    assert dialog is not None
    field = dialog.fields["desktop.talk_shortcut"]
    field.editor.widget.setKeySequence(QKeySequence("Ctrl+Alt+T"))
    (inner,) = field.editor.widget.findChildren(QLineEdit)
    assert inner.accessibleName() == "Talk from anywhere: Ctrl+Alt+T"


def test_settings_of_one_title_are_told_apart_by_their_group(desktop: Desktop) -> None:
    desktop.open_settings("engine")
    dialog = desktop._dialog
    assert dialog is not None
    names = [field.editor.widget.accessibleName() for field in dialog.fields.values()]
    shown = [
        name
        for name, field in zip(names, dialog.fields.values(), strict=True)
        if field.setting.page.startswith("engine")
    ]
    assert len(set(shown)) == len(shown)


def test_a_tip_has_no_markup_to_be_read_aloud_unless_it_would_be_taken_for_some(app: QApplication) -> None:
    assert plain_tip("What Jarvis remembers (Ctrl+M)") == "What Jarvis remembers (Ctrl+M)"
    assert plain_tip("one\ntwo") == "one\ntwo"
    assert plain_tip("Send <b>mail</b>") == "<qt>Send &lt;b&gt;mail&lt;/b&gt;</qt>"
    assert max(map(len, plain_tip("words " * 40).splitlines())) <= 80
