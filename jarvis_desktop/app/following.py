"""What the servers beside a session have in common: each listens as the settings say."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Generic, Protocol, Self, TypeVar

from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError

if TYPE_CHECKING:
    from jarvis_desktop.app.queueing import Front
    from jarvis_desktop.assistant import Assistant


class Server(Protocol):
    """Listens at `address` until `stop`, which blocks."""

    @property
    def address(self) -> str: ...

    def stop(self) -> None: ...


S = TypeVar("S", bound=Server)


class FollowingServer(ABC, Generic[S]):
    """`async with` it a server follows the settings. All methods but `follow` belong to its loop."""

    name: ClassVar[str]

    def __init__(self, config: ConfigStore, assistant: Assistant | Front) -> None:
        self._config = config
        self._assistant = assistant
        self._loop = asyncio.get_running_loop()
        self._change = asyncio.Lock()
        self._unfollow: Callable[[], None] = lambda: None
        self._server: S | None = None
        self.error: JarvisError | None = None

    async def __aenter__(self) -> Self:
        self._unfollow = self._config.follow(self.follow)
        await self._apply()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._unfollow()
        async with self._change:
            await self._stop()

    @property
    def address(self) -> str:
        """Where it is found; "" where it is not, `error` tells why."""
        return self._server.address if self._server is not None else ""

    def follow(self, old: Config, new: Config) -> None:
        """A follower of the configuration; called on the thread that changed it."""
        if self._place(old) != self._place(new):
            self._loop.call_soon_threadsafe(self._apply_soon)

    def _apply_soon(self) -> None:
        from jarvis_desktop.assistant.tasks import spawn

        spawn(self._apply(), self.name, self._assistant.emit)

    async def _apply(self) -> None:
        """Listen where the settings say, or no more."""
        async with self._change:
            await self._stop()
            if self._place(self._config.current) is not None:
                try:
                    self._server = await asyncio.to_thread(self._started)
                except JarvisError as error:
                    self.error = error
            self._tell()

    async def _stop(self) -> None:
        server, self._server, self.error = self._server, None, None
        if server is not None:
            await asyncio.to_thread(server.stop)

    @abstractmethod
    def _place(self, config: Config) -> object:
        """Where it listens, and what decides whether it may; None: nowhere."""

    @abstractmethod
    def _started(self) -> S:
        """A server that listens. In a thread, as its packages take a while to load. Raises `JarvisError`."""

    @abstractmethod
    def _tell(self) -> None:
        """Tell the user what came of it."""
