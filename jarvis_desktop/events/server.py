"""What other programs have to do with Jarvis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event


@dataclass(frozen=True, slots=True)
class ServerChanged(Event):
    """Other programs find Jarvis at `address` now; empty: nowhere, for the reason `error` if there is one."""

    name: ClassVar[str] = "server_changed"
    address: str = ""
    error: JarvisError | None = None
