"""The guide of the first start: four steps, each of which can be skipped."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFrame, QStackedWidget, QWidget

from jarvis_desktop.ui.guide_models import ModelsPage
from jarvis_desktop.ui.guide_pages import GuidePage, MachinePage, PrivacyPage, SoundPage
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.sound_presenter import SoundPresenter
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import Label, Scroll, TextButton, column, row

_LANGUAGES = ("auto", "en", "es")


class Guide(Translated, QDialog):
    """Knows nothing of the core."""

    language_chosen = Signal(str)  # a value of look.language

    def __init__(self, theme: Theme, sound: SoundPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.resize(720, 640)
        self.machine = MachinePage(theme)
        self.models = ModelsPage(theme)
        self.sound = SoundPage(theme, sound)
        self.privacy = PrivacyPage(theme)
        self._steps: tuple[GuidePage, ...] = (self.machine, self.models, self.sound, self.privacy)
        self._stack = QStackedWidget()
        for page in self._steps:
            self._stack.addWidget(Scroll(page))
        self._step = Label(role="second")
        self._language_title = Label(role="second")
        self.language = QComboBox()
        self.language.addItems(["", "English", "Español"])
        self._language_title.setBuddy(self.language)
        self.skip = TextButton(theme, "quiet")
        self.back = TextButton(theme, "plain")
        self.next = TextButton(theme, "primary")
        self.next.setDefault(True)
        self._arrange()
        self.language.activated.connect(lambda chosen: self.language_chosen.emit(_LANGUAGES[chosen]))
        self.skip.clicked.connect(self.close)
        self.back.clicked.connect(lambda: self.show_step(self._stack.currentIndex() - 1))
        self.next.clicked.connect(self._go_on)
        self.retranslate()

    def _arrange(self) -> None:
        top, bottom = QFrame(), QFrame()
        top.setLayout(
            row(self._step, None, self._language_title, self.language, margins=(24, 12, 24, 4), spacing=8)
        )
        bottom.setObjectName("settings-buttons")
        bottom.setLayout(row(self.skip, None, self.back, self.next, margins=(16, 10, 16, 10)))
        layout = column(top, spacing=0)
        layout.addWidget(self._stack, 1)
        layout.addWidget(bottom)
        self.setLayout(layout)

    def show_step(self, number_: int) -> None:
        """Turn to a step, counted from 0."""
        self._stack.setCurrentIndex(number_)
        self.next.setFocus()
        self.retranslate()

    def show_language(self, chosen: str) -> None:
        """Which language of the window is chosen."""
        self.language.setCurrentIndex(_LANGUAGES.index(chosen))

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("Welcome to Jarvis"))
        step, all_steps = self._stack.currentIndex() + 1, len(self._steps)
        self._step.setText(tr("Step {step} of {all}", step=number(step), all=number(all_steps)))
        self._language_title.setText(tr("Language"))
        self.language.setAccessibleName(tr("Language"))
        self.language.setItemText(0, tr("Automatic"))
        self.skip.setText(tr("Skip the guide"))
        self.back.setText(tr("Back"))
        self.back.setVisible(step > 1)
        self.next.setText(tr("Start") if step == all_steps else tr("Next"))

    def _go_on(self) -> None:
        if self._stack.currentIndex() + 1 == len(self._steps):
            self.close()
        else:
            self.show_step(self._stack.currentIndex() + 1)
