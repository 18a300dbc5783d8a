"""Translates between the core's events and the models window, and binds what leads there."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import (
    FetchesInterrupted,
    FetchModel,
    KnownModel,
    ModelFailed,
    ModelFetched,
    ModelProgress,
    ModelRemoved,
    ModelsCatalogued,
    ModelStep,
    ModelVerified,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.i18n import message_of, number, tr
from jarvis_desktop.ui.main_window import MainWindow
from jarvis_desktop.ui.model_words import disk_size, percent, problem_hint
from jarvis_desktop.ui.models_window import ModelsWindow
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import bring_to_front


class ModelsPresenter(QObject):
    """Makes the models window when it is first wanted."""

    def __init__(self, bridge: Bridge, window: MainWindow, theme: Theme) -> None:
        super().__init__()
        self._bridge = bridge
        self._window = window
        self._theme = theme
        self._models: ModelsWindow | None = None
        self._titles: dict[str, str] = {}
        window.models_wanted.connect(self.open)
        bridge.config_changed.connect(lambda _: self._refresh())
        on = bridge.on
        on(ModelsCatalogued, self._catalogued)
        on(ModelProgress, self._progressed)
        on(ModelFetched, lambda event: self._over(tr("Downloaded: {model}", model=self._title(event.model))))
        on(ModelVerified, lambda event: self._over(tr("{model} is whole", model=self._title(event.model))))
        on(ModelRemoved, self._removed)
        on(ModelFailed, self._failed)
        on(FetchesInterrupted, self._offer)

    def open(self, name: str = "") -> ModelsWindow:
        """Show the models window, perhaps at a model."""
        if self._models is None:
            self._models = self._made()
        bring_to_front(self._models)
        if name:
            self._models.seek(name)
        return self._models

    def close(self) -> None:
        """Put the window away for good."""
        if self._models is not None:
            self._models.hide()
            self._models.deleteLater()
            self._models = None

    def _made(self) -> ModelsWindow:
        models = ModelsWindow(self._theme)
        models.asked.connect(self._bridge.post)
        models.use_wanted.connect(self._use)
        models.file_wanted.connect(self._use_file)
        models.folder_wanted.connect(lambda folder: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))))
        return models

    def _refresh(self) -> None:
        if self._models is not None:
            self._models.refresh()

    def _use(self, role: str, model: KnownModel) -> None:
        changes: dict[str, object] = {role: model.name}
        if role == "engine.model" and self._bridge.settings.base.engine.kind != model.engine:
            changes["engine.kind"] = model.engine
        self._set(model.name, changes)

    def _use_file(self, file: Path) -> None:
        self._set(str(file), {"engine.model": str(file), "engine.kind": "llama.cpp"})

    def _set(self, name: str, changes: dict[str, object]) -> None:
        try:
            self._bridge.settings.patch(changes)
        except ConfigError as error:
            if self._models is not None:
                self._models.take_refusal(name, error)

    def _catalogued(self, event: ModelsCatalogued) -> None:
        self._titles = {model.name: model.title for model in event.models}
        if not any(model.progress for model in event.models):
            self._window.panel.show_download("")
        if self._models is not None:
            self._models.take_models(event)

    def _progressed(self, event: ModelProgress) -> None:
        if event.step is ModelStep.DOWNLOADING:
            title, share = self._title(event.model), number(percent(event))
            self._window.panel.show_download(
                tr("Downloading {model}, {percent} %", model=title, percent=share)
            )
        if self._models is not None:
            self._models.take_progress(event)

    def _removed(self, event: ModelRemoved) -> None:
        freed = disk_size(event.freed)
        self._over(tr("Removed: {model}. {size} are free again.", model=self._title(event.model), size=freed))

    def _failed(self, event: ModelFailed) -> None:
        self._over(f"{self._title(event.model)}: {message_of(event.error)} {problem_hint(event.error)}")

    def _over(self, text: str) -> None:
        """Something with a model has ended."""
        self._window.announce(text)

    def _offer(self, event: FetchesInterrupted) -> None:
        """Downloads that the end of the program cut off go on if the user says so."""
        self._titles = dict(event.models) | self._titles
        titles = ", ".join(event.models.values())

        def go_on() -> None:
            for name in event.models:
                self._bridge.post(FetchModel(name))

        self._window.question.present(
            tr("The download was interrupted: {models}", models=titles),
            tr("What has arrived is kept; it can also go on later, from the window Models."),
            tr("Go on"),
            go_on,
        )

    def _title(self, name: str) -> str:
        return self._titles.get(name, name)
