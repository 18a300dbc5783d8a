"""The models window: what there is, what fits, and everything that can be done with a model."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.errors import ConfigError, ModelError, NetworkError
from jarvis_desktop.events import (
    CancelFetch,
    CatalogueModels,
    FetchesInterrupted,
    FetchModel,
    Intent,
    KnownModel,
    ModelProgress,
    ModelRemoved,
    ModelsCatalogued,
    ModelState,
    ModelStep,
    Part,
    PartChanged,
    PartState,
    PauseFetch,
    RemoveModel,
    VerifyModel,
)
from jarvis_desktop.models.catalogue import Catalogue
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.licence_dialog import LicenceDialog
from jarvis_desktop.ui.model_row import ModelRow
from jarvis_desktop.ui.model_words import GROUPS, LICENCE_PAGES, licence_line
from jarvis_desktop.ui.models_window import ModelsWindow

from .conftest import Pump
from .driving import play, texts
from .fake_core import FakeCore, FakeSettings

CHAT_ROLES = ("engine.model", "routing.technical_model", "routing.reasoning_model")
SMALL = KnownModel(
    "small-chat",
    "Small Chat",
    "chat",
    ModelState.PRESENT,
    400_000_000,
    400_000_000,
    "Apache-2.0",
    languages=("en", "es"),
    roles=CHAT_ROLES,
    uses=("engine.model", "profiles.Work.model"),
    engine="llama.cpp",
    need_mib=600,
    missing_mib=0,
    checked_at=1.7e9,
)
LARGE = replace(
    SMALL,
    name="large-chat",
    title="Large Chat",
    state=ModelState.ABSENT,
    size=5_000_000_000,
    arrived=0,
    licence="Llama 3.2 Community License",
    notice="Built with Llama.",
    languages=("multilingual",),
    uses=(),
    need_mib=8000,
    missing_mib=2600,
    checked_at=None,
)
SPARE = replace(SMALL, name="spare-chat", title="Spare Chat", uses=())
EAR = KnownModel(
    "big-ear",
    "Big Ear",
    "transcription",
    ModelState.PRESENT,
    480_000_000,
    480_000_000,
    "MIT",
    languages=("multilingual",),
    roles=("transcription.model",),
    engine="ctranslate2",
    need_mib=900,
    missing_mib=0,
)
OWN = replace(
    SPARE, name="/home/ana/mine.gguf", title="mine.gguf", licence="", languages=(), own=True, removable=False
)
MODELS = (SMALL, LARGE, SPARE, EAR, OWN)
FREE = 90_000_000_000


def listed(*changed: KnownModel, free: int = FREE) -> ModelsCatalogued:
    by_name = {model.name: model for model in changed}
    return ModelsCatalogued(
        tuple(by_name.get(model.name, model) for model in MODELS), 1_280_000_000, free, Path("/models")
    )


def posted(core: FakeCore) -> list[Intent]:
    found, core.posted = core.posted, []
    return found


@pytest.fixture
def window(ready: Desktop, core: FakeCore) -> ModelsWindow:
    """The models window with its list."""
    opened = ready.models.open()
    assert posted(core) == [CatalogueModels()]
    play(core, listed())
    return opened


def row(window: ModelsWindow, model: KnownModel) -> ModelRow:
    return window.rows[model.name]


def shown(window: ModelsWindow) -> list[str]:
    return [each.model.title for each in window.rows.values() if each.isVisible()]


def test_it_opens_by_key_from_the_status_panel_and_from_the_settings_at_the_model(
    ready: Desktop, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    QTest.keySequence(ready.window, "Ctrl+Shift+M")
    assert posted(core) == [CatalogueModels()]
    ready.models.open().close()
    ready.window.panel.models.click()
    assert posted(core) == [CatalogueModels()]
    ready.models.open().close()
    settings.patch({"engine.model": "large-chat"})
    ready.open_settings("engine")
    core.posted.clear()
    assert ready._dialog is not None
    ready._dialog.model_links["engine.model"].click()
    assert CatalogueModels() in posted(core)
    window = ready.models.open()
    window.resize(window.minimumSize())
    play(core, listed())
    pump(lambda: not row(window, LARGE).visibleRegion().isEmpty())


@pytest.mark.parametrize("panel", [True, False], ids=["in the panel", "where the panel is hidden"])
def test_a_part_without_its_model_leads_to_it(ready: Desktop, core: FakeCore, panel: bool) -> None:
    missing = ModelError("model.missing", "The model {name} is not on this machine.", name="large-chat")
    ready.window.panel.setVisible(panel)
    play(core, PartChanged(Part.ENGINE, PartState.ABSENT, "large-chat", error=missing))
    problem = ready.window.panel.parts[Part.ENGINE].problem if panel else ready.window.notice
    assert "large-chat" in problem.message
    problem.button.click()
    assert posted(core) == [CatalogueModels()]
    assert ready.models.open().isVisible()


def test_every_model_of_the_catalogue_has_its_place_and_a_licence_that_is_explained(
    app: QApplication,
) -> None:
    grouped = {kind for kinds in GROUPS.values() for kind in kinds}
    for model in Catalogue.load().models.values():
        assert model.kind in grouped
        assert licence_line(model.licence)
        assert model.licence in LICENCE_PAGES


def test_a_row_says_purpose_size_languages_licence_state_use_and_fit(window: ModelsWindow) -> None:
    small, large = texts(row(window, SMALL)), texts(row(window, LARGE))
    assert "400 MB · English, Spanish" in small
    assert row(window, SMALL).licence.text() == "Apache-2.0"
    assert "free for any use" in small
    assert "In use: all answers +1" in small
    assert "On this computer" in small
    assert "Fits: takes 0.59 GB of memory" in small
    assert "5.0 GB · Many languages" in large
    assert "free under conditions" in large
    assert "Not downloaded" in large
    assert "Does not fit now: takes 7.8 GB of memory, 2.5 GB more than is free" in large
    assert "Your own file" in texts(row(window, OWN))
    assert "Speech recognition" in texts(window)
    assert "4 models, 1.3 GB · 90.0 GB free" in texts(window)
    assert "Small Chat. In use" in row(window, SMALL).accessibleName()


def test_a_disk_too_small_is_told_before_the_download(window: ModelsWindow, core: FakeCore) -> None:
    play(core, listed(free=4_000_000_000))
    assert "Does not fit on the disk: 1.0 GB are missing" in texts(row(window, LARGE))


def test_a_download_is_begun_watched_and_paused(window: ModelsWindow, core: FakeCore) -> None:
    large = row(window, LARGE)
    large.fetch.setFocus()
    large.fetch.click()
    assert posted(core) == [FetchModel("large-chat")]
    play(core, ModelProgress("large-chat", ModelStep.DOWNLOADING, 2_000_000_000, 5_000_000_000, 10e6))
    assert window.focusWidget() is large.pause, "the keyboard stays with the model"
    assert "2.0 GB of 5.0 GB · 10 MB/s · 5 min left" in texts(large)
    assert large.bar.value() == 0.4 * large.bar.maximum()
    assert not large.fetch.isVisible()
    large.pause.click()
    assert posted(core) == [PauseFetch("large-chat")]
    play(core, ModelProgress("large-chat", ModelStep.STOPPING))
    assert not large.pause.isEnabled()
    play(core, listed(replace(LARGE, state=ModelState.PARTIAL, arrived=2_000_000_000)))
    assert "Not complete: 2.0 GB of 5.0 GB are here" in texts(large)
    assert large.fetch.text().strip() == "Go on"
    assert not large.bar.isVisible()


def test_a_download_goes_on_behind_a_closed_window_and_is_told_in_the_panel(
    ready: Desktop, window: ModelsWindow, core: FakeCore
) -> None:
    window.close()
    play(core, ModelProgress("large-chat", ModelStep.DOWNLOADING, 2_000_000_000, 5_000_000_000))
    assert ready.window.panel.models.text() == "Downloading Large Chat, 40 %"
    assert not any(isinstance(intent, PauseFetch | CancelFetch) for intent in core.posted)
    play(core, listed(replace(LARGE, state=ModelState.PRESENT, arrived=LARGE.size)))
    assert ready.window.panel.models.text() == "Models …"


def test_throwing_away_what_arrived_asks_first(window: ModelsWindow, core: FakeCore) -> None:
    play(core, listed(replace(LARGE, state=ModelState.PARTIAL, arrived=2_000_000_000)))
    large = row(window, LARGE)
    large.cancel.click()
    assert posted(core) == []
    large.question.button.click()
    assert posted(core) == [CancelFetch("large-chat")]


def test_removing_tells_what_it_frees_and_asks_first(window: ModelsWindow, core: FakeCore) -> None:
    spare = row(window, SPARE)
    spare.remove.click()
    assert "400 MB become free" in spare.question.message
    assert posted(core) == []
    spare.question.button.click()
    assert posted(core) == [RemoveModel("spare-chat")]
    play(core, ModelRemoved("spare-chat", 400_000_000), listed(replace(SPARE, state=ModelState.ABSENT)))
    assert spare.fetch.isVisible()


@pytest.mark.parametrize("model", [SMALL, OWN], ids=["in use", "a file of the user's"])
def test_what_may_not_be_removed_says_why(window: ModelsWindow, core: FakeCore, model: KnownModel) -> None:
    chosen = row(window, model)
    chosen.remove.click()
    assert chosen.question.message
    assert not chosen.question.button.isVisible()
    assert posted(core) == []
    if model.uses:
        assert "all answers, profile Work" in texts(chosen.question)


def test_checking_is_asked_for_and_damage_stands_in_the_row(window: ModelsWindow, core: FakeCore) -> None:
    spare = row(window, SPARE)
    spare.verify.click()
    assert posted(core) == [VerifyModel("spare-chat")]
    play(core, ModelProgress("spare-chat", ModelStep.VERIFYING))
    assert "Checking every byte" in texts(spare)
    damaged = ModelError(
        "model.damaged", "{path} is damaged.", "jarvis models get", path="w", name="spare-chat"
    )
    play(core, listed(replace(SPARE, problem=damaged)))
    assert "w is damaged." in spare.problem.message
    assert "jarvis models get" not in texts(spare)
    assert "On this computer" not in texts(spare)
    assert not spare.use.isVisible()
    spare.problem.button.click()
    assert posted(core) == [FetchModel("spare-chat")]


def test_a_failed_download_says_what_to_do_and_tries_again(window: ModelsWindow, core: FakeCore) -> None:
    lost = NetworkError(
        "network.lost", "The connection to {host} was lost.", "Check the network.", host="hub"
    )
    play(core, listed(replace(LARGE, problem=lost)))
    large = row(window, LARGE)
    assert "hub" in large.problem.message
    assert "Check the network." in texts(large)
    large.problem.button.click()
    assert posted(core) == [FetchModel("large-chat")]


def test_use_sets_the_setting_and_the_list_is_asked_for_anew(
    window: ModelsWindow, core: FakeCore, settings: FakeSettings
) -> None:
    settings.patch({"engine.kind": "remote"})
    row(window, EAR).use.click()
    assert settings.current.transcription.model == "big-ear"
    menu = row(window, SPARE).use.menu()
    assert [action.text() for action in menu.actions()] == [
        "all answers",
        "technical questions",
        "hard questions",
    ]
    menu.actions()[0].trigger()
    assert (settings.current.engine.model, settings.current.engine.kind) == ("spare-chat", "llama.cpp")
    QApplication.processEvents()
    assert CatalogueModels() in posted(core)


def test_what_the_settings_refuse_stands_in_the_row(
    window: ModelsWindow, core: FakeCore, settings: FakeSettings
) -> None:
    settings.refused = ConfigError("config.does_not_fit", "It does not fit.", "Close other programs.")
    row(window, EAR).use.click()
    assert row(window, EAR).problem.message == "It does not fit."
    assert not row(window, EAR).problem.button.isVisible()


def test_a_file_of_the_users_own_can_be_used(window: ModelsWindow, settings: FakeSettings) -> None:
    window.file_wanted.emit(Path("/somewhere/new.gguf"))
    assert settings.current.engine.model == "/somewhere/new.gguf"


def test_search_and_filter_leave_what_matches(window: ModelsWindow) -> None:
    window.search.setText("chat spanish")
    assert shown(window) == ["Small Chat", "Spare Chat"]
    window.search.setText("recognition")
    assert shown(window) == ["Big Ear"]
    window.search.setText("nothing like it")
    assert shown(window) == []
    assert "No model matches." in texts(window)
    window.search.clear()
    for place, titles in enumerate(
        (
            ["Small Chat", "Large Chat", "Spare Chat", "mine.gguf", "Big Ear"],
            ["Small Chat", "Spare Chat", "mine.gguf", "Big Ear"],
            ["Large Chat"],
            ["Small Chat", "Spare Chat", "mine.gguf", "Big Ear"],
        )
    ):
        window.filter.setCurrentIndex(place)
        assert shown(window) == titles


def test_a_licence_can_be_read(window: ModelsWindow) -> None:
    row(window, SMALL).licence.click()
    dialog = window.findChild(LicenceDialog)
    assert dialog is not None
    assert "Apache License" in dialog.text.toPlainText()
    dialog.close()
    QApplication.processEvents()
    dialog = LicenceDialog(window._theme, LARGE, window)
    assert "Built with Llama." in texts(dialog)
    opened: list[QUrl] = []
    with patch.object(QDesktopServices, "openUrl", opened.append):
        dialog.web.click()
    assert [url.host() for url in opened] == ["www.llama.com"]


def test_a_download_cut_off_by_the_end_goes_on_only_if_the_user_says_so(
    ready: Desktop, core: FakeCore
) -> None:
    play(core, FetchesInterrupted({"large-chat": "Large Chat"}))
    question = ready.window.question
    assert "Large Chat" in question.message
    assert posted(core) == []
    question.button.click()
    assert posted(core) == [FetchModel("large-chat")]


def test_escape_puts_away_a_question_then_the_search_then_the_window(window: ModelsWindow) -> None:
    window.search.setText("spare")
    row(window, SPARE).remove.click()
    for gone in (lambda: not row(window, SPARE).question.isVisible(), lambda: not window.search.text()):
        assert window.isVisible()
        QTest.keySequence(window, "Escape")
        assert gone()
    QTest.keySequence(window, "Escape")
    assert not window.isVisible()


def test_every_button_has_a_name_that_tells_its_model(window: ModelsWindow) -> None:
    for model in MODELS:
        chosen = row(window, model)
        buttons = (chosen.fetch, chosen.pause, chosen.use, chosen.verify, chosen.cancel, chosen.remove)
        assert all(model.title in button.accessibleName() for button in buttons)


def test_a_model_that_is_gone_has_no_row(window: ModelsWindow, core: FakeCore) -> None:
    play(core, ModelsCatalogued((SMALL,), 400_000_000, FREE, Path("/models")))
    assert shown(window) == ["Small Chat"]
