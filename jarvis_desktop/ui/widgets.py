"""Small parts that several rooms of the window share."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from typing import TypeVar

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QAction, QIcon, QKeySequence, QResizeEvent, QShortcut, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.icons import icon, pixmap
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated

_TIP_WIDTH = 80  # letters in a line of a tooltip
_LONG_WORD = re.compile(r"\S{40}(?=\S)")
_Box = TypeVar("_Box", QHBoxLayout, QVBoxLayout)


class Label(QLabel):
    """Text shown exactly as it is: what others wrote is never taken for markup. `role` is a style's name."""

    def __init__(self, text: str = "", role: str = "", *, wrap: bool = False) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if role:
            self.setProperty("role", role)
        if text:
            self.setText(text)

    def setText(self, text: str) -> None:
        # A word that cannot be broken (a long address) would make the window as wide as it is.
        super().setText(_LONG_WORD.sub("\\g<0>\u200b", text) if self.wordWrap() else text)

    def set_text(self, text: str) -> None:
        """Show `text`, and take no room when it is empty."""
        self.setText(text)
        self.setVisible(bool(text))


class ElidedLabel(Label):
    """One line that ends in an ellipsis where it does not fit."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__("", role)
        self._full = text
        self.setMinimumWidth(24)

    def setText(self, text: str) -> None:
        self._full = text
        self._elide()

    def full_text(self) -> str:
        return self._full

    def resizeEvent(self, event: object) -> None:
        self._elide()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._full) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height())

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())
        QLabel.setText(self, shown)
        QLabel.setToolTip(self, "" if shown == self._full else plain_tip(self._full))
        self.setAccessibleName(self._full)


class IconLabel(QLabel):
    """A small picture tinted by the token of that name."""

    def __init__(self, theme: Theme, name: str = "", token: str = "second", size: int = 18) -> None:
        super().__init__()
        self._theme, self._name, self._token, self._size = theme, name, token, size
        self.setFixedSize(size, size)
        theme.changed.connect(self._tint)
        self._tint()

    def show_icon(self, name: str, token: str) -> None:
        """Change picture and tint."""
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self._tint()

    def _tint(self) -> None:
        if self._name:
            colour = getattr(self._theme.tokens, self._token)
            self.setPixmap(pixmap(self._name, colour, self._size, self.devicePixelRatioF()))


class IconButton(QToolButton):
    """A button that is only a picture; `describe` gives it its name, which it must have."""

    def __init__(self, theme: Theme, name: str, token: str = "second", size: int = 20) -> None:
        super().__init__()
        self._theme, self._name, self._token = theme, name, token
        self.setIconSize(QSize(size, size))
        self.setAutoRaise(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self._tint)
        self._tint()

    def describe(self, text: str) -> None:
        """Name for screen readers and the tooltip."""
        self.setAccessibleName(text)
        self.setToolTip(plain_tip(text))

    def show_icon(self, name: str, token: str) -> None:
        """Change picture and tint."""
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self._tint()

    def _tint(self) -> None:
        self.setIcon(icon(self._name, getattr(self._theme.tokens, self._token), size=self.iconSize().width()))


class TextButton(QPushButton):
    """A button with words and perhaps a picture; `kind` is a style's name (``primary``, ``quiet``, ...)."""

    def __init__(self, theme: Theme, kind: str = "plain", icon_name: str = "", token: str = "text") -> None:
        super().__init__()
        self._theme, self._icon_name, self._token = theme, icon_name, token
        self.setProperty("kind", kind)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        if icon_name:
            self.setIconSize(QSize(18, 18))
            theme.changed.connect(self._tint)
            self._tint()

    def setText(self, text: str) -> None:
        super().setText(self._gap + text)
        self.setAccessibleName(text)

    @property
    def _gap(self) -> str:
        """Before the words, which Qt puts right beside the picture."""
        return " " if self._icon_name else ""

    def show_icon(self, name: str, token: str) -> None:
        """Change the picture of a button that has one, and its tint."""
        if (name, token) != (self._icon_name, self._token):
            self._icon_name, self._token = name, token
            self._tint()

    def _tint(self) -> None:
        self.setIcon(icon(self._icon_name, getattr(self._theme.tokens, self._token), size=18))


class WrappingButton(TextButton):
    """Breaks its words into lines where it is narrow; the picture stands beside them."""

    _words: tuple[str, ...] = ()

    def __init__(self, theme: Theme, kind: str = "plain", icon_name: str = "", token: str = "text") -> None:
        super().__init__(theme, kind, icon_name, token)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        self._words = tuple(text.split())
        self._break()

    def sizeHint(self) -> QSize:
        return QSize(self._around() + self._wide(" ".join(self._words)), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        longest = max(map(self._wide, self._words), default=0)
        return QSize(self._around() + longest, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._break()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._break()

    def _break(self) -> None:
        room = self.width() - self._around()
        lines: list[str] = []
        for word in self._words:
            if lines and self._wide(f"{lines[-1]} {word}") <= room:
                lines[-1] += f" {word}"
            else:
                lines.append(word)
        broken = f"\n{self._gap}".join(lines)
        if broken != self.text().strip():
            super().setText(broken)
            self.setAccessibleName(" ".join(self._words))

    def _wide(self, words: str) -> int:
        return self.fontMetrics().horizontalAdvance(self._gap + words)

    def _around(self) -> int:
        """Pixels beside the words."""
        lines = self.text().splitlines()
        return super().sizeHint().width() - max(map(self.fontMetrics().horizontalAdvance, lines), default=0)


class Scroll(QScrollArea):
    """Scrolls its widget up and down only; the keyboard goes to what is in it."""

    def __init__(self, widget: QWidget | None = None) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if widget is not None:
            self.setWidget(widget)


class ProgressBar(QProgressBar):
    """A thin bar. Where nobody knows how far it is, it moves by itself, or stays empty under less motion."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._share: float | None = None
        self.setTextVisible(False)
        self.setFixedHeight(4)
        theme.changed.connect(self._show)

    def show_share(self, share: float | None) -> None:
        """How much is done, from 0 to 1; None where that is not known."""
        self._share = share
        self._show()

    def _show(self) -> None:
        moving = self._share is None and self._theme.animated
        self.setRange(0, 0 if moving else 1000)
        self.setValue(round((self._share or 0.0) * 1000))


class SearchField(Translated, QLineEdit):
    """With a magnifying glass before the words, and a button behind them that takes them away."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setClearButtonEnabled(True)
        self._glass = self.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self._glass.triggered.connect(self.begin)
        theme.changed.connect(self._tint)
        self._tint()
        self.retranslate()

    def retranslate(self) -> None:
        self._glass.setText(tr("Search"))
        name_clear_button(self)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()  # has room for the two pictures
        return QSize(
            hint.width() + self.fontMetrics().horizontalAdvance(self.placeholderText()), hint.height()
        )

    def begin(self) -> None:
        """Have the next words typed in place of those that are there."""
        self.setFocus()
        self.selectAll()

    def _tint(self) -> None:
        self._glass.setIcon(icon("magnifying-glass", self._theme.tokens.second))


class Notice(QFrame):
    """What happened, what to do, and one button that does it, in the place it is about."""

    def __init__(self, theme: Theme, kind: str = "danger") -> None:
        super().__init__()
        self.setProperty("card", kind)
        self._action: Callable[[], None] | None = None
        bad = kind == "danger"
        self._icon = IconLabel(theme, "warning-circle" if bad else "info", "danger" if bad else "accent")
        self._message = Label(role="strong", wrap=True)
        self._hint = Label(role="second", wrap=True)
        for label in (self._message, self._hint):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = TextButton(theme, "plain")
        self.button.clicked.connect(self._act)
        self.dismiss = IconButton(theme, "x", size=16)
        self.dismiss.clicked.connect(self.hide)
        words = column(self._message, self._hint, spacing=2)
        buttons = row(self.button, None, margins=(0, 6, 0, 2))
        self._buttons = QWidget()
        self._buttons.setLayout(buttons)
        words.addWidget(self._buttons)
        layout = row(spacing=10, margins=(12, 10, 8, 10))
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)
        layout.addWidget(self.dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.hide()

    @property
    def message(self) -> str:
        """What it says now; empty when it says nothing."""
        return self._message.text() if not self.isHidden() else ""

    def present(
        self, message: str, hint: str = "", button: str = "", action: Callable[[], None] | None = None
    ) -> None:
        """Show; `action` runs when the button is pressed, and the notice goes."""
        self._message.setText(message)
        self._hint.set_text(hint)
        self.button.setText(button)
        self._buttons.setVisible(bool(button))
        self._action = action
        self.setAccessibleName(f"{message} {hint}".strip())
        self.show()

    def _act(self) -> None:
        action, self._action = self._action, None
        self.hide()
        if action is not None:
            action()


def name_clear_button(field: QWidget) -> None:
    """Tell a screen reader what the button at the end of a text field does; Qt gives it no name."""
    for action in field.findChildren(QAction, "_q_qlineeditclearaction"):
        action.setText(tr("Clear"))


def name_choice(box: QComboBox, text: str) -> None:
    """Tell a screen reader what is chosen from; on Linux it takes what is chosen for the name of the box."""
    box.setAccessibleName(text)
    box.setAccessibleDescription(text)


def bind_keys(window: QWidget, actions: Mapping[str, Callable[[], object]]) -> None:
    """Have keys, in Qt's portable words, do something while they are pressed in a window."""
    for keys, action in actions.items():
        QShortcut(QKeySequence(keys), window).activated.connect(action)


def bring_to_front(window: QWidget) -> None:
    """Show a window from wherever it is."""
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.show()
    window.raise_()
    window.activateWindow()


def file_dialog(parent: QWidget, title: str) -> QFileDialog:
    """A dialog for files, to be opened; it is gone when it is closed."""
    dialog = QFileDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    return dialog


def plain_tip(text: str) -> str:
    """A tooltip that shows `text` as it is, whatever it contains, line by line, and breaks long ones.

    A screen reader reads it aloud, so there is no markup in it but where Qt would take the text for some.
    """
    lines = "\n".join(textwrap.fill(line, _TIP_WIDTH) for line in text.splitlines())
    if not Qt.mightBeRichText(lines):
        return lines
    escaped = lines.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br>")
    return f"<qt>{escaped}</qt>"


def row(
    *items: QWidget | QLayout | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Items side by side; None takes the room that is left."""
    return _filled(QHBoxLayout(), items, spacing, margins)


def column(
    *items: QWidget | QLayout | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Items one below the other; None takes the room that is left."""
    return _filled(QVBoxLayout(), items, spacing, margins)


def _filled(
    layout: _Box,
    items: tuple[QWidget | QLayout | None, ...],
    spacing: int,
    margins: tuple[int, int, int, int],
) -> _Box:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)
    return layout
