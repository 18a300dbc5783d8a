"""Profiles are made, changed, chosen and removed in the window."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit

from jarvis_desktop.config import describe
from jarvis_desktop.config.schema import Config, Profile
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import ModelsListed, Route
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.profile_menu import ProfileMenu
from jarvis_desktop.ui.settings_dialog import SettingsDialog

from .conftest import Pump
from .driving import finished, play
from .fake_core import FakeCore, FakeSettings

MODELS = ModelsListed(("small", "large"), ("whisper-base",), ("joe", "davefx"), ("davefx",))


@pytest.fixture
def settings() -> FakeSettings:
    return FakeSettings(
        Config.model_validate(
            {
                "look": {"language": "en", "theme": "light"},
                "profiles": {"Work": {"persona": "Be terse."}, "Private": {"memory": "none"}},
            }
        )
    )


@pytest.fixture
def dialog(desktop: Desktop, core: FakeCore) -> SettingsDialog:
    desktop.open_settings(describe.PROFILES)
    play(core, MODELS)
    assert desktop._dialog is not None
    return desktop._dialog


def named(menu: ProfileMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text() == text)


def ticked(menu: ProfileMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.isChecked()]


def create(dialog: SettingsDialog, name: str) -> None:
    dialog.profiles.new.click()
    dialog.profiles.name.setText(name)
    QTest.keyClick(dialog.profiles.name, Qt.Key.Key_Return)


def shown_fields(dialog: SettingsDialog) -> set[str]:
    return {key for key, field in dialog.profiles.fields.items() if not field.isHidden()}


def test_the_header_and_the_tray_switch_profiles(
    desktop: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    button = desktop.window.profile
    assert not button.isHidden()
    for menu, name in ((button.profiles, "Work"), (desktop.tray.profiles, "Private")):
        assert menu.menuAction().isVisible()
        named(menu, name).trigger()
        pump(lambda name=name: button.accessibleName() == f"Profile: {name}")  # type: ignore[misc]
        assert settings.base.conversation.profile == name
        assert ticked(button.profiles) == ticked(desktop.tray.profiles) == [name]


def test_a_private_profile_is_seen_to_keep_nothing(
    desktop: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"conversation.profile": "Private"})
    pump(lambda: "not kept" in desktop.window.profile.text())
    assert desktop.window.profile.accessibleDescription() == "Nothing that is said in this profile is kept."
    assert desktop.window.sidebar._nothing.text() == "Nothing that is said in this profile is kept."
    settings.patch({"conversation.profile": ""})
    pump(lambda: "not kept" not in desktop.window.profile.text())


def test_where_there_is_no_profile_there_is_no_chooser(
    desktop: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"profiles.Work": None, "profiles.Private": None})
    pump(desktop.window.profile.isHidden)
    assert not desktop.tray.profiles.menuAction().isVisible()


def test_a_refused_switch_says_why_and_the_old_one_stays_ticked(
    desktop: Desktop, settings: FakeSettings
) -> None:
    settings.refused = ConfigError("config.does_not_fit", "It does not fit.", "Close something.")
    named(desktop.window.profile.profiles, "Work").trigger()
    assert desktop.window.notice.message == "It does not fit."
    assert ticked(desktop.window.profile.profiles) == ["No profile"]


def test_where_the_profile_is_gone_nothing_is_kept_until_one_or_none_is_chosen(
    desktop: Desktop, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"conversation.profile": "Gone", "profiles.Work": None, "profiles.Private": None})
    button = desktop.window.profile
    pump(lambda: "not kept" in button.text())
    assert not button.isHidden()
    assert ticked(button.profiles) == []
    named(button.profiles, "No profile").trigger()
    pump(lambda: "not kept" not in button.text())
    assert settings.base.conversation.profile == ""


def test_the_chooser_leads_to_the_page_of_profiles(desktop: Desktop) -> None:
    named(desktop.window.profile.profiles, "Edit profiles …").trigger()
    assert desktop._dialog is not None
    assert not desktop._dialog.profiles.isHidden()


def test_the_turns_record_names_the_profile(ready: Desktop, core: FakeCore) -> None:
    play(core, replace(finished("t1", "Aye.", first_token=100.0), route=Route(profile="Work")))
    assert "Profile: Work" in ready.window.panel.turn._figures.text()


def test_a_profile_is_made_and_filled_in(dialog: SettingsDialog, settings: FakeSettings) -> None:
    create(dialog, "  Night   owl ")
    assert list(settings.base.profiles) == ["Work", "Private", "Night owl"]
    assert dialog.profiles.chosen == "Night owl"
    assert shown_fields(dialog) == {s.key for s in describe.profile_settings("Night owl")}
    persona = dialog.profiles.fields["profiles.Night owl.persona"].editor.widget
    assert isinstance(persona, QPlainTextEdit)
    persona.setPlainText("Whisper.")
    voice = dialog.profiles.fields["profiles.Night owl.voice"].editor.widget
    assert isinstance(voice, QComboBox)
    assert [voice.itemText(n) for n in range(voice.count())] == ["As in the settings", "joe", "davefx"]
    voice.setCurrentText("davefx")
    assert settings.base.profiles["Night owl"] == Profile()
    dialog._apply.click()
    assert settings.base.profiles["Night owl"] == Profile(persona="Whisper.", voice="davefx")


@pytest.mark.parametrize("name", ["", "a.b", "x" * 41, "work", "[x]"])
def test_a_name_that_cannot_be_is_explained_at_once(
    dialog: SettingsDialog, settings: FakeSettings, name: str
) -> None:
    create(dialog, name)
    assert not dialog.profiles.error.isHidden()
    assert list(settings.base.profiles) == ["Work", "Private"]
    dialog.profiles.name.setText("Better")
    dialog.profiles.create_button.click()
    assert dialog.profiles.error.isHidden()
    assert dialog.profiles.chosen == "Better"


def test_a_duplicate_is_like_its_model(dialog: SettingsDialog, settings: FakeSettings) -> None:
    dialog.profiles.duplicate.click()
    dialog.profiles.create_button.click()
    assert settings.base.profiles["Work copy"] == settings.base.profiles["Work"]


def test_deleting_asks_first_and_puts_the_one_in_use_out_of_use(
    dialog: SettingsDialog, settings: FakeSettings
) -> None:
    settings.patch({"conversation.profile": "Work", "profiles.Work.memory": "own"})
    dialog.take(settings.base)
    dialog.profiles.delete.click()
    assert dialog.profiles.question.message == "Delete the profile Work?"
    assert "are kept" in dialog.profiles.question.accessibleName()
    assert "Work" in settings.base.profiles
    dialog.take(settings.base)  # something else was changed meanwhile
    assert dialog.profiles.question.message
    dialog.profiles.question.button.click()
    assert list(settings.base.profiles) == ["Private"]
    assert settings.base.conversation.profile == ""
    assert dialog.profiles.chosen == "Private"


def test_edits_stay_while_another_profile_is_looked_at(dialog: SettingsDialog) -> None:
    field = dialog.profiles.fields["profiles.Work.persona"]
    assert isinstance(field.editor.widget, QPlainTextEdit)
    field.editor.widget.setPlainText("Be kind.")
    dialog.profiles.choice.setCurrentText("Private")
    dialog.profiles.choice.setCurrentText("Work")
    assert field.value == "Be kind."
    assert dialog._apply.isEnabled()
    dialog.discard()
    assert field.value == "Be terse."


def test_the_dialog_shows_the_settings_and_not_what_a_profile_makes_of_them(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"conversation.profile": "Work"})
    pump(lambda: dialog.fields["conversation.profile"].value == "Work")
    assert settings.current.conversation.instructions == "Be terse."
    assert dialog.fields["conversation.instructions"].value == ""


def test_search_finds_what_a_profile_can_set(dialog: SettingsDialog) -> None:
    dialog.search.setText("persona")
    assert not dialog.profiles.isHidden()
    dialog.search.setText("no such thing")
    assert dialog.profiles.isHidden()


def test_a_refusal_stands_at_the_field_of_the_profile(
    dialog: SettingsDialog, settings: FakeSettings, app: QApplication
) -> None:
    dialog.profiles.choice.setCurrentText("Private")
    field = dialog.profiles.fields["profiles.Work.model"]
    field.editor.set_value("large")
    field.editor.changed.emit()
    settings.refused = ConfigError("x", "No.", key="profiles.Work.model")
    dialog.show_page("engine")
    dialog._apply.click()
    assert field.error == "No."
    assert not field.isHidden()


def test_at_large_text_the_pages_are_not_cut_off(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"look.font_scale": 1.6})
    pump(lambda: dialog.page_list.font().pointSizeF() > 14)
    pages = dialog.page_list
    assert pages.sizeHintForColumn(0) <= pages.viewport().width()
