"""Which profile is in use: in the window's header and in the tray's menu."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import TextButton, plain_tip

_NAME_WIDTH = 120  # at text size 1; longer names end in an ellipsis


class ProfileMenu(QMenu):
    """Every profile, and none; what is chosen is a wish, `show_profiles` tells what came of it."""

    chosen = Signal(str)
    edit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._in_use = ""
        self._group = QActionGroup(self)
        self._group.triggered.connect(self._choose)
        self.show_profiles((), "")

    def show_profiles(self, names: Sequence[str], in_use: str) -> None:
        """These are there, and one of them ("": none) is in use."""
        self._names, self._in_use = tuple(names), in_use
        self.clear()  # deletes the actions, which are its own
        for name in ("", *names):
            action = QAction(name.replace("&", "&&") or tr("No profile"), self, checkable=True)
            action.setData(name)
            action.setChecked(name == in_use)
            self._group.addAction(action)
            self.addAction(action)
        self.addSeparator()
        self.addAction(tr("Edit profiles …")).triggered.connect(lambda: self.edit_wanted.emit())
        self.setTitle(tr("Profile"))
        self.menuAction().setVisible(bool(names or in_use))

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.show_profiles(self._names, self._in_use)

    def _choose(self, action: QAction) -> None:
        name = str(action.data())
        for each in self._group.actions():  # until it is done, the old one is in use
            each.setChecked(each.data() == self._in_use)
        if name != self._in_use:
            self.chosen.emit(name)


class ProfileButton(TextButton):
    """Says which profile is in use, and whether anything of it is kept; hidden where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "quiet", "user-circle", "second")
        self._theme = theme
        self._in_use, self._private = "", False
        self.profiles = ProfileMenu(self)
        self.setMenu(self.profiles)
        theme.changed.connect(self._show)
        self.hide()

    def show_profiles(self, names: Sequence[str], in_use: str, *, private: bool) -> None:
        """As `ProfileMenu`; of a `private` one nothing is kept."""
        self._in_use, self._private = in_use, private
        self.profiles.show_profiles(names, in_use)
        self.setVisible(bool(names or in_use))
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.profiles.retranslate()
            self._show()

    def _show(self) -> None:
        name = self._in_use or tr("No profile")
        width = round(_NAME_WIDTH * self._theme.scale)
        shown = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width)
        self.show_icon(*(("eye-slash", "warning") if self._private else ("user-circle", "second")))
        self.setText(tr("{name} · not kept", name=shown) if self._private else shown)
        kept = tr("Nothing that is said in this profile is kept.") if self._private else ""
        self.setAccessibleName(tr("Profile: {name}", name=name))
        self.setAccessibleDescription(kept)
        self.setToolTip(plain_tip("\n".join(filter(None, (tr("Profile: {name}", name=name), kept)))))
