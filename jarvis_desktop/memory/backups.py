"""Copies of the memory store, made now and then, the last few kept."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

KEPT = 3
DAY_S = 86_400.0

_NAME = "memory-%Y%m%dT%H%M%S%f.sqlite3"


class Backups:
    """Copies in `folder`; `copy` writes one, complete or not at all."""

    def __init__(
        self, folder: Path, copy: Callable[[Path], object], now: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._copy = copy
        self._now = now
        self._wanted = False  # one in the place of those that were dropped

    def there(self) -> tuple[Path, ...]:
        """Those there are, the newest first."""
        return tuple(sorted(self._folder.glob("memory-*.sqlite3"), reverse=True))

    def due(self, days: int) -> bool:
        """Whether one is to be made now; `days` from one to the next, 0 for none by themselves."""
        if self._wanted:
            return True
        newest = next((when for file in self.there() if (when := _when(file)) is not None), 0.0)
        age = self._now() - newest
        return days > 0 and not 0 <= age < days * DAY_S  # one from the future: the clock was wrong

    def make(self) -> Path:
        """Make one now; the oldest beyond the last `KEPT` are deleted. Raises what `copy` raises."""
        self._folder.mkdir(parents=True, exist_ok=True)
        moment = datetime.fromtimestamp(self._now(), UTC)
        file = self._folder / moment.strftime(_NAME)
        self._copy(file)
        self._wanted = False
        for old in self.there()[KEPT:]:
            old.unlink(missing_ok=True)
        return file

    def drop(self) -> None:
        """Delete all, because they hold what was forgotten; one that does not is due at once."""
        self._wanted = self._wanted or bool(self.there())
        for file in self._folder.glob("memory-*"):  # what a copy that was cut off left, too
            file.unlink(missing_ok=True)


def _when(file: Path) -> float | None:
    with contextlib.suppress(ValueError):
        return datetime.strptime(file.name, _NAME).replace(tzinfo=UTC).timestamp()
    return None
