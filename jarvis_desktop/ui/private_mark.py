"""Says, as long as it is on show, that nothing of the conversation is kept."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, plain_tip, row


class PrivateMark(Translated, QFrame):
    """A pill in the window's header."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("card", "pill")
        self._word = Label(role="small")
        self.setLayout(
            row(IconLabel(theme, "eye-slash", "warning", 16), self._word, spacing=6, margins=(10, 3, 12, 3))
        )
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self._word.setText(tr("Private · not kept"))
        text = tr("Nothing that is said in this chat is kept. It is gone when you leave it.")
        self.setToolTip(plain_tip(text))
        self.setAccessibleName(tr("Private chat"))
        self.setAccessibleDescription(text)
