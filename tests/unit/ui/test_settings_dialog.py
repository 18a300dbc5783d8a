"""The settings dialog, generated from the real schema."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QSpinBox

from jarvis_desktop.config import describe
from jarvis_desktop.config.presets import preset
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import DevicesListed, ListDevices, ListModels, ModelsListed
from jarvis_desktop.ui import settings_pages
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.settings_dialog import Field, SettingsDialog

from .conftest import Pump
from .driving import texts
from .fake_core import FakeCore, FakeSettings


@pytest.fixture
def dialog(desktop: Desktop) -> SettingsDialog:
    desktop.open_settings()
    assert desktop._dialog is not None
    return desktop._dialog


def shown(dialog: SettingsDialog) -> set[str]:
    return {key for key, field in dialog.fields.items() if not field.isHidden()}


def choose_page(dialog: SettingsDialog, key: str) -> None:
    dialog.show_page(key)


def test_every_setting_has_a_field_that_holds_its_value_and_bounds(dialog: SettingsDialog) -> None:
    for setting in describe.settings():
        field = dialog.fields[setting.key]
        assert field.value == describe.value_of(Config(), setting.key) or setting.key.startswith("look.")
        box = field.editor.widget
        if isinstance(box, QSpinBox | QDoubleSpinBox):
            assert (box.minimum(), box.maximum()) == (setting.minimum, setting.maximum)
        if isinstance(box, QComboBox) and not box.isEditable():
            assert [box.itemData(index) for index in range(box.count())] == list(setting.choices)


def test_a_page_shows_its_fields_and_search_finds_them_everywhere(dialog: SettingsDialog) -> None:
    choose_page(dialog, "speech")
    assert shown(dialog) == {"speech.voice", "speech.spanish_voice", "speech.speed", "speech.muted"}
    dialog.search.setText("graphics memory share")
    assert shown(dialog) == {"engine.vllm.gpu_memory_utilization"}
    dialog.search.setText("no such thing")
    assert shown(dialog) == set()
    dialog.search.clear()
    assert shown(dialog) == {"speech.voice", "speech.spanish_voice", "speech.speed", "speech.muted"}


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "words", ["Wake word", "Palabra de activación", "palabra de ACTIVACION", "wake.enabled"]
)
def test_search_takes_words_of_both_languages_whatever_the_windows(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump, language: str, words: str
) -> None:
    settings.patch({"look.language": language})
    dialog.search.setText(words)
    assert "wake.enabled" in shown(dialog)
    assert len(shown(dialog)) < 6


def test_enter_goes_from_the_search_to_what_was_found(dialog: SettingsDialog, pump: Pump) -> None:
    dialog.activateWindow()
    pump(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert dialog.search.hasFocus()
    QTest.keyClicks(dialog.search, "longest answer")
    QTest.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.fields["engine.max_tokens"].editor.widget.hasFocus()


def test_every_page_is_reached_by_the_arrow_keys_and_every_setting_is_on_one(dialog: SettingsDialog) -> None:
    dialog.page_list.setFocus()
    QTest.keyClick(dialog.page_list, Qt.Key.Key_Home)
    dialog._advanced.setChecked(True)
    pages, seen = [dialog.page], shown(dialog)
    for _ in range(dialog.page_list.count()):
        QTest.keyClick(dialog.page_list, Qt.Key.Key_Down)
        seen |= shown(dialog)
        if dialog.page != pages[-1]:
            pages.append(dialog.page)
    assert set(pages) == {page.key for page in settings_pages.pages()}
    assert "" not in pages
    assert seen == {setting.key for setting in describe.settings()}


@pytest.mark.parametrize("page", list(settings_pages.GATHERED))
def test_a_page_may_gather_settings_of_several_tables(dialog: SettingsDialog, page: str) -> None:
    title, _, keys = settings_pages.GATHERED[page]
    choose_page(dialog, page)
    assert shown(dialog) == set(keys)
    assert title in texts(dialog)


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_two_pages_groups_or_settings_of_a_page_are_called_the_same(
    desktop: Desktop, dialog: SettingsDialog, settings: FakeSettings, pump: Pump, language: str
) -> None:
    settings.patch({"look.language": language})
    pump(lambda: desktop.language.current == language and dialog.windowTitle() == tr("Settings"))
    dialog._advanced.setChecked(True)
    listed = [dialog.page_list.item(line).text() for line in range(dialog.page_list.count())]
    assert sorted(listed) == sorted(set(listed))
    for page in settings_pages.pages():
        choose_page(dialog, page.key)
        named = [dialog.fields[key].editor.widget.accessibleName() for key in shown(dialog)]
        assert sorted(named) == sorted(set(named)), page.key


def test_advanced_settings_show_when_asked_for(dialog: SettingsDialog) -> None:
    choose_page(dialog, "engine")
    assert "engine.port" not in shown(dialog)
    dialog._advanced.setChecked(True)
    assert "engine.port" in shown(dialog)


def test_suggested_values_are_filled_in_and_not_applied(
    dialog: SettingsDialog, settings: FakeSettings
) -> None:
    choose_page(dialog, "look")
    assert dialog.suggestions.isHidden()
    choose_page(dialog, "engine")
    assert not dialog.suggestions.isHidden()
    menu = dialog.suggestions.menu()
    chosen = next(action for action in menu.actions() if "16" in action.text())
    chosen.trigger()
    wanted = preset("gpu-16gb")
    assert {key: dialog.fields[key].value for key in wanted} == wanted
    assert settings.current.engine.context_tokens != wanted["engine.context_tokens"]
    dialog._apply.click()
    assert settings.current.engine.context_tokens == wanted["engine.context_tokens"]


def test_nothing_changes_before_apply_and_only_edits_are_applied(
    dialog: SettingsDialog, settings: FakeSettings
) -> None:
    assert not dialog._apply.isEnabled()
    spin = dialog.fields["engine.max_tokens"].editor.widget
    assert isinstance(spin, QSpinBox)
    spin.setValue(1024)
    QTest.keyClicks(dialog.fields["speech.voice"].editor.widget, "-x")
    assert settings.current.engine.max_tokens == 512
    dialog._apply.click()
    assert settings.current.engine.max_tokens == 1024
    assert settings.current.speech.voice == "piper-en-joe-x"
    assert not dialog._apply.isEnabled()


def test_discard_goes_back(dialog: SettingsDialog, settings: FakeSettings) -> None:
    spin = dialog.fields["engine.max_tokens"].editor.widget
    assert isinstance(spin, QSpinBox)
    spin.setValue(1024)
    dialog._discard.click()
    assert spin.value() == 512
    assert not dialog._apply.isEnabled()


def test_a_refusal_stands_in_its_field_and_changes_nothing(
    dialog: SettingsDialog, settings: FakeSettings
) -> None:
    field = dialog.fields["engine.remote.base_url"]
    QTest.keyClicks(field.editor.widget, "not an address")
    dialog._apply.click()
    assert field.error.startswith("“Address” cannot take this value.")
    assert not field.isHidden()
    assert settings.current == Config.model_validate({"look": {"language": "en", "theme": "light"}})
    QTest.keyClick(field.editor.widget, Qt.Key.Key_Backspace)
    assert field.error == ""


def test_a_refusal_of_the_whole_is_said_below(dialog: SettingsDialog, settings: FakeSettings) -> None:
    settings.refused = ConfigError("config.read_only", "{file} is read-only.", "Make it writable.", file="c")
    dialog.fields["speech.muted"].editor.widget.click()  # type: ignore[attr-defined]
    dialog._apply.click()
    assert dialog._message.text() == "c is read-only. Make it writable."


def test_the_default_is_offered_where_the_value_differs(dialog: SettingsDialog) -> None:
    field = dialog.fields["engine.temperature"]
    assert field._default_row.isHidden()
    spin = field.editor.widget
    assert isinstance(spin, QDoubleSpinBox)
    spin.setValue(1.5)
    assert "0.70" in field._default.full_text()
    assert not field._default_row.isHidden()
    field._reset.click()
    assert spin.value() == 0.7
    assert not field.dirty


def test_what_a_change_restarts_is_said(dialog: SettingsDialog) -> None:
    assert "engine" in dialog.fields["engine.model"]._notes.text()
    assert dialog.fields["look.theme"]._notes.isHidden()


def test_a_change_from_outside_shows_and_leaves_edits_alone(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    edited, other = dialog.fields["engine.max_tokens"], dialog.fields["engine.context_tokens"]
    assert isinstance(edited.editor.widget, QSpinBox)
    edited.editor.widget.setValue(1024)
    settings.patch({"engine.max_tokens": 256, "engine.context_tokens": 8192})
    pump(lambda: other.value == 8192)
    assert edited.value == 1024
    dialog.discard()
    assert edited.value == 256


def test_the_language_switches_live(
    desktop: Desktop, dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"look.language": "es"})
    pump(lambda: dialog.windowTitle() == "Ajustes")
    assert dialog.fields["speech.speed"]._title.text() == "Velocidad"
    assert desktop.window.sidebar._new.accessibleName() == "Nuevo chat"
    assert desktop.window._state.text() == "Listo"
    settings.patch({"look.language": "en"})
    pump(lambda: dialog.windowTitle() == "Settings")
    assert desktop.window.sidebar._new.accessibleName() == "New chat"


@pytest.mark.parametrize("language", ["en", "es", "auto"])
def test_numbers_are_written_alike_in_their_boxes_and_beside_them(
    dialog: SettingsDialog,
    settings: FakeSettings,
    pump: Pump,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
) -> None:
    monkeypatch.setattr(QLocale, "system", QLocale.c)
    settings.patch({"look.language": "en" if language == "es" else "es"})
    settings.patch({"look.language": language, "engine.context_tokens": 16384})
    box = dialog.fields["engine.context_tokens"].editor.widget
    assert isinstance(box, QSpinBox)
    written = {"es": "16.384"}.get(language, "16,384")
    pump(lambda: box.text().startswith(written))
    assert number(16384) == written


def test_theme_and_text_size_apply_live(desktop: Desktop, settings: FakeSettings, pump: Pump) -> None:
    before = desktop.window.fontMetrics().height()
    settings.patch({"look.theme": "dark", "look.font_scale": 1.6})
    pump(lambda: desktop.theme.scale == 1.6)
    assert desktop.window.palette().window().color().lightness() < 60
    QApplication.processEvents()
    assert desktop.window.composer.field.fontMetrics().height() > before


def test_scrolling_the_page_does_not_change_a_number(dialog: SettingsDialog) -> None:
    choose_page(dialog, "engine")
    field: Field = dialog.fields["engine.max_tokens"]
    dialog.search.setFocus()
    spin = field.editor.widget
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(spin.mapToGlobal(QPoint(5, 5))),
        QPoint(0, 0),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(spin, event)
    assert field.value == 512


def test_devices_and_models_are_picked_by_name(
    dialog: SettingsDialog, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    assert ListDevices() in core.posted
    assert ListModels() in core.posted
    microphone, voice = dialog.fields["audio.input_device"], dialog.fields["speech.spanish_voice"]
    box = microphone.editor.widget
    assert isinstance(box, QComboBox)
    core.emit(
        DevicesListed(("Desk", "Headset"), ("Speakers",)),
        ModelsListed(("llm",), ("ears",), ("joe", "ana"), ("ana",)),
    )
    pump(lambda: box.count() == 3)
    assert (box.currentText(), microphone.value, microphone.dirty) == ("System default", "", False)
    assert voice.editor.widget.findText("ana") > 0  # type: ignore[attr-defined]
    box.setCurrentIndex(box.findText("Headset"))
    dialog._apply.click()
    assert settings.current.audio.input_device == "Headset"
    box.setCurrentIndex(0)
    dialog._apply.click()
    assert settings.current.audio.input_device == ""


def test_a_list_that_comes_late_leaves_the_value_and_what_is_being_typed(
    dialog: SettingsDialog, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({"audio.input_device": "Unplugged"})
    microphone, speaker = dialog.fields["audio.input_device"], dialog.fields["audio.output_device"]
    pump(lambda: microphone.value == "Unplugged")
    assert isinstance(speaker.editor.widget, QComboBox)
    speaker.editor.widget.setEditText("Spea")
    core.emit(DevicesListed(("Desk",), ("Speakers",)))
    pump(lambda: speaker.editor.widget.findText("Speakers") > 0)  # type: ignore[attr-defined]
    assert (microphone.value, microphone.dirty) == ("Unplugged", False)
    assert (speaker.value, speaker.dirty) == ("Spea", True)


def test_nothing_chosen_stays_nothing_in_another_language(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    microphone = dialog.fields["audio.input_device"]
    assert isinstance(microphone.editor.widget, QComboBox)
    settings.patch({"look.language": "es"})
    pump(lambda: microphone.editor.widget.currentText() == "El del sistema")  # type: ignore[attr-defined]
    assert (microphone.value, microphone.dirty) == ("", False)


def test_settings_that_do_not_count_now_cannot_be_edited(dialog: SettingsDialog) -> None:
    silence, shortest = (
        dialog.fields[key].editor.widget for key in ("listening.stop_ms", "listening.shortest_pause_ms")
    )
    assert (silence.isEnabled(), shortest.isEnabled()) == (False, True)
    dialog.fields["listening.judge_turn_end"].editor.widget.click()  # type: ignore[attr-defined]
    assert (silence.isEnabled(), shortest.isEnabled()) == (True, False)
