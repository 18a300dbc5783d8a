"""The steps of the guide that only tell and ask: this machine, sound, privacy."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QLayout, QVBoxLayout, QWidget

from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import MachineDescribed
from jarvis_desktop.ui.device_picker import DevicePicker
from jarvis_desktop.ui.guide_words import machine_lines
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.level_meter import LevelMeter
from jarvis_desktop.ui.sound_presenter import SoundPresenter
from jarvis_desktop.ui.sound_tests import SoundTests
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import IconLabel, Label, Notice, WrappingButton, column, row

REMEMBER, WAKE = "memory.enabled", "wake.enabled"


class GuidePage(Translated, QWidget):
    """A step: its title, a sentence about it, and a body."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self._title = Label(role="title", wrap=True)
        self._about = Label(role="second", wrap=True)

    def arrange(self, *body: QWidget | QLayout) -> None:
        """Put the body below title and sentence, and say all of it."""
        head = column(self._title, self._about, spacing=4)
        self.setLayout(column(head, *body, None, spacing=16, margins=(24, 16, 24, 16)))
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""


class Fact(QFrame):
    """A picture, a fact, and what it means."""

    def __init__(self, theme: Theme, icon: str) -> None:
        super().__init__()
        self.title = Label(role="strong", wrap=True)
        self.meaning = Label(role="second", wrap=True)
        layout = row(spacing=12)
        layout.addWidget(IconLabel(theme, icon, "accent", 20), 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(column(self.title, self.meaning, spacing=2), 1)
        self.setLayout(layout)

    def say(self, title: str, meaning: str) -> None:
        self.title.setText(title)
        self.meaning.set_text(meaning)


class MachinePage(GuidePage):
    """What this machine is, and what that means."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._machine: MachineDescribed | None = None
        self.facts = [Fact(theme, icon) for icon in ("activity", "brain", "lightbulb-filament")]
        self.arrange(*self.facts)

    def take(self, machine: MachineDescribed) -> None:
        self._machine = machine
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("This machine"))
        self._about.setText(
            tr("Jarvis runs here, without an account and without the internet: this machine sets the pace.")
        )
        lines = machine_lines(self._machine) if self._machine is not None else []
        for fact, line in zip(self.facts, lines or [("…", "")] * len(self.facts), strict=True):
            fact.say(*line)


class SoundPage(GuidePage):
    """Microphone and loudspeaker, as in the audio doctor."""

    doctor_wanted = Signal()

    def __init__(self, theme: Theme, sound: SoundPresenter) -> None:
        super().__init__()
        self.notice = Notice(theme)
        self.devices = DevicePicker(theme)
        self.meter = LevelMeter(theme)
        self.tests = SoundTests(theme, echo=False)
        self.doctor = WrappingButton(theme, "link")
        self.doctor.clicked.connect(self.doctor_wanted)
        sound.bind(self, self.notice, self.devices, self.meter, self.tests)
        self.arrange(self.notice, self.devices, self.meter, self.tests, row(self.doctor, None))

    def retranslate(self) -> None:
        self._title.setText(tr("Microphone and loudspeaker"))
        self._about.setText(
            tr("Say something and watch the bar. No recording is kept, and you can always type instead.")
        )
        self.notice.dismiss.describe(tr("Dismiss"))
        self.doctor.setText(tr("Something is wrong? The audio doctor finds out what."))


class PrivacyPage(GuidePage):
    """What stays here, and what may be remembered and listened to."""

    changed = Signal(str, bool)  # key of a setting, wanted value

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._remote = False
        self._here, self._leaves = Fact(theme, "check-circle"), Fact(theme, "download-simple")
        self.switches = {REMEMBER: QCheckBox(), WAKE: QCheckBox()}
        self._helps = {key: Label(role="second", wrap=True) for key in self.switches}
        body: list[QLayout] = []
        for key, box in self.switches.items():
            box.clicked.connect(lambda on, key=key: self.changed.emit(key, on))
            body.append(_switch(box, self._helps[key]))
        self.arrange(self._here, self._leaves, *body)

    def take_settings(self, config: Config) -> None:
        """What is switched on now."""
        self.switches[REMEMBER].setChecked(config.memory.enabled)
        self.switches[WAKE].setChecked(config.wake.enabled)
        self._remote = config.engine.kind == "remote"
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("What stays private"))
        self._about.setText(tr("You can change all of this in the settings at any time."))
        all_of_it = tr("Your voice, your chats and your files stay on this machine.")
        only_voice = tr("Your voice stays on this machine.")
        sound = tr(
            "Sound is turned into text here and never stored. "
            "Your last questions can be played again until you quit."
        )
        self._here.say(only_voice if self._remote else all_of_it, sound)
        elsewhere = tr("Your questions and what they are given to read go to the server you set up.")
        downloads = tr("Only downloads of models that you ask for, and tools that you add, use the internet.")
        self._leaves.say(tr("What leaves it"), elsewhere if self._remote else downloads)
        self.switches[REMEMBER].setText(tr("Remember what I tell Jarvis"))
        self._helps[REMEMBER].setText(
            tr("Facts, notes and chats help later answers, which say so. You can see and forget each one.")
        )
        self.switches[WAKE].setText(tr("Listen for “Hey Jarvis”"))
        self._helps[WAKE].setText(
            tr("The microphone stays open for these words only. Off: it opens when you talk.")
        )
        for key, box in self.switches.items():
            box.setAccessibleDescription(self._helps[key].text())


def _switch(box: QCheckBox, words: Label) -> QVBoxLayout:
    return column(box, row(words, margins=(26, 0, 0, 0)), spacing=2)
