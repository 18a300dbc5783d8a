"""Finds what has no room in a window: words that are cut off, parts that stick out or lie on each other."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

from jarvis_desktop.ui.widgets import ElidedLabel

_SLACK = 1  # pixels that rounding may cost


def misfits(window: QWidget) -> list[str]:
    """What is wrong in `window` as it stands, one line each; hidden parts are left out."""
    found = []
    for widget in _visible(window):
        for complaint in (_cut_off(widget), _sticks_out(widget, window)):
            if complaint:
                found.append(f"{_called(widget)}: {complaint}")
    return found


def _visible(window: QWidget) -> Iterator[QWidget]:
    for widget in window.findChildren(QWidget):
        if widget.isVisibleTo(window) and widget.window() is window:
            yield widget


def _cut_off(widget: QWidget) -> str:
    """How the words of a widget lack room."""
    if isinstance(widget, ElidedLabel):
        return ""  # ends in an ellipsis on purpose, and tells the rest in its tooltip
    if isinstance(widget, QLabel) and widget.text():
        if widget.textFormat() is not Qt.TextFormat.PlainText:
            return _lacks(widget, 0, widget.heightForWidth(widget.width()))
        if not widget.wordWrap():
            return _lacks(widget, widget.sizeHint().width(), widget.sizeHint().height())
        longest = max(map(widget.fontMetrics().horizontalAdvance, widget.text().split()), default=0)
        return _lacks(widget, longest, widget.heightForWidth(widget.width()))
    picture_only = isinstance(widget, QToolButton) and not widget.icon().isNull()
    if isinstance(widget, QAbstractButton) and widget.text() and not picture_only:
        return _lacks(widget, widget.minimumSizeHint().width(), widget.minimumSizeHint().height())
    if isinstance(widget, QComboBox) and not widget.isEditable():
        option = QStyleOptionComboBox()
        widget.initStyleOption(option)
        room = widget.style().subControlRect(
            QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, widget
        )
        told, wide = widget.currentText(), widget.fontMetrics().horizontalAdvance(widget.currentText())
        fits = wide <= room.width() + _SLACK or told in widget.toolTip()
        return "" if fits else f"{told!r} needs {wide} of {room.width()} pixels"
    if isinstance(widget, QLineEdit) and not widget.text():
        begins = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center().x()
        return _hint(widget, widget.width() - begins - widget.textMargins().right())
    if isinstance(widget, QPlainTextEdit) and not widget.toPlainText():
        return _hint(widget, widget.viewport().width() - 2 * round(widget.document().documentMargin()))
    return ""


def _hint(field: QLineEdit | QPlainTextEdit, room: int) -> str:
    wide = field.fontMetrics().horizontalAdvance(field.placeholderText())
    return f"its hint needs {wide} of {room} pixels" if wide > room + _SLACK else ""


def _lacks(widget: QWidget, width: int, height: int) -> str:
    if width > widget.width() + _SLACK or height > widget.height() + _SLACK:
        return f"needs {width}x{height}, has {widget.width()}x{widget.height()}"
    return ""


def _sticks_out(widget: QWidget, window: QWidget) -> str:
    """How a widget leaves its parent; what is scrolled may be longer, but no wider, than what shows it."""
    parent = widget.parentWidget()
    if parent is None:
        return ""
    scrolled = isinstance(parent.parentWidget(), QAbstractScrollArea)
    place = widget.geometry()
    room = parent.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK)
    if scrolled:
        area = parent.parentWidget()
        assert isinstance(area, QAbstractScrollArea)
        if area.horizontalScrollBarPolicy() is not Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
            return ""
        room.setTop(-(10**6))
        room.setBottom(10**6)
    return "" if room.contains(place) else f"at {_told(place)} in {_told(parent.rect())}"


def _told(place: QRect) -> str:
    return f"{place.x()},{place.y()} {place.width()}x{place.height()}"


def _called(widget: QWidget) -> str:
    words = getattr(widget, "text", lambda: "")()
    parents = []
    above: QWidget | None = widget
    while above is not None and len(parents) < 4:
        parents.append(type(above).__name__)
        above = above.parentWidget()
    return f"{' < '.join(parents)} {str(words)[:50]!r}"
