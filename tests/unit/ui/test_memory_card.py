"""The settings say what they will take in memory before they are applied."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QSpinBox

from jarvis_desktop.config import describe
from jarvis_desktop.config.describe import Kind
from jarvis_desktop.errors import ConfigError, ModelError
from jarvis_desktop.events import MemoryPlanned, PlanMemory, PlannedPart, Remark
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.memory_card import MemoryCard
from jarvis_desktop.ui.settings_dialog import SettingsDialog

from .conftest import Pump
from .driving import play
from .fake_core import FakeCore, FakeSettings

CONTEXT = "engine.context_tokens"
FITS = MemoryPlanned(
    1,
    parts=(
        PlannedPart("llm", "chat", 1024, False),
        PlannedPart("joe", "speech", 512, False),
    ),
    total_mib=1536,
    free_mib=6144,
)
TOO_MUCH = replace(
    FITS,
    total_mib=8192,
    fits=False,
    advice=(
        Remark("Lower engine.context_tokens to {tokens}: that saves {mib} MiB.", {"tokens": 2048, "mib": 99}),
        Remark("Close other programs: {mib} MiB of memory are missing.", {"mib": 2048}),
    ),
)


@pytest.fixture
def dialog(desktop: Desktop) -> SettingsDialog:
    desktop.open_settings("engine")
    assert desktop._dialog is not None
    return desktop._dialog


@pytest.fixture
def card(dialog: SettingsDialog) -> MemoryCard:
    return dialog.memory


def asked(core: FakeCore) -> list[PlanMemory]:
    return [intent for intent in core.posted if isinstance(intent, PlanMemory)]


def lines(card: MemoryCard) -> list[str]:
    """What can be read in it, from the top."""
    labels = (card._line, card._short, card._quiet, card._advice)
    return [line for label in labels if not label.isHidden() for line in label.text().split("\n")]


def change(dialog: SettingsDialog, key: str, value: int) -> None:
    box = dialog.fields[key].editor.widget
    assert isinstance(box, QSpinBox)
    box.setValue(value)


def test_it_asks_when_opened_and_shows_the_answer(card: MemoryCard, core: FakeCore) -> None:
    assert asked(core) == [PlanMemory(1, {})]
    assert lines(card) == ["What these settings take in memory is being worked out …"]
    assert card._bar.isHidden()
    play(core, FITS)
    assert lines(card) == ["These settings take 1.5 GB of the 6.0 GB of memory that are free"]
    assert card._parts.full_text() == "llm 1.0 GB · joe 0.50 GB"
    assert (card._bar._own, card._bar._short, card._bar.isHidden()) == (0.25, False, False)
    assert card.accessibleName() == lines(card)[0]


def test_edits_are_planned_together_after_a_pause_and_nothing_else(
    dialog: SettingsDialog, core: FakeCore, pump: Pump
) -> None:
    card = dialog.memory
    for tokens in (8192, 16384):
        change(dialog, CONTEXT, tokens)
        QApplication.processEvents()
        assert len(asked(core)) == 1
        assert card.pause.isActive()
    card.pause.start(0)
    pump(lambda: len(asked(core)) == 2)
    assert asked(core)[-1] == PlanMemory(2, {CONTEXT: 16384})
    dialog.discard()
    card.pause.start(0)
    pump(lambda: len(asked(core)) == 3)
    assert asked(core)[-1] == PlanMemory(3, {})


def test_settings_that_decide_nothing_about_memory_do_not_ask(dialog: SettingsDialog) -> None:
    dialog.fields["audio.echo_cancellation"].editor.widget.click()  # type: ignore[attr-defined]
    assert not dialog.memory.pause.isActive()


def test_a_change_from_elsewhere_is_planned_while_the_dialog_is_open(
    dialog: SettingsDialog, settings: FakeSettings, pump: Pump
) -> None:
    settings.patch({CONTEXT: 8192})
    pump(dialog.memory.pause.isActive)
    dialog.memory.pause.stop()
    dialog.hide()
    settings.patch({CONTEXT: 4096})
    pump(lambda: dialog.fields[CONTEXT].value == 4096)
    assert not dialog.memory.pause.isActive()


def test_what_does_not_fit_is_said_with_what_helps(card: MemoryCard, core: FakeCore) -> None:
    play(core, TOO_MUCH)
    assert lines(card) == [
        "This does not fit: it takes 8.0 GB of memory, 2.0 GB more than the 6.0 GB that are free",
        "Lower “Context” to 2048: that saves 99 MiB.",
        "Close other programs: 2048 MiB of memory are missing.",
    ]
    assert card._short.property("role") == "error"
    assert card._bar._short
    assert "Close other programs" in card.accessibleName()
    play(core, FITS)
    assert len(lines(card)) == 1


def test_a_card_names_itself_and_what_lies_beside_it(card: MemoryCard, core: FakeCore) -> None:
    parts = (PlannedPart("llm", "chat", 10_240, True), PlannedPart("joe", "speech", 512, False))
    on_card = MemoryPlanned(1, "RTX 4080", parts, 10_240, 12_288)
    play(core, on_card)
    assert lines(card) == ["These settings take 10.0 GB of the 12.0 GB that are free on RTX 4080"]
    assert card._parts.full_text() == "llm 10.0 GB · 0.50 GB in main memory"
    play(core, replace(on_card, fits=False, free_mib=6144))
    assert lines(card) == [
        "This does not fit: it takes 10.0 GB, 4.0 GB more than the 6.0 GB free on RTX 4080"
    ]
    play(core, replace(on_card, fits=False, free_mib=10_235))
    assert lines(card) == [
        "This does not fit: it takes 10.0 GB, 5 MiB more than the 10.0 GB free on RTX 4080"
    ]
    play(core, replace(on_card, fits=False))
    assert lines(card) == ["The language model cannot start with these settings"]


def test_an_outdated_answer_is_ignored_and_the_last_plan_stays(card: MemoryCard, core: FakeCore) -> None:
    play(core, FITS)
    before = lines(card)
    card.ask()
    assert lines(card) == before
    play(core, TOO_MUCH)  # of the first question
    assert lines(card) == before
    play(core, replace(TOO_MUCH, number=2))
    assert lines(card) != before


def test_what_cannot_be_planned_is_said_quietly(card: MemoryCard, core: FakeCore) -> None:
    error = ModelError("model.unknown", "There is no model {name} in the catalogue.", name="qwen")
    play(core, FITS, MemoryPlanned(1, error=error))
    assert lines(card) == [
        "What these settings take in memory is not known: There is no model qwen in the catalogue."
    ]
    assert card._bar.isHidden()
    assert card._parts.isHidden()


def test_it_shows_where_models_are_chosen(dialog: SettingsDialog) -> None:
    shown = {}
    for page in ("engine", "transcription", "speech", "look", "audio"):
        dialog.show_page(page)
        shown[page] = not dialog.memory.isHidden()
    assert [page for page, there in shown.items() if there] == ["engine", "transcription", "speech"]
    dialog.search.setText("graphics memory share")
    assert not dialog.memory.isHidden()
    dialog.search.setText("theme")
    assert dialog.memory.isHidden()


def test_it_speaks_the_language_of_the_window(
    dialog: SettingsDialog, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    play(core, TOO_MUCH)
    settings.patch({"look.language": "es"})
    pump(lambda: dialog.windowTitle() == "Ajustes")
    assert lines(dialog.memory)[:2] == [
        "No cabe: ocupa 8,0 GB de memoria, 2,0 GB más que los 6,0 GB libres",
        "Baja «Contexto» a 2048: ahorra 99 MiB.",
    ]


def test_a_refusal_shows_at_the_setting_and_keeps_the_edit(
    dialog: SettingsDialog, settings: FakeSettings
) -> None:
    change(dialog, CONTEXT, 65_536)
    settings.refused = ConfigError(
        "config.does_not_fit",
        "{missing} MiB of main memory are missing for these settings. Nothing was changed.",
        "Lower engine.context_tokens to {tokens}: that saves {mib} MiB.",
        key=CONTEXT,
        missing=1234,
        tokens=2048,
        mib=1500,
    )
    dialog.show_page("look")
    dialog._apply.click()
    field = dialog.fields[CONTEXT]
    assert field.error == (
        "1234 MiB of main memory are missing for these settings. Nothing was changed. "
        "Lower “Context” to 2048: that saves 1500 MiB."
    )
    assert (field.value, field.dirty, field.isHidden()) == (65_536, True, False)
    assert settings.current.engine.context_tokens == 4096


def test_every_setting_of_the_graphics_card_shows_unit_bounds_and_help(dialog: SettingsDialog) -> None:
    keys = [setting.key for setting in describe.settings() if setting.page == "engine.vllm"]
    assert keys
    for key in keys:
        field, setting = dialog.fields[key], dialog.fields[key].setting
        assert field._help.text() == setting.help != ""
        if setting.kind in (Kind.WHOLE, Kind.NUMBER):
            box = field.editor.widget
            assert isinstance(box, QAbstractSpinBox)
            assert box.text().endswith(setting.unit)
            assert field._notes.text().startswith("Allowed: ")
            assert "Allowed: " in box.toolTip()
            assert "Allowed: " in box.accessibleDescription()
    share = dialog.fields["engine.vllm.gpu_memory_utilization"]
    assert share._notes.text() == "Allowed: 0.1 to 0.98 · Restarts the engine"
    tokens = dialog.fields["engine.vllm.max_num_batched_tokens"]
    assert tokens._notes.text() == "Allowed: 256 to 131,072 tokens · Restarts the engine"


def test_no_field_is_wider_than_the_smallest_window(dialog: SettingsDialog) -> None:
    dialog.resize(dialog.minimumSize())
    dialog._advanced.setChecked(True)
    for index in range(dialog.page_list.count()):
        dialog.page_list.setCurrentRow(index)
        QApplication.processEvents()
        assert dialog._form.horizontalScrollBar().maximum() == 0
