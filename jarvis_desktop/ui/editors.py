"""One editor per kind of setting: the only place where a type becomes a widget."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QLocale, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QKeySequenceEdit,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from jarvis_desktop.config import profiles
from jarvis_desktop.config.describe import Kind, Setting, Value
from jarvis_desktop.ui.global_keys import DICTATE, SHOW, TALK
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.widgets import name_clear_button

_PORTABLE = QKeySequence.SequenceFormat.PortableText
_LONG_TEXT = 200  # characters; more get several lines


class Editor(QObject):
    """A widget that holds a value of a setting."""

    changed = Signal()

    def __init__(self, setting: Setting, widget: QWidget) -> None:
        super().__init__(widget)
        self.setting = setting
        self.widget = widget
        widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Scrolling the page must not change the number under the mouse.
        if event.type() is QEvent.Type.Wheel and not self.widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    @abstractmethod
    def value(self) -> Value:
        """What it holds now."""

    @abstractmethod
    def set_value(self, value: Value) -> None:
        """Hold `value`, without a `changed` signal."""

    def retranslate(self) -> None:
        """Its own words in the window's language."""

    def offer(self, names: Sequence[str]) -> None:
        """What there is to choose from, for an editor of names."""


class _Switch(Editor):
    widget: QCheckBox

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QCheckBox())
        self.widget.toggled.connect(self._toggled)

    def value(self) -> Value:
        return self.widget.isChecked()

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self.widget):
            self.widget.setChecked(bool(value))
        self.retranslate()

    def retranslate(self) -> None:
        self.widget.setText(tr("On") if self.widget.isChecked() else tr("Off"))

    def _toggled(self) -> None:
        self.retranslate()
        self.changed.emit()


class _Spin(Editor):
    """What the editors of numbers share."""

    widget: QSpinBox | QDoubleSpinBox

    def __init__(self, setting: Setting, box: QSpinBox | QDoubleSpinBox) -> None:
        super().__init__(setting, box)
        _dress(box, setting)
        box.valueChanged.connect(lambda _: self.changed.emit())

    def value(self) -> Value:
        return self.widget.value()

    def retranslate(self) -> None:
        self.widget.setLocale(QLocale())  # it keeps that of the language in which it was made


class _Whole(_Spin):
    widget: QSpinBox

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QSpinBox())
        low, high = (
            int(setting.minimum or 0),
            int(setting.maximum if setting.maximum is not None else 2**31 - 1),
        )
        self.widget.setRange(low, high)
        self.widget.setSingleStep(max(1, 10 ** (int(math.log10(max(high - low, 1))) - 1) // 2))

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self.widget):
            self.widget.setValue(int(value))


class _Number(_Spin):
    widget: QDoubleSpinBox

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QDoubleSpinBox())
        low = setting.minimum if setting.minimum is not None else -1e9
        high = setting.maximum if setting.maximum is not None else 1e9
        self.widget.setRange(low, high)
        self.widget.setDecimals(2)
        self.widget.setSingleStep(0.05 if high - low <= 2 else 0.25 if high - low <= 10 else 1.0)

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self.widget):
            self.widget.setValue(float(value))


class _Choice(Editor):
    widget: QComboBox

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QComboBox())
        for choice in setting.choices:
            self.widget.addItem(choice_label(choice), choice)
        self.widget.currentIndexChanged.connect(lambda _: self.changed.emit())

    def value(self) -> Value:
        return str(self.widget.currentData())

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self.widget):
            self.widget.setCurrentIndex(self.setting.choices.index(str(value)))

    def retranslate(self) -> None:
        for index, choice in enumerate(self.setting.choices):
            self.widget.setItemText(index, choice_label(choice))


class _Line(Editor):
    widget: QLineEdit

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QLineEdit())
        self.widget.textEdited.connect(lambda _: self.changed.emit())

    def value(self) -> Value:
        return self.widget.text().strip()

    def set_value(self, value: Value) -> None:
        self.widget.setText(str(value))


class _Name(Editor):
    """A name to pick from a list that comes later, or to type: what is not there yet can be named too."""

    widget: QComboBox

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QComboBox())
        self._names: tuple[str, ...] = ()
        self._blank = _blank(setting)
        self.widget.setEditable(True)
        self.widget.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.widget.setCompleter(None)  # type: ignore[arg-type]
        self.widget.editTextChanged.connect(lambda _: self.changed.emit())

    def value(self) -> Value:
        text = self.widget.currentText().strip()
        return "" if text == self._blank else text

    def set_value(self, value: Value) -> None:
        shown = str(value) or self._blank
        with QSignalBlocker(self.widget):
            self.widget.setCurrentIndex(self.widget.findText(shown))
            self.widget.setEditText(shown)

    def offer(self, names: Sequence[str]) -> None:
        value, self._names = self.value(), tuple(names)
        self._blank = _blank(self.setting)
        with QSignalBlocker(self.widget):
            self.widget.clear()
            self.widget.addItems([*filter(None, [self._blank]), *self._names])
        self.set_value(value)

    def retranslate(self) -> None:
        self.offer(self._names)
        if (line := self.widget.lineEdit()) is not None:
            line.setAccessibleName(self.widget.accessibleName())


def _blank(setting: Setting) -> str:
    """What no name stands for; empty where there must be one."""
    if setting.in_profile:
        return tr("As in the settings")
    return {
        profiles.KEY: tr("No profile"),
        "audio.input_device": tr("System default"),
        "audio.output_device": tr("System default"),
        "speech.spanish_voice": tr("The voice above"),
        **dict.fromkeys(SHORTCUTS, tr("none")),
    }.get(setting.key, "")


class _KeySequenceEdit(QKeySequenceEdit):
    """Takes the keys that are pressed; Backspace takes them away, and Escape stays what it is elsewhere."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.modifiers() or event.key() not in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Backspace:
            self.clear()
        else:
            event.ignore()


class _Keys(Editor):
    widget: QKeySequenceEdit

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, _KeySequenceEdit())
        self.widget.setMaximumSequenceLength(1)
        self.widget.setClearButtonEnabled(True)
        self._text = ""  # as it was stored, which may be written in another way
        self._title = ""
        self.widget.keySequenceChanged.connect(self._chosen)

    def value(self) -> Value:
        return self._text

    def set_value(self, value: Value) -> None:
        self._text = str(value)
        with QSignalBlocker(self.widget):
            self.widget.setKeySequence(QKeySequence.fromString(self._text, _PORTABLE))
        self._name()

    def retranslate(self) -> None:
        self._title = self.widget.accessibleName()
        self._name()
        for line in self.widget.findChildren(QLineEdit):
            line.setPlaceholderText(tr("Press the keys"))
        name_clear_button(self.widget)

    def _chosen(self, keys: QKeySequence) -> None:
        self._text = keys.toString(_PORTABLE)
        self._name()
        self.changed.emit()

    def _name(self) -> None:
        # A screen reader is not told what such a field holds.
        keys = self.widget.keySequence().toString(QKeySequence.SequenceFormat.NativeText)
        for each in (self.widget, *self.widget.findChildren(QLineEdit)):
            each.setAccessibleName(": ".join(filter(None, (self._title, keys))))


class _Text(Editor):
    widget: QPlainTextEdit

    def __init__(self, setting: Setting) -> None:
        super().__init__(setting, QPlainTextEdit())
        self.widget.setTabChangesFocus(True)
        self.widget.setFixedHeight(120)
        self.widget.textChanged.connect(self.changed)

    def value(self) -> Value:
        return self.widget.toPlainText().strip()

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self.widget):
            self.widget.setPlainText(str(value))


_EDITORS: dict[Kind, type[Editor]] = {
    Kind.SWITCH: _Switch,
    Kind.WHOLE: _Whole,
    Kind.NUMBER: _Number,
    Kind.CHOICE: _Choice,
    Kind.TEXT: _Line,
}


NAMES = (
    "audio.input_device",
    "audio.output_device",
    "transcription.model",
    "speech.voice",
    "speech.spanish_voice",
    "engine.model",
    profiles.KEY,
)
"""Settings that name a device, a model or a profile."""


SHORTCUTS = (TALK, DICTATE, SHOW)
"""Settings that are keys to press."""


def is_name(setting: Setting) -> bool:
    """Whether it names something that can be picked from a list."""
    key = profiles.REPLACES.get(setting.name) if setting.in_profile else setting.key
    return key in NAMES


def editor_for(setting: Setting) -> Editor:
    """The editor of a setting, still empty."""
    if setting.key in SHORTCUTS:
        return _Keys(setting)
    if is_name(setting):
        return _Name(setting)
    long = setting.kind is Kind.TEXT and (setting.max_length or 0) > _LONG_TEXT
    return _Text(setting) if long else _EDITORS[setting.kind](setting)  # type: ignore[call-arg]


def shown_value(setting: Setting, value: Value) -> str:
    """A value in words, as the editor shows it."""
    unit = f" {_unit(setting)}" if setting.unit else ""
    if setting.kind is Kind.SWITCH:
        return tr("On") if value else tr("Off")
    if setting.kind is Kind.CHOICE:
        return choice_label(str(value))
    if setting.kind is Kind.TEXT:
        return str(value) or _blank(setting) or tr("empty")
    decimals = 0 if setting.kind is Kind.WHOLE else 2
    return f"{number(float(value), decimals)}{unit}"


def allowed_range(setting: Setting) -> str:
    """The numbers a setting takes, in words; empty where it takes something else."""
    if setting.minimum is None or setting.maximum is None:
        return ""
    low, high = (_shortest(bound) for bound in (setting.minimum, setting.maximum))
    unit = f" {_unit(setting)}" if setting.unit else ""
    return tr("Allowed: {low} to {high}", low=low, high=f"{high}{unit}")


def _shortest(value: float) -> str:
    """A number with no more decimals than it needs."""
    return number(value, len(f"{value:.10g}".partition(".")[2]))


def choice_label(choice: str) -> str:
    """What a choice is called in the window; names of techniques stay as they are."""
    return {
        "auto": tr("Automatic"),
        "en": "English",
        "es": "Español",
        "light": tr("Light"),
        "dark": tr("Dark"),
        "cpu": tr("Processor"),
        "cuda": tr("Graphics card"),
        "none": tr("None"),
        "remote": tr("Remote server"),
        "debug": tr("Everything"),
        "info": tr("Normal"),
        "warning": tr("Warnings"),
        "error": tr("Errors"),
        "vllm": "vLLM",
        "shared": tr("Shared by profiles"),
        "own": tr("Its own"),
        "hold": tr("Hold it while you speak"),
        "always": tr("Always"),
        "others": tr("Only for tools that are not built in"),
        "toggle": tr("Press to begin and to end"),
        "full": tr("With the first sentence"),
        "brief": tr("Without what was said"),
        "on": tr("On"),
        "off": tr("Off"),
        "chat": tr("Everyday"),
        "technical": tr("Technical"),
        "reasoning": tr("Hard"),
    }.get(choice, choice)


def _unit(setting: Setting) -> str:
    return "×" if setting.unit == "x" else setting.unit


def _dress(box: QSpinBox | QDoubleSpinBox, setting: Setting) -> None:
    box.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.UpDownArrows)
    box.setKeyboardTracking(True)
    box.setGroupSeparatorShown(True)
    box.lineEdit().setTextMargins(6, 0, 0, 0)  # a stylesheet cannot pad it
    if setting.unit:
        box.setSuffix(f" {_unit(setting)}")
