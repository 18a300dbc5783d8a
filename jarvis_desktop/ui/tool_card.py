"""A tool that the model wants to use: a question to the user, then one line about what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame

from jarvis_desktop.events import ToolAsked, ToolUse, ToolUsed
from jarvis_desktop.ui.flow import Flow
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, TextButton, column, plain_tip, row

_RESULT = 160  # characters of a result on its line; the tooltip has more
_TIP = 1200

Decide = Callable[[bool, bool], None]
"""Takes whether the tool may be used, and whether that holds for ever."""


class ToolCard(Translated, QFrame):
    """One use of a tool. `ask` shows the question, `tell` what became of it."""

    asking_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._asked: ToolAsked | None = None
        self._used: ToolUsed | None = None
        self._decide: Decide | None = None
        self._icon = IconLabel(theme, "info", "accent")
        self._words = Label(role="strong", wrap=True)
        self._arguments = Label(wrap=True)
        self._note = Label(role="second", wrap=True)
        for label in (self._words, self._arguments):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.allow = TextButton(theme, "primary")
        self.always = TextButton(theme, "plain")
        self.refuse = TextButton(theme, "plain")
        self.allow.clicked.connect(lambda: self._answer(True, False))
        self.always.clicked.connect(lambda: self._answer(True, True))
        self.refuse.clicked.connect(lambda: self._answer(False, False))
        self._buttons = Flow()
        for button in (self.allow, self.always, self.refuse):
            self._buttons.add(button)
        words = column(self._words, self._arguments, self._note, spacing=2)
        words.addSpacing(6)
        words.addWidget(self._buttons)
        layout = row(spacing=10, margins=(12, 10, 12, 10))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        self.setLayout(layout)

    @property
    def asking(self) -> bool:
        """Whether the user has not answered yet."""
        return self._decide is not None

    def ask(self, asked: ToolAsked, decide: Decide) -> None:
        """Put the question; `decide` gets the answer, once."""
        self._asked, self._decide = asked, decide
        self.retranslate()
        self.asking_changed.emit()

    def tell(self, used: ToolUsed) -> None:
        """What became of it; the question is over."""
        self._used, self._decide = used, None
        self.retranslate()
        self.asking_changed.emit()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.allow.setText(tr("Allow"))
        self.always.setText(tr("Always allow"))
        self.refuse.setText(tr("Don't allow"))
        if self._used is not None:
            self._show_use(self._used)
        elif self._asked is not None:
            self._show_question(self._asked)
        texts = (label.text() for label in (self._words, self._arguments, self._note))
        self.setAccessibleName(" ".join(filter(None, texts)))

    def _show_question(self, asked: ToolAsked) -> None:
        self.setProperty("card", "question")
        self._words.setText(question(asked.use))
        self._arguments.set_text(arguments_line(asked.use.arguments))
        anew = tr("Asked anew, because the answer builds on text from outside, which may try to mislead.")
        self._note.set_text(anew if asked.anew else "")
        self._buttons.setVisible(self._decide is not None)
        self.always.setVisible(not asked.anew)

    def _show_use(self, used: ToolUsed) -> None:
        self.setProperty("card", "")
        self.style().unpolish(self)
        self.style().polish(self)
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self._arguments, self._note, self._buttons):
            part.hide()
        good = used.use.allowed and not used.use.failed
        self._icon.show_icon("check-circle" if good else "minus-circle", "accent" if good else "second")
        self._words.setProperty("role", "small")
        self._words.style().unpolish(self._words)
        self._words.style().polish(self._words)
        self._words.setText(outcome(used))
        self._words.setToolTip(plain_tip(used.result[:_TIP]))

    def _answer(self, allowed: bool, always: bool) -> None:
        decide, self._decide = self._decide, None
        if decide is not None:
            self._buttons.hide()
            self.asking_changed.emit()
            decide(allowed, always)


def question(use: ToolUse) -> str:
    """What the card asks, without the arguments."""
    if use.server:
        return tr("Jarvis wants to use {tool} of {server}", tool=use.title, server=use.server)
    return tr("Jarvis wants to use {tool}", tool=_title(use))


def outcome(used: ToolUsed) -> str:
    """One line about a use that is over."""
    tool, given = _title(used.use), arguments_line(used.use.arguments)
    told = f"{tool}: {given}" if given else tool
    result = " ".join(used.result.split())
    if len(result) > _RESULT:
        result = result[: _RESULT - 1] + "…"
    if used.use.failed and not used.use.allowed:
        return tr("Did not use {tool}", tool=told)
    if used.use.failed:
        return tr("{tool} failed: {reason}", tool=told, reason=result)
    if used.use.tool == "calculator":
        return tr("Used {tool} = {result}", tool=told, result=result)
    return tr("Used {tool} – {result}", tool=told, result=result)


def arguments_line(arguments: str) -> str:
    """Arguments as a person reads them: the only one by itself, several with their names."""
    try:
        named = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    if not isinstance(named, dict):
        return arguments
    values = {name: value if isinstance(value, str) else json.dumps(value) for name, value in named.items()}
    if len(values) == 1:
        return next(iter(values.values()))
    return ", ".join(f"{name}: {value}" for name, value in values.items())


def _title(use: ToolUse) -> str:
    """Name of a tool; those built in have one in each language."""
    known = {
        "calculator": tr("Calculator"),
        "current_time": tr("Clock"),
        "set_timer": tr("Timer"),
        "list_timers": tr("List of timers"),
        "cancel_timer": tr("Cancel a timer"),
        "search_memory": tr("Past conversations"),
    }
    return use.title if use.server else known.get(use.tool, use.title)
