"""Newer versions of the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events.base import Event, Intent


@dataclass(frozen=True, slots=True)
class CheckForUpdates(Intent):
    """Ask now which version is the newest; only ever the user's own press. `UpdatesChecked` answers."""


@dataclass(frozen=True, slots=True)
class UpdatesChecked(Event):
    """What is known of versions.

    `newer` is the one that can be had, with its `notes` and the `link` to it; empty where there is none.
    `asked` tells whether anybody was asked: without an address nobody is. `on_disk` is a version that was
    installed while this one ran, empty where that is this one. With an `error` nothing was learned.
    """

    name: ClassVar[str] = "updates_checked"
    asked: bool = True
    newer: str = ""
    notes: str = ""
    link: str = ""
    on_disk: str = ""
    error: JarvisError | None = None
