"""An event loop in a thread of its own, for peers that live in asyncio."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any


class LoopThread:
    """Runs coroutines while the harness' thread keeps the time."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, Any], timeout: float = 120.0) -> Any:
        """Run to the end and return the result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout)

    def send(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run without waiting."""
        asyncio.run_coroutine_threadsafe(work, self.loop)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(10)
