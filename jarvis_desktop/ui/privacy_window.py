"""The privacy window: the offline switch, every connection, what is stored, and the deletion of all of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QListWidget, QListWidgetItem, QWidget

from jarvis_desktop.config import describe
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    ClearLedger,
    Connection,
    ExportLedger,
    PrivacyShown,
    Reason,
    Seal,
    ShowPrivacy,
)
from jarvis_desktop.folding import fold
from jarvis_desktop.ui.i18n import hint_of, message_of, number, tr, tr_setting
from jarvis_desktop.ui.icons import icon
from jarvis_desktop.ui.privacy_storage import StorageCard
from jarvis_desktop.ui.privacy_words import connection_lines, connection_look, seal_line
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import (
    IconLabel,
    Label,
    Notice,
    Scroll,
    SearchField,
    TextButton,
    bind_keys,
    column,
    file_dialog,
    name_choice,
    row,
)

SEAL = "privacy.offline"
_FILTERS = ("all", "allowed", "refused", "unexpected")
_WIDTH = 560  # the least, at text size 1
_LIST_HEIGHT = 220
_MOST_SHOWN = 500


class PrivacyWindow(Translated, QWidget):
    """Knows nothing of the core: wishes go out as intents, `take_...` has what came of them."""

    asked = Signal(object)  # PrivacyIntent
    seal_wanted = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("privacy-window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._connections: list[Connection] = []
        self._seal = Seal.SYSTEM
        self._title = Label(role="group")
        self.notice = Notice(theme)
        self.told = Notice(theme, "question")
        self.offline = QCheckBox()
        self._help = Label(role="second", wrap=True)
        self._strength_icon, self._strength = IconLabel(theme, size=16), Label(role="small", wrap=True)
        self._listed = Label(role="heading")
        self.search = SearchField(theme)
        self.filter = QComboBox()
        for name in _FILTERS:
            self.filter.addItem("", name)
        self.list = QListWidget()
        self.list.setObjectName("connections")
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(16, 16))
        self._some = QWidget()  # what there is only where something was connected
        self._count = Label(role="small", wrap=True)
        self.export, self.clear = TextButton(theme, "plain"), TextButton(theme, "plain")
        self.storage = StorageCard(theme)
        self._page = Scroll()
        self.setWindowIcon(icon("eye-slash", theme.tokens.accent, size=64))
        self.resize(760, 760)
        self._arrange()
        self._connect()
        self._take_look()
        self.retranslate()

    def _arrange(self) -> None:
        strength = row(self._strength_icon, spacing=6, margins=(26, 0, 0, 0))
        strength.addWidget(self._strength, 1)
        seal = column(self.offline, row(self._help, margins=(26, 0, 0, 0)), strength, spacing=4)
        find = row(spacing=8)
        find.addWidget(self.search, 1)
        find.addWidget(self.filter)
        self._some.setLayout(column(find, self.list, spacing=8))
        foot = row(spacing=8)
        foot.addWidget(self._count, 1)
        foot.addWidget(self.export)
        foot.addWidget(self.clear)
        page = QWidget()
        page.setObjectName("privacy-page")
        page.setLayout(
            column(
                seal,
                column(self._listed, self._some, foot, spacing=8, margins=(0, 8, 0, 8)),
                self.storage,
                None,
                spacing=16,
                margins=(24, 8, 24, 24),
            )
        )
        self._page.setWidget(page)
        layout = column(
            row(self._title, margins=(24, 16, 24, 8)),
            column(self.notice, self.told, margins=(24, 0, 24, 8)),
            spacing=0,
        )
        layout.addWidget(self._page, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.offline.clicked.connect(self.seal_wanted)
        self.search.textChanged.connect(self._show_rows)
        self.filter.currentIndexChanged.connect(self._show_rows)
        self.export.clicked.connect(self._pick)
        self.clear.clicked.connect(self._offer_clear)
        self.storage.asked.connect(self.asked)
        self.storage.opened.connect(lambda card: self._page.ensureWidgetVisible(card))
        self._theme.changed.connect(self._take_look)
        keys = {
            "Ctrl+F": self.search.begin,
            "Ctrl+W": self.close,
            "Escape": self._escape,
        }
        bind_keys(self, keys)

    # --- what came --------------------------------------------------------------------------------------

    def take_settings(self, *, offline: bool) -> None:
        """Whether Jarvis works offline now."""
        self.offline.setChecked(offline)
        self._show_strength()

    def take_all(self, shown: PrivacyShown) -> None:
        """Connections and what is stored, as they are now."""
        self._connections = list(shown.connections)
        self._seal = shown.seal
        self.storage.take_stored(shown.stored)
        self._show_strength()
        self._show_rows()

    def take_connection(self, connection: Connection) -> None:
        """One more was made, or refused."""
        self._connections.insert(0, connection)
        self._show_rows()

    def take_export(self, path: Path) -> None:
        """The list of connections is in a file."""
        self.told.present(tr("Written: {path}", path=str(path)))

    def take_failure(self, error: JarvisError) -> None:
        """What was asked for here was not done."""
        self.notice.present(message_of(error), hint_of(error))
        self.storage.confirm.setEnabled(True)

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("Privacy – Jarvis"))
        self._title.setText(tr("Privacy"))
        setting = describe.find(SEAL)
        self.offline.setText(tr_setting(setting.title))
        self._help.setText(tr_setting(setting.help))
        self.offline.setAccessibleDescription(self._help.text())
        self._listed.setText(tr("Connections to other computers"))
        self.search.setPlaceholderText(tr("Search connections"))
        self.search.setAccessibleName(tr("Search connections"))
        name_choice(self.filter, tr("Which connections to show"))
        for place, words in enumerate((tr("All"), tr("Allowed"), tr("Refused"), tr("Unexpected"))):
            self.filter.setItemText(place, words)
        self.list.setAccessibleName(tr("Connections to other computers"))
        self.export.setText(tr("Export …"))
        self.clear.setText(tr("Clear list"))
        for card in (self.notice, self.told):
            card.dismiss.describe(tr("Dismiss"))
        self.storage.retranslate()
        self._show_strength()
        self._show_rows()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.asked.emit(ShowPrivacy())
        self.offline.setFocus()

    # --- inside -----------------------------------------------------------------------------------------

    def _show_strength(self) -> None:
        look, words = seal_line(self._seal, offline=self.offline.isChecked())
        self._strength_icon.show_icon(look.icon, look.token)
        self._strength.setText(words)

    def _show_rows(self) -> None:
        words = fold(self.search.text()).split()
        wanted = self.filter.currentData()
        chosen = self.list.currentRow()
        self.list.clear()
        matching = 0
        for connection in self._connections:
            lines = connection_lines(connection)
            folded = fold(" ".join((*lines, connection.who)))
            if not _passes(connection, wanted) or not all(word in folded for word in words):
                continue
            matching += 1
            if matching <= _MOST_SHOWN:
                look = connection_look(connection)
                colour = getattr(self._theme.tokens, look.token)
                self.list.addItem(QListWidgetItem(icon(look.icon, colour, size=16), "\n".join(lines)))
        self.list.setCurrentRow(min(chosen, self.list.count() - 1))
        self._count.setText(self._counted(matching))
        for each in (self._some, self.export, self.clear):
            each.setVisible(bool(self._connections))

    def _counted(self, matching: int) -> str:
        if not self._connections:
            return tr("No connection to another computer is listed.")
        return tr("{shown} of {all} connections", shown=number(matching), all=number(len(self._connections)))

    def _pick(self) -> None:
        dialog = file_dialog(self, tr("Where shall the list be written?"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("jarvis-connections.jsonl")
        dialog.fileSelected.connect(lambda name: self.asked.emit(ExportLedger(Path(name))))
        dialog.open()

    def _offer_clear(self) -> None:
        self.told.present(
            tr("Delete the list of connections?"), "", tr("Delete"), lambda: self.asked.emit(ClearLedger())
        )

    def _escape(self) -> None:
        """Put away, one after the other: a question, a search, the window."""
        if cards := [card for card in (self.notice, self.told) if not card.isHidden()]:
            cards[0].hide()
        elif self.storage.asking:
            self.storage.keep.click()
        elif self.search.text():
            self.search.clear()
        else:
            self.close()

    def _take_look(self) -> None:
        self.setMinimumSize(round(_WIDTH * self._theme.scale), 420)
        self.list.setFixedHeight(round(_LIST_HEIGHT * self._theme.scale))
        self._show_rows()


def _passes(connection: Connection, wanted: str) -> bool:
    match wanted:
        case "allowed":
            return connection.allowed
        case "refused":
            return not connection.allowed
        case "unexpected":
            return connection.reason is Reason.UNEXPECTED
        case _:
            return True
