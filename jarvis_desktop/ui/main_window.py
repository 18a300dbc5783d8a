"""The window: three panes and the line below; arranges, and knows nothing of events."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QHideEvent,
    QKeyEvent,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QApplication, QFrame, QMainWindow, QWidget

from jarvis_desktop.ui.attachments import AttachmentBar
from jarvis_desktop.ui.caption import CaptionBar
from jarvis_desktop.ui.client_card import ClientCard
from jarvis_desktop.ui.composer import Composer
from jarvis_desktop.ui.conversation import TEXT_WIDTH, Conversation
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.icons import icon
from jarvis_desktop.ui.indicator import Indication, Mood
from jarvis_desktop.ui.private_mark import PrivateMark
from jarvis_desktop.ui.profile_menu import ProfileButton
from jarvis_desktop.ui.sidebar import Sidebar
from jarvis_desktop.ui.status_panel import StatusPanel
from jarvis_desktop.ui.talk_key import TalkKey
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import (
    ElidedLabel,
    IconButton,
    IconLabel,
    Label,
    Notice,
    bind_keys,
    column,
    plain_tip,
    row,
)

_CENTRE = 540  # the conversation is not squeezed below this by a pane, at text size 1


class MainWindow(QMainWindow):
    """Jarvis' window."""

    painted_first = Signal()
    close_wanted = Signal()
    quit_wanted = Signal()
    models_wanted = Signal(str)  # name of the one in question, or nothing
    privacy_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._now = Indication()
        self._painted = False
        self._loading = ""
        self._quitting = False
        self._sidebar_wanted = self._panel_wanted = True
        self._wide = (True, True)
        self.sidebar = Sidebar(theme)
        self.panel = StatusPanel(theme)
        self.conversation = Conversation(theme)
        self.attachments = AttachmentBar(theme)
        self.composer = Composer(theme)
        self.notice = Notice(theme)
        self.question = Notice(theme, "question")
        self.remark = Notice(theme, "question")
        self.client = ClientCard(theme)
        self.caption = CaptionBar(theme)
        self.talk_key = TalkKey(self)
        self._show_sidebar = IconButton(theme, "list")
        self._show_panel = IconButton(theme, "activity")
        self.profile = ProfileButton(theme)
        self._title = ElidedLabel(role="heading")
        self._named = ""
        self.private = PrivateMark(theme)
        self._state_icon = IconLabel(theme, size=16)
        self._state = Label(role="small")
        self._state_box = QFrame()
        self._status = ElidedLabel(role="small")
        self._summary = ElidedLabel(role="small")
        self.setWindowIcon(icon("chat-teardrop", theme.tokens.accent, size=64))
        self.resize(1120, 760)
        self.setMinimumSize(860, 580)
        self.setCentralWidget(self._arranged())
        self._connect()
        self.show_state(self._now)
        self.show_title("")
        self.retranslate()
        self._wide = self._room()
        self._fit_panes()
        theme.changed.connect(self._take_room)

    def _arranged(self) -> QWidget:
        self._state_box.setProperty("card", "pill")
        self._state_box.setLayout(row(self._state_icon, self._state, spacing=6, margins=(10, 3, 12, 3)))
        header = row(spacing=10, margins=(12, 10, 12, 6))
        header.addWidget(self._show_sidebar)
        header.addWidget(self._title, 1)
        header.addWidget(self.private)
        header.addWidget(self.profile)
        header.addWidget(self._state_box)
        header.addWidget(self._show_panel)
        foot = row(spacing=12, margins=(4, 0, 4, 0))
        foot.addWidget(self._status)
        foot.addWidget(self._summary, 1)
        self._summary.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        below = QWidget()
        below.setMaximumWidth(TEXT_WIDTH)
        notices = column(self.client, self.question, self.remark, self.notice)
        below.setLayout(column(notices, self.caption, self.attachments, self.composer, foot, spacing=8))
        dock = row(spacing=0, margins=(24, 4, 24, 10))
        dock.addStretch(1)
        dock.addWidget(below, 1000)
        dock.addStretch(1)
        centre = column(header, spacing=0)
        centre.addWidget(self.conversation, 1)
        centre.addLayout(dock)
        whole = QWidget()
        layout = row(self.sidebar, spacing=0)
        layout.addLayout(centre, 1)
        layout.addWidget(self.panel)
        whole.setLayout(layout)
        return whole

    def _connect(self) -> None:
        self._show_sidebar.clicked.connect(lambda: self._set_panes(sidebar=True))
        self._show_panel.clicked.connect(lambda: self._set_panes(panel=True))
        self.sidebar.collapse.clicked.connect(lambda: self._set_panes(sidebar=False))
        self.panel.models_wanted.connect(self.models_wanted)
        self.panel.collapse.clicked.connect(lambda: self._set_panes(panel=False))
        keys = {
            "Ctrl+N": self.sidebar.new_chat.emit,
            "Ctrl+Shift+N": self.sidebar.new_private_chat.emit,
            "Ctrl+,": self.sidebar.settings_wanted.emit,
            "Ctrl+K": self._search,
            "Ctrl+M": self.sidebar.memory_wanted.emit,
            "Ctrl+Shift+M": lambda: self.models_wanted.emit(""),
            "Ctrl+Shift+P": self.privacy_wanted.emit,
            "Ctrl+B": lambda: self._set_panes(sidebar=self.sidebar.isHidden()),
            "Ctrl+I": lambda: self._set_panes(panel=self.panel.isHidden()),
            "Ctrl+D": self.composer.listen.doctor_wanted.emit,
            "Ctrl+O": self.composer.files_wanted.emit,
            "Ctrl+Q": self.quit_wanted.emit,
            "Escape": self.composer.stopped.emit,
        }
        bind_keys(self, keys)

    def show_state(self, now: Indication) -> None:
        """State in the header, the composer and the window's title."""
        self._now = now
        self.composer.show_state(now)
        self._state_icon.show_icon(now.look.icon, now.look.token)
        self._state.setText(now.word)
        self._state_box.setToolTip(plain_tip(now.microphone))
        self._state_box.setAccessibleName(f"{now.word}. {now.microphone}")
        self.setWindowTitle("Jarvis" if now.mood is Mood.OFF else f"{now.word} – Jarvis")

    def use_toggle(self, on: bool) -> None:
        """Whether talking is begun and ended by a press each, in place of holding."""
        self.composer.use_toggle(on)
        self.conversation.empty.use_toggle(on)

    def show_title(self, title: str) -> None:
        """Title of the conversation."""
        self._named = " ".join(title.split())
        unnamed = tr("New chat") if self.private.isHidden() else tr("Private chat")
        self._title.setText(self._named or unnamed)

    def show_private(self, on: bool) -> None:
        """Whether nothing is kept of the conversation on show."""
        self.private.setVisible(on)
        self.conversation.empty.show_private(on)
        self.show_title(self._named)

    def show_profiles(self, names: Sequence[str], in_use: str, *, private: bool) -> None:
        """The profiles there are, and the one in use; of a private one nothing is kept."""
        self.profile.show_profiles(names, in_use, private=private)
        self.sidebar.show_private(private)

    def show_loading(self, text: str) -> None:
        """What is being loaded; empty when nothing is."""
        self._loading = text
        self.show_foot()

    def show_foot(self) -> None:
        """The line below the composer: what is loading, the hidden status panel, or what the keys do."""
        summary = self.panel.summary() if self.panel.isHidden() else ""
        keys = "" if summary else tr("Enter sends · Shift+Enter starts a new line · Esc stops")
        self._status.set_text(self._loading or keys)
        self._summary.setText(summary)

    @property
    def panes(self) -> tuple[bool, bool]:
        """Whether the user wants the sidebar, and the status panel, where there is room."""
        return self._sidebar_wanted, self._panel_wanted

    def show_panes(self, sidebar: bool, panel: bool) -> None:
        """Show the panes that are wanted, where there is room."""
        self._sidebar_wanted, self._panel_wanted = sidebar, panel
        self._fit_panes()

    @property
    def in_front(self) -> bool:
        """The user is at it now."""
        return self.isVisible() and self.isActiveWindow() and not self.isMinimized()

    def announce(self, text: str) -> None:
        """Have a screen reader, if one runs, read `text` without moving the focus."""
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def close_for_good(self) -> None:
        """Close without asking anyone."""
        self._quitting = True
        self.close()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self._show_sidebar.describe(tr("Show the list of conversations"))
        self._show_panel.describe(tr("Show the status panel"))
        for card in (self.question, self.remark, self.notice):
            card.dismiss.describe(tr("Dismiss"))
        self.show_state(self._now)
        self.show_foot()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # Space arrives here from whatever has no use for it: the empty text field, the messages.
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.talk_key.key_down()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self.talk_key.key_up()
        else:
            super().keyReleaseEvent(event)

    def focusNextPrevChild(self, next_: bool) -> bool:
        focused = QApplication.focusWidget()
        if not next_ and focused is not None:
            self.conversation.show_actions_before(focused)
        return super().focusNextPrevChild(next_)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.talk_key.let_go()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.talk_key.let_go()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            self.painted_first.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_room()

    def _take_room(self) -> None:
        wide = self._room()
        if wide != self._wide:
            self._wide = wide
            self._fit_panes()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._quitting:
            event.accept()
        else:
            event.ignore()
            self.close_wanted.emit()

    def _room(self) -> tuple[bool, bool]:
        """Whether there is room for the sidebar, and for the panel beside it."""
        centre = round(_CENTRE * max(1.0, self._theme.scale))
        one = self.sidebar.maximumWidth() + centre  # panes have a fixed width, which grows with the text
        return self.width() >= one, self.width() >= one + self.panel.maximumWidth()

    def _fit_panes(self) -> None:
        self._place(self._sidebar_wanted and self._wide[0], self._panel_wanted and self._wide[1])

    def _set_panes(self, *, sidebar: bool | None = None, panel: bool | None = None) -> None:
        """The user wants a pane shown or hidden; without room for both, the other one gives way."""
        if sidebar is not None:
            self._sidebar_wanted = sidebar
            show_panel = not self.panel.isHidden() and (self._wide[1] or not sidebar)
            self._place(sidebar, show_panel)
        if panel is not None:
            self._panel_wanted = panel
            show_sidebar = not self.sidebar.isHidden() and (self._wide[1] or not panel)
            if not panel:
                show_sidebar = self._sidebar_wanted and self._wide[0]
            self._place(show_sidebar, panel)

    def _place(self, sidebar: bool, panel: bool) -> None:
        self.sidebar.setVisible(sidebar)
        self.panel.setVisible(panel)
        self._show_sidebar.setVisible(not sidebar)
        self._show_panel.setVisible(not panel)
        self.show_foot()

    def _search(self) -> None:
        self._set_panes(sidebar=True)
        self.sidebar.search.setFocus()
