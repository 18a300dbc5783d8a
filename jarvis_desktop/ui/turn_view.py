"""Where the time of a turn went, and of those before it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from PySide6.QtCore import QDateTime, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from jarvis_desktop.events import TurnFinished
from jarvis_desktop.ui.i18n import number, time_of_day, tr
from jarvis_desktop.ui.meters import Waterfall
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.turn_history import TurnHistory
from jarvis_desktop.ui.turn_words import (
    energy_line,
    figures,
    first_answer_ms,
    slowest_sentence,
    usual,
    usual_line,
)
from jarvis_desktop.ui.widgets import Label, TextButton, column, plain_tip, row
from jarvis_desktop.ui.words import duration

REMEMBERED = 30
"""Turns that can be looked at again, until the window closes."""


@dataclass(frozen=True, slots=True)
class _Past:
    """A turn without a word of what was said in it, and when it ended."""

    turn: TurnFinished
    at: QDateTime


class TurnView(Translated, QWidget):
    """The last turn, or the earlier one that was chosen."""

    profile_wanted = Signal(bool)  # of the next answer; or, after all, not

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._past: deque[_Past] = deque(maxlen=REMEMBERED)
        self._title = Label(role="heading", wrap=True)
        self._time = Label(role="strong")
        self.history = TurnHistory(theme)
        self.history.valueChanged.connect(self._show)
        self.waterfall = Waterfall(theme)
        self._slowest = Label(role="small", wrap=True)
        self._usual = Label(role="small", wrap=True)
        self._figures = Label(role="small", wrap=True)
        self._profiling = False
        self.profile = TextButton(theme, "link")
        self.profile.clicked.connect(lambda: self.profile_wanted.emit(not self._profiling))
        head = row(self._title, self._time)
        head.setStretch(0, 1)
        self.setLayout(
            column(
                head,
                self.history,
                self.waterfall,
                self._slowest,
                self._usual,
                self._figures,
                row(self.profile, None),
                spacing=8,
            )
        )
        for label in (self._slowest, self._usual, self._figures):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.retranslate()

    @property
    def newest(self) -> TurnFinished | None:
        return self._past[-1].turn if self._past else None

    def show_turn(self, turn: TurnFinished) -> None:
        """Add a finished turn; it is shown unless an earlier one is being looked at."""
        waits_for_newest = self.history.value() == len(self._past)
        dropped = len(self._past) == REMEMBERED
        uses = tuple(replace(use, arguments="") for use in turn.tools)
        sources = tuple(replace(source, quote="", source="") for source in turn.citations)
        wordless = replace(turn, reply="", tools=uses, citations=sources)
        self._past.append(_Past(wordless, QDateTime.currentDateTime()))
        chosen = len(self._past) if waits_for_newest else max(1, self.history.value() - dropped)
        self.history.blockSignals(True)
        self.history.show_waits([first_answer_ms(past.turn.timings) or 0.0 for past in self._past], chosen)
        self.history.blockSignals(False)
        self._show()

    def show_profiling(self, on: bool) -> None:
        """Whether the next answer is profiled."""
        self._profiling = on
        self.profile.setText(tr("Cancel the profile") if on else tr("Profile the next answer"))

    def _show(self) -> None:
        chosen = self.history.value() - 1
        past, turn = self._past[chosen], self._past[chosen].turn
        newest = chosen == len(self._past) - 1
        at = time_of_day(past.at)
        wait = first_answer_ms(turn.timings)
        waited = duration(wait) if wait is not None else ""
        self._title.setText(tr("Last turn") if newest else tr("Turn at {time}", time=at))
        self._time.setText(waited)
        self.history.setVisible(len(self._past) > 1)
        self.history.setAccessibleName(
            tr(
                "Turn {number} of {count}, at {time}: {wait}",
                number=number(chosen + 1),
                count=number(len(self._past)),
                time=at,
                wait=waited or tr("no answer"),
            )
        )
        self.waterfall.show_timings(turn.timings)
        self.waterfall.show()
        often = usual(turn, [other.turn for other in self._past if other is not past])
        self._slowest.set_text(slowest_sentence(turn, often))
        self._usual.set_text(usual_line(turn, often))
        lines = figures(turn)
        if not energy_line(turn.energy) and not turn.interrupted:
            lines.append(tr("Energy: not measurable on this computer"))
        self._figures.set_text("\n".join(lines))

    def retranslate(self) -> None:
        self.history.setToolTip(
            plain_tip(tr("How long you waited in each turn: click one, or use the arrow keys"))
        )
        self.show_profiling(self._profiling)
        self.profile.setToolTip(
            plain_tip(tr("Writes down in which functions of Jarvis the time goes, and nothing that is said"))
        )
        if self._past:
            self._show()
            return
        self._title.setText(tr("Last turn"))
        self.history.setAccessibleName(tr("Earlier turns"))
        for hidden in (self.history, self.waterfall):
            hidden.hide()
        for label in (self._usual, self._figures):
            label.set_text("")
        self._slowest.set_text(tr("Ask something: here you will see where the time goes."))
