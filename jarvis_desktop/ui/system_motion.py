"""Whether the user asked the desktop for less motion, on Linux by its portal."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QObject, Signal

from jarvis_desktop.ui.session_bus import Service, SessionBus

_SETTINGS = Service(
    "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"
)
_REDUCED = MappingProxyType(
    {
        ("org.freedesktop.appearance", "reduced-motion"): (1,),
        ("org.gnome.desktop.interface", "enable-animations"): (False,),
        ("org.kde.kdeglobals.KDE", "AnimationDurationFactor"): ("0", "0.0"),
    }
)
"""Namespace and key of each desktop's setting, and the values that ask for less motion."""


class SystemMotion(QObject):
    """Follows the desktop's setting from `follow` on."""

    changed = Signal()

    def __init__(self, bus: SessionBus, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = bus
        self._asking: set[tuple[str, str]] = set()

    @property
    def reduced(self) -> bool:
        return bool(self._asking)

    def follow(self) -> None:
        """Ask, and listen from now on."""
        self._bus.listen(_SETTINGS, "SettingChanged", lambda _, body: self._take(*body))
        for namespace, key in _REDUCED:
            answer = partial(self._answered, namespace, key)
            self._bus.call(_SETTINGS, "ReadOne", "ss", [namespace, key], then=answer)

    def _answered(self, namespace: str, key: str, body: list[Any] | None) -> None:
        if body is not None:
            self._take(namespace, key, body[0])

    def _take(self, namespace: str, key: str, value: Any) -> None:
        setting = namespace, key
        if setting not in _REDUCED:
            return
        before = self.reduced
        if value.value in _REDUCED[setting]:
            self._asking.add(setting)
        else:
            self._asking.discard(setting)
        if self.reduced != before:
            self.changed.emit()
