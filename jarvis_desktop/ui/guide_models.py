"""The step of the guide that brings the models: sizes, what to expect, download, pause and go on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar

from jarvis_desktop.events import (
    CatalogueModels,
    FetchModel,
    KnownModel,
    ModelProgress,
    ModelsCatalogued,
    ModelState,
    PauseFetch,
)
from jarvis_desktop.ui.guide_pages import GuidePage
from jarvis_desktop.ui.guide_words import about_model, model_look, model_state, shortage, under_way
from jarvis_desktop.ui.i18n import message_of, tr
from jarvis_desktop.ui.model_words import disk_size, problem_hint
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import IconLabel, Label, TextButton, column, row

_STEPS = 1000  # of a bar


class ModelRow(QFrame):
    """One model."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._icon = IconLabel(theme, size=18)
        self.title = Label(role="strong", wrap=True)
        self.state = Label(role="second", wrap=True)
        self.state.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._about = Label(role="second", wrap=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(4)
        self.bar.setRange(0, _STEPS)
        self.problem = Label(role="error", wrap=True)
        head = row(spacing=8)
        head.addWidget(self.title, 2, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.state, 1, Qt.AlignmentFlag.AlignTop)
        layout = row(spacing=10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        words = column(head, self._about, spacing=2)
        layout.addLayout(column(words, self.bar, self.problem, spacing=6), 1)
        self.setLayout(layout)

    def show_model(self, model: KnownModel, free: int) -> None:
        """`free` bytes are left on the disk."""
        look = model_look(model)
        self._icon.show_icon(look.icon, look.token)
        self.title.setText(model.title)
        self.state.setText(model_state(model))
        self._about.set_text(about_model(model))
        progress = model.progress
        self.bar.setVisible(model.state is not ModelState.PRESENT and (under_way(model) or model.arrived > 0))
        share = model.arrived / model.size
        if progress is not None and progress.total:
            share = progress.done / progress.total
        self.bar.setValue(round(min(1.0, share) * _STEPS))
        self.bar.setAccessibleName(f"{model.title}: {model_state(model)}")
        error = model.problem
        told = f"{message_of(error)} {problem_hint(error)}".strip() if error else shortage(model, free)
        self.problem.set_text(told)


class ModelsPage(GuidePage):
    """Those models that suit this machine; `recommend` says which, `take` how they are."""

    asked = Signal(object)  # Intent
    all_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._wanted: tuple[str, ...] = ()
        self._known: dict[str, KnownModel] = {}
        self._free = 0
        self.rows: dict[str, ModelRow] = {}
        self._rows = column(spacing=12)
        self.fetch = TextButton(theme, "primary")
        self.pause = TextButton(theme, "plain")
        self.line = Label(role="second", wrap=True)
        self._all = TextButton(theme, "link")
        self._all.clicked.connect(self.all_wanted)
        self.fetch.clicked.connect(self._fetch)
        self.pause.clicked.connect(self._pause)
        self.arrange(self._rows, self.line, row(self.fetch, self.pause, None), row(self._all, None))

    def recommend(self, names: Sequence[str]) -> None:
        """The models to have, most important first."""
        if tuple(names) != self._wanted:
            self._wanted = tuple(names)
            self.retranslate()

    def ask(self) -> None:
        """Have it told how the models are."""
        self.asked.emit(CatalogueModels())

    def take(self, catalogued: ModelsCatalogued) -> None:
        """How all models are now."""
        self._known = {model.name: model for model in catalogued.models}
        self._free = catalogued.free
        self.retranslate()

    def take_progress(self, progress: ModelProgress) -> None:
        """One of them has come farther."""
        if (model := self._known.get(progress.model)) is not None:
            self._known[progress.model] = replace(model, progress=progress)
            self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Models"))
        self._about.setText(
            tr("These suit this machine. You can go on, chat by keyboard and come back while they download.")
        )
        models = self._models()
        for name in [name for name in self.rows if name not in {model.name for model in models}]:
            self.rows.pop(name).deleteLater()
        for model in models:
            if model.name not in self.rows:
                self.rows[model.name] = ModelRow(self._theme)
                self._rows.addWidget(self.rows[model.name])
            self.rows[model.name].show_model(model, self._free)
        missing = [model for model in models if model.state is not ModelState.PRESENT]
        coming = any(map(under_way, missing))
        begun = any(model.arrived for model in missing)
        size = disk_size(sum(model.size - model.arrived for model in missing))
        self.fetch.setText(
            tr("Go on ({size})", size=size) if begun else tr("Download all ({size})", size=size)
        )
        self.fetch.setVisible(bool(missing) and not coming)
        self._all.setText(tr("See all models"))
        self.pause.setText(tr("Pause"))
        self.pause.setVisible(coming)
        self.line.set_text(_line(models, missing, coming))

    def _models(self) -> list[KnownModel]:
        return [self._known[name] for name in self._wanted if name in self._known]

    def _fetch(self) -> None:
        for model in self._models():
            if model.state is not ModelState.PRESENT:
                self.asked.emit(FetchModel(model.name))

    def _pause(self) -> None:
        for model in reversed(self._models()):  # those that wait first, so that none of them begins
            if under_way(model):
                self.asked.emit(PauseFetch(model.name))


def _line(models: list[KnownModel], missing: list[KnownModel], coming: bool) -> str:
    if not models:
        return tr("Looking for models …")
    if not missing:
        return tr("Everything is here.")
    return tr("Downloads go on while you use Jarvis.") if coming else ""
