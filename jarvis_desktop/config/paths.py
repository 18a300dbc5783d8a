"""Where the program keeps its files."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from jarvis_desktop import resources

APP_NAME = "jarvis-desktop"
HOME_VARIABLE = "JARVIS_HOME"


@dataclass(frozen=True, slots=True)
class Paths:
    """Every place the program writes to. Folders are made by whoever writes first."""

    config: Path  # folder of config.toml
    data: Path  # conversations, keys
    models: Path
    cache: Path  # partial downloads
    logs: Path
    runtime: Path  # locks and sockets

    @property
    def home(self) -> Path | None:
        """The one folder that all is under; None where the platform's user folders are used."""
        root = self.config.parent
        return root if Paths.choose(root) == self else None

    @property
    def config_file(self) -> Path:
        return self.config / "config.toml"

    @property
    def database(self) -> Path:
        """SQLite file with the conversations."""
        return self.data / "jarvis.sqlite3"

    @property
    def ledger(self) -> Path:
        """The list of outgoing connections, JSON lines."""
        return self.data / "connections.jsonl"

    @property
    def profiles(self) -> Path:
        """Folder that tells where the time of answers and commands went."""
        return self.logs / "profiles"

    @property
    def server_token(self) -> Path:
        """The token of the local API that every program of this user may read."""
        return self.data / "server.token"

    @property
    def clients(self) -> Path:
        """The other programs that may use the API, JSON."""
        return self.data / "clients.json"

    @property
    def audit(self) -> Path:
        """Who used the API, and for what; JSON lines without content."""
        return self.logs / "audit.jsonl"

    @property
    def erasing(self) -> Path:
        """Is there while everything is being deleted, which a start completes before anything else."""
        return self.data / "erasing.json"

    @property
    def memory(self) -> Path:
        """Folder with all that is remembered beyond a conversation, and its backups."""
        return self.data / "memory"

    @property
    def environments(self) -> Path:
        """Holds ``.venv-vllm`` and ``.venv-quantise``, where the user may write in any case."""
        return self.data if resources.installed() else resources.resource()

    @classmethod
    def choose(cls, home: Path | None = None) -> Paths:
        """All under `home` (or the variable JARVIS_HOME) when given, else the platform's user folders."""
        chosen = home or (Path(value) if (value := os.environ.get(HOME_VARIABLE)) else None)
        if chosen is not None:
            root = chosen.expanduser().absolute()
            return cls(
                config=root / "config",
                data=root / "data",
                models=root / "models",
                cache=root / "cache",
                logs=root / "logs",
                runtime=root / "runtime",
            )
        dirs = platformdirs.PlatformDirs(APP_NAME, appauthor=False)
        data = Path(dirs.user_data_path)
        return cls(
            config=Path(dirs.user_config_path),
            data=data,
            models=data / "models",
            cache=Path(dirs.user_cache_path),
            logs=Path(dirs.user_log_path),
            runtime=_runtime(dirs, data),
        )


def _runtime(dirs: platformdirs.PlatformDirs, data: Path) -> Path:
    """Where locks and sockets go: a place only this user can reach, also outside a desktop session."""
    if sys.platform == "linux" and not os.environ.get("XDG_RUNTIME_DIR"):
        return data / "runtime"
    return Path(dirs.user_runtime_path)
