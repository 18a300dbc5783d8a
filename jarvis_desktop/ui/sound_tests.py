"""Tests by ear and by measure: record and replay, loudspeaker, echo."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame

from jarvis_desktop.events import (
    EchoMeasured,
    Intent,
    MeasureEcho,
    RecordSample,
    SampleTranscribed,
    SoundTest,
    TryLoudspeaker,
)
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.sound_words import echo_line, sample_line
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.widgets import Label, TextButton, column, row


class SoundTests(QFrame):
    """A button for each test, what it does, and what came of it."""

    asked = Signal(object)  # Intent

    def __init__(self, theme: Theme, *, echo: bool = True) -> None:
        super().__init__()
        self._running: SoundTest | None = None
        self._sample: SampleTranscribed | None = None
        self._echo: EchoMeasured | None = None
        self.record = TextButton(theme, "plain", "microphone", "accent")
        self.play = TextButton(theme, "plain", "speaker-high", "accent")
        self.measure = TextButton(theme, "plain", "activity", "accent")
        self.heard = Label(wrap=True)
        self.measured = Label(wrap=True)
        self._under_way = Label(role="second", wrap=True)
        for button, intent in self._intents().items():
            button.clicked.connect(lambda _, intent=intent: self.asked.emit(intent))
        self.measure.setVisible(echo)
        self.setLayout(
            column(
                row(self.record, self.play, self.measure, None),
                self._under_way,
                self.heard,
                self.measured,
            )
        )
        self.retranslate()

    def take_test(self, running: SoundTest | None) -> None:
        """A test has begun, or is over."""
        self._running = running
        if running is SoundTest.RECORDING:
            self._sample = None
        elif running is SoundTest.ECHO:
            self._echo = None
        self.retranslate()

    def take_sample(self, sample: SampleTranscribed) -> None:
        """What was understood of the recording."""
        self._sample = sample
        self.retranslate()

    def take_echo(self, echo: EchoMeasured) -> None:
        """What the microphone heard of the loudspeaker."""
        self._echo = echo
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.record.setText(tr("Record three seconds"))
        self.record.setToolTip(tr("Plays what was recorded, and shows what was understood."))
        self.play.setText(tr("Test the loudspeaker"))
        self.play.setToolTip(tr("Plays four notes."))
        self.measure.setText(tr("Test the echo"))
        self.measure.setToolTip(tr("Plays a rushing sound for four seconds, and listens. Keep quiet."))
        for button in self._intents():
            button.setEnabled(self._running is None)
        self._under_way.set_text(_under_way(self._running))
        self.heard.set_text(sample_line(self._sample) if self._sample else "")
        self.measured.set_text(echo_line(self._echo) if self._echo else "")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def _intents(self) -> dict[TextButton, Intent]:
        return {self.record: RecordSample(), self.play: TryLoudspeaker(), self.measure: MeasureEcho()}


def _under_way(test: SoundTest | None) -> str:
    return {
        None: "",
        SoundTest.RECORDING: tr("Recording: speak now …"),
        SoundTest.REPLAYING: tr("This is what I heard …"),
        SoundTest.LOUDSPEAKER: tr("Playing four notes …"),
        SoundTest.ECHO: tr("Playing and listening: keep quiet …"),
    }[test]
