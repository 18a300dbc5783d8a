"""Why does it not hear me? Step by step, each with a tick or a cross and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from jarvis_desktop.events import Finding, Remedy, SoundStep, StepFound
from jarvis_desktop.ui.i18n import hint_of, message_of
from jarvis_desktop.ui.sound_words import FINDING_LOOKS, finding_word, remedy_title, step_title, told
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import IconLabel, Label, TextButton, column, row


class StepRow(QFrame):
    """One step; `remedied` when its button is pressed."""

    remedied = Signal(object)  # Remedy

    def __init__(self, theme: Theme, step: SoundStep) -> None:
        super().__init__()
        self._found = StepFound(step, Finding.UNKNOWN)
        self._icon = IconLabel(theme, size=18)
        self._title = Label(role="strong", wrap=True)
        self.detail = Label(role="second", wrap=True)
        self.hint = Label(wrap=True)
        self.button = TextButton(theme, "plain")
        self.button.clicked.connect(lambda: self.remedied.emit(self._found.remedy))
        self._action = QWidget()
        self._action.setLayout(row(self.button, None, margins=(0, 6, 0, 0)))
        words = column(self._title, self.detail, self.hint, self._action, spacing=2)
        layout = row(spacing=10)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self.setLayout(layout)
        self.retranslate()

    def take(self, found: StepFound) -> None:
        self._found = found
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        found, error = self._found, self._found.error
        look = FINDING_LOOKS[found.finding]
        self._icon.show_icon(look.icon, look.token)
        self._title.setText(step_title(found.step))
        self.detail.set_text(message_of(error) if error is not None else told(found.detail))
        self.hint.set_text(hint_of(error) if error is not None else told(found.hint))
        self._icon.setAccessibleName(finding_word(found.finding))
        self.button.setText(remedy_title(found.remedy))
        self._action.setVisible(found.remedy is not Remedy.NONE)
        self.setAccessibleName(f"{step_title(found.step)}: {finding_word(found.finding)}")


class StepList(QFrame):
    """All steps in their order."""

    remedied = Signal(object)  # Remedy

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.rows = {step: StepRow(theme, step) for step in SoundStep}
        for each in self.rows.values():
            each.remedied.connect(self.remedied)
        self.setLayout(column(*self.rows.values(), spacing=12))

    def take(self, steps: Sequence[StepFound]) -> None:
        """What was found now."""
        for found in steps:
            self.rows[found.step].take(found)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            for each in self.rows.values():
                each.retranslate()
