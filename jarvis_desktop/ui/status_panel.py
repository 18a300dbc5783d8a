"""The right pane: what is loaded, what it costs, and where the last turn's time went."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from jarvis_desktop.events import (
    CachesMeasured,
    EngineMeasured,
    Part,
    PartChanged,
    PartState,
    ResourcesSampled,
    TurnFinished,
)
from jarvis_desktop.ui.i18n import hint_of, message_of, number, tr
from jarvis_desktop.ui.memory_use import MemoryUse
from jarvis_desktop.ui.messages import separator
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.turn_view import TurnView
from jarvis_desktop.ui.turn_words import first_answer_ms
from jarvis_desktop.ui.widgets import (
    ElidedLabel,
    IconButton,
    IconLabel,
    Label,
    Notice,
    ProgressBar,
    Scroll,
    TextButton,
    column,
    plain_tip,
    row,
)
from jarvis_desktop.ui.words import (
    PART_LOOKS,
    caches_line,
    duration,
    engine_line,
    part_detail,
    part_line,
    part_name,
)

WIDTH = 288
_ALWAYS_SHOWN = (Part.ENGINE, Part.TRANSCRIPTION, Part.SPEECH)  # devices once the core speaks of them


class PartRow(QWidget):
    """One heavy part: its state, its model, how far it is, and what went wrong."""

    retry = Signal(object)  # Part
    model_wanted = Signal(str)  # its name

    def __init__(self, theme: Theme, part: Part) -> None:
        super().__init__()
        self._event = PartChanged(part, PartState.STOPPED)
        self._icon = IconLabel(theme)
        self._name = Label(role="strong", wrap=True)
        self._state = Label(role="small")
        self._model = ElidedLabel(role="small")
        self._bar = ProgressBar(theme)
        self._note = Label(role="small", wrap=True)
        self._note.set_text("")
        self.problem = Notice(theme)
        self.problem.dismiss.hide()
        head = row(self._icon, self._name, self._state, spacing=8)
        head.setStretch(1, 1)
        model = row(self._model, margins=(26, 0, 0, 0))
        bar = row(self._bar, margins=(26, 2, 0, 2))
        note = row(self._note, margins=(26, 0, 0, 0))
        self.setLayout(column(head, model, bar, note, self.problem, spacing=2))
        self.show_part(self._event)

    @property
    def event_shown(self) -> PartChanged:
        return self._event

    def show_part(self, event: PartChanged) -> None:
        """Take on what the part says of itself."""
        self._event = event
        look = PART_LOOKS[event.state]
        self._icon.show_icon(look.icon, look.token)
        self._name.setText(part_name(event.part))
        self._state.setText(part_line(event))
        self._model.set_text(part_detail(event))
        if event.state is not PartState.READY:
            self.show_note("")
        loading = event.state is PartState.LOADING
        self._bar.setVisible(loading)
        self._bar.show_share(event.progress)
        self._bar.setAccessibleName(f"{part_name(event.part)}: {part_line(event)}")
        if event.error is not None and event.state is PartState.ABSENT:
            model = str(event.error.params.get("name", event.model))
            self.problem.present(
                message_of(event.error), "", tr("Download …"), lambda: self.model_wanted.emit(model)
            )
        elif event.error is not None:
            self.problem.present(
                message_of(event.error),
                hint_of(event.error),
                tr("Try again"),
                lambda: self.retry.emit(event.part),
            )
        else:
            self.problem.hide()

    def show_note(self, text: str) -> None:
        """What it tells of its work."""
        self._note.set_text(text)


class StatusPanel(Translated, Scroll):
    """Parts, memory and the last turn."""

    retry = Signal(object)  # Part
    models_wanted = Signal(str)  # name of the one in question, or nothing

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._theme = theme
        theme.changed.connect(self._take_look)
        self._engine: EngineMeasured | None = None
        self._measured: CachesMeasured | None = None
        self.collapse = IconButton(theme, "caret-right")
        self._status = Label(role="heading")
        self.parts = {part: PartRow(theme, part) for part in Part}
        for part, part_row in self.parts.items():
            part_row.retry.connect(self.retry)
            part_row.model_wanted.connect(self.models_wanted)
            if part not in _ALWAYS_SHOWN:  # to show the others now would make windows of them
                part_row.hide()
        self.models = TextButton(theme, "link")
        self.models.clicked.connect(lambda: self.models_wanted.emit(""))
        self._download = ""
        self.memory = MemoryUse(theme)
        self.turn = TurnView(theme)
        self._caches = Label(role="small", wrap=True)
        self._caches.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._caches.set_text("")
        inside = QWidget()
        inside.setObjectName("panel-page")
        inside.setLayout(self._arranged())
        self.setWidget(inside)
        self._take_look()
        self.retranslate()

    def _arranged(self) -> QVBoxLayout:
        return column(
            row(self._status, None, self.collapse),
            column(*self.parts.values(), spacing=4),
            row(self.models, None),
            separator(),
            self.memory,
            separator(),
            self.turn,
            self._caches,
            None,
            spacing=8,
            margins=(16, 12, 16, 12),
        )

    def show_part(self, event: PartChanged) -> None:
        self.parts[event.part].show_part(event)
        self.parts[event.part].show()

    def show_download(self, text: str) -> None:
        """How far a download is, in the line that leads to the models; empty when there is none."""
        self._download = text
        words = text or tr("Models …")
        room = self.width() - 48  # what is wider would push everything in the panel out of it
        self.models.setText(self.models.fontMetrics().elidedText(words, Qt.TextElideMode.ElideMiddle, room))
        self.models.setAccessibleName(words)
        self.models.setToolTip(plain_tip(tr("Download, check and remove models (Ctrl+Shift+M)")))

    def show_engine(self, status: EngineMeasured) -> None:
        """What the language engine tells of itself."""
        self._engine = status
        self.parts[Part.ENGINE].show_note(engine_line(status))

    def show_caches(self, measured: CachesMeasured) -> None:
        """What did not have to be worked out again."""
        self._measured = measured
        self._caches.set_text(caches_line(measured))

    def show_resources(self, sample: ResourcesSampled) -> None:
        self.memory.show_sample(sample)

    def show_turn(self, turn: TurnFinished) -> None:
        """Where the time of a finished turn went."""
        self.turn.show_turn(turn)

    def summary(self) -> str:
        """The pane in one line, for when it is hidden."""
        pieces = []
        if (turn := self.turn.newest) is not None:
            first = first_answer_ms(turn.timings)
            pieces += [tr("Last turn {time}", time=duration(first))] if first is not None else []
            speed = turn.usage.tokens_per_second
            pieces += [tr("{speed} tokens/s", speed=number(speed))] if speed else []
        return " · ".join(filter(None, (*pieces, self.memory.summary())))

    def _take_look(self) -> None:
        self.setFixedWidth(round(WIDTH * self._theme.scale))

    def retranslate(self) -> None:
        self._status.setText(tr("Status"))
        self.collapse.describe(tr("Hide the status panel"))
        self.show_download(self._download)
        for part_row in self.parts.values():
            part_row.show_part(part_row.event_shown)
        if self._engine is not None:
            self.show_engine(self._engine)
        if self._measured is not None:
            self.show_caches(self._measured)
