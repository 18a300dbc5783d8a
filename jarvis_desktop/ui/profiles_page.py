"""The page of the settings that makes, changes and removes profiles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from jarvis_desktop.config import describe, profiles
from jarvis_desktop.config.describe import Setting, Value
from jarvis_desktop.config.schema import PROFILE_NAME, Config, Profile
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.ui.bridge import Settings
from jarvis_desktop.ui.i18n import hint_of, message_of, tr, with_titles
from jarvis_desktop.ui.setting_field import Field
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import Label, Notice, TextButton, column, name_choice, row

_NAME_WIDTH = 300


class ProfilesPage(QWidget):
    """One profile at a time. Making and removing take effect at once, edits of fields with Apply."""

    edited = Signal()
    stored = Signal()

    def __init__(self, theme: Theme, settings: Settings) -> None:
        super().__init__()
        self._theme = theme
        self._settings = settings
        self._offered: Mapping[str, Sequence[str]] = {}
        self._model = ""  # the profile that a new one is to be like
        self.fields: dict[str, Field] = {}
        self.choice = QComboBox()
        self.new, self.duplicate, self.delete = (TextButton(theme, "plain") for _ in range(3))
        self.name = QLineEdit()
        self.create_button, self._cancel = TextButton(theme, "primary"), TextButton(theme, "plain")
        self._naming = QWidget()
        self.question = Notice(theme, "question")
        self.error = Label(role="error", wrap=True)
        self._none = Label(role="second", wrap=True)
        self._arrange()
        self._connect()
        self.take(settings.base)
        self.retranslate()

    def _arrange(self) -> None:
        self.name.setMaximumWidth(_NAME_WIDTH)
        self.choice.setMaximumWidth(_NAME_WIDTH)
        naming = row(spacing=8, margins=(0, 4, 0, 4))
        naming.addWidget(self.name, 1)
        for button in (self.create_button, self._cancel):
            naming.addWidget(button)
        naming.addStretch(0)
        self._naming.setLayout(naming)
        self._naming.hide()
        self.error.hide()
        buttons = row(self.new, self.duplicate, self.delete, None, spacing=8)
        self._sheet = column(spacing=2)
        self.setLayout(
            column(
                self.choice,
                buttons,
                self._naming,
                self.error,
                self.question,
                self._none,
                self._sheet,
                spacing=8,
                margins=(0, 4, 0, 0),
            )
        )

    def _connect(self) -> None:
        self.choice.currentIndexChanged.connect(self._show_chosen)
        self.choice.currentIndexChanged.connect(self.question.hide)
        self.new.clicked.connect(lambda: self._ask_name(""))
        self.duplicate.clicked.connect(lambda: self._ask_name(self.chosen))
        self.delete.clicked.connect(self._ask_to_delete)
        self.name.returnPressed.connect(self._create)
        self.name.textEdited.connect(lambda: self.error.set_text(""))
        self.create_button.clicked.connect(self._create)
        self._cancel.clicked.connect(self._end_naming)

    @property
    def chosen(self) -> str:
        """Name of the profile on show; empty when there is none."""
        return self.choice.currentText()

    def take(self, config: Config) -> None:
        """These are the profiles now; edits under way stay."""
        wanted = {s.key: s for name in config.profiles for s in describe.profile_settings(name)}
        for key in [key for key in self.fields if key not in wanted]:
            self.fields.pop(key).deleteLater()
        for key, setting in wanted.items():
            value = describe.value_of(config, key)
            if key in self.fields:
                self.fields[key].take(value)
            else:
                self._add(setting, value)
        if tuple(config.profiles) != self._names():
            self.question.hide()
            shown = self.chosen or config.conversation.profile
            with QSignalBlocker(self.choice):
                self.choice.clear()
                self.choice.addItems(list(config.profiles))
                self.choice.setCurrentIndex(max(0, self.choice.findText(shown)))
        self._show_chosen()

    def offer(self, names: Mapping[str, Sequence[str]]) -> None:
        """Voices and models to choose from, by the setting that a profile's stands in for."""
        self._offered = {**self._offered, **names}
        for field in self.fields.values():
            self._offer(field)

    def matches(self, words: str) -> bool:
        """Some setting of the profile on show has all of these words."""
        return any(field.matches(words) for field in self._shown_fields())

    def show_profile_of(self, setting: Setting) -> None:
        """Turn to the profile that a setting belongs to, where it belongs to one."""
        if setting.in_profile:
            self._choose(setting.page.partition(".")[2])

    def retranslate(self) -> None:
        """All texts in the window's language."""
        name_choice(self.choice, tr("Profile"))
        self.new.setText(tr("New profile"))
        self.duplicate.setText(tr("Duplicate"))
        self.delete.setText(tr("Delete"))
        self.name.setPlaceholderText(tr("Name of the profile"))
        self.name.setAccessibleName(tr("Name of the profile"))
        self.create_button.setText(tr("Create"))
        self._cancel.setText(tr("Cancel"))
        self.question.dismiss.describe(tr("Dismiss"))
        self._none.setText(
            tr("There is none yet. A profile gives Jarvis another persona, voice, model or memory.")
        )
        for field in self.fields.values():
            field.retranslate()

    def _names(self) -> tuple[str, ...]:
        return tuple(self.choice.itemText(index) for index in range(self.choice.count()))

    def _add(self, setting: Setting, value: Value) -> None:
        field = self.fields[setting.key] = Field(self._theme, setting, value)
        field.edited.connect(self.edited)
        self._offer(field)
        self._sheet.addWidget(field)

    def _offer(self, field: Field) -> None:
        names = self._offered.get(profiles.REPLACES.get(field.setting.name, ""))
        if names is not None:
            field.offer(names)

    def _shown_fields(self) -> list[Field]:
        page = f"{describe.PROFILES}.{self.chosen}"
        return [field for field in self.fields.values() if field.setting.page == page]

    def _show_chosen(self) -> None:
        shown = self._shown_fields()
        for field in self.fields.values():
            field.setVisible(field in shown)
        some = bool(self.chosen)
        self.choice.setVisible(some)
        self._none.setVisible(not some)
        for button in (self.duplicate, self.delete):
            button.setVisible(some)

    def _choose(self, name: str) -> None:
        self.choice.setCurrentIndex(self.choice.findText(name))

    def _ask_name(self, model: str) -> None:
        """Have a new profile named, to be like `model` ("": like the settings)."""
        self._model = model
        self.name.setText(tr("{name} copy", name=model)[:40] if model else "")
        self.error.set_text("")
        self._naming.show()
        self.name.setFocus()
        self.name.selectAll()

    def _end_naming(self) -> None:
        self._naming.hide()
        self.error.set_text("")
        self.new.setFocus()

    def _create(self) -> None:
        name = " ".join(self.name.text().split())
        if not re.match(PROFILE_NAME, name):
            self.error.set_text(
                tr("A name has up to 40 letters and digits, between them spaces, hyphens or underscores.")
            )
            return
        if name.casefold() in {each.casefold() for each in self._names()}:
            self.error.set_text(tr("There is a profile of this name already."))
            return
        like = self._settings.base.profiles.get(self._model, Profile())
        fresh = {setting.key: getattr(like, setting.name) for setting in describe.profile_settings(name)}
        if self._patch(fresh):
            self._end_naming()
            self._choose(name)
            self._shown_fields()[0].editor.widget.setFocus()

    def _ask_to_delete(self) -> None:
        name = self.chosen
        own = describe.value_of(self._settings.base, f"{describe.PROFILES}.{name}.memory") == "own"
        self.question.present(
            tr("Delete the profile {name}?", name=name),
            tr("Its own chats are kept: a new profile of the same name has them again.") if own else "",
            tr("Delete"),
            lambda: self._remove(name),
        )
        self.question.button.setFocus()

    def _remove(self, name: str) -> None:
        changes: dict[str, Value | None] = {f"{describe.PROFILES}.{name}": None}
        if self._settings.base.conversation.profile == name:
            changes[profiles.KEY] = ""
        self._patch(changes)

    def _patch(self, changes: Mapping[str, object]) -> bool:
        """Whether they could be put in force; else it says why not."""
        try:
            self._settings.patch(changes)
        except ConfigError as error:
            self.error.set_text(with_titles(f"{message_of(error)} {hint_of(error)}".strip()))
            return False
        self.error.set_text("")
        self.stored.emit()
        return True
