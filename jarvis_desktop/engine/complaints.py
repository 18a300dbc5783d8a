"""Turns the end of an engine process and its last words into an error a user understands."""

from __future__ import annotations

import re
import signal
from collections import deque

from jarvis_desktop.errors import Category, EngineError

_KEPT_LINES = 400
_DETAIL_LIMIT = 300

_TELLING = re.compile(r"error|fail|exception|cannot|can't|unable|not enough|invalid|abort|no such", re.I)
_EMPTY = re.compile(
    r"Failed to init server|exiting due to|See root cause|Traceback|initialization failed|raise \w+|leaked",
    re.I,
)
"""Lines that only say that something went wrong, not what."""

_MEMORY = re.compile(
    r"out of memory|bad_alloc|failed to allocate|unable to allocate|cannot allocate|not enough memory"
    r"|no available memory for the cache|less than desired (gpu|cpu) memory",
    re.I,
)
_PREFIX = re.compile(
    r"^(\(\w+ pid=\d+\)\s*)?"  # vLLM: (EngineCore pid=12)
    r"([A-Z]+ \d\d-\d\d [\d:]+ \[[^\]]+\]\s*)?"  # vLLM: ERROR 11-21 09:18:51 [core.py:12]
    r"([\d.]+ [A-Z] [^:]*:\s*)?"  # llama.cpp: 0.00.480.135 E srv  load_model:
)


class Complaints:
    """The last lines an engine printed."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)

    def add(self, line: str) -> None:
        """Remember a line."""
        self._lines.append(line)

    def why_ended(self, returncode: int | None) -> EngineError:
        """Why the engine ended while it was starting."""
        if any(_MEMORY.search(line) for line in self._lines) or returncode == -_SIGKILL:
            return _out_of_memory()
        return start_failed(self.meaning(), f"status {returncode}")

    def meaning(self) -> str:
        """The last line that tells what went wrong."""
        telling = [line for line in self._lines if _TELLING.search(line) and not _EMPTY.search(line)]
        line = (telling or list(self._lines) or ["it printed nothing"])[-1]
        return _PREFIX.sub("", line, count=1).strip()[:_DETAIL_LIMIT]


_SIGKILL = int(getattr(signal, "SIGKILL", 9))


def start_failed(detail: str, subject: str) -> EngineError:
    """An engine that did not come up; `subject` is its name, program or exit status."""
    return EngineError(
        "engine.start_failed",
        "The language engine could not be started ({subject}): {detail}",
        "Check the model with `jarvis models verify`; the log holds all the engine said.",
        Category.TRANSIENT,
        subject=subject,
        detail=detail,
    )


def died(returncode: int | None) -> EngineError:
    """An engine that ran and ended by itself."""
    return EngineError(
        "engine.died",
        "The language engine stopped unexpectedly ({status}).",
        "Ask again: it is started anew.",
        Category.TRANSIENT,
        status=_status(returncode),
    )


def _out_of_memory() -> EngineError:
    return EngineError(
        "engine.out_of_memory",
        "There is not enough memory for the language model.",
        "Choose a smaller model, lower engine.context_tokens, or close other programs.",
        Category.DEGRADED,
    )


def _status(returncode: int | None) -> str:
    if returncode is not None and returncode < 0:
        try:
            return signal.Signals(-returncode).name
        except ValueError:
            return f"signal {-returncode}"
    return f"status {returncode}"
