"""What can be done with a message, below it: shown under the mouse and with the keyboard focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from jarvis_desktop.events import Versions
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconButton, Label, row

_HEIGHT = 26  # at text size 1
_ICON = 16


class Pager(Translated, QWidget):
    """Which of several versions is on show, between arrows to the others: "< 2/3 >"."""

    chosen = Signal(str, int)  # id of a message; the step there, 0 where the keyboard is elsewhere

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._versions: Versions | None = None
        self._back = IconButton(theme, "caret-left", size=_ICON)
        self._where = Label(role="small")
        self._on = IconButton(theme, "caret-right", size=_ICON)
        self._back.clicked.connect(lambda: self._choose(-1))
        self._on.clicked.connect(lambda: self._choose(1))
        self.setLayout(row(self._back, self._where, self._on, spacing=0))
        self.hide()
        self.retranslate()

    @property
    def shown(self) -> str:
        """Id of the version on show; "" where there is only one."""
        return self._versions.ids[self._versions.shown] if self._versions is not None else ""

    def show_versions(self, versions: Versions | None) -> None:
        """Take on the versions there are; None: there is one, and nothing to choose."""
        self._versions = versions
        self.setVisible(versions is not None)
        if versions is not None:
            self._back.setEnabled(versions.shown > 0)
            self._on.setEnabled(versions.shown < len(versions.ids) - 1)
        self.retranslate()

    def take_focus(self, step: int) -> None:
        """Move the keyboard to the arrow of that step, or to the other one at the end of the way."""
        onward = self._on.isEnabled() and (step > 0 or not self._back.isEnabled())
        (self._on if onward else self._back).setFocus()

    def _choose(self, step: int) -> None:
        if self._versions is not None:
            focused = QApplication.focusWidget() in (self._back, self._on)
            self.chosen.emit(self._versions.ids[self._versions.shown + step], step if focused else 0)

    def retranslate(self) -> None:
        self._back.describe(tr("Earlier version"))
        self._on.describe(tr("Later version"))
        if self._versions is not None:
            number, count = self._versions.shown + 1, len(self._versions.ids)
            self._where.setText(f"{number}/{count}")
            where = tr("Version {number} of {count}", number=number, count=count)
            for widget in (self._back, self._where, self._on):
                widget.setAccessibleDescription(where)


class MessageActions(QWidget):
    """A row below `message`: between `before` and `after` the buttons that `make` gives, and a pager.

    It keeps its height, so that nothing jumps. What it holds is made when it is first needed, for there are
    many messages.
    """

    version_chosen = Signal(str, int)  # see `Pager.chosen`

    def __init__(
        self,
        theme: Theme,
        message: QWidget,
        make: Callable[[], Sequence[QWidget]],
        *,
        before: Sequence[QWidget | None] = (),
        after: Sequence[QWidget | None] = (),
    ) -> None:
        super().__init__()
        self._theme = theme
        self._message = message
        self._make = make
        self._made = False
        self._fleeting: list[QWidget] = []
        self._pinned: set[QWidget] = set()
        self._withheld: set[QWidget] = set()
        self._useful = False
        self._buttons, self._pages = row(spacing=4), row()
        self.pager: Pager | None = None
        self.setLayout(row(*before, self._buttons, self._pages, *after, spacing=4))
        theme.changed.connect(self._take_look)
        self._take_look()
        message.installEventFilter(self)
        QApplication.instance().focusChanged.connect(self._show_fleeting)  # type: ignore[union-attr]

    def show_versions(self, versions: Versions | None) -> None:
        """Take on the versions of the message there are; None: it is the only one."""
        if self.pager is None and versions is not None:
            self.pager = Pager(self._theme)
            self.pager.chosen.connect(self.version_chosen)
            self._pages.addWidget(self.pager)
        if self.pager is not None:
            self.pager.show_versions(versions)

    def come_and_go(self, widget: QWidget) -> None:
        """Have something show under the mouse and with the focus only, as the buttons do."""
        widget.hide()
        self._fleeting.append(widget)

    def pin(self, widget: QWidget, pinned: bool) -> None:
        """Have one of them stay, or come and go again."""
        (self._pinned.add if pinned else self._pinned.discard)(widget)
        self._show_fleeting()

    def withhold(self, widget: QWidget, withheld: bool) -> None:
        """Have one of them not show at all, or come and go again."""
        (self._withheld.add if withheld else self._withheld.discard)(widget)
        self._show_fleeting()

    def allow(self, useful: bool) -> None:
        """Whether anything can be done with the message now."""
        self._useful = useful
        self._show_fleeting()

    def fill(self) -> None:
        """Make the buttons, if they are not there yet."""
        if not self._made:
            self._made = True
            for button in self._make():
                self._buttons.addWidget(button)
                self.come_and_go(button)
            if self.pager is not None:
                self.pager.raise_()  # behind them, for the keyboard too
            order_tabs([self._message])

    def _take_look(self) -> None:
        self.setFixedHeight(round(_HEIGHT * max(1.0, self._theme.scale)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._show_fleeting()
        return super().eventFilter(watched, event)

    def show_all(self) -> None:
        """Show what comes and goes until the keyboard has moved."""
        self._show_near(True)

    def _show_fleeting(self) -> None:
        focus = QApplication.focusWidget()
        self._show_near(
            self._message.underMouse() or (focus is not None and self._message.isAncestorOf(focus))
        )

    def _show_near(self, near: bool) -> None:
        """Whether mouse or keyboard are at the message."""
        if near and self._useful:
            self.fill()
        for widget in self._fleeting:
            offered = self._useful and widget not in self._withheld
            widget.setVisible(offered and (near or widget in self._pinned))


def takes_tab(widget: QWidget) -> bool:
    """Whether the Tab key comes to it now."""
    return widget.isVisible() and widget.isEnabled() and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def order_tabs(messages: Sequence[QWidget]) -> None:
    """Have Tab go through messages from the top, in whatever order they and their parts were made."""
    before: QWidget | None = None
    for message in messages:
        for each in message.findChildren(QWidget):
            if each.focusPolicy() & Qt.FocusPolicy.TabFocus:
                if before is not None:
                    QWidget.setTabOrder(before, each)
                before = each
