"""What the settings being edited would take in memory, and whether that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame

from jarvis_desktop.config.describe import Value
from jarvis_desktop.events import MemoryPlanned, PlanMemory
from jarvis_desktop.ui.i18n import message_of, remark_text, tr, with_titles
from jarvis_desktop.ui.meters import MemoryBar
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import ElidedLabel, Label, column
from jarvis_desktop.ui.words import memory_size

PAUSE_MS = 250
"""Edits that follow each other within it are planned together."""


class MemoryCard(QFrame):
    """Asks what `changes` (the edits on show) would take, and shows the newest answer."""

    asked = Signal(object)  # PlanMemory

    def __init__(self, theme: Theme, changes: Callable[[], Mapping[str, Value]]) -> None:
        super().__init__()
        self.setObjectName("memory-card")
        self._changes = changes
        self._number = 0
        self._planned: MemoryPlanned | None = None
        self.pause = QTimer(self)
        self.pause.setSingleShot(True)
        self.pause.setInterval(PAUSE_MS)
        self.pause.timeout.connect(self.ask)
        self._bar = MemoryBar(theme)
        self._line = Label(wrap=True)
        self._short = Label(role="error", wrap=True)
        self._quiet = Label(role="second", wrap=True)
        self._parts = ElidedLabel(role="small")
        self._advice = Label(role="second", wrap=True)
        self.setLayout(
            column(
                self._line,
                self._short,
                self._quiet,
                self._bar,
                self._parts,
                self._advice,
                spacing=6,
                margins=(24, 10, 24, 10),
            )
        )
        self.retranslate()

    def ask_soon(self) -> None:
        """Ask once nothing has been edited for a moment."""
        self.pause.start()

    def ask(self) -> None:
        """Ask now; what was asked before is of no interest any more."""
        self.pause.stop()
        self._number += 1
        self.asked.emit(PlanMemory(self._number, dict(self._changes())))

    def take(self, planned: MemoryPlanned) -> None:
        """Show an answer, unless something else was asked since."""
        if planned.number == self._number:
            self._planned = planned
            self.retranslate()

    def retranslate(self) -> None:
        """The answer in the window's language; an error, or none yet, in one quiet line."""
        planned = self._planned
        if planned is None or planned.error is not None:
            planned, quiet = None, _unknown(planned)
        else:
            quiet = ""
        self._quiet.set_text(quiet)
        self._line.set_text(_need(planned) if planned and planned.fits else "")
        self._short.set_text(_shortage(planned) if planned and not planned.fits else "")
        self._parts.set_text(_parts_line(planned) if planned else "")
        self._advice.set_text(_advice(planned) if planned else "")
        self._bar.setVisible(planned is not None)
        if planned is not None:
            share = planned.total_mib / planned.free_mib if planned.free_mib else 1.0
            self._bar.show_shares(share, share, short=not planned.fits)
        texts = (self._quiet, self._line, self._short, self._advice)
        self.setAccessibleName(" ".join(filter(None, (label.text() for label in texts))))


def _unknown(planned: MemoryPlanned | None) -> str:
    if planned is None or planned.error is None:
        return tr("What these settings take in memory is being worked out …")
    reason = with_titles(message_of(planned.error))
    return tr("What these settings take in memory is not known: {reason}", reason=reason)


def _need(planned: MemoryPlanned) -> str:
    taken, free = memory_size(planned.total_mib), memory_size(planned.free_mib)
    if card := planned.device_name:
        return tr(
            "These settings take {taken} of the {free} that are free on {card}",
            taken=taken,
            free=free,
            card=card,
        )
    return tr("These settings take {taken} of the {free} of memory that are free", taken=taken, free=free)


def _shortage(planned: MemoryPlanned) -> str:
    if planned.total_mib <= planned.free_mib:
        return tr("The language model cannot start with these settings")
    taken, free = memory_size(planned.total_mib), memory_size(planned.free_mib)
    more = memory_size(planned.total_mib - planned.free_mib)
    if card := planned.device_name:
        return tr(
            "This does not fit: it takes {taken}, {more} more than the {free} free on {card}",
            taken=taken,
            more=more,
            free=free,
            card=card,
        )
    return tr(
        "This does not fit: it takes {taken} of memory, {more} more than the {free} that are free",
        taken=taken,
        more=more,
        free=free,
    )


def _advice(planned: MemoryPlanned) -> str:
    return "\n".join(with_titles(remark_text(remark)) for remark in planned.advice)


def _parts_line(planned: MemoryPlanned) -> str:
    """The parts on the device in question, then what lies elsewhere."""
    on_gpu = bool(planned.device_name)
    here = [f"{part.name} {memory_size(part.mib)}" for part in planned.parts if part.on_gpu is on_gpu]
    elsewhere = sum(part.mib for part in planned.parts if part.on_gpu is not on_gpu)
    if elsewhere and on_gpu:
        here.append(tr("{amount} in main memory", amount=memory_size(elsewhere)))
    elif elsewhere:
        here.append(tr("{amount} on the graphics card", amount=memory_size(elsewhere)))
    return " · ".join(here)
