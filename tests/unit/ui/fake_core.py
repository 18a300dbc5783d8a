"""A core and a configuration store that only remember and repeat, for driving the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jarvis_desktop.config import describe, profiles
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import Event, Intent, ListAttachments, WatchMachine


class FakeCore:
    """Remembers what was posted; `emit` plays an event to every listener on the calling thread."""

    def __init__(self) -> None:
        self.posted: list[Intent] = []
        self.running = False
        self.starts = 0
        self._listeners: list[Callable[[Event], None]] = []

    def start(self) -> None:
        self.running = True
        self.starts += 1

    def stop(self) -> None:
        self.running = False

    def post(self, intent: Intent) -> None:
        self.posted.append(intent)

    @property
    def wishes(self) -> list[Intent]:
        """What was posted, without what the window looks up or lets go of by itself."""
        return [each for each in self.posted if not isinstance(each, ListAttachments | WatchMachine)]

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, *events: Event) -> None:
        for event in events:
            for listener in tuple(self._listeners):
                listener(event)


class FakeSettings:
    """A configuration in memory, checked against the real schema."""

    def __init__(self, config: Config | None = None, refused: ConfigError | None = None) -> None:
        self.base = config or Config()
        self._followers: list[Callable[[Config, Config], None]] = []
        self.refused = refused

    @property
    def current(self) -> Config:
        return profiles.effective(self.base)

    def patch(self, changes: Mapping[str, object]) -> Config:
        if self.refused is not None:
            raise self.refused
        removed = [key.partition(".")[2] for key, value in changes.items() if value is None]
        old = self.current
        changed = {key: value for key, value in changes.items() if value is not None}
        base = describe.with_values(self.base, changed)
        kept = {name: each for name, each in base.profiles.items() if name not in removed}
        self.base = base.model_copy(update={"profiles": kept})
        for follower in tuple(self._followers):
            follower(old, self.current)
        return self.current

    def follow(self, callback: Callable[[Config, Config], None]) -> Callable[[], None]:
        self._followers.append(callback)
        return lambda: self._followers.remove(callback)
