"""The only crossing between the window and the core: events come in on the GUI thread, intents go out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import Event, Intent

_E = TypeVar("_E", bound=Event)


class Core(Protocol):
    """What the window knows of the assistant. Every method may be called from the GUI thread."""

    def start(self) -> None:
        """Begin loading; called once, after the window is on the screen. Returns at once."""
        ...

    def stop(self) -> None:
        """Release everything; called once, after the window closed."""
        ...

    def post(self, intent: Intent) -> None: ...

    def subscribe(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """`listener` is called on the core's thread; the returned function ends the subscription."""
        ...


class Settings(Protocol):
    """What the window knows of the configuration store."""

    @property
    def current(self) -> Config:
        """What is in force, the profile in use laid over it."""
        ...

    @property
    def base(self) -> Config:
        """The settings as the user edits them, without a profile."""
        ...

    def patch(self, changes: Mapping[str, object]) -> Config:
        """Change settings by dotted key, None removes a profile; the result is in force.

        Raises `ConfigError` and changes nothing when one change is refused.
        """
        ...

    def follow(self, callback: Callable[[Config, Config], None]) -> Callable[[], None]:
        """`callback(old, new)` may come from any thread."""
        ...


class Bridge(QObject):
    """Delivers the core's events and the store's changes to handlers on the GUI thread, in order."""

    config_changed = Signal(object)  # the new Config
    _arrived = Signal(object)
    _config_arrived = Signal(object)

    def __init__(self, core: Core, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self._core = core
        self._handlers: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)
        self._unsubscribe: list[Callable[[], None]] = []
        # Queued also when the sender is the GUI thread itself: a handler never runs inside another one.
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._config_arrived.connect(self.config_changed, Qt.ConnectionType.QueuedConnection)

    def connect_core(self) -> None:
        """Listen from now on, until `disconnect_core`."""
        self._unsubscribe = [
            self._core.subscribe(self._arrived.emit),
            self.settings.follow(lambda _old, new: self._config_arrived.emit(new)),
        ]

    def disconnect_core(self) -> None:
        """Hear nothing more. Safe to call twice."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []

    def on(self, kind: type[_E], handler: Callable[[_E], None]) -> None:
        """Call `handler` on the GUI thread with each event of exactly this kind."""
        self._handlers[kind].append(handler)

    def post(self, intent: Intent) -> None:
        """Tell the core what the user wants."""
        self._core.post(intent)

    @Slot(object)
    def _deliver(self, event: Event) -> None:
        for handler in self._handlers.get(type(event), ()):
            handler(event)
