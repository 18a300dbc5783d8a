"""What the user asked of all programs, less motion and dark colours, on Linux by the desktop's portal.

Qt follows the colours on some desktops only, and the motion on none.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QObject, Signal

from jarvis_desktop.ui.session_bus import Service, SessionBus

_SETTINGS = Service(
    "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"
)
_DARK = ("org.freedesktop.appearance", "color-scheme")
_ASKING = MappingProxyType(
    {
        _DARK: (1,),
        ("org.freedesktop.appearance", "reduced-motion"): (1,),
        ("org.gnome.desktop.interface", "enable-animations"): (False,),
        ("org.kde.kdeglobals.KDE", "AnimationDurationFactor"): ("0", "0.0"),
    }
)
"""Namespace and key of a setting, and the values that ask for dark colours or for less motion."""


class SystemLook(QObject):
    """Follows the desktop's settings from `follow` on."""

    changed = Signal()

    def __init__(self, bus: SessionBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._asking: set[tuple[str, str]] = set()

    @property
    def dark(self) -> bool:
        return _DARK in self._asking

    @property
    def reduced_motion(self) -> bool:
        return bool(self._asking - {_DARK})

    def follow(self) -> None:
        """Ask, and listen from now on."""
        self._bus.listen(_SETTINGS, "SettingChanged", lambda _, body: self._take(*body))
        for namespace, key in _ASKING:
            answer = partial(self._answered, namespace, key)
            self._bus.call(_SETTINGS, "ReadOne", "ss", [namespace, key], then=answer)

    def _answered(self, namespace: str, key: str, body: list[Any] | None) -> None:
        if body is not None:
            self._take(namespace, key, body[0])

    def _take(self, namespace: str, key: str, value: Any) -> None:
        setting = namespace, key
        if setting not in _ASKING:
            return
        asking = self._asking | {setting} if value.value in _ASKING[setting] else self._asking - {setting}
        if asking != self._asking:
            self._asking = asking
            self.changed.emit()
