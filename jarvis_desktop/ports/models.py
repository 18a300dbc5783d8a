"""The models on this machine, and how to get more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from jarvis_desktop.events import ModelProgress, ModelsCatalogued


class ModelShelf(Protocol):
    """Names are the catalogue's, or paths of models of the user's own. Every method blocks."""

    def catalogued(self) -> ModelsCatalogued:
        """Every model as it is now, without `progress` and `problem`. Raises `ModelError`."""
        ...

    def fetch(self, model: str, report: Callable[[ModelProgress], None], stopped: Callable[[], bool]) -> None:
        """Put a model on the disk, going on where an earlier attempt ended.

        Raises `ModelError`, ``model.cancelled`` once `stopped` says so, or `NetworkError`; what has arrived
        is kept.
        """
        ...

    def verify(self, model: str) -> None:
        """Read every byte again; raises `ModelError` for what is not as it should be."""
        ...

    def remove(self, model: str) -> int:
        """Delete a model and what was begun of it; returns the bytes freed.

        Raises `ModelError`: ``model.in_use``, ``model.not_ours``, ``model.not_writable``.
        """
        ...

    def note_fetching(self, models: Sequence[str]) -> None:
        """Remember, for the next start, what is being fetched."""
        ...

    def interrupted(self) -> Mapping[str, str]:
        """Titles, by name, of what was noted, not finished since, and not asked for before."""
        ...
