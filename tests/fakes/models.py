"""Models that load at once, and none to be had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jarvis_desktop.errors import JarvisError, ModelError
from jarvis_desktop.events import ModelProgress, ModelsCatalogued


class FakeModel:
    """A part that loads at once, or fails with `load_error` until that is cleared."""

    def __init__(self, model: str) -> None:
        self.model = model
        self.loads = 0
        self.load_error: JarvisError | None = None
        self.pid: int | None = None

    async def load(self) -> None:
        self.loads += 1
        if self.load_error is not None:
            raise self.load_error

    async def unload(self) -> None:
        self.pid = None


class FakeShelf:
    """No models, and none to be had."""

    def catalogued(self) -> ModelsCatalogued:
        return ModelsCatalogued((), 0, 0, Path())

    def fetch(self, model: str, report: Callable[[ModelProgress], None], stopped: Callable[[], bool]) -> None:
        raise ModelError("model.unknown", "There is no model called {name}.", name=model)

    def verify(self, model: str) -> None:
        raise ModelError("model.unknown", "There is no model called {name}.", name=model)

    def remove(self, model: str) -> int:
        return 0

    def note_fetching(self, models: Sequence[str]) -> None: ...

    def interrupted(self) -> Mapping[str, str]:
        return {}
