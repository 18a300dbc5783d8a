"""One window per home folder: a lock file decides, a local socket carries what is wished to the first."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_LONGEST_SOCKET_PATH = 100  # bytes; the systems allow 104 to 108
_PATIENCE_S = 3.0  # for a first instance that has its lock and not yet its socket


_LONGEST_WISH = 64  # bytes


class Wish(StrEnum):
    """What another start asks of the first instance."""

    SHOW = "show"
    SHOW_OR_HIDE = "show-or-hide"
    TALK = "talk"  # begin, or end what was begun
    DICTATE = "dictate"  # likewise


class SingleInstance(QObject):
    """`claim` before anything is built; the first instance hears `asked` whenever another was started."""

    asked = Signal(Wish)

    def __init__(self, runtime: Path) -> None:
        super().__init__()
        self._runtime = runtime
        self._lock = _lock(runtime)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._connected)

    def claim(self, wish: Wish = Wish.SHOW) -> bool:
        """True for the first instance. Else the first one was told the wish, if it answers."""
        self._runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._lock.tryLock(0):
            QLocalServer.removeServer(_address(self._runtime))  # of an instance that was killed
            self._server.listen(_address(self._runtime))
            return True
        self._ask_first(wish)
        return False

    def release(self) -> None:
        """Let another instance be the first. Safe to call twice."""
        self._server.close()
        self._lock.unlock()

    def _ask_first(self, wish: Wish) -> None:
        until = time.monotonic() + _PATIENCE_S
        while time.monotonic() < until and not tell_first(self._runtime, wish):
            time.sleep(0.05)

    def _connected(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            connection.disconnected.connect(connection.deleteLater)
            connection.setReadBufferSize(_LONGEST_WISH)
            connection.readyRead.connect(self._read)

    def _read(self) -> None:
        connection = self.sender()
        if isinstance(connection, QLocalSocket) and connection.canReadLine():
            said = bytes(connection.readLine().data()).decode(errors="replace").strip()
            if said in set(Wish):
                self.asked.emit(Wish(said))


def runs(runtime: Path) -> bool:
    """Whether a window is open for this home folder; needs no `QApplication`."""
    if not runtime.is_dir():
        return False
    lock = _lock(runtime)
    if not lock.tryLock(0):
        return True
    lock.unlock()
    return False


def _lock(runtime: Path) -> QLockFile:
    lock = QLockFile(str(runtime / "window.lock"))
    # Qt breaks a lock whose process is gone at once; a living holder's lock never grows stale.
    lock.setStaleLockTime(0)
    return lock


def tell_first(runtime: Path, wish: Wish) -> bool:
    """Tell the first instance a wish, if there is one that answers at once; needs no `QApplication`."""
    socket = QLocalSocket()
    socket.connectToServer(_address(runtime))
    if not socket.waitForConnected(200):
        return False
    socket.write(f"{wish}\n".encode())
    socket.waitForBytesWritten(1000)
    socket.disconnectFromServer()
    return True


def _address(runtime: Path) -> str:
    path = str(runtime / "window.sock")
    name = f"jarvis-{hashlib.sha256(path.encode()).hexdigest()[:16]}"
    if sys.platform == "win32":
        return name  # a pipe
    return path if len(path.encode()) <= _LONGEST_SOCKET_PATH else f"{tempfile.gettempdir()}/{name}"
