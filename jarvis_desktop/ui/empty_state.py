"""What a conversation shows while it is empty."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, WrappingButton, column, row

_MARGIN = 8
_GAP = 12


class EmptyState(Translated, QWidget):
    """A greeting and four things to try."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._local = True
        self._toggle = False
        self._private = False
        self._mark = IconLabel(theme, "chat-teardrop", "accent", 44)
        self._greeting = Label(role="title", wrap=True)
        self._invitation = Label(role="second", wrap=True)
        self._cards = [WrappingButton(theme, "card", name, "accent") for name in _IDEA_ICONS]
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        for index, card in enumerate(self._cards):
            card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            card.clicked.connect(lambda _=False, i=index: self.chosen.emit(_ideas()[i][1]))
        self._place_cards()
        for label in (self._greeting, self._invitation):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        mark = row(None, self._mark, None)
        words = (None, mark, self._greeting, self._invitation)
        self.setLayout(column(*words, spacing=8, margins=(_MARGIN, 0, _MARGIN, 24)))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addSpacing(16)
        layout.addLayout(self._grid)
        layout.addStretch(2)
        self.retranslate()

    def show_local(self, local: bool) -> None:
        """Whether questions are answered on this machine."""
        self._local = local
        self.retranslate()

    def show_private(self, on: bool) -> None:
        """Whether nothing is kept of what is said on this page."""
        self._private = on
        self._mark.show_icon(*(("eye-slash", "warning") if on else ("chat-teardrop", "accent")))
        self.retranslate()

    def use_toggle(self, on: bool) -> None:
        """Whether talking is begun and ended by a press each, in place of holding."""
        self._toggle = on
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_cards()

    def _place_cards(self) -> None:
        """Two side by side where both have room for their words, else one below the other."""
        widest = max(card.sizeHint().width() for card in self._cards)
        beside = 2 if 2 * widest + _GAP <= self.contentsRect().width() - 2 * _MARGIN else 1
        for index, card in enumerate(self._cards):
            self._grid.addWidget(card, index // beside, index % beside)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, beside - 1)

    def retranslate(self) -> None:
        self._greeting.setText(tr("A private chat") if self._private else tr("Hello. What shall we do?"))
        stays = tr("Everything stays on this machine.")
        leaves = tr("Your questions go to the server you chose.")
        where = stays if self._local else leaves
        if self._private:
            where += "\n" + tr("Nothing that is said in this chat is kept. It is gone when you leave it.")
        hold, press = tr("Hold Space to talk, or type below."), tr("Press Space to talk, or type below.")
        self._invitation.setText(f"{press if self._toggle else hold}\n{where}")
        for card, (title, question) in zip(self._cards, _ideas(), strict=True):
            card.setText(title)
            card.setAccessibleDescription(question)
        self._place_cards()


_IDEA_ICONS = ("lightbulb-filament", "translate", "code", "calendar-blank")


def _ideas() -> list[tuple[str, str]]:
    """What the cards say, and what they ask."""
    return [
        (tr("Explain something simply"), tr("Explain in simple words why the sky is blue.")),
        (tr("Translate a sentence"), tr("Translate into Spanish: Where is the nearest train station?")),
        (
            tr("Write a small program"),
            tr("Write a Python function that checks whether a word is a palindrome."),
        ),
        (tr("Plan my day"), tr("Help me plan a calm day with three important tasks.")),
    ]
