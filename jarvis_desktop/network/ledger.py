"""The list of outgoing connections: a JSON line for each, appended by whichever process knows of it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from jarvis_desktop import atomic
from jarvis_desktop.events import Connection, Reason

_log = logging.getLogger(__name__)

MOST_BYTES = 1 << 20
"""Of the file; beyond that the older half is left out."""


class Ledger:
    """Safe to use from several threads; a line is appended whole, also beside other processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def note(self, connection: Connection) -> None:
        """Write a connection down. What cannot be written is logged: it must not end the caller."""
        self._append(asdict(connection))

    def note_received(self, identity: str, received: int) -> None:
        """Add how many bytes a connection brought."""
        self._append({"id": identity, "received": received})

    def read(self) -> tuple[Connection, ...]:
        """Every connection there is, the newest first; lines that are damaged are left out."""
        found: dict[str, Connection] = {}
        for line in self._lines():
            with contextlib.suppress(ValueError, TypeError, KeyError):
                entry = json.loads(line)
                if entry["id"] in found:
                    found[entry["id"]] = replace(found[entry["id"]], received=int(entry["received"]))
                else:
                    found[entry["id"]] = Connection(**{**entry, "reason": Reason(entry["reason"])})
        return tuple(sorted(found.values(), key=lambda each: each.at, reverse=True))

    def clear(self) -> None:
        """Delete the list."""
        with self._lock:
            self.path.unlink(missing_ok=True)

    def export(self, target: Path) -> None:
        """Write the connections to `target`, a JSON line each, the newest first. Raises `OSError`."""
        atomic.write(target, "".join(f"{json.dumps(asdict(each))}\n" for each in self.read()))

    def _append(self, entry: dict[str, object]) -> None:
        line = f"\n{json.dumps(entry)}".encode()  # so that half a line before it is no harm
        try:
            with self._lock:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                number = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                try:
                    os.write(number, line)
                    full = os.fstat(number).st_size > MOST_BYTES
                finally:
                    os.close(number)
                if full:
                    lines = list(self._lines())
                    atomic.write(self.path, "\n".join(lines[len(lines) // 2 :]))
        except OSError as error:
            _log.warning("a connection could not be noted: %s", error.strerror)

    def _lines(self) -> Iterator[str]:
        with contextlib.suppress(FileNotFoundError):
            yield from self.path.read_text(encoding="utf-8", errors="replace").splitlines()
