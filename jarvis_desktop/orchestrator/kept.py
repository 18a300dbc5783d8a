"""Small findings kept across restarts; a file that cannot be read or written costs only what was found."""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path

from jarvis_desktop import atomic

_log = logging.getLogger(__name__)


class Kept:
    """JSON values by name in the file `path`, the oldest beyond `limit` forgotten. Blocks; for any thread."""

    def __init__(self, path: Path, limit: int = 200) -> None:
        self._path = path
        self._limit = limit
        self._found: dict[str, object] | None = None
        self._lock = threading.Lock()

    def get(self, name: str) -> object:
        """What was put under that name, None where nothing was; anything, where somebody wrote the file."""
        with self._lock:
            return self._all().get(name)

    def put(self, name: str, value: object) -> None:
        """Keep a value that JSON can hold."""
        with self._lock:
            found = self._all()
            found.pop(name, None)
            found[name] = value
            self._found = dict(list(found.items())[-self._limit :])
            try:
                atomic.write(self._path, json.dumps(self._found, indent=1))
            except OSError as error:
                _log.info("%s could not be written: %s", self._path.name, error.strerror)

    def _all(self) -> dict[str, object]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def _read(self) -> dict[str, object]:
        try:
            found = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}
