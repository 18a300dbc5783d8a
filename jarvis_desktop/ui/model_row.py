"""One model in the models window: what it is, whether it fits, what is there of it, and what can be done."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QMenu, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    CancelFetch,
    FetchModel,
    KnownModel,
    ModelIntent,
    ModelProgress,
    ModelState,
    ModelStep,
    PauseFetch,
    RemoveModel,
    VerifyModel,
)
from jarvis_desktop.ui.flow import Flow
from jarvis_desktop.ui.i18n import message_of, tr, with_titles
from jarvis_desktop.ui.model_words import (
    disk_size,
    fit_line,
    is_damaged,
    languages_line,
    licence_line,
    percent,
    problem_hint,
    progress_line,
    role_name,
    state_line,
    uses_line,
)
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import (
    ElidedLabel,
    IconButton,
    IconLabel,
    Label,
    Notice,
    ProgressBar,
    TextButton,
    column,
    plain_tip,
    row,
)

_FETCHING = frozenset(
    {ModelStep.WAITING, ModelStep.RESOLVING, ModelStep.DOWNLOADING, ModelStep.ASSEMBLING, ModelStep.STOPPING}
)


class ModelRow(QFrame):
    """Says what the user wants of it; `show_model` has how it is."""

    asked = Signal(object)  # ModelIntent
    use_wanted = Signal(str, object)  # the setting, the model
    licence_wanted = Signal(object)  # KnownModel

    def __init__(self, theme: Theme, model: KnownModel, free: int) -> None:
        super().__init__()
        self.setProperty("row", "model")
        self.model = model
        self._free = free
        self._refusal: JarvisError | None = None  # of the settings
        self._title = ElidedLabel(role="strong")
        self._use = Label(role="pill")
        self._facts = Label(role="small")
        self.licence = TextButton(theme, "link")
        self._allowed = ElidedLabel(role="small")
        self._fit_icon, self._fit = IconLabel(theme, size=16), Label(role="small", wrap=True)
        self._state_icon, self._state = IconLabel(theme, size=16), Label(role="small", wrap=True)
        self.bar = ProgressBar(theme)
        self._progress = Label(role="small", wrap=True)
        self.fetch = TextButton(theme, "plain", "download-simple", "accent")
        self.pause = TextButton(theme, "plain", "pause-fill", "accent")
        self.use = TextButton(theme, "plain")
        self._roles = QMenu(self.use)
        self.verify = IconButton(theme, "check-circle", size=18)
        self.cancel = IconButton(theme, "x", size=18)
        self.remove = IconButton(theme, "trash", size=18)
        self.problem = Notice(theme)
        self.problem.dismiss.hide()  # it stands until it goes right
        self.question = Notice(theme)
        self._there, self._busy = QWidget(), QWidget()
        self._arrange()
        self._connect()
        self.retranslate()

    def _arrange(self) -> None:
        head = row(spacing=8)
        head.addWidget(self._title)
        head.addWidget(self._use)
        head.addStretch(1)
        facts = Flow()
        for widget in (self._facts, self.licence, self._allowed):
            facts.add(widget)
        fit = row(self._fit_icon, spacing=6)
        fit.addWidget(self._fit, 1)
        state = row(self._state_icon, spacing=6)
        state.addWidget(self._state, 1)
        self._there.setLayout(state)
        self._busy.setLayout(column(self.bar, self._progress, spacing=4, margins=(0, 4, 0, 0)))
        words = column(head, facts, self._there, fit, self._busy, spacing=4)
        buttons = row(self.use, self.fetch, self.pause, self.verify, self.cancel, self.remove, spacing=4)
        across = row(spacing=16)
        across.addLayout(words, 1)
        across.addLayout(column(buttons, None))
        self.setLayout(column(across, self.problem, self.question, spacing=8, margins=(0, 12, 0, 12)))

    def _connect(self) -> None:
        ask = self._ask
        self.fetch.clicked.connect(lambda: ask(FetchModel(self.model.name)))
        self.pause.clicked.connect(lambda: ask(PauseFetch(self.model.name)))
        self.verify.clicked.connect(lambda: ask(VerifyModel(self.model.name)))
        self.cancel.clicked.connect(self._offer_cancel)
        self.remove.clicked.connect(self._offer_remove)
        self.use.clicked.connect(self._use_clicked)
        self.licence.clicked.connect(lambda: self.licence_wanted.emit(self.model))

    # --- how it is --------------------------------------------------------------------------------------

    def show_model(self, model: KnownModel, free: int) -> None:
        """The model as it is now; `free` bytes are left on the disk."""
        if model.uses != self.model.uses:
            self._refusal = None
        self.model, self._free = model, free
        self.retranslate()

    def show_progress(self, progress: ModelProgress) -> None:
        """It has come so far."""
        known = self.model.progress is not None and self.model.progress.step is progress.step
        self.model = replace(self.model, progress=progress)
        if known:
            self._show_busy()
        else:  # other things can be done now
            self.retranslate()

    def show_refusal(self, error: JarvisError) -> None:
        """The settings did not take the model."""
        self._refusal = error
        self._show_problem()

    def matches(self, words: list[str], group: str) -> bool:
        """The model has all of these words (lower case) in what is said of it."""
        said = (self.model.name, self.model.title, self.model.licence, languages_line(self.model), group)
        text = " ".join((*said, self._allowed.full_text(), self._use.text())).casefold()
        return all(word in text for word in words)

    def retranslate(self) -> None:
        """All texts in the window's language."""
        model = self.model
        self._title.setText(model.title)
        self._use.set_text(uses_line(model, 1))
        self._use.setToolTip(plain_tip(uses_line(model)))
        self._facts.setText(
            f"{disk_size(model.size)} · {languages_line(model)}{' ·' if model.licence else ''}"
        )
        self.licence.setText(model.licence)
        self.licence.setVisible(bool(model.licence))
        self._allowed.set_text(licence_line(model.licence))
        look, text = state_line(model)
        self._state_icon.show_icon(look.icon, look.token)
        self._state.setText(text)
        self._there.setVisible(model.progress is None)  # else the bar tells it
        look, text = fit_line(model, self._free)
        self._fit_icon.show_icon(look.icon, look.token)
        self._fit.setText(text)
        self.setAccessibleName(
            ". ".join(filter(None, (model.title, uses_line(model), self._state.text(), text)))
        )
        self.setToolTip(plain_tip(model.name) if model.own else "")
        self._show_buttons()
        self._show_busy()
        self._show_problem()

    def _show_buttons(self) -> None:
        model, step = self.model, self.model.progress.step if self.model.progress else None
        present = model.state is ModelState.PRESENT
        buttons = (self.pause, self.use, self.fetch, self.verify, self.cancel, self.remove)
        focused = any(button.hasFocus() for button in buttons)
        self.fetch.setVisible(step is None and not present)
        self.fetch.setText(_fetch_word(model.state))
        self.pause.setVisible(step in _FETCHING)
        self.pause.setEnabled(step is not ModelStep.STOPPING)
        self.pause.setText(tr("Pause"))
        self.verify.setVisible(step is None and present)
        self.remove.setVisible((step is None and present) or step is ModelStep.REMOVING)
        self.remove.setEnabled(step is None)
        begun = step in _FETCHING or (
            step is None and model.state in (ModelState.PARTIAL, ModelState.DAMAGED)
        )
        self.cancel.setVisible(begun)
        self.cancel.setEnabled(step is not ModelStep.STOPPING)
        free_roles = [role for role in model.roles if role not in model.uses]
        self.use.setVisible(step is None and present and bool(free_roles) and not is_damaged(model))
        self._offer_roles(free_roles)
        self.question.dismiss.describe(tr("Dismiss"))
        self.verify.describe(tr("Check every byte of {model}", model=model.title))
        self.remove.describe(tr("Remove {model} from this computer", model=model.title))
        self.cancel.describe(tr("Cancel the download of {model}", model=model.title))
        for button in (self.fetch, self.pause, self.use):
            button.setAccessibleName(f"{button.text().strip()}: {model.title}")
        self.licence.setAccessibleName(tr("Licence of {model}", model=model.title))
        left = [button for button in buttons if not button.isHidden() and button.isEnabled()]
        if focused and left and not any(button.hasFocus() for button in left):
            left[0].setFocus()  # what was pressed has gone; the keyboard stays with the model

    def _offer_roles(self, roles: list[str]) -> None:
        """One role is taken by the button itself, several by its menu."""
        several = len(roles) > 1
        self.use.setText(tr("Use for") if several else tr("Use"))
        self._roles.clear()
        for role in roles:
            action = self._roles.addAction(role_name(role))
            action.triggered.connect(lambda _=False, role=role: self.use_wanted.emit(role, self.model))
        self.use.setMenu(self._roles if several else None)  # type: ignore[arg-type]

    def _show_busy(self) -> None:
        progress = self.model.progress
        self._busy.setVisible(progress is not None)
        if progress is None:
            return
        measured = progress.step is ModelStep.DOWNLOADING
        self.bar.show_share(percent(progress) / 100 if measured else None)
        self.bar.setVisible(progress.step is not ModelStep.WAITING)
        self._progress.setText(progress_line(progress))
        self.bar.setAccessibleName(f"{self.model.title}: {self._progress.text()}")

    def _show_problem(self) -> None:
        error = self._refusal or (None if self.model.progress else self.model.problem)
        if error is None:
            self.problem.hide()
            return
        damaged = error.code == "model.damaged"
        mended = damaged or (error is self.model.problem and self.model.state is not ModelState.PRESENT)
        self.problem.present(
            with_titles(message_of(error)),
            with_titles(problem_hint(error)),
            (tr("Download again") if damaged else tr("Try again")) if mended else "",
            lambda: self._ask(FetchModel(self.model.name)),
        )

    # --- what the user does -----------------------------------------------------------------------------

    def _ask(self, intent: ModelIntent) -> None:
        self._refusal = None
        self.question.hide()
        self.asked.emit(intent)

    def _use_clicked(self) -> None:
        free_roles = [role for role in self.model.roles if role not in self.model.uses]
        if len(free_roles) == 1:
            self.use_wanted.emit(free_roles[0], self.model)

    def _offer_cancel(self) -> None:
        self.question.present(
            tr("Throw away what has arrived of {model}?", model=self.model.title),
            tr("It would begin from the start the next time. Pausing keeps it."),
            tr("Throw away"),
            lambda: self._ask(CancelFetch(self.model.name)),
        )
        self.question.button.setFocus()

    def _offer_remove(self) -> None:
        model = self.model
        if not model.removable:
            self.question.present(tr("This file is your own and stays where it is."), model.name, "", None)
        elif model.uses:
            self.question.present(
                tr("{model} cannot be removed now.", model=model.title),
                tr(
                    "{uses}. Choose another one for that first, or switch it off in the settings.",
                    uses=uses_line(model),
                ),
                "",
                None,
            )
        else:
            again = "" if model.own else tr("You can download it again.")
            self.question.present(
                tr("Remove {model}? {size} become free.", model=model.title, size=disk_size(model.arrived)),
                again,
                tr("Remove"),
                lambda: self._ask(RemoveModel(model.name)),
            )
            self.question.button.setFocus()


def _fetch_word(state: ModelState) -> str:
    return {
        ModelState.PARTIAL: tr("Go on"),
        ModelState.DAMAGED: tr("Download again"),
    }.get(state, tr("Download"))
