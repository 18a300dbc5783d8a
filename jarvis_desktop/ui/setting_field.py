"""One setting in the settings dialog."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from jarvis_desktop.config.describe import Setting, Value
from jarvis_desktop.config.schema import Restarts
from jarvis_desktop.folding import fold
from jarvis_desktop.ui.editors import allowed_range, editor_for, is_name, shown_value
from jarvis_desktop.ui.i18n import in_every_language, tr, tr_setting
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import ElidedLabel, Label, TextButton, column, plain_tip, row

_EDITOR_WIDTH = 300  # widths at text size 1
_NAME_WIDTH = 420
_TEXT_WIDTH = 560
_LEAST_WIDTH = 160


class Field(QFrame):
    """One setting: title, editor, help, and what is special about its present value."""

    edited = Signal()

    def __init__(self, theme: Theme, setting: Setting, value: Value) -> None:
        super().__init__()
        self._theme = theme
        self.setting = setting
        self.group = ""  # title of the part of a page that it is in, for who does not see it
        self._stored = value
        self.editor = editor_for(setting)
        self.editor.set_value(value)
        self.editor.changed.connect(self._changed)
        self._title = Label(role="strong", wrap=True)
        self._title.setBuddy(self.editor.widget)
        self._help = Label(role="second", wrap=True)
        self._notes = Label(role="small", wrap=True)
        self._default = ElidedLabel(role="small")
        self._reset = TextButton(theme, "link")
        self._reset.clicked.connect(self._to_default)
        self._error = Label(role="error", wrap=True)
        self._error.hide()
        self._trouble = Label(role="error", wrap=True)
        self._said = ""
        self._line = self._editor_row()
        self._default_row = QWidget()
        self._default_row.setLayout(row(self._default, self._reset, None, spacing=6))
        self.setLayout(
            column(
                self._title,
                self._line,
                self._error,
                self._trouble,
                self._help,
                self._default_row,
                self._notes,
                spacing=4,
                margins=(0, 6, 0, 10),
            )
        )
        theme.changed.connect(self._take_look)
        self._take_look()
        self.retranslate()

    @property
    def dirty(self) -> bool:
        """The user changed it and has not applied the change."""
        return self.value != self._stored

    @property
    def value(self) -> Value:
        return self.editor.value()

    @property
    def error(self) -> str:
        """What is wrong with the value on show; empty when nothing is."""
        return self._error.text() if not self._error.isHidden() else ""

    def take(self, value: Value) -> None:
        """The value in force is `value` now; an edit under way stays."""
        edited = self.dirty
        self._stored = value
        if not edited:
            self.editor.set_value(value)
        self._show_notes()

    def suggest(self, value: Value) -> None:
        """Show `value` as an edit that is not applied yet."""
        self.editor.set_value(value)
        self._changed()

    def discard(self) -> None:
        """Back to the value in force."""
        self.editor.set_value(self._stored)
        self.show_error("")
        self._show_notes()

    def offer(self, names: Sequence[str]) -> None:
        """What a name can be picked from."""
        self.editor.offer(names)

    def show_error(self, text: str) -> None:
        self._error.set_text(text)

    @property
    def trouble(self) -> str:
        """Why the value in force does not work here; empty while it is being edited."""
        return self._trouble.text() if not self._trouble.isHidden() else ""

    def show_trouble(self, text: str) -> None:
        """Say why the value in force does not work here, until there is another one; empty: it does."""
        self._said = text
        self._show_notes()

    def matches(self, words: str) -> bool:
        """The setting has all of these words in its title, help or key, in any language of the window."""
        setting = self.setting
        said = in_every_language(setting.title) + in_every_language(setting.help)
        text = fold(" ".join((setting.key, *said)))
        return all(word in text for word in fold(words).split())

    def add_link(self, link: TextButton) -> None:
        """Put a link to more beside the editor."""
        self._line.insertWidget(1, link)

    def _editor_row(self) -> QHBoxLayout:
        """The editor as wide as what it holds needs, and narrower where the window is."""
        widget = self.editor.widget
        widget.setMinimumWidth(_LEAST_WIDTH)
        widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())
        layout = row()
        layout.addWidget(widget, 1)
        layout.addStretch(0)
        return layout

    def _take_look(self) -> None:
        name = is_name(self.setting)
        most = _TEXT_WIDTH if self.setting.max_length else _NAME_WIDTH if name else _EDITOR_WIDTH
        self.editor.widget.setMaximumWidth(round(most * max(1.0, self._theme.scale)))

    def retranslate(self) -> None:
        title = tr_setting(self.setting.title)
        self._title.setText(title)
        self._help.set_text(tr_setting(self.setting.help))
        bounds = allowed_range(self.setting)
        self.editor.widget.setAccessibleName(": ".join(filter(None, (self.group, title))))
        self.editor.widget.setAccessibleDescription(f"{self._help.text()} {bounds}".strip())
        self.editor.widget.setToolTip(plain_tip(bounds))
        self.editor.retranslate()
        self._reset.setText(tr("Use the default"))
        self._reset.setAccessibleName(f"{self._reset.text()}: {title}")
        notes = (bounds, _restart_note(self.setting.restarts))
        self._notes.set_text(" · ".join(filter(None, notes)))
        self._show_notes()

    def _to_default(self) -> None:
        self.suggest(self.setting.default)

    def _changed(self) -> None:
        self.show_error("")
        self._show_notes()
        self.edited.emit()

    def _show_notes(self) -> None:
        self._trouble.set_text("" if self.dirty else self._said)
        self._default_row.setVisible(self.value != self.setting.default)
        self._default.setText(tr("Default: {value}", value=shown_value(self.setting, self.setting.default)))


def _restart_note(restarts: Restarts) -> str:
    return {
        Restarts.NOTHING: "",
        Restarts.TRANSCRIPTION: tr("Restarts speech recognition"),
        Restarts.SPEECH: tr("Restarts the voice"),
        Restarts.ENGINE: tr("Restarts the engine"),
        Restarts.APP: tr("Takes effect at the next start"),
    }[restarts]
