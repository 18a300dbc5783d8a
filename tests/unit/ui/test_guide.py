"""The guide of the first start: what it tells, what its choices do, and that it is not shown again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jarvis_desktop.errors import ConfigError, NetworkError
from jarvis_desktop.events import (
    CatalogueModels,
    DescribeMachine,
    ExamineSound,
    FetchModel,
    KnownModel,
    MachineDescribed,
    ModelFetched,
    ModelProgress,
    ModelsCatalogued,
    ModelState,
    ModelStep,
    PauseFetch,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.guide import Guide
from jarvis_desktop.ui.guide_pages import REMEMBER, WAKE

from .conftest import Pump
from .driving import play, texts
from .fake_core import FakeCore, FakeSettings

MACHINE = MachineDescribed(
    "A processor",
    8,
    16_000.0,
    "A card",
    8_192.0,
    ("big-chat", "good-ears", "piper-en-joe"),
    {"engine.model": "big-chat", "transcription.model": "good-ears"},
)
VOICE = KnownModel("piper-en-joe", "Joe", "speech", ModelState.PRESENT, 60_000_000, 60_000_000)
CHAT = KnownModel("big-chat", "Big", "chat", ModelState.ABSENT, 2_000_000_000, 0)
EARS = KnownModel("good-ears", "Ears", "transcription", ModelState.PARTIAL, 500_000_000, 100_000_000)
OTHER = KnownModel("other", "Other", "chat", ModelState.ABSENT, 9_000_000_000, 0)


def known(*models: KnownModel) -> ModelsCatalogued:
    return ModelsCatalogued(models, 0, 10**12, Path("models"))


@pytest.fixture
def guide(ready: Desktop) -> Guide:
    ready.guide.open()
    assert ready.guide.guide is not None
    return ready.guide.guide


def test_it_is_shown_once_and_again_from_the_settings(
    ready: Desktop, core: FakeCore, settings: FakeSettings
) -> None:
    assert settings.current.look.guide
    ready.guide.open()
    assert not settings.current.look.guide
    assert {DescribeMachine(), CatalogueModels()} <= set(core.posted)
    assert ready.guide.guide is not None
    ready.guide.guide.skip.click()
    assert not ready.guide.guide.isVisible()
    ready.open_settings("look")
    assert ready._dialog is not None
    ready._dialog.guide.click()
    assert ready.guide.guide.isVisible()


def test_every_step_can_be_left_without_doing_anything(guide: Guide, core: FakeCore) -> None:
    seen = []
    while guide.isVisible():
        seen.append(texts(guide._stack.currentWidget()))
        assert guide.next.isEnabled()
        guide.next.click()
    assert len(set(seen)) == 4
    assert not [intent for intent in core.posted if isinstance(intent, FetchModel)]


def test_the_machine_is_told_with_what_it_means(guide: Guide, core: FakeCore) -> None:
    play(core, MACHINE)
    words = texts(guide.machine)
    assert "A processor" in words
    assert "A card" in words
    play(core, replace(MACHINE, gpu_name=None, vram_mib=None))
    assert "A card" not in texts(guide.machine)
    assert "on the processor" in texts(guide.machine)


def test_what_is_missing_of_the_recommended_models_is_fetched_paused_and_gone_on_with(
    guide: Guide, core: FakeCore
) -> None:
    page = guide.models
    play(core, MACHINE, known(VOICE, CHAT, EARS, OTHER))
    assert list(page.rows) == ["big-chat", "good-ears", "piper-en-joe"]
    assert "2.4 GB" in page.fetch.text()  # what has arrived does not count
    guide.show_step(1)
    page.fetch.click()
    assert core.posted[-2:] == [FetchModel("big-chat"), FetchModel("good-ears")]
    play(
        core,
        ModelProgress("good-ears", ModelStep.WAITING),
        ModelProgress("big-chat", ModelStep.DOWNLOADING, 500_000_000, 2_000_000_000, 1e6),
    )
    assert page.fetch.isHidden()
    assert page.rows["big-chat"].bar.value() == page.rows["big-chat"].bar.maximum() / 4
    page.pause.click()
    assert core.posted[-2:] == [PauseFetch("good-ears"), PauseFetch("big-chat")]
    paused = replace(CHAT, state=ModelState.PARTIAL, arrived=500_000_000)
    play(core, known(VOICE, paused, EARS))
    assert page.pause.isHidden()
    assert "paused" in page.rows["big-chat"].state.text()
    page.fetch.click()
    assert core.posted[-2:] == [FetchModel("big-chat"), FetchModel("good-ears")]


def test_what_cannot_be_downloaded_says_why_and_can_be_tried_again(guide: Guide, core: FakeCore) -> None:
    error = NetworkError("network.unreachable", "The server cannot be reached.", "Check the connection.")
    play(core, MACHINE, known(VOICE, replace(CHAT, problem=error)))
    told = guide.models.rows["big-chat"].problem.text()
    assert error.message in told
    assert error.hint in told
    assert not guide.models.fetch.isHidden()


def test_a_model_that_has_come_is_taken_into_use_even_after_the_guide(
    guide: Guide, core: FakeCore, settings: FakeSettings
) -> None:
    play(core, MACHINE)
    before = settings.current.engine.model
    guide.close()
    play(core, ModelFetched("other"))
    assert settings.current.engine.model == before
    play(core, ModelFetched("big-chat"), ModelFetched("good-ears"))
    assert settings.current.engine.model == "big-chat"
    assert settings.current.transcription.model == "good-ears"


def test_what_does_not_fit_is_said_before_it_is_downloaded(guide: Guide, core: FakeCore) -> None:
    play(core, MACHINE, known(VOICE, replace(CHAT, need_mib=9_000.0, missing_mib=2_048.0)))
    assert "2.0 GB" in guide.models.rows["big-chat"].problem.text()
    play(core, known(VOICE, replace(CHAT, need_mib=9_000.0, missing_mib=0.0)))
    assert not guide.models.rows["big-chat"].problem.text()


def test_a_choice_that_is_refused_says_why_in_the_window(
    guide: Guide, ready: Desktop, settings: FakeSettings
) -> None:
    settings.refused = ConfigError("config.refused", "It does not fit.", "Choose less.")
    guide.privacy.switches[WAKE].click()
    assert "It does not fit." in ready.window.notice.message
    assert not guide.privacy.switches[WAKE].isChecked()


def test_nothing_is_left_to_do_when_everything_is_here(guide: Guide, core: FakeCore) -> None:
    whole = [replace(each, state=ModelState.PRESENT, arrived=each.size) for each in (VOICE, CHAT, EARS)]
    play(core, MACHINE, known(*whole))
    assert guide.models.fetch.isHidden()
    assert guide.models.pause.isHidden()
    assert guide.models.line.text()


def test_the_language_is_chosen_at_the_top_and_brings_its_voice(
    guide: Guide, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    spanish = KnownModel("piper-es-davefx", "Davefx", "speech", ModelState.ABSENT, 60_000_000, 0)
    play(core, MACHINE, known(VOICE, spanish))
    before = guide.language.itemText(0)
    guide.language.setCurrentIndex(2)
    guide.language.activated.emit(2)
    assert settings.current.look.language == "es"
    pump(lambda: guide.language.itemText(0) != before)
    pump(lambda: "piper-es-davefx" in guide.models.rows)
    play(core, ModelFetched("piper-es-davefx"))
    assert settings.current.speech.spanish_voice == "piper-es-davefx"


def test_the_microphone_is_open_only_in_its_step(guide: Guide, core: FakeCore) -> None:
    guide.show_step(2)
    assert core.posted[-1] == ExamineSound(True)
    guide.next.click()
    assert core.posted[-1] == ExamineSound(False)


def test_memory_and_wake_word_are_switched_in_the_last_step(guide: Guide, settings: FakeSettings) -> None:
    switches = guide.privacy.switches
    assert switches[REMEMBER].isChecked()
    assert not switches[WAKE].isChecked()
    switches[REMEMBER].click()
    switches[WAKE].click()
    assert not settings.current.memory.enabled
    assert settings.current.wake.enabled


def test_with_a_server_elsewhere_it_is_not_said_that_chats_stay_here(
    guide: Guide, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    before = texts(guide.privacy)
    settings.patch({"engine.kind": "remote"})
    pump(lambda: texts(guide.privacy) != before)
    assert "your chats" not in texts(guide.privacy)
