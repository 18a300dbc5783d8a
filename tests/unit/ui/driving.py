"""Hands and eyes for the tests of the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from jarvis_desktop.events import Timings, TurnFinished, Usage
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.messages import Answer, Question

from .fake_core import FakeCore


def play(core: FakeCore, *events: object) -> None:
    """Emit and let the window take it in."""
    core.emit(*events)  # type: ignore[arg-type]
    QApplication.processEvents()
    QApplication.processEvents()


def answers(desktop: Desktop) -> list[Answer]:
    return [found for found in messages(desktop) if isinstance(found, Answer)]


def questions(desktop: Desktop) -> list[Question]:
    return [found for found in messages(desktop) if isinstance(found, Question)]


def messages(desktop: Desktop) -> list[QWidget]:
    return list(desktop.window.conversation.messages())


def finished(turn_id: str, reply: str, **timings: float) -> TurnFinished:
    return TurnFinished(turn_id, reply, "tiny", "llama.cpp", Timings(**timings), Usage(10, 20, 42.0))


def mouse(button: QAbstractButton, kind: QEvent.Type) -> None:
    centre = QPointF(button.rect().center())
    pressed = Qt.MouseButton.LeftButton
    held = pressed if kind is QEvent.Type.MouseButtonPress else Qt.MouseButton.NoButton
    where = QPointF(button.mapToGlobal(centre.toPoint()))
    QApplication.sendEvent(
        button, QMouseEvent(kind, centre, where, pressed, held, Qt.KeyboardModifier.NoModifier)
    )


def space(target: QWidget, kind: QEvent.Type, *, repeated: bool = False) -> None:
    no = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(target, QKeyEvent(kind, Qt.Key.Key_Space, no, " ", repeated))


def drop(target: QWidget, *files: Path) -> bool:
    """Drag files onto a widget and let go; whether it took them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    left, no = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, left, no)
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        QApplication.sendEvent(target, QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, left, no))
    return enter.isAccepted()


DOWN, UP = QEvent.Type.KeyPress, QEvent.Type.KeyRelease


def texts(widget: QWidget) -> str:
    """All the words a user can read in a widget now."""
    shown = [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]
    return "\n".join(shown)
