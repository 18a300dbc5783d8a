"""What every heavy part can do."""

from __future__ import annotations

from typing import Protocol


class ManagedModel(Protocol):
    """A heavy part the orchestrator loads and releases."""

    @property
    def model(self) -> str:
        """Catalogue name of the model it holds."""
        ...

    async def load(self) -> None:
        """Make ready; returns at once when it is. Raises `ModelError`, `EngineError` or `SpeechError`."""
        ...

    async def unload(self) -> None:
        """Release all its memory. Safe to call twice."""
        ...

    @property
    def pid(self) -> int | None:
        """Process that holds the model, None when not loaded or elsewhere."""
        ...
