"""Tests by ear and by measure: record and replay, loudspeaker, echo."""

from __future__ import annotations

from PySide6.QtCore import Signal
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
from jarvis_desktop.ui.flow import Pairs
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.sound_words import echo_line, sample_line
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import Label, TextButton, column


class SoundTests(Translated, QFrame):
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
        self.heard, self.played, self.measured = (Label(role="second", wrap=True) for _ in range(3))
        for button, intent in self._intents().items():
            button.clicked.connect(lambda _, intent=intent: self.asked.emit(intent))
        for widget in (self.measure, self.measured):
            widget.setVisible(echo)
        told = (self.heard, self.played, self.measured)
        self.setLayout(column(Pairs(list(zip(self._intents(), told, strict=True)))))
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
        self.play.setText(tr("Test the loudspeaker"))
        self.measure.setText(tr("Test the echo"))
        for button in self._intents():
            button.setEnabled(self._running is None)
        self.heard.setText(self._recording())
        playing = self._running is SoundTest.LOUDSPEAKER
        self.played.setText(tr("Playing four notes …") if playing else tr("Plays four notes."))
        self.measured.setText(self._measuring())

    def _recording(self) -> str:
        if self._running is SoundTest.RECORDING:
            return tr("Recording: speak now …")
        if self._sample is not None:
            return sample_line(self._sample)
        if self._running is SoundTest.REPLAYING:
            return tr("This is what I heard …")
        return tr("Plays what was recorded, and shows what was understood.")

    def _measuring(self) -> str:
        if self._running is SoundTest.ECHO:
            return tr("Playing and listening: keep quiet …")
        if self._echo is not None:
            return echo_line(self._echo)
        return tr("Plays a rushing sound for four seconds, and listens. Keep quiet.")

    def _intents(self) -> dict[TextButton, Intent]:
        return {self.record: RecordSample(), self.play: TryLoudspeaker(), self.measure: MeasureEcho()}
