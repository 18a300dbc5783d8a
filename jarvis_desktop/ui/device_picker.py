"""Which microphone and which loudspeaker are used, and what is special about them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QSizePolicy

from jarvis_desktop.config.schema import Config
from jarvis_desktop.events import LookForDevices, SoundDevice, SoundDevicesListed
from jarvis_desktop.ui.flow import Pairs
from jarvis_desktop.ui.i18n import tr
from jarvis_desktop.ui.sound_words import input_hints
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import Label, TextButton, column, plain_tip, row
from jarvis_desktop.ui.words import NAMELESS

INPUT, OUTPUT = "audio.input_device", "audio.output_device"


class DevicePicker(Translated, QFrame):
    """Offers the devices there are now; what is chosen is a wish, `take_settings` tells what came of it."""

    asked = Signal(object)  # Intent
    chosen = Signal(str, str)  # key of the setting, name; an empty name is the system's default

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._listed: SoundDevicesListed | None = None
        self._wanted = {INPUT: "", OUTPUT: ""}
        self._titles = {INPUT: Label(role="strong"), OUTPUT: Label(role="strong")}
        self.choices = {INPUT: QComboBox(), OUTPUT: QComboBox()}
        self.hints = Label(role="second", wrap=True)
        self.again = TextButton(theme, "plain", "arrow-clockwise", "second")
        for key, box in self.choices.items():
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.setMinimumWidth(160)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(lambda _, key=key, box=box: self.chosen.emit(key, box.currentData()))
            self._titles[key].setBuddy(box)
        self.again.clicked.connect(lambda: self.asked.emit(LookForDevices()))
        chosen = Pairs([(self._titles[key], box) for key, box in self.choices.items()])
        self.setLayout(column(chosen, self.hints, row(self.again, None)))
        self.retranslate()

    def take(self, listed: SoundDevicesListed) -> None:
        """What is plugged in now."""
        self._listed = listed
        self._show()

    def take_settings(self, config: Config) -> None:
        """What is chosen now."""
        self._wanted = {INPUT: config.audio.input_device, OUTPUT: config.audio.output_device}
        self._show()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        self._titles[INPUT].setText(tr("Microphone"))
        self._titles[OUTPUT].setText(tr("Loudspeaker"))
        self.again.setText(tr("Look again"))
        for key, box in self.choices.items():
            box.setAccessibleName(self._titles[key].text())
        self._show()

    def _show(self) -> None:
        listed = self._listed
        used = next((each for each in listed.microphones if each.in_use), None) if listed else None
        self._offer(INPUT, listed.inputs if listed else (), used.name if used else "")
        self._offer(OUTPUT, listed.outputs if listed else ())
        device = self._device(listed.inputs, self._wanted[INPUT]) if listed else None
        self.hints.set_text(input_hints(device, used))

    def _offer(self, key: str, devices: tuple[SoundDevice, ...], default: str = "") -> None:
        """`default` is what the system's default is, where it says more than its list of devices."""
        box, wanted = self.choices[key], self._wanted[key]
        names = [device.name for device in devices]
        default = default or next((device.name for device in devices if device.is_default), "")
        box.blockSignals(True)
        box.clear()
        box.addItem(
            tr("System default ({name})", name=default) if default not in NAMELESS else tr("System default"),
            "",
        )
        for name in names:
            box.addItem(name, name)
        if wanted and wanted not in names:
            box.addItem(tr("{name} (not found)", name=wanted), wanted)
        box.setCurrentIndex(max(0, box.findData(wanted)))
        box.setToolTip(plain_tip(box.currentText()))  # names of devices are longer than any box
        box.blockSignals(False)

    @staticmethod
    def _device(devices: tuple[SoundDevice, ...], wanted: str) -> SoundDevice | None:
        return next((each for each in devices if (each.name == wanted if wanted else each.is_default)), None)
