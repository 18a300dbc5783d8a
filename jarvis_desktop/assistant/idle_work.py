"""What the engine does for itself while nobody asks."""

from __future__ import annotations

from collections.abc import Callable

from jarvis_desktop.assistant.follow_ups import FollowUps
from jarvis_desktop.assistant.loading import Loader
from jarvis_desktop.assistant.memories.reading_facts import FactReader
from jarvis_desktop.assistant.parts import Parts
from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import Event, Part


class IdleWork:
    """It reads what prompts begin with and what was told, and suggests what may be asked next."""

    def __init__(
        self, parts: Parts, loader: Loader, config: Callable[[], Config], emit: Callable[[Event], None]
    ) -> None:
        def ready() -> bool:
            return loader.is_ready(Part.ENGINE)

        self._beginnings = loader.beginnings
        self.facts = FactReader(parts, ready, lambda: config().memory.read_facts, emit)
        self.follow_ups = FollowUps(parts, ready, lambda: config().conversation.follow_ups, emit)

    def hold(self) -> None:
        """Somebody asks, or is about to: the engine drops all of it."""
        self._beginnings.hold()
        self.facts.hold()
        self.follow_ups.hold()

    def go_on(self) -> None:
        """Nobody asks any more."""
        self._beginnings.go_on()
        self.facts.go_on()

    async def stop(self) -> None:
        """Wait until the engine is free of what follows an answer."""
        await self.facts.stop()
        await self.follow_ups.stop()
