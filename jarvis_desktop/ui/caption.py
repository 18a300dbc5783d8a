"""The line that says what is heard from the loudspeaker, where no message in sight does."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, row


class CaptionBar(Translated, QFrame):
    """Who is heard, and the words; takes no room while nothing is to be said."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("card", "pill")
        self._text, self._yours = "", False
        self._icon = IconLabel(theme, "speaker-high", "accent", 18)
        self.words = Label(wrap=True)
        layout = row(self._icon, spacing=8, margins=(12, 8, 12, 8))
        layout.addWidget(self.words, 1)
        self.setLayout(layout)
        self.hide()

    def present(self, text: str, *, yours: bool = False) -> None:
        """Show what is heard, `yours` where it is a recording of the user; nothing for ""."""
        self._text, self._yours = text, yours
        self._icon.show_icon("ear-fill" if yours else "speaker-high", "accent")
        self.retranslate()
        self.setVisible(bool(text))

    def retranslate(self) -> None:
        speaker = tr("You") if self._yours else tr("Jarvis")
        self.words.setText(f"{speaker}: {self._text}")
        self.setAccessibleName(tr("What is heard now"))
