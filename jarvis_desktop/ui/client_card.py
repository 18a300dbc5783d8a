"""The question whether a program may use Jarvis."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from jarvis_desktop.events import AllowClient, ClientAsked, Scope
from jarvis_desktop.ui.client_words import origin_line, question, question_lines
from jarvis_desktop.ui.flow import Flow
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, TextButton, column, row


class ClientCard(Translated, QFrame):
    """One question after the other; `answered` has what the user decided."""

    answered = Signal(object)  # AllowClient

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("card", "question")
        self._asked: dict[str, ClientAsked] = {}  # by client, the oldest first
        self._words = Label(role="strong", wrap=True)
        self._wanted = Label(wrap=True)
        self._origin = Label(role="second", wrap=True)
        for label in (self._words, self._wanted, self._origin):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.allow = TextButton(theme, "primary")
        self.allow_these = TextButton(theme, "plain")
        self.refuse = TextButton(theme, "plain")
        self.allow.clicked.connect(lambda: self._answer(self._shown.client.scopes))
        self.allow_these.clicked.connect(lambda: self._answer(self._shown.wanted))
        self.refuse.clicked.connect(lambda: self._answer(frozenset()))
        self._buttons = Flow()
        for button in (self.allow, self.allow_these, self.refuse):
            self._buttons.add(button)
        layout = row(spacing=10, margins=(12, 10, 12, 10))
        layout.addWidget(IconLabel(theme, "info", "accent"), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column(self._words, self._wanted, self._origin, self._buttons, spacing=2), 1)
        self.setLayout(layout)
        self.hide()

    @property
    def _shown(self) -> ClientAsked:
        return next(iter(self._asked.values()))

    def ask(self, asked: ClientAsked) -> None:
        """Put a question, or say anew what its program wants."""
        self._asked[asked.client.id] = asked
        self.retranslate()

    def settle(self, client_id: str) -> None:
        """Somebody answered, or nobody did in time."""
        self._asked.pop(client_id, None)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setVisible(bool(self._asked))
        if not self._asked:
            return
        asked = self._shown
        self._words.setText(question(asked))
        self._wanted.setText(question_lines(asked))
        self._origin.setText(origin_line(asked))
        self.allow.setText(tr("Allow"))
        self.allow_these.setText(tr("Only this"))
        self.refuse.setText(tr("Don't allow"))
        self.allow_these.setVisible(asked.wanted != asked.client.scopes)
        texts = (label.text() for label in (self._words, self._wanted, self._origin))
        self.setAccessibleName(" ".join(texts))

    def _answer(self, scopes: frozenset[Scope]) -> None:
        client = self._shown.client
        self.settle(client.id)
        self.answered.emit(AllowClient(client.id, scopes))
