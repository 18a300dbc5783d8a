"""The audio doctor: why Jarvis does not hear, or is not heard, and what to do about it."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFrame, QWidget

from jarvis_desktop.ui.device_picker import DevicePicker
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.level_meter import LevelMeter
from jarvis_desktop.ui.sound_presenter import SoundPresenter
from jarvis_desktop.ui.sound_steps import StepList
from jarvis_desktop.ui.sound_tests import SoundTests
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import Label, Notice, Scroll, TextButton, column, row


class AudioDoctor(Translated, QDialog):
    """Examines while it is on the screen; everything it shows comes from the `sound` presenter."""

    def __init__(self, theme: Theme, sound: SoundPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.resize(720, 720)
        self._title = Label(role="title", wrap=True)
        self._about = Label(role="second", wrap=True)
        self.notice = Notice(theme)
        self.devices = DevicePicker(theme)
        self.meter = LevelMeter(theme)
        self.steps = StepList(theme)
        self.tests = SoundTests(theme)
        self._headings = [Label(role="group", wrap=True) for _ in range(4)]
        self._done = TextButton(theme, "plain")
        self._done.clicked.connect(self.close)
        sections = zip(self._headings, (self.devices, self.meter, self.steps, self.tests), strict=True)
        content = QWidget()
        content.setObjectName("page")
        content.setLayout(
            column(
                column(self._title, self._about, spacing=2),
                self.notice,
                *(column(heading, body) for heading, body in sections),
                None,
                spacing=24,
                margins=(24, 24, 24, 24),
            )
        )
        bottom = QFrame()
        bottom.setObjectName("settings-buttons")
        bottom.setLayout(row(None, self._done, margins=(16, 10, 16, 10)))
        layout = column(spacing=0)
        layout.addWidget(Scroll(content), 1)
        layout.addWidget(bottom)
        self.setLayout(layout)
        sound.bind(self, self.notice, self.devices, self.meter, self.tests, self.steps)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self.setWindowTitle(tr("Audio doctor"))
        self._title.setText(tr("Audio doctor"))
        self._about.setText(
            tr(
                "Speak while this window is open. Jarvis does not answer meanwhile, "
                "and nothing that is recorded is kept."
            )
        )
        titles = (tr("Devices"), tr("Level"), tr("Why doesn't Jarvis hear me?"), tr("Tests"))
        for heading, title in zip(self._headings, titles, strict=True):
            heading.setText(title)
        self.notice.dismiss.describe(tr("Dismiss"))
        self._done.setText(tr("Close"))
