"""Turns the end of an engine process and its last words into an error a user understands."""

from __future__ import annotations

import re
import signal
from collections import deque

from jarvis_desktop.errors import Category, EngineError

_KEPT_LINES = 400
_DETAIL_LIMIT = 300

_SEVERE = re.compile(r"^[\d.]+ E [^:]*: (.+)")
"""An error of llama.cpp, as ``0.00.049.915 E llama_model_load: ...``: the first one names the cause."""

_RAISED = re.compile(
    r"\b(?:\w+Error|\w+Exception|Value error)[:,] (?!\d+ validation)(?!.*See root cause)(.+)"
)
"""An exception of Python, in vLLM's case: the last one names the cause."""

_TELLING = re.compile(r"error|fail|exception|cannot|unable|not enough|invalid|no such", re.I)

_MEMORY = re.compile(
    r"out of memory|bad_alloc|failed to allocate|unable to allocate|cannot allocate|not enough memory"
    r"|no available memory for the cache|less than desired (gpu|cpu) memory",
    re.I,
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
        """The line that tells best what went wrong."""
        lines = list(self._lines) or ["it printed nothing"]
        severe = [found.group(1) for line in lines if (found := _SEVERE.search(line))][:1]
        raised = [found.group(1) for line in lines if (found := _RAISED.search(line))]
        telling = [line for line in lines if _TELLING.search(line)]
        return (severe or raised or telling or lines)[-1].strip()[:_DETAIL_LIMIT]


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
