"""The part of the settings that tells which programs may use Jarvis, lets more in and shuts others out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QFrame, QLineEdit, QWidget

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    AddClient,
    AllowClient,
    Client,
    ClientAdded,
    RevokeClient,
    Scope,
    ServerChanged,
    Standing,
)
from jarvis_desktop.ui.client_words import client_line, client_name, scope_name, scopes_line
from jarvis_desktop.ui.i18n import hint_of, message_of, tr, with_titles
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import Label, Notice, TextButton, column, row

_NAME_WIDTH = 300


class ClientRow(QWidget):
    """One client, and what can be done about it."""

    def __init__(self, theme: Theme, client: Client) -> None:
        super().__init__()
        self.client = client
        self._name, self._scopes = Label(role="strong", wrap=True), Label(wrap=True)
        self._times = Label(role="small", wrap=True)
        self.allow, self.revoke = TextButton(theme, "plain"), TextButton(theme, "plain", "trash", "danger")
        self.allow.setVisible(client.standing is Standing.REFUSED)
        buttons = row(self.allow, self.revoke, None, spacing=8, margins=(0, 4, 0, 0))
        self.setLayout(
            column(self._name, self._scopes, self._times, buttons, spacing=2, margins=(0, 6, 0, 10))
        )
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        name = client_name(self.client)
        self._name.setText(name)
        self._scopes.setText(scopes_line(self.client.scopes))
        self._times.setText(client_line(self.client))
        for button, text in ((self.allow, tr("Allow")), (self.revoke, tr("Revoke"))):
            button.setText(text)
            button.setAccessibleName(f"{text} {name}")


class ClientsPage(QWidget):
    """`asked` has what the user decides; `take` and its like show what became of it."""

    asked = Signal(object)  # ClientIntent
    opened = Signal(object)  # what shall be seen now

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._server = ServerChanged()
        self._added: ClientAdded | None = None
        self.rows: list[ClientRow] = []
        self._address = Label(role="second", wrap=True)
        self.error = Label(role="error", wrap=True)
        self._title, self._none = Label(role="group", wrap=True), Label(role="second", wrap=True)
        self._list = column(spacing=0)
        self.question = Notice(theme, "question")
        self.add = TextButton(theme, "plain")
        self.name = QLineEdit()
        self._may = Label(role="second")
        self.scopes = {scope: QCheckBox() for scope in Scope}
        self.create_button, self._cancel = TextButton(theme, "primary"), TextButton(theme, "plain")
        self._form = QWidget()
        self._card = QFrame()
        self._told, self._once = Label(role="strong", wrap=True), Label(role="second", wrap=True)
        self.token = QLineEdit(readOnly=True)
        self.copy, self.done = TextButton(theme, "primary"), TextButton(theme, "plain")
        self._arrange()
        self._connect()
        self.retranslate()

    def take(self, clients: Sequence[Client]) -> None:
        """These are the clients now."""
        for each in self.rows:
            self._list.removeWidget(each)
            each.deleteLater()
        self.rows = [ClientRow(self._theme, client) for client in clients]
        for each in self.rows:
            self._list.addWidget(each)
            each.allow.clicked.connect(lambda _=False, client=each.client: self._allow(client))
            each.revoke.clicked.connect(lambda _=False, client=each.client: self._ask_to_revoke(client))
        self._none.setVisible(not clients)
        self.error.set_text("")

    def take_added(self, added: ClientAdded) -> None:
        """A client was made: this is the only time that its token is seen."""
        self._added = added
        self._form.hide()
        self.token.setText(added.token)
        self.token.setCursorPosition(0)
        self._card.show()
        self.copy.setFocus()
        self.retranslate()
        self._open(self._card)

    def take_server(self, server: ServerChanged) -> None:
        """Where programs find Jarvis now."""
        self._server = server
        self._show_address()

    def take_failure(self, error: JarvisError) -> None:
        """What was asked for could not be done."""
        self.error.set_text(with_titles(f"{message_of(error)} {hint_of(error)}".strip()))

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self._title.setText(tr("Who may ask"))
        self._none.setText(tr("Nobody yet."))
        for each in self.rows:
            each.retranslate()
        self.add.setText(tr("Let another program in …"))
        self.name.setPlaceholderText(tr("Name of the program"))
        self.name.setAccessibleName(tr("Name of the program"))
        self._may.setText(tr("It may ask for"))
        for scope, box in self.scopes.items():
            box.setText(scope_name(scope))
        self.create_button.setText(tr("Make a token"))
        self._cancel.setText(tr("Cancel"))
        self.question.dismiss.describe(tr("Dismiss"))
        if self._added is not None:
            self._told.setText(tr("The token of {name}", name=self._added.client.name))
        self._once.setText(tr("Give it to the program now. It is not shown again."))
        self.token.setAccessibleName(tr("Token"))
        self.copy.setText(tr("Copy"))
        self.done.setText(tr("Done"))
        self._show_address()

    def _arrange(self) -> None:
        self.name.setMaximumWidth(_NAME_WIDTH)
        naming = row(self.create_button, self._cancel, None, spacing=8, margins=(0, 4, 0, 4))
        self._form.setLayout(column(self.name, self._may, *self.scopes.values(), naming, spacing=4))
        self._form.hide()
        self._card.setProperty("card", "question")
        done = row(self.copy, self.done, None, spacing=8)
        self._card.setLayout(
            column(self._told, self._once, self.token, done, spacing=8, margins=(16, 12, 16, 12))
        )
        self._card.hide()
        self.error.hide()
        self.setLayout(
            column(
                self._address,
                self._title,
                self._none,
                self._list,
                self.question,
                self._card,
                row(self.add, None),
                self._form,
                self.error,
                spacing=8,
                margins=(0, 12, 0, 0),
            )
        )

    def _connect(self) -> None:
        self.add.clicked.connect(self._open_form)
        self._cancel.clicked.connect(self._close_form)
        self.create_button.clicked.connect(self._create)
        self.name.returnPressed.connect(self._create)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.token.text()))
        self.done.clicked.connect(self._forget_token)

    def _show_address(self) -> None:
        if self._server.error is not None:
            self._address.set_text(f"{message_of(self._server.error)} {hint_of(self._server.error)}")
        elif self._server.address:
            self._address.set_text(
                tr("Programs find Jarvis at {address}", address=f"{self._server.address}/v1")
            )
        else:
            self._address.set_text("")

    def _open_form(self) -> None:
        self.name.clear()
        for scope, box in self.scopes.items():
            box.setChecked(scope in (Scope.CHAT, Scope.MODELS))
        self.error.set_text("")
        self._form.show()
        self.name.setFocus()
        self._open(self._form)

    def _close_form(self) -> None:
        self._form.hide()
        self.error.set_text("")
        self.add.setFocus()

    def _create(self) -> None:
        chosen = frozenset(scope for scope, box in self.scopes.items() if box.isChecked())
        self.error.set_text("")
        self.asked.emit(AddClient(self.name.text(), chosen))

    def _forget_token(self) -> None:
        self.token.clear()
        self._added = None
        self._card.hide()
        self.add.setFocus()

    def _allow(self, client: Client) -> None:
        self.asked.emit(AllowClient(client.id, client.scopes))

    def _ask_to_revoke(self, client: Client) -> None:
        self.question.present(
            tr("Revoke the token of {name}?", name=client_name(client)),
            tr("What it is being answered ends at once, and it has to be let in anew."),
            tr("Revoke"),
            lambda: self.asked.emit(RevokeClient(client.id)),
        )
        self.question.button.setFocus()
        self._open(self.question)

    def _open(self, part: QWidget) -> None:
        QTimer.singleShot(0, self, lambda: self.opened.emit(part))  # it has no place yet
