"""Starting with the session: what each system reads is there while it is wanted, and gone when it is not."""

from __future__ import annotations

import plistlib
import subprocess
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from jarvis_desktop.app import autostart
from jarvis_desktop.app.autostart import Autostart
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import ConfigError

KEY = "desktop.autostart"


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    return Paths.choose(tmp_path / 'my "own" 5% $home')


@pytest.fixture
def config(paths: Paths) -> ConfigStore:
    store = ConfigStore(paths.config_file, {})
    store.load()
    return store


def wanted(paths: Paths) -> list[str]:
    return [sys.executable, "-m", "jarvis_desktop", "--home", str(paths.home), "run", "--minimised"]


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux desktops read")
def test_the_setting_writes_and_removes_what_the_desktop_reads(
    paths: Paths, config: ConfigStore, tmp_path: Path
) -> None:
    autostart.follow(config, paths)
    folder = tmp_path / "xdg" / "autostart"
    assert not folder.exists()
    config.patch({KEY: True})
    (file,) = folder.iterdir()
    entry = RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment, method-assign]
    entry.read(file)
    line = entry["Desktop Entry"]["Exec"].replace("\\\\", "\\").replace("%%", "per cent")
    assert "%" not in line  # alone it would stand for a file to open
    line = line.replace("per cent", "%")
    # Its quoting is that of a shell within double quotes.
    shown = subprocess.run(["sh", "-c", f"printf '%s\\n' {line}"], capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines() == wanted(paths)
    config.patch({KEY: False})
    assert not list(folder.iterdir())


@pytest.mark.skipif(sys.platform != "linux", reason="what Linux desktops read")
def test_what_was_set_while_jarvis_was_away_is_done_at_its_start(paths: Paths, config: ConfigStore) -> None:
    config.patch({KEY: True})
    autostart.follow(config, paths)
    assert Autostart(paths).file.exists()


def test_each_home_folder_has_an_entry_of_its_own(paths: Paths, tmp_path: Path) -> None:
    other = Autostart(Paths.choose(tmp_path / "other"))
    mine = Autostart(paths)
    mine.switch(True)
    other.switch(False)
    assert mine.file.exists()
    assert Autostart(Paths.choose()).file.name == "jarvis-desktop.desktop" or sys.platform != "linux"


def test_a_folder_that_cannot_be_written_refuses_the_change(
    paths: Paths, config: ConfigStore, tmp_path: Path
) -> None:
    (tmp_path / "xdg").write_text("a file in the way")
    autostart.follow(config, paths)
    with pytest.raises(ConfigError) as refused:
        config.patch({KEY: True})
    assert refused.value.code == "config.autostart"
    assert refused.value.params["key"] == KEY
    assert not config.current.desktop.autostart


def test_macos_is_given_a_launch_agent(paths: Paths, tmp_path: Path) -> None:
    starter = Autostart(paths, "darwin", tmp_path)
    starter.switch(True)
    (file,) = (tmp_path / "Library" / "LaunchAgents").iterdir()
    agent = plistlib.loads(file.read_bytes())
    assert agent["ProgramArguments"] == wanted(paths)
    assert agent["RunAtLoad"] is True
    assert file.stem == agent["Label"]
    starter.switch(False)
    assert not file.exists()


def test_windows_is_given_a_line_of_its_run_key(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    values: dict[str, str] = {}
    monkeypatch.setitem(sys.modules, "winreg", _registry(values))
    starter = Autostart(paths, "win32")
    starter.switch(False)  # nothing is there to remove
    starter.switch(True)
    assert list(values.values()) == [subprocess.list2cmdline(wanted(paths))]
    starter.switch(False)
    assert values == {}


def _registry(values: dict[str, str]) -> ModuleType:
    """Windows' registry, as far as the Run key goes."""

    @contextmanager
    def open_key(root: str, path: str) -> Iterator[dict[str, str]]:
        assert (root, path) == ("HKCU", r"Software\Microsoft\Windows\CurrentVersion\Run")
        yield values

    def delete(key: dict[str, str], name: str) -> None:
        if name not in key:
            raise FileNotFoundError(name)
        del key[name]

    registry = ModuleType("winreg")
    registry.__dict__.update(
        HKEY_CURRENT_USER="HKCU",
        REG_SZ=1,
        CreateKey=open_key,
        SetValueEx=lambda key, name, _zero, _kind, text: key.__setitem__(name, text),
        DeleteValue=delete,
    )
    return registry
