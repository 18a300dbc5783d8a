"""Carries out what the user asks about what leaves the computer, and what is kept on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from jarvis_desktop.assistant.tasks import spawn
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    ClearLedger,
    DeleteEverything,
    ErasingBegun,
    Event,
    ExportLedger,
    Failed,
    LedgerExported,
    PrivacyIntent,
)
from jarvis_desktop.ports import Privacy


class PrivacyDesk:
    """One wish after the other, each in a thread beside the core's."""

    def __init__(self, privacy: Privacy, emit: Callable[[Event], None]) -> None:
        self._privacy = privacy
        self._emit = emit
        self._line = asyncio.Lock()

    def take(self, wish: PrivacyIntent) -> None:
        """Begin to carry out a wish; returns at once."""
        spawn(self._carry_out(wish), "privacy", self._emit)

    async def _carry_out(self, wish: PrivacyIntent) -> None:
        async with self._line:
            try:
                self._emit(await asyncio.to_thread(self._done, wish))
            except JarvisError as error:
                self._emit(Failed(error))

    def _done(self, wish: PrivacyIntent) -> Event:
        match wish:
            case ExportLedger(path):
                self._privacy.export(path)
                return LedgerExported(path)
            case DeleteEverything(models):
                self._privacy.begin_erasing(models=models)
                return ErasingBegun()
            case ClearLedger():
                self._privacy.clear()
        return self._privacy.shown()
