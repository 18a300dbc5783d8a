"""Who used the API, and for what: a line for each request, without anything that was asked or answered."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jarvis_desktop.telemetry.lines import RotatingLines

_WAITING = 10_000  # lines, a few MB, before new ones are dropped because the disk does not keep up


@dataclass(frozen=True, slots=True)
class Request:
    """One request that is over. `client` is a name, "" where no token was known.

    `route` is its template, "" where there is none; `seconds` from the first byte to the last.
    """

    client: str
    method: str
    route: str
    status: int
    seconds: float
    received: int  # bytes of the body
    sent: int


class Audit:
    """Writes requests to `file`, in a thread of its own; older lines are in files beside it."""

    def __init__(self, file: Path) -> None:
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(_WAITING)
        self._outlet = RotatingLines(file)
        self._dropped = 0
        self._thread = threading.Thread(target=self._write, name="audit", daemon=True)
        self._thread.start()

    def note(self, request: Request) -> None:
        """Have a line written; never waits."""
        entry: dict[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "client": request.client,
            "method": request.method,
            "route": request.route,
            "status": request.status,
            "ms": round(request.seconds * 1000, 1),
            "received": request.received,
            "sent": request.sent,
        }
        if self._dropped:
            entry["dropped_before"] = self._dropped
        try:
            self._queue.put_nowait(entry)
            self._dropped = 0
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what waits, and close the file."""
        self._queue.put(None)
        self._thread.join()
        self._outlet.close()

    def _write(self) -> None:
        while (entry := self._queue.get()) is not None:
            self._outlet.write(entry)
