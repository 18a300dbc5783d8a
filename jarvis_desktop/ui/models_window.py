"""The models window: every model there is, what is on this computer, and what to do about it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QFrame, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import CatalogueModels, KnownModel, ModelProgress, ModelsCatalogued, ModelState
from jarvis_desktop.ui.flow import Pairs
from jarvis_desktop.ui.i18n import hint_of, message_of, tr, with_titles
from jarvis_desktop.ui.icons import icon
from jarvis_desktop.ui.licence_dialog import LicenceDialog
from jarvis_desktop.ui.model_row import ModelRow
from jarvis_desktop.ui.model_words import GROUPS, fits, group_help, group_title, total_line
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import (
    Label,
    Notice,
    Scroll,
    SearchField,
    TextButton,
    bind_keys,
    column,
    file_dialog,
    name_choice,
    row,
)

_FILTERS = ("all", "here", "absent", "fitting")
_WIDTH = 560  # the least, at text size 1


class _Group(QWidget):
    """The models that serve one purpose, below its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
        self.title = Label(role="group")
        self._help = Label(role="second", wrap=True)
        self.rows = column(spacing=0)
        head = column(self.title, self._help, spacing=2, margins=(0, 0, 0, 12))
        self.setLayout(column(head, self.rows, spacing=0, margins=(0, 16, 0, 8)))

    def retranslate(self) -> None:
        self.title.setText(group_title(self.name))
        self._help.setText(group_help(self.name))


class ModelsWindow(Translated, QWidget):
    """Knows nothing of the core: wishes go out as intents, `take_...` has what came of them."""

    asked = Signal(object)  # ModelIntent
    use_wanted = Signal(str, object)  # the setting, KnownModel
    file_wanted = Signal(object)  # Path of a language model of the user's own
    folder_wanted = Signal(object)  # Path

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("models-window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._known: ModelsCatalogued | None = None
        self._sought = ""  # a model to bring into view
        self.rows: dict[str, ModelRow] = {}
        self._groups = {name: _Group(name) for name in GROUPS}
        self._title = Label(role="group")
        self.search = SearchField(theme)
        self.filter = QComboBox()
        for name in _FILTERS:
            self.filter.addItem("", name)
        self.notice = Notice(theme)
        self._nothing = Label(role="second", wrap=True)
        self._list = Scroll()
        self._total = Label(role="second", wrap=True)
        self.folder = TextButton(theme, "plain")
        self.file = TextButton(theme, "plain")
        self.setWindowIcon(icon("download-simple", theme.tokens.accent, size=64))
        self.resize(860, 720)
        self._arrange()
        self._connect()
        self._take_look()
        self.retranslate()

    def _arrange(self) -> None:
        head = row(spacing=8, margins=(24, 12, 24, 12))
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self.search, 2)
        head.addWidget(self.filter)
        page = QWidget()
        page.setObjectName("models-page")
        page.setLayout(
            column(self._nothing, *self._groups.values(), None, spacing=8, margins=(24, 0, 24, 16))
        )
        self._list.setWidget(page)
        foot = QFrame()
        foot.setObjectName("models-foot")
        buttons = QWidget()
        buttons.setLayout(row(self.file, self.folder, None))
        foot.setLayout(column(Pairs([(self._total, buttons)], (1, 0)), margins=(24, 8, 24, 8)))
        layout = column(head, column(self.notice, margins=(24, 0, 24, 8)), spacing=0)
        layout.addWidget(self._list, 1)
        layout.addWidget(foot)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._show_rows)
        self.filter.currentIndexChanged.connect(self._show_rows)
        self.file.clicked.connect(self._pick)
        self.folder.clicked.connect(self._open_folder)
        self._theme.changed.connect(self._take_look)
        keys = {
            "Ctrl+F": self.search.begin,
            "Ctrl+W": self.close,
            "Escape": self._escape,
        }
        bind_keys(self, keys)

    # --- what came --------------------------------------------------------------------------------------

    def take_models(self, known: ModelsCatalogued) -> None:
        """All models as they are now."""
        self._known = known
        names = {model.name for model in known.models}
        for gone in self.rows.keys() - names:
            self.rows.pop(gone).deleteLater()
        # In the order of the groups, which is the order in which the Tab key goes through them.
        for model in sorted(
            known.models, key=lambda each: list(self._groups).index(self._group_of(each).name)
        ):
            if model.name in self.rows:
                self.rows[model.name].show_model(model, known.free)
            else:
                self.rows[model.name] = last = self._made(model, known.free)
                QWidget.setTabOrder(last.question.dismiss, self.file)
        QWidget.setTabOrder(self.file, self.folder)
        self._show_total()
        self._show_rows()

    def take_progress(self, progress: ModelProgress) -> None:
        """It has come so far with a model."""
        if progress.model in self.rows:
            self.rows[progress.model].show_progress(progress)

    def take_refusal(self, name: str, error: JarvisError) -> None:
        """The settings did not take a model; the window says it of one that is not listed yet."""
        if name in self.rows:
            self.rows[name].show_refusal(error)
            self._list.ensureWidgetVisible(self.rows[name])
        else:
            self.notice.present(with_titles(message_of(error)), with_titles(hint_of(error)))

    def seek(self, name: str) -> None:
        """Bring a model into view, also one that is not listed yet."""
        self._sought = name
        self.search.clear()
        self.filter.setCurrentIndex(0)
        self._show_rows()

    def refresh(self) -> None:
        """Ask for the list anew, if anybody looks at it."""
        if self.isVisible():
            self.asked.emit(CatalogueModels())

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("Models – Jarvis"))
        self._title.setText(tr("Models"))
        self.search.setPlaceholderText(tr("Search models"))
        self.search.setAccessibleName(tr("Search models"))
        name_choice(self.filter, tr("Which models to show"))
        for place, words in enumerate(
            (tr("All models"), tr("On this computer"), tr("Not downloaded"), tr("Fitting this computer"))
        ):
            self.filter.setItemText(place, words)
        self.file.setText(tr("Use a file of your own …"))
        self.folder.setText(tr("Show folder"))
        self.notice.dismiss.describe(tr("Dismiss"))
        for group in self._groups.values():
            group.retranslate()
        for each in self.rows.values():
            each.retranslate()
        self._show_total()
        self._show_rows()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self.search.setFocus()

    # --- inside -----------------------------------------------------------------------------------------

    def _made(self, model: KnownModel, free: int) -> ModelRow:
        made = ModelRow(self._theme, model, free)
        made.asked.connect(self.asked)
        made.use_wanted.connect(self.use_wanted)
        made.licence_wanted.connect(self._show_licence)
        self._group_of(model).rows.addWidget(made)
        return made

    def _group_of(self, model: KnownModel) -> _Group:
        return next(self._groups[name] for name, kinds in GROUPS.items() if model.kind in kinds)

    def _show_rows(self) -> None:
        words = self.search.text().casefold().split()
        wanted = self.filter.currentData()
        shown = {
            name
            for name, each in self.rows.items()
            if _passes(each.model, wanted) and each.matches(words, self._group_of(each.model).title.text())
        }
        for name, each in self.rows.items():
            each.setVisible(name in shown)
        filled = {self._group_of(self.rows[name].model).name for name in shown}
        for name, group in self._groups.items():
            group.setVisible(name in filled)
        self._nothing.set_text(self._why_nothing() if not shown else "")
        if self._sought in shown:
            sought, self._sought = self.rows[self._sought], ""
            QTimer.singleShot(
                0, sought, lambda: self._list.ensureWidgetVisible(sought)
            )  # it has no place yet

    def _why_nothing(self) -> str:
        return tr("No model matches.") if self._known else tr("The models are being looked up …")

    def _show_total(self) -> None:
        known = self._known
        self.folder.setEnabled(known is not None)
        if known is None:
            self._total.setText("")
            return
        here = sum(model.state is ModelState.PRESENT for model in known.models)
        self._total.setText(total_line(here, known.used, known.free))

    def _show_licence(self, model: KnownModel) -> None:
        dialog = LicenceDialog(self._theme, model, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _pick(self) -> None:
        dialog = file_dialog(self, tr("Which language model shall answer?"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(tr("Language models (*.gguf)"))
        dialog.fileSelected.connect(lambda name: self.file_wanted.emit(Path(name)))
        dialog.open()

    def _open_folder(self) -> None:
        if self._known is not None:
            self.folder_wanted.emit(self._known.folder)

    def _escape(self) -> None:
        """Put away, one after the other: a question, a search, the window."""
        questions = [each.question for each in self.rows.values() if not each.question.isHidden()]
        if cards := [card for card in (*questions, self.notice) if not card.isHidden()]:
            cards[0].hide()
        elif self.search.text():
            self.search.clear()
        else:
            self.close()

    def _take_look(self) -> None:
        self.setMinimumSize(round(_WIDTH * self._theme.scale), 420)


def _passes(model: KnownModel, wanted: str) -> bool:
    match wanted:
        case "here":
            return model.state is not ModelState.ABSENT
        case "absent":
            return model.state is not ModelState.PRESENT
        case "fitting":
            return fits(model)
        case _:
            return True
