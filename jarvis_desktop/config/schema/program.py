"""The window, and what the program writes down."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Section, setting


class Look(Section):
    """How the window looks."""

    language: Literal["auto", "en", "es"] = setting(
        "auto", "Language", "Language of the window. Automatic follows the system."
    )
    theme: Literal["auto", "light", "dark"] = setting(
        "auto", "Theme", "Automatic follows the system's light or dark setting."
    )
    font_scale: float = setting(1.0, "Text size", "Size of all text.", unit="x", ge=0.8, le=2.0)
    reduced_motion: Literal["auto", "on", "off"] = setting(
        "auto", "Less motion", "Nothing turns or glides in the window. Automatic follows the system."
    )
    guide: bool = setting(
        True,
        "Guide at the start",
        "The next start shows what this machine can do, the models, the sound and what stays private.",
    )


class Privacy(Section):
    """What may leave this computer. The privacy view lists every connection."""

    offline: bool = setting(
        False,
        "Work offline",
        "Nothing of Jarvis reaches another computer: no downloads, no engine or tool server elsewhere.",
    )


class Logging(Section):
    """What is written down for finding faults. What you say is never logged."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "Log level", "How much is written to the log file."
    )


class Updates(Section):
    """Where newer versions of Jarvis are told of. It never looks by itself."""

    address: str = setting(
        "",
        "Address of the newest version",
        "A small file that names the newest version. It is asked only when you press Check for updates; "
        "empty asks nobody.",
        pattern=r"^(https://\S+|http://(localhost|127\.0\.0\.1)[:/]\S*)?$",
    )
