"""Colours, type and the stylesheet, all from one set of tokens; light, dark, or as the system says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from jarvis_desktop.resources import resource

BASE_POINT_SIZE = 10.5


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours a widget may use, by purpose. Text on any surface here has a contrast of 4.5:1 or more."""

    background: str
    surface: str
    sunken: str  # code, tracks of bars
    hover: str
    text: str
    second: str
    line: str
    accent: str
    accent_soft: str
    on_accent: str
    danger: str
    danger_soft: str
    warning: str


LIGHT = Tokens(
    background="#FAFAF8",
    surface="#FFFFFF",
    sunken="#F0F0EC",
    hover="#EFEFEB",
    text="#1D1F21",
    second="#5B6168",
    line="#E3E3DF",
    accent="#0B7A75",
    accent_soft="#E0F2F0",
    on_accent="#FFFFFF",
    danger="#B3261E",
    danger_soft="#FBECEA",
    warning="#8A5A00",
)
DARK = Tokens(
    background="#141617",
    surface="#1C1F21",
    sunken="#1F2427",
    hover="#262A2C",
    text="#E8EAEA",
    second="#A3ABB2",
    line="#2C3134",
    accent="#4FC3B8",
    accent_soft="#12312F",
    on_accent="#0B1F1D",
    danger="#F2B8B5",
    danger_soft="#35201F",
    warning="#F0C36D",
)


class Theme(QObject):
    """The look in force. Widgets that paint or tint read `tokens` and repaint on `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self._app = app
        self._mode = "auto"
        self._scale = 0.0
        self._system_dark = False
        self._reduced_motion = "auto"
        self._system_reduced = False
        self._tokens = LIGHT
        app.styleHints().colorSchemeChanged.connect(self._follow_system)

    @property
    def tokens(self) -> Tokens:
        return self._tokens

    @property
    def scale(self) -> float:
        """Factor on all text sizes."""
        return self._scale

    @property
    def animated(self) -> bool:
        """False where less motion is asked for, by the user or by the system."""
        if self._reduced_motion != "auto":
            return self._reduced_motion == "off"
        return not self._system_reduced and (
            self._app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0
        )

    def reduce_motion(self, choice: str, *, system: bool) -> None:
        """Take on ``on``, ``off`` or ``auto``, which follows what the `system` asks for."""
        before = self.animated
        self._reduced_motion, self._system_reduced = choice, system
        if self.animated != before:
            self._app.setEffectEnabled(Qt.UIEffect.UI_General, self.animated)
            self.changed.emit()

    def apply(self, mode: str, scale: float, *, system_dark: bool = False) -> None:
        """Take on ``light``, ``dark`` or ``auto`` and a text scale; doing it again changes nothing.

        `system_dark` is what the system asks for, where Qt does not know it.
        """
        hints = self._app.styleHints()
        self._mode, self._system_dark = mode, system_dark
        if mode == "auto":
            hints.unsetColorScheme()
        else:  # native title bars follow
            hints.setColorScheme(Qt.ColorScheme.Dark if mode == "dark" else Qt.ColorScheme.Light)
        dark = mode == "dark"
        if mode == "auto":
            known = hints.colorScheme()
            dark = system_dark if known is Qt.ColorScheme.Unknown else known is Qt.ColorScheme.Dark
        tokens = DARK if dark else LIGHT
        if (tokens, scale) == (self._tokens, self._scale):
            return
        self._tokens, self._scale = tokens, scale
        font = QFont(self._app.font())
        font.setPointSizeF(BASE_POINT_SIZE * scale)
        self._app.setFont(font)
        self._app.setPalette(palette(tokens))
        self._app.setStyleSheet(stylesheet(tokens, scale))
        self.changed.emit()

    def _follow_system(self) -> None:
        if self._mode == "auto":
            self.apply("auto", self._scale, system_dark=self._system_dark)


def stylesheet(tokens: Tokens, scale: float) -> str:
    """The one stylesheet of the program."""
    sizes = {"small": 0.85, "base": 1.0, "large": 1.25, "title": 1.5}
    points = {name: f"{BASE_POINT_SIZE * step * scale:.2f}pt" for name, step in sizes.items()}
    icons = resource("resources", "icons").as_posix()
    template = Template(resource("resources", "style.qss").read_text(encoding="utf-8"))
    # A stylesheet cannot tint a picture, so the few it names exist in both looks.
    scheme = "dark" if tokens is DARK else "light"
    return template.substitute(asdict(tokens), **points, icons=icons, scheme=scheme)


def palette(tokens: Tokens) -> QPalette:
    """The same colours for what a stylesheet does not reach: selections, links, disabled text."""
    roles = QPalette.ColorRole
    chosen = QPalette()
    for role, value in {
        roles.Window: tokens.background,
        roles.WindowText: tokens.text,
        roles.Base: tokens.surface,
        roles.AlternateBase: tokens.sunken,
        roles.Text: tokens.text,
        roles.PlaceholderText: tokens.second,
        roles.Button: tokens.surface,
        roles.ButtonText: tokens.text,
        roles.ToolTipBase: tokens.surface,
        roles.ToolTipText: tokens.text,
        roles.Highlight: tokens.accent,
        roles.HighlightedText: tokens.on_accent,
        roles.Accent: tokens.accent,
        roles.Link: tokens.accent,
        roles.LinkVisited: tokens.accent,
        roles.Mid: tokens.line,
    }.items():
        chosen.setColor(role, QColor(value))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        chosen.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.second))
    return chosen
