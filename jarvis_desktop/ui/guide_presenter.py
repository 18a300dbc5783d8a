"""Between the guide and the core: what it shows, what it asks, and that it is not shown again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from jarvis_desktop.config import describe
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import (
    DescribeMachine,
    MachineDescribed,
    ModelFetched,
    ModelProgress,
    ModelsCatalogued,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.guide import Guide
from jarvis_desktop.ui.i18n import Language, hint_of, message_of, with_titles
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.sound_presenter import SoundPresenter
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import bring_to_front

_GUIDE, _LANGUAGE = "look.guide", "look.language"
_SPANISH_VOICE = {"speech.spanish_voice": "piper-es-davefx"}
"""What a window in Spanish wants besides: its own voice reads Spanish with an accent."""


class GuidePresenter(QObject):
    """Makes the guide when it is wanted. What it downloads is taken into use also after it was closed."""

    def __init__(
        self,
        bridge: Bridge,
        window: MainWindow,
        theme: Theme,
        language: Language,
        sound: SoundPresenter,
        open_doctor: Callable[[], None],
        open_models: Callable[[], object],
    ) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._window = window
        self._theme = theme
        self._language = language
        self._sound = sound
        self._open_doctor = open_doctor
        self._open_models = open_models
        self._machine: MachineDescribed | None = None
        self.guide: Guide | None = None
        bridge.on(ModelFetched, self._fetched)

    def open(self) -> None:
        """Show the guide from its beginning; the next start does without it."""
        self._patch(_GUIDE, False)
        if self.guide is None:
            self.guide = self._made()
        self.guide.show_step(0)
        self._take_settings(self._bridge.settings.current)
        self._bridge.post(DescribeMachine())
        self.guide.models.ask()
        bring_to_front(self.guide)

    def _made(self) -> Guide:
        guide = Guide(self._theme, self._sound, self._window)
        on, post = self._bridge.on, self._bridge.post
        on(MachineDescribed, self._described)
        on(ModelsCatalogued, guide.models.take)
        on(ModelProgress, guide.models.take_progress)
        guide.models.asked.connect(post)
        guide.models.all_wanted.connect(lambda: self._open_models())
        guide.sound.doctor_wanted.connect(self._open_doctor)
        guide.privacy.changed.connect(self._patch)
        guide.language_chosen.connect(lambda chosen: self._patch(_LANGUAGE, chosen))
        self._bridge.config_changed.connect(self._take_settings)
        return guide

    def _described(self, machine: MachineDescribed) -> None:
        self._machine = machine
        if self.guide is not None:
            self.guide.machine.take(machine)
            self._recommend()

    def _recommend(self) -> None:
        if self.guide is not None and self._machine is not None:
            self.guide.models.recommend((*self._machine.models, *self._besides().values()))

    def _besides(self) -> dict[str, str]:
        return _SPANISH_VOICE if self._language.current == "es" else {}

    def _take_settings(self, config: Config) -> None:
        if self.guide is not None:
            self.guide.show_language(config.look.language)
            self.guide.privacy.take_settings(config)
            self._recommend()

    def _fetched(self, event: ModelFetched) -> None:
        """A model that was recommended has come: from now on it is the one to use."""
        if self._machine is None:
            return
        for key, name in {**self._machine.chosen, **self._besides()}.items():
            if name == event.model:
                self._patch(key, name)

    def _patch(self, key: str, value: describe.Value) -> None:
        if describe.value_of(self._bridge.settings.base, key) == value:
            return
        try:
            self._bridge.settings.patch({key: value})
        except ConfigError as error:
            self._window.notice.present(with_titles(message_of(error)), with_titles(hint_of(error)))
            self._take_settings(self._bridge.settings.current)
