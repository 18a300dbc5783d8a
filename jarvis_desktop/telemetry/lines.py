"""Whole JSON lines in a file that rotates."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from pathlib import Path
from typing import Any

MAX_BYTES = 5_000_000
KEPT_FILES = 5
"""With `MAX_BYTES`: weeks of ordinary use, and never more than 30 MB of the user's disk."""


class RotatingLines:
    """Writes each entry as one line to `file`; older lines are in `file`.1 to .`KEPT_FILES`.

    A line is there whole or not at all. What a full disk swallows is counted, and told once there is room
    again; nothing is raised. The standard library's handler keeps a failed line in its buffer and tears it.
    """

    def __init__(self, file: Path, max_bytes: int = MAX_BYTES) -> None:
        self._file = file
        self._max_bytes = max_bytes
        self._handle: int | None = None
        self._lost = 0

    def write(self, entry: dict[str, Any]) -> None:
        try:
            if self._lost:
                notice = {"message": f"{self._lost} records before this one could not be written"}
                self._append({**entry, "logger": __name__, "level": "warning", **notice})
                self._lost = 0
            self._append(entry)
        except OSError:
            self._lost += 1

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _append(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry, ensure_ascii=False, default=str).encode(errors="replace") + b"\n"
        handle, size = self._room_for(len(line))
        written = os.write(handle, line)
        if written < len(line):
            os.ftruncate(handle, size)
            raise OSError(errno.ENOSPC, "only a part of the line fitted")

    def _room_for(self, length: int) -> tuple[int, int]:
        """The open file and its size, after rotation if the line would make it too large."""
        if self._handle is None:
            self._handle = self._open()
        size = os.fstat(self._handle).st_size
        if size and size + length > self._max_bytes:
            os.close(self._handle)
            self._handle = None
            with contextlib.suppress(OSError):  # Windows keeps a file that a second program has open
                self._rotate()
            self._handle = self._open()
            size = os.fstat(self._handle).st_size
        return self._handle, size

    def _open(self) -> int:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        # O_APPEND: a second program (a command beside the window) adds its lines and overwrites none.
        return os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)

    def _rotate(self) -> None:
        for number in range(KEPT_FILES, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))

    def _numbered(self, number: int) -> Path:
        return self._file.with_name(f"{self._file.name}.{number}") if number else self._file
