"""Progress on stderr: one live line on a terminal, a line every few seconds in a log."""

from __future__ import annotations

import sys
import time

from jarvis_desktop.cli.context import Context

LOG_SECONDS = 5.0


class ProgressLine:
    """What a long step is doing now; `end` clears it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told = time.monotonic()

    def tell(self, text: str) -> None:
        """Show `text` in place of what was shown."""
        self._context.progress(text)
        if not sys.stderr.isatty() and time.monotonic() - self._told >= LOG_SECONDS:
            self._told = time.monotonic()
            self._context.note(text)

    def end(self) -> None:
        """Clear the live line."""
        self._context.progress("")
