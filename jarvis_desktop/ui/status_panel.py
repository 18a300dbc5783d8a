"""The right pane: what is loaded, what it costs, and where the last turn's time went."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from jarvis_desktop.events import (
    EngineMeasured,
    Part,
    PartChanged,
    PartState,
    ResourcesSampled,
    Timings,
    TurnFinished,
)
from jarvis_desktop.ui.i18n import hint_of, message_of, number, tr
from jarvis_desktop.ui.messages import separator
from jarvis_desktop.ui.meters import MemoryBar, Waterfall, slowest_sentence, stages_of
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
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
    duration,
    engine_line,
    memory_amount,
    part_line,
    part_name,
    route_line,
    thought_ahead,
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
        self._model.set_text(event.model)
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
        self._resources: ResourcesSampled | None = None
        self._turn: TurnFinished | None = None
        self._engine: EngineMeasured | None = None
        self.collapse = IconButton(theme, "caret-right")
        self._status = Label(role="heading")
        self.parts = {part: PartRow(theme, part) for part in Part}
        for part, part_row in self.parts.items():
            part_row.retry.connect(self.retry)
            part_row.model_wanted.connect(self.models_wanted)
            part_row.setVisible(part in _ALWAYS_SHOWN)
        self.models = TextButton(theme, "link")
        self.models.clicked.connect(lambda: self.models_wanted.emit(""))
        self._download = ""
        self._memory_title = Label(role="heading", wrap=True)
        self._memory_bar = MemoryBar(theme)
        self._memory = Label()
        self._own = Label(role="small", wrap=True)
        self._gpu = Label(role="small", wrap=True)
        self._turn_title = Label(role="heading")
        self._turn_time = Label(role="strong")
        self._waterfall = Waterfall(theme)
        self._slowest = Label(role="small", wrap=True)
        self._figures = Label(role="small", wrap=True)
        inside = QWidget()
        inside.setObjectName("panel-page")
        inside.setLayout(self._arranged())
        self.setWidget(inside)
        self._take_look()
        self.retranslate()

    def _arranged(self) -> QVBoxLayout:
        memory = row(self._memory_title, self._memory)
        memory.setStretch(0, 1)
        layout = column(
            row(self._status, None, self.collapse),
            column(*self.parts.values(), spacing=4),
            row(self.models, None),
            separator(),
            memory,
            self._memory_bar,
            self._own,
            self._gpu,
            separator(),
            row(self._turn_title, None, self._turn_time),
            self._waterfall,
            self._slowest,
            self._figures,
            None,
            spacing=8,
            margins=(16, 12, 16, 12),
        )
        for label in (self._own, self._gpu, self._slowest, self._figures):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return layout

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

    def show_resources(self, sample: ResourcesSampled) -> None:
        """Graphics memory where there is some, else main memory."""
        self._resources = sample
        used, total = sample.ram_used_mib, sample.ram_total_mib
        self._memory_title.setText(tr("Main memory"))
        own = sample.own_ram_mib
        if sample.vram_total_mib and sample.vram_used_mib is not None:
            used, total, own = sample.vram_used_mib, sample.vram_total_mib, 0.0
            self._memory_title.setText(tr("Graphics memory"))
            self._gpu.set_text(sample.gpu_name or "")
        else:
            self._gpu.set_text(tr("Graphics memory: none found"))
        self._memory.setText(memory_amount(used, total))
        self._own.set_text(
            tr("Jarvis uses {amount} GB of main memory", amount=number(sample.own_ram_mib / 1024, 1))
        )
        self._memory_bar.show_shares(own / total if total else 0.0, used / total if total else 0.0)
        self._memory_bar.setAccessibleName(f"{self._memory_title.text()}: {self._memory.text()}")

    def show_turn(self, turn: TurnFinished) -> None:
        """Where the time of a finished turn went."""
        self._turn = turn
        first = first_answer_ms(turn.timings)
        self._turn_time.setText(duration(first) if first is not None else "")
        self._waterfall.show_timings(turn.timings)
        self._waterfall.show()
        self._slowest.set_text(slowest_sentence(stages_of(turn.timings)))
        self._figures.set_text("\n".join(figures(turn)))

    def summary(self) -> str:
        """The pane in one line, for when it is hidden."""
        pieces = []
        if self._turn is not None:
            first = first_answer_ms(self._turn.timings)
            pieces += [tr("Last turn {time}", time=duration(first))] if first is not None else []
            speed = self._turn.usage.tokens_per_second
            pieces += [tr("{speed} tokens/s", speed=number(speed))] if speed else []
        if self._resources is not None:
            pieces.append(f"{self._memory_title.text()} {self._memory.text()}")
        return " · ".join(pieces)

    def _take_look(self) -> None:
        self.setFixedWidth(round(WIDTH * self._theme.scale))

    def retranslate(self) -> None:
        self._status.setText(tr("Status"))
        self.collapse.describe(tr("Hide the status panel"))
        self._turn_title.setText(tr("Last turn"))
        self.show_download(self._download)
        for part_row in self.parts.values():
            part_row.show_part(part_row.event_shown)
        if self._engine is not None:
            self.show_engine(self._engine)
        if self._resources is not None:
            self.show_resources(self._resources)
        else:
            self._memory_title.setText(tr("Main memory"))
            for label in (self._own, self._gpu):
                label.set_text("")
        if self._turn is not None:
            self.show_turn(self._turn)
        else:
            self._waterfall.hide()
            self._figures.set_text("")
            self._slowest.set_text(tr("Ask something: here you will see where the time goes."))


def first_answer_ms(timings: Timings) -> float | None:
    """How long the user waited for the first sign of an answer: its sound, else its first word."""
    return timings.first_audio if timings.first_audio is not None else timings.first_token


def figures(turn: TurnFinished) -> list[str]:
    """Lines about how an answer was made."""
    lines = []
    if turn.timings.transcript is not None:
        lines.append(tr("Speech to text: {time}", time=duration(turn.timings.transcript)))
    if turn.timings.first_audio is not None and turn.timings.transcript is not None:
        lines.append(tr("Voice to voice: {time}", time=duration(turn.timings.first_audio)))
    if turn.usage.tokens_per_second:
        speed = number(turn.usage.tokens_per_second, 1)
        lines.append(tr("{speed} tokens per second", speed=speed))
    if turn.citations:
        lines.append(tr("From memory: {count}", count=number(len(turn.citations))))
    if why := turn.skipped.get("recall"):
        reasons = {
            "over_budget": tr("Memory left out: it took too long"),
            "opening": tr("Memory left out: it was still being opened"),
        }
        lines.append(reasons.get(why) or tr("Memory left out: it failed"))
    elif "dense" in turn.skipped:
        lines.append(tr("Memory searched by words only"))
    if ahead := thought_ahead(turn.speculation):
        lines.append(ahead)
    lines.append(route_line(turn.route))
    if turn.route.profile:
        lines.append(tr("Profile: {name}", name=turn.route.profile))
    if turn.model:
        lines.append(f"{turn.model} · {turn.engine}")
    return lines
