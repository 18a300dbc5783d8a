"""Between the core's examination of the sound devices and the widgets that show it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from jarvis_desktop.config import describe
from jarvis_desktop.errors import ConfigError
from jarvis_desktop.events import (
    EchoMeasured,
    ExamineSound,
    LookForDevices,
    Part,
    Remedy,
    RetryPart,
    SampleTranscribed,
    SoundChecked,
    SoundDevicesListed,
    SoundFailed,
    SoundHeard,
    SoundTestChanged,
    UnmuteMicrophone,
)
from jarvis_desktop.ui.bridge import Bridge
from jarvis_desktop.ui.device_picker import INPUT, DevicePicker
from jarvis_desktop.ui.level_meter import LevelMeter
from jarvis_desktop.ui.sound_steps import StepList
from jarvis_desktop.ui.sound_tests import SoundTests
from jarvis_desktop.ui.sound_words import error_line
from jarvis_desktop.ui.widgets import Notice

_GATE = "listening.energy_gate_dbfs"
_LANGUAGE = "transcription.language"


class SoundPresenter(QObject):
    """Has the sound examined while a widget that shows it is on the screen."""

    _failed = Signal(str)  # why a test or a wish was not carried out
    _test_changed = Signal(object)  # SoundTest, or None when it is over
    _listed = Signal(object)
    _heard = Signal(object)
    _checked = Signal(object)
    _sampled = Signal(object)
    _echoed = Signal(object)
    _settings = Signal(object)

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._watching: set[QObject] = set()
        on = bridge.on
        on(SoundDevicesListed, self._listed.emit)
        on(SoundHeard, self._heard.emit)
        on(SoundChecked, lambda event: self._checked.emit(event.steps))
        on(SoundTestChanged, lambda event: self._test_changed.emit(event.test))
        on(SampleTranscribed, self._sampled.emit)
        on(EchoMeasured, self._echoed.emit)
        on(SoundFailed, lambda event: self._failed.emit(error_line(event.error)))
        bridge.config_changed.connect(self._settings)

    def bind(
        self,
        viewer: QWidget,
        notice: Notice,
        devices: DevicePicker,
        meter: LevelMeter,
        tests: SoundTests,
        steps: StepList | None = None,
    ) -> None:
        """Have these parts of `viewer` show what is found, and carry out what they ask."""
        viewer.installEventFilter(self)
        self._failed.connect(lambda text: notice.present(text))
        self._test_changed.connect(lambda test: notice.hide() if test is not None else None)
        self._listed.connect(devices.take)
        self._settings.connect(devices.take_settings)
        devices.take_settings(self._bridge.settings.current)
        devices.asked.connect(self._bridge.post)
        devices.chosen.connect(self._choose)
        self._heard.connect(meter.take)
        self._test_changed.connect(tests.take_test)
        self._sampled.connect(tests.take_sample)
        self._echoed.connect(tests.take_echo)
        tests.asked.connect(self._bridge.post)
        if steps is not None:
            self._checked.connect(steps.take)
            steps.remedied.connect(self._remedy)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and not event.spontaneous():
            self._watch(watched, event.type() is QEvent.Type.Show)
        return False

    def _watch(self, viewer: QObject, on: bool) -> None:
        before = bool(self._watching)
        (self._watching.add if on else self._watching.discard)(viewer)
        if bool(self._watching) != before:
            self._bridge.post(ExamineSound(on))

    def _choose(self, key: str, name: str) -> None:
        self._patch(key, name)
        self._bridge.post(LookForDevices())

    def _remedy(self, remedy: Remedy) -> None:
        post = self._bridge.post
        match remedy:
            case Remedy.LOOK_AGAIN:
                post(LookForDevices())
            case Remedy.DEFAULT_DEVICE:
                self._choose(INPUT, "")
            case Remedy.UNMUTE:
                post(UnmuteMicrophone())
            case Remedy.LOWER_GATE:
                self._patch(_GATE, describe.find(_GATE).default)
                post(LookForDevices())  # it listens anew, by the other level
            case Remedy.LOAD:
                post(RetryPart(Part.TRANSCRIPTION))
            case Remedy.ANY_LANGUAGE:
                self._patch(_LANGUAGE, "auto")

    def _patch(self, key: str, value: describe.Value) -> None:
        try:
            self._bridge.settings.patch({key: value})
        except ConfigError as error:
            self._failed.emit(error_line(error))
