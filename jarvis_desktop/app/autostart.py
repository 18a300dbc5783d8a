"""Starting Jarvis with the user's session, in the tray, by what each system has for it."""

from __future__ import annotations

import hashlib
import importlib
import os
import plistlib
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from jarvis_desktop import atomic
from jarvis_desktop.config.paths import APP_NAME, Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import Category, ConfigError

_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"


def follow(config: ConfigStore, paths: Paths) -> None:
    """See to it, now and after each change, that the system does what the setting says.

    A change that cannot be carried out is refused with `ConfigError` ``config.autostart``.
    """
    starter = Autostart(paths)

    def changed(old: Config, new: Config) -> None:
        if old.desktop.autostart != new.desktop.autostart:
            starter.switch(new.desktop.autostart)

    starter.switch(config.current.desktop.autostart)
    config.subscribe(changed)


class Autostart:
    """The entry for one home folder; another folder has one of its own."""

    def __init__(self, paths: Paths, platform: str = sys.platform, user: Path | None = None) -> None:
        """`platform` is Python's name of the system, `user` the user's own folder."""
        home = paths.home
        self._name = f"{APP_NAME}-{hashlib.sha256(bytes(home)).hexdigest()[:8]}" if home else APP_NAME
        self._command = [*_program(), *(["--home", str(home)] if home else []), "run", "--minimised"]
        self._platform = platform
        self._user = user or Path.home()

    def switch(self, on: bool) -> None:
        """Start with the session from now on, or not; raises `ConfigError` ``config.autostart``."""
        try:
            if self._platform == "win32":
                self._switch_registry(on)
            else:
                self._switch_file(on)
        except OSError as error:
            raise ConfigError(
                "config.autostart",
                "Whether Jarvis starts when you log in could not be changed: {reason}.",
                "See whether the folder {place} can be written to.",
                Category.PERMANENT,
                key="desktop.autostart",
                reason=error.strerror or type(error).__name__,
                place=self.file.parent,
            ) from error

    @property
    def file(self) -> Path:
        """What Linux and macOS read at the start of the session."""
        if self._platform == "darwin":
            return self._user / "Library" / "LaunchAgents" / f"{self._name}.plist"
        config = os.environ.get("XDG_CONFIG_HOME") or self._user / ".config"
        return Path(config) / "autostart" / f"{self._name}.desktop"

    def _switch_file(self, on: bool) -> None:
        if not on:
            if self.file.exists():
                self.file.unlink()
            return
        text = self._launch_agent() if self._platform == "darwin" else self._desktop_entry()
        if not self.file.exists() or self.file.read_text(encoding="utf-8") != text:
            atomic.write(self.file, text)

    def _switch_registry(self, on: bool) -> None:
        registry = importlib.import_module("winreg")
        with registry.CreateKey(registry.HKEY_CURRENT_USER, _RUN_KEY) as key:
            if on:
                line = subprocess.list2cmdline(self._command)
                registry.SetValueEx(key, self._name, 0, registry.REG_SZ, line)
                return
            try:
                registry.DeleteValue(key, self._name)
            except FileNotFoundError:
                return

    def _desktop_entry(self) -> str:
        command = " ".join(map(_quoted, self._command))
        return (
            "[Desktop Entry]\nType=Application\nName=Jarvis\nComment=Voice assistant\n"
            f"Icon={APP_NAME}\nExec={command}\nTerminal=false\nX-GNOME-Autostart-enabled=true\n"
        )

    def _launch_agent(self) -> str:
        agent = {"Label": self._name, "ProgramArguments": self._command, "RunAtLoad": True}
        return plistlib.dumps(agent).decode()


def _program() -> Sequence[str]:
    windowless = Path(sys.executable).with_name("pythonw.exe")  # the other one opens a terminal
    return [str(windowless) if windowless.exists() else sys.executable, "-m", "jarvis_desktop"]


def _quoted(argument: str) -> str:
    """An argument as the Desktop Entry Specification wants it: quoted, and escaped once more as a text."""
    escaped = re.sub(r'(["`$\\])', r"\\\1", argument).replace("%", "%%")
    return f'"{escaped}"'.replace("\\", "\\\\")
