"""Files dragged onto a window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from jarvis_desktop.ui.widgets import Label


def files_of(data: QMimeData) -> tuple[Path, ...]:
    """The files and folders of this machine that are dragged; nothing else."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


class FileDrop(QObject):
    """Makes a widget take files that are dropped on it, and say so while they hover."""

    dropped = Signal(object)  # tuple[Path, ...]

    def __init__(self, target: QWidget, words: Callable[[], str]) -> None:
        super().__init__(target)
        self._target = target
        self._words = words
        self._sign = Label(role="drop")
        self._sign.setParent(target)
        self._sign.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._sign.hide()
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QDragEnterEvent) and event.type() is QEvent.Type.DragEnter:
            if files_of(event.mimeData()):
                event.setDropAction(
                    Qt.DropAction.CopyAction
                )  # a move would have the file manager delete them
                event.accept()
                self._show()
                return True
        elif event.type() is QEvent.Type.DragLeave:
            self._sign.hide()
        elif isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            self._sign.hide()
            if files := files_of(event.mimeData()):
                event.setDropAction(Qt.DropAction.CopyAction)
                event.accept()
                self.dropped.emit(files)
                return True
        return False

    def _show(self) -> None:
        self._sign.setText(self._words())
        self._sign.setGeometry(self._target.rect().adjusted(12, 12, -12, -12))
        self._sign.show()
        self._sign.raise_()
