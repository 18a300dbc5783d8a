"""How Jarvis behaves among the other programs of the desktop."""

from __future__ import annotations

from typing import Literal

from jarvis_desktop.config.schema.section import Section, setting


class Desktop(Section):
    """How Jarvis is reached and heard of while you work in other programs."""

    talk_shortcut: str = setting(
        "", "Talk from anywhere", "Keys that talk to Jarvis while another program has the keyboard."
    )
    dictation_shortcut: str = setting(
        "",
        "Dictate from anywhere",
        "Keys to speak into the program that has the keyboard: what you say is typed there, as if on the "
        "keyboard, and kept nowhere. Held or pressed twice, as the talk key. Ctrl+Alt+D suits most desktops.",
    )
    show_shortcut: str = setting(
        "", "Show or hide the window", "Keys that bring the window to the front, or put it away."
    )
    notifications: Literal["full", "brief", "off"] = setting(
        "full",
        "Notifications",
        "Tell of answers, timers and questions of tools while the window is not in sight. "
        "What is said in private is never repeated there.",
    )
    autostart: bool = setting(False, "Start when you log in", "Jarvis starts with your session, in the tray.")
    keep_running: bool = setting(
        True,
        "Keep running when the window is closed",
        "Closing the window leaves Jarvis in the tray, or minimised where there is none. Off: it quits.",
    )
