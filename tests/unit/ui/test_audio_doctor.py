"""The audio doctor: what it shows of the microphone, and what its buttons do."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import AudioError
from jarvis_desktop.events import (
    EchoMeasured,
    ExamineSound,
    Failed,
    Finding,
    LookForDevices,
    Loudness,
    MeasureEcho,
    RecordSample,
    Remark,
    Remedy,
    RetryPart,
    SampleTranscribed,
    SoundChecked,
    SoundDevice,
    SoundDevicesListed,
    SoundFailed,
    SoundHeard,
    SoundStep,
    SoundTest,
    SoundTestChanged,
    StepFound,
    SystemMicrophone,
    TryLoudspeaker,
    UnmuteMicrophone,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.audio_doctor import AudioDoctor
from jarvis_desktop.ui.device_picker import INPUT

from .conftest import Pump
from .driving import play, texts
from .fake_core import FakeCore, FakeSettings

DEVICES = SoundDevicesListed(
    (SoundDevice("Built-in", 48_000, is_default=True), SoundDevice("Headset", 48_000, is_default=False)),
    (SoundDevice("Speakers", 48_000, is_default=True),),
)


@pytest.fixture
def doctor(ready: Desktop) -> AudioDoctor:
    ready.open_doctor()
    assert ready._doctor is not None
    return ready._doctor


def wrong(remedy: Remedy) -> SoundChecked:
    return SoundChecked((StepFound(SoundStep.DEVICE, Finding.WRONG, Remark("No."), remedy=remedy),))


def test_it_examines_only_while_it_is_on_the_screen(doctor: AudioDoctor, core: FakeCore) -> None:
    assert core.posted == [ExamineSound(True)]
    doctor.close()
    assert core.posted == [ExamineSound(True), ExamineSound(False)]


def test_it_opens_by_keyboard_from_the_menu_the_settings_and_a_sound_error(
    ready: Desktop, core: FakeCore
) -> None:
    def opens() -> bool:
        QCoreApplication.processEvents()
        shown = ready._doctor is not None and ready._doctor.isVisible()
        if ready._doctor is not None:
            ready._doctor.close()
        return shown

    ready.open_settings("audio")
    assert ready._dialog is not None
    ready._dialog.doctor.click()
    assert opens()
    (action,) = (each for each in ready.window.composer.listen.menu().actions() if "doctor" in each.text())
    action.trigger()
    assert opens()
    play(core, Failed(AudioError("audio.no_input", "No microphone was found.", "Connect one.")))
    ready.window.notice.button.click()
    assert opens()


def test_level_and_judgement_are_said_in_words(doctor: AudioDoctor, core: FakeCore) -> None:
    said = []
    for loudness in Loudness:
        play(core, SoundHeard(-20.0, -10.0, loudness, voice=False))
        said.append(doctor.meter.word.text())
    assert len(set(said)) == len(Loudness)
    without = doctor.meter.voice.text()
    play(core, SoundHeard(-20.0, -10.0, Loudness.GOOD, voice=True))
    assert doctor.meter.voice.text() != without
    assert "-20" in doctor.meter.bar.accessibleDescription()


def test_a_step_that_is_wrong_says_why_and_what_to_do(doctor: AudioDoctor, core: FakeCore) -> None:
    error = AudioError("audio.no_input", "No microphone was found.", "Connect one.")
    play(core, SoundChecked((StepFound(SoundStep.DEVICE, Finding.WRONG, error=error),)))
    device = doctor.steps.rows[SoundStep.DEVICE]
    assert error.message in texts(device)
    assert error.hint in texts(device)
    assert device.accessibleName().endswith("wrong")
    assert not device.button.isVisible()
    play(core, SoundChecked((StepFound(SoundStep.DEVICE, Finding.RIGHT),)))
    assert error.message not in texts(device)


@pytest.mark.parametrize(
    ("remedy", "intent"),
    [
        (Remedy.LOOK_AGAIN, LookForDevices()),
        (Remedy.UNMUTE, UnmuteMicrophone()),
        (Remedy.LOAD, RetryPart),
    ],
)
def test_the_button_of_a_step_does_what_it_says(
    doctor: AudioDoctor, core: FakeCore, remedy: Remedy, intent: object
) -> None:
    play(core, wrong(remedy))
    button = doctor.steps.rows[SoundStep.DEVICE].button
    assert button.text()
    button.click()
    assert core.posted[-1] == intent or isinstance(core.posted[-1], RetryPart)


def test_settings_that_stand_in_the_way_are_changed(
    doctor: AudioDoctor, core: FakeCore, settings: FakeSettings
) -> None:
    settings.patch(
        {INPUT: "Gone", "listening.energy_gate_dbfs": -25.0, "transcription.language": "es"},
    )
    for remedy in (Remedy.DEFAULT_DEVICE, Remedy.LOWER_GATE, Remedy.ANY_LANGUAGE):
        play(core, wrong(remedy))
        doctor.steps.rows[SoundStep.DEVICE].button.click()
    assert settings.current.audio.input_device == ""
    assert settings.current.listening == Config().listening
    assert settings.current.transcription.language == "auto"


def test_a_device_is_chosen_and_heard_at_once(
    doctor: AudioDoctor, core: FakeCore, settings: FakeSettings
) -> None:
    play(core, DEVICES)
    box = doctor.devices.choices[INPUT]
    assert [box.itemText(line) for line in range(box.count())][1:] == ["Built-in", "Headset"]
    assert "Built-in" in box.currentText()
    box.setFocus()
    QTest.keyClicks(box, "Headset")
    box.activated.emit(box.currentIndex())
    assert settings.current.audio.input_device == "Headset"
    assert core.posted[-1] == LookForDevices()
    play(core, SoundDevicesListed(DEVICES.inputs[:1], DEVICES.outputs))  # unplugged
    assert box.currentData() == "Headset"
    assert "not found" in box.currentText()


def test_a_headset_like_a_telephone_and_odd_rates_are_explained(doctor: AudioDoctor, core: FakeCore) -> None:
    def hints(microphone: SystemMicrophone) -> str:
        play(core, SoundDevicesListed(DEVICES.inputs, DEVICES.outputs, (microphone,)))
        return doctor.devices.hints.text()

    assert not hints(SystemMicrophone("A", 48_000, in_use=True, muted=False))
    assert "Bluetooth" in hints(SystemMicrophone("A", 8_000, in_use=True, muted=False, is_bluetooth=True))
    assert "8 kHz" in hints(SystemMicrophone("A", 8_000, in_use=True, muted=False))
    assert "Hz" in hints(SystemMicrophone("A", 37_800, in_use=True, muted=False))


def test_tests_wait_for_each_other_and_show_what_came_of_them(doctor: AudioDoctor, core: FakeCore) -> None:
    tests = doctor.tests
    for button in (tests.record, tests.play, tests.measure):
        button.click()
    assert core.posted[-3:] == [RecordSample(), TryLoudspeaker(), MeasureEcho()]
    play(core, SoundTestChanged(SoundTest.RECORDING))
    assert not any(button.isEnabled() for button in tests.findChildren(QPushButton))
    play(core, SampleTranscribed("what time is it", "en", unclear=False), SoundTestChanged(None))
    assert tests.record.isEnabled()
    assert "what time is it" in tests.heard.text()
    play(core, EchoMeasured(True, 84.0, 27.0))
    good = tests.measured.text()
    assert "84" in good
    assert "27" in good
    play(core, EchoMeasured(True, 84.0, 3.0))
    assert "hear itself" in tests.measured.text()
    play(core, EchoMeasured(False))
    assert "84" not in tests.measured.text()


def test_what_fails_is_said_until_the_next_test(doctor: AudioDoctor, core: FakeCore) -> None:
    error = AudioError("audio.no_output", "No loudspeaker was found.", "Connect one.")
    play(core, SoundFailed(error))
    assert error.message in doctor.notice.message
    play(core, SoundTestChanged(SoundTest.LOUDSPEAKER))
    assert not doctor.notice.message


def test_it_follows_the_language_while_it_is_open(
    doctor: AudioDoctor, core: FakeCore, settings: FakeSettings, pump: Pump
) -> None:
    play(core, DEVICES)
    before = texts(doctor)
    settings.patch({"look.language": "es"})
    pump(lambda: texts(doctor) != before)
