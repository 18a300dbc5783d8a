"""What is left to be done once texts are stored: vectors and the like, made in slices of time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.index import RETRY_S

_LOG = logging.getLogger(__name__)

_MOST_AT_ONCE = 64  # passages in one step of work
_NO_MODEL = frozenset({"memory.no_encoder", "memory.encoder_failed", "memory.no_reranker"})


class Backlog:
    """Work of several kinds, each done in steps that look at so many passages and return how many there were.

    What a model that does not work was needed for is tried again later, and holds up nothing else.
    """

    def __init__(self, steps: Mapping[str, Callable[[int], int]]) -> None:
        self._steps = steps
        self._unfinished = True
        self._paces: dict[str, float] = {}  # seconds a passage takes, by kind of work
        self._put_off: dict[str, float] = {}  # until when, by kind of work whose model does not work

    def reopen(self) -> None:
        """There may be more to do."""
        self._unfinished = True

    def work(self, deadline: float) -> bool:
        """Work until then, by the monotonic clock, one step at least; whether there is more to do now."""
        if self._unfinished:
            for name, step in self._steps.items():
                if not self._caught_up(name, step, deadline):
                    return True
            self._unfinished = bool(self._put_off)
        return False

    def _caught_up(self, name: str, step: Callable[[int], int], deadline: float) -> bool:
        """Take as many steps as there is time for, at least one; False while there is more to do now."""
        if time.monotonic() < self._put_off.get(name, 0.0):
            return True
        try:
            caught_up = self._stepped(name, step, deadline)
        except StorageError as error:
            if error.code not in _NO_MODEL:
                raise
            if name not in self._put_off:  # it is told once
                _LOG.warning("the memory goes on without %s: %s", name, error.code)
            self._put_off[name] = time.monotonic() + RETRY_S
            return True
        if caught_up:
            self._put_off.pop(name, None)
        return caught_up

    def _stepped(self, name: str, step: Callable[[int], int], deadline: float) -> bool:
        while True:
            began = time.monotonic()
            pace = self._paces.get(name, deadline - began)
            size = min(_MOST_AT_ONCE, max(1, int((deadline - began) / max(pace, 1e-4))))
            done = step(size)
            if done:
                self._paces[name] = (time.monotonic() - began) / done
            if done < size:
                return True
            if time.monotonic() >= deadline:
                return False
