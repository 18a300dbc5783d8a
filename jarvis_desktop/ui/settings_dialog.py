"""All settings, generated from the configuration's schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from jarvis_desktop.config import describe, presets, profiles
from jarvis_desktop.config.describe import Page, Value
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.ui import settings_pages
from jarvis_desktop.ui.bridge import Settings
from jarvis_desktop.ui.clients_page import ClientsPage
from jarvis_desktop.ui.i18n import hint_of, message_of, tr, tr_setting, with_titles
from jarvis_desktop.ui.memory_card import MemoryCard
from jarvis_desktop.ui.profiles_page import ProfilesPage
from jarvis_desktop.ui.setting_field import Field
from jarvis_desktop.ui.settings_pages import CLIENTS, GATHERED, group_title, holds, page_title, root
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import Label, Scroll, SearchField, TextButton, column, row

_PAGES_WIDTH = 220  # at text size 1
_FIELDS_WIDTH = 420  # the least
_GAP = 8  # between buttons, twice at their ends
_SOUND_PAGES = ("audio", "listening", "wake", "transcription")
_ABOUT_PAGES = ("look", "logging", "updates")
_MEMORY_PAGES = ("engine", "transcription", "speech")
"""Pages whose settings decide which models are loaded, and how large."""

_MODELS = ("engine.model", "transcription.model", "speech.voice", "speech.spanish_voice")
"""Settings that lead to the models to choose from."""

_COUNTS_WITH = MappingProxyType(
    {
        "listening.shortest_pause_ms": ("listening.judge_turn_end", True),
        "listening.longest_pause_ms": ("listening.judge_turn_end", True),
        "listening.adapt_pauses": ("listening.judge_turn_end", True),
        "listening.stop_ms": ("listening.judge_turn_end", False),
    }
)
"""Settings that only count while another one has a value."""


def _preset_title(name: str) -> str:
    if gib := presets.PRESETS[name]:
        return tr("{gib} GB of graphics memory", gib=gib)
    return tr("No graphics card")


class _Heading(QWidget):
    """Title and help of a page or of a group within one."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self._title = Label(role="title" if "." not in page.key else "group", wrap=True)
        self._help = Label(role="second", wrap=True)
        self.setLayout(
            column(self._title, self._help, spacing=2, margins=(0, 16 if "." in page.key else 4, 0, 6))
        )
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr_setting(page_title(self.page.key)))
        self._help.set_text(tr_setting(self.page.help))


class SettingsDialog(Translated, QDialog):
    """Pages on the left, fields on the right; nothing takes effect before Apply."""

    doctor_wanted = Signal()
    guide_wanted = Signal()
    about_wanted = Signal()
    privacy_wanted = Signal()
    models_wanted = Signal(str)  # name of the one in question

    def __init__(self, theme: Theme, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.resize(860, 640)
        self._theme = theme
        tables = (page for page in describe.pages() if "." in page.key)
        self._headings = {page.key: _Heading(page) for page in (*settings_pages.pages(), *tables)}
        self.fields = {
            setting.key: Field(theme, setting, describe.value_of(settings.base, setting.key))
            for setting in describe.settings()
        }
        self.model_links = {key: TextButton(theme, "link") for key in _MODELS}
        self.profiles = ProfilesPage(theme, settings)
        self.clients = ClientsPage(theme)
        self.search = SearchField(theme)
        self.page_list = QListWidget()
        self.page_list.setFrameShape(QFrame.Shape.NoFrame)
        self.page_list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._groups: list[tuple[str, QListWidgetItem]] = []
        self._pages: dict[str, QListWidgetItem] = {}
        self._list_pages()
        self._advanced = QCheckBox()
        self._nothing = Label(role="second")
        self._form = Scroll(self._sheet())
        self.memory = MemoryCard(theme, self._edits)
        self.suggestions = TextButton(theme, "plain")
        self._presets = QMenu(self.suggestions)
        for name in presets.PRESETS:
            self._presets.addAction("").setData(name)
        self.suggestions.setMenu(self._presets)
        self.doctor, self.guide, self.privacy, self.about = (TextButton(theme, "plain") for _ in range(4))
        self._message = Label(role="error", wrap=True)
        self._discard = TextButton(theme, "plain")
        self._apply = TextButton(theme, "primary")
        self._left = QFrame()
        self._arrange()
        self._connect()
        self.fields[profiles.KEY].offer(tuple(settings.base.profiles))
        self.show_page(next(iter(self._pages)))
        self.retranslate()
        self._show_buttons()

    def _sheet(self) -> QWidget:
        """Every heading and field in the order of the schema; a page shows some of them."""
        sheet = QWidget()
        sheet.setObjectName("settings-page")
        layout = column(self._nothing, spacing=2, margins=(24, 16, 24, 16))
        tables = (page for page in describe.pages() if page.key not in GATHERED)
        for page in (*settings_pages.gathered_pages(), *tables):
            layout.addWidget(self._headings[page.key])
            for field in self.fields.values():
                if field.setting.page == page.key:
                    layout.addWidget(field)
            if page.key == CLIENTS:
                layout.addWidget(self.clients)
        layout.addWidget(self._headings[describe.PROFILES])
        layout.addWidget(self.profiles)
        layout.addStretch(1)
        sheet.setLayout(layout)
        return sheet

    def _list_pages(self) -> None:
        for name, pages in settings_pages.groups():
            heading = QListWidgetItem(self.page_list)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self._groups.append((name, heading))
            for page in pages:
                self._pages[page.key] = item = QListWidgetItem(self.page_list)
                item.setData(Qt.ItemDataRole.UserRole, page.key)

    def _arrange(self) -> None:
        left = self._left
        left.setObjectName("settings-pages")
        left.setLayout(
            column(self.search, self.page_list, self._advanced, spacing=8, margins=(12, 12, 12, 12))
        )
        bottom = QFrame()
        bottom.setObjectName("settings-buttons")
        buttons = row(spacing=_GAP, margins=(2 * _GAP, 10, 2 * _GAP, 10))
        buttons.addWidget(self.suggestions)
        buttons.addWidget(self.doctor)
        buttons.addWidget(self.guide)
        buttons.addWidget(self.privacy)
        buttons.addWidget(self.about)
        buttons.addWidget(self._message, 1)
        buttons.addWidget(self._discard)
        buttons.addWidget(self._apply)
        bottom.setLayout(buttons)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self._form, 1)
        right.addWidget(self.memory)
        right.addWidget(bottom)
        layout = row(left, spacing=0)
        layout.addLayout(right, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        for field in self.fields.values():
            field.edited.connect(self._show_buttons)
            if root(field.setting.page) in _MEMORY_PAGES:
                field.edited.connect(self.memory.ask_soon)
        for key, link in self.model_links.items():
            self.fields[key].add_link(link)
            link.clicked.connect(lambda _=False, key=key: self.models_wanted.emit(self.fields[key].value))
        self.profiles.edited.connect(self._show_buttons)
        self.profiles.stored.connect(lambda: self.take(self._settings.base))
        self.clients.opened.connect(self._form.ensureWidgetVisible)
        self._theme.changed.connect(self._take_look)
        self._take_look()
        self.search.textChanged.connect(self._show_fields)
        self.search.returnPressed.connect(self._focus_first)
        self.page_list.currentRowChanged.connect(self._page_chosen)
        self._advanced.toggled.connect(self._show_fields)
        self._presets.triggered.connect(lambda action: self._suggest(action.data()))
        self.doctor.clicked.connect(self.doctor_wanted)
        self.guide.clicked.connect(self.guide_wanted)
        self.about.clicked.connect(self.about_wanted)
        self.privacy.clicked.connect(self.privacy_wanted)
        self._apply.clicked.connect(self.apply)
        self._discard.clicked.connect(self.discard)
        find = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        find.activated.connect(self.search.setFocus)

    def offer(self, names: Mapping[str, Sequence[str]]) -> None:
        """Devices and models to choose from, by setting."""
        for key, offered in names.items():
            self.fields[key].offer(offered)
        self.profiles.offer(names)

    def take(self, config: Config) -> None:
        """The settings changed, here or elsewhere; `config` without a profile laid over it."""
        self.profiles.take(config)
        self.fields[profiles.KEY].offer(tuple(config.profiles))
        for key, field in self.fields.items():
            field.take(describe.value_of(config, key))
        self._show_buttons()
        if self.isVisible():
            self.memory.ask_soon()

    def apply(self) -> None:
        """Put all edits in force, or none and say why in the field it is about."""
        for field in self._every_field().values():
            field.show_error("")
        self._message.setText("")
        try:
            self._settings.patch(self._edits())
        except ConfigError as error:
            self._show_refusal(error)
        else:
            self.take(self._settings.base)

    def discard(self) -> None:
        """Back to what is in force."""
        for field in self._every_field().values():
            field.discard()
        self._message.setText("")
        self._show_buttons()
        self.memory.ask_soon()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("Settings"))
        self.search.setPlaceholderText(tr("Search settings"))
        self.search.setAccessibleName(tr("Search settings"))
        self.page_list.setAccessibleName(tr("Pages"))
        for name, item in self._groups:
            item.setText(group_title(name))
        for key, item in self._pages.items():
            item.setText(tr_setting(page_title(key)))
        for heading in self._headings.values():
            heading.retranslate()
        for field in self.fields.values():
            table = field.setting.page
            field.group = tr_setting(page_title(table)) if "." in table else ""
            field.retranslate()
        for key, link in self.model_links.items():
            link.setText(tr("Models …"))
            link.setAccessibleName(f"{link.text()} {tr_setting(self.fields[key].setting.title)}")
        self.profiles.retranslate()
        self.clients.retranslate()
        self._advanced.setText(tr("Show advanced"))
        self.suggestions.setText(tr("Suggested values"))
        self.suggestions.setToolTip(tr("Fills in values for a kind of machine; nothing is applied yet."))
        for action in self._presets.actions():
            action.setText(_preset_title(action.data()))
        self.doctor.setText(tr("Audio doctor"))
        self.doctor.setToolTip(tr("Shows what the microphone hears, and why Jarvis may not."))
        self.guide.setText(tr("Open the guide"))
        self.guide.setToolTip(tr("The four steps of the first start."))
        self.about.setText(tr("About Jarvis"))
        self.about.setToolTip(tr("Which version this is, and whether there is a newer one."))
        self.privacy.setText(tr("Privacy view"))
        self.privacy.setToolTip(tr("Every connection, what is stored, and deleting it."))
        self._nothing.setText(tr("No setting matches."))
        self._discard.setText(tr("Discard"))
        self._apply.setText(tr("Apply"))
        self._take_look()
        self.memory.retranslate()
        self._show_fields()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.memory.ask()

    def show_page(self, key: str) -> None:
        """Turn to a page."""
        self.page_list.setCurrentItem(self._pages[key])

    @property
    def page(self) -> str:
        """Key of the page that is turned to."""
        item = self.page_list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole) or "") if item is not None else ""

    def _edits(self) -> dict[str, Value]:
        """What the user changed and has not applied, by key."""
        return {key: field.value for key, field in self._every_field().items() if field.dirty}

    def _every_field(self) -> dict[str, Field]:
        return {**self.fields, **self.profiles.fields}

    def _take_look(self) -> None:
        pages = round(_PAGES_WIDTH * self._theme.scale)
        self._left.setFixedWidth(pages)
        own = (self.suggestions, self.doctor, self.guide, self.privacy, self.about)
        beside = max(each.sizeHint().width() for each in own)
        others = (self._message, self._discard, self._apply)
        buttons = beside + sum(each.minimumSizeHint().width() for each in others) + 7 * _GAP
        self.setMinimumSize(pages + max(_FIELDS_WIDTH, buttons), 420)

    def _suggest(self, name: str) -> None:
        """Fill in a preset, for the user to look at and apply."""
        for key, value in presets.preset(name).items():
            self.fields[key].suggest(value)

    def _show_refusal(self, error: ConfigError) -> None:
        text = with_titles(f"{message_of(error)} {hint_of(error)}".strip())
        field = self._every_field().get(str(error.params.get("key", "")))
        if field is None or not field.dirty:  # what a profile stands in for was not edited here
            self._message.setText(text)
            return
        field.show_error(text)
        self.profiles.show_profile_of(field.setting)
        self.search.clear()
        self.show_page(root(field.setting.page))
        self._show_fields()
        self._form.ensureWidgetVisible(field)

    def _focus_first(self) -> None:
        """From the search to the first setting that was found."""
        for field in self.fields.values():
            if field.isVisible():
                field.editor.widget.setFocus()
                self._form.ensureWidgetVisible(field)
                return

    def _page_chosen(self) -> None:
        self.search.clear()
        self._show_fields()
        self._form.verticalScrollBar().setValue(0)

    def _show_fields(self) -> None:
        words = self.search.text().strip()
        chosen = self.page
        gathered = not words and chosen in GATHERED
        shown_pages: set[str] = {chosen} if gathered else set()
        for field in self.fields.values():
            page = field.setting.page
            wanted = field.matches(words) if words else holds(chosen, field.setting)
            # An advanced setting shows when asked for: by the switch, by search, or because it was changed.
            allowed = (
                self._advanced.isChecked()
                or bool(words)
                or gathered
                or not field.setting.advanced
                or bool(field.error)
            )
            field.setVisible(wanted and allowed)
            if wanted and allowed:
                shown_pages.add(page)
        profiles_shown = self.profiles.matches(words) if words else chosen == describe.PROFILES
        self.profiles.setVisible(profiles_shown)
        shown_pages |= {describe.PROFILES} if profiles_shown else set()
        self.clients.setVisible(not words and chosen == CLIENTS)
        for key, heading in self._headings.items():
            heading.setVisible(key in shown_pages)
        tables = set() if gathered else {root(page) for page in shown_pages}
        about_memory = not tables.isdisjoint(_MEMORY_PAGES)
        self.memory.setVisible(about_memory)
        self.suggestions.setVisible(about_memory)
        self.doctor.setVisible(not tables.isdisjoint(_SOUND_PAGES))
        self.guide.setVisible("look" in tables)
        self.about.setVisible(not tables.isdisjoint(_ABOUT_PAGES))
        self.privacy.setVisible("privacy" in shown_pages)
        self._nothing.setVisible(not shown_pages)

    def _show_buttons(self) -> None:
        for key, (other, value) in _COUNTS_WITH.items():
            self.fields[key].editor.widget.setEnabled(self.fields[other].value == value)
        dirty = bool(self._edits())
        self._apply.setEnabled(dirty)
        self._discard.setEnabled(dirty)
