"""Lets connections of child processes pass, or refuses them, and notes each; see `filter`.

One thread answers for all of them. It also looks, every few seconds, at what is connected on the whole tree
of processes: what neither the filter nor the gate has told of is noted as unexpected.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import logging
import os
import secrets
import select
import socket
import struct
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from jarvis_desktop.events import Connection, Reason, Seal
from jarvis_desktop.network import filter as system_filter
from jarvis_desktop.network.gate import DNS_PORTS, GATE, is_local, stays_here, unexpected
from jarvis_desktop.network.ledger import Ledger

if sys.platform == "linux":
    import fcntl

_log = logging.getLogger(__name__)

LOOK_SECONDS = 10.0
"""How often connections are looked for that nobody told of."""

_RECEIVE, _SEND = 0xC0502100, 0xC0182101  # linux/seccomp.h: SECCOMP_IOCTL_NOTIF_RECV, _SEND
_VALID = 0x40082102  # SECCOMP_IOCTL_NOTIF_ID_VALID
_CONTINUE = 1  # the call goes on as if nobody had looked
_PIDFD_GETFD = 438  # on every machine
_HEADER = 56  # bytes of a message header, of which the first 12 tell the address
_MOST_MESSAGES = 64
_RESOLVERS = (b"systemd/resolve", b"nscd", b"mdns")
"""Parts of the paths of local sockets that look names up for other programs."""


@dataclass(frozen=True, slots=True)
class _Child:
    """What is behind a listening end."""

    who: str
    reason: Reason
    detail: str


class Watch:
    """Of this program's child processes; `run` while there are any, else `command` changes nothing."""

    def __init__(self) -> None:
        self._address = ""
        self._expected: dict[str, _Child] = {}
        self._children: dict[int, _Child] = {}  # by listening end
        self._numbers = itertools.count()
        self._failed = False

    @property
    def seal(self) -> Seal:
        """Who keeps child processes from the network."""
        return Seal.SYSTEM if self._address and not self._failed else Seal.PROGRAM

    @contextmanager
    def run(self) -> Iterator[None]:
        """Answer for child processes until the end of the block."""
        stop, stopped = socket.socketpair()
        server: socket.socket | None = None
        if system_filter.available():
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            address = f"jarvis-network-{os.getpid()}-{secrets.token_hex(8)}"
            server.bind(f"\0{address}")
            server.listen(16)
            self._address = address
        thread = threading.Thread(target=self._serve, args=(server, stopped), name="network", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._address = ""
            stop.close()
            thread.join()
            stopped.close()
            if server is not None:
                server.close()
            for listener in self._children:
                os.close(listener)
            self._children.clear()

    def command(
        self,
        command: Sequence[str],
        who: str,
        reason: Reason = Reason.UNEXPECTED,
        detail: str = "",
    ) -> tuple[str, ...]:
        """`command` as it has to be started to be watched; what it connects to is noted as told here."""
        if not self._address:
            return tuple(command)
        number = str(next(self._numbers))
        self._expected[number] = _Child(who, reason, detail)
        return (sys.executable, "-I", "-S", system_filter.__file__, self._address, number, *command)

    def cut(self) -> None:
        """Close every connection of the tree to other computers."""
        for process, fd, _, port in _outgoing():
            with contextlib.suppress(OSError):
                number = os.dup(fd) if process == os.getpid() else _fetched(process, fd)
                with socket.socket(fileno=number) as connection:
                    connection.shutdown(socket.SHUT_RDWR)
                    _log.info("closed the connection of process %s to port %s", process, port)

    # --- the thread -------------------------------------------------------------------------------------

    def _serve(self, server: socket.socket | None, stopped: socket.socket) -> None:
        if server is None:
            while not select.select([stopped], [], [], LOOK_SECONDS)[0]:
                self.look()
            return
        poll = select.poll()
        poll.register(stopped, select.POLLIN | select.POLLHUP)
        poll.register(server, select.POLLIN)
        looked_at = time.monotonic()
        while True:
            for fd, happened in poll.poll(LOOK_SECONDS * 1000):
                if fd == stopped.fileno():
                    return
                self._attend(poll, server, fd, happened)
            if time.monotonic() - looked_at >= LOOK_SECONDS:
                self.look()
                looked_at = time.monotonic()

    def _attend(self, poll: select.poll, server: socket.socket, fd: int, happened: int) -> None:
        if fd == server.fileno():
            if (listener := self._welcome(server)) is not None:
                poll.register(listener, select.POLLIN)
        elif happened & select.POLLIN:
            self._answer(fd)
        else:  # nobody is behind it any more
            poll.unregister(fd)
            del self._children[fd]
            os.close(fd)

    def _welcome(self, server: socket.socket) -> int | None:
        """Take over the listening end of a command that is being started."""
        with server.accept()[0] as child:
            child.settimeout(LOOK_SECONDS)
            listener = None
            try:
                peer = child.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                pid, user, _ = struct.unpack("3i", peer)
                number, fd = child.recv(64).decode().split()
                if user != os.getuid() or fd == "-":
                    raise PermissionError("no filter")
                listener = _fetched(pid, int(fd))
                self._children[listener] = self._expected.pop(number)
            except (OSError, ValueError) as error:
                _log.warning("a child process is not watched: %s", error)
                self._failed = True
            with contextlib.suppress(OSError):
                child.send(b".")
        return listener

    def _answer(self, listener: int) -> None:
        """Decide on one call that waits."""
        request = bytearray(80)
        try:
            fcntl.ioctl(listener, _RECEIVE, request)
        except OSError:  # the process has gone
            return
        identity, pid, _, call, _, _, *arguments = struct.unpack("=QIIiIQ6Q", request)
        try:
            targets = _targets(pid, call, arguments)
            fcntl.ioctl(listener, _VALID, struct.pack("=Q", identity))  # that process it was
            allowed = [self._allow(self._children[listener], pid, target) for target in targets]
        except Exception as error:  # or this thread would end, and every child wait for ever
            _log.warning("a connection of a child process could not be judged: %s", type(error).__name__)
            allowed = [not GATE.sealed]
        response = (0, 0, _CONTINUE) if all(allowed) else (0, -errno.EPERM, 0)
        with contextlib.suppress(OSError):
            fcntl.ioctl(listener, _SEND, struct.pack("=QqiI", identity, *response))

    def _allow(self, child: _Child, pid: int, target: bytes) -> bool:
        family = struct.unpack_from("=H", target)[0] if len(target) >= 2 else 0
        if family == socket.AF_UNIX:
            return not (GATE.sealed and any(name in target for name in _RESOLVERS))
        if family in (socket.AF_UNSPEC, socket.AF_NETLINK):
            return True
        host, port = _host_port(family, target)
        if stays_here(host, port) or (is_local(host) and not GATE.sealed):
            return True
        allowed = not GATE.sealed
        if not (port in DNS_PORTS and GATE.knows(host, port) and allowed):
            who = child.who or _name(pid)
            note = Connection(
                uuid.uuid4().hex, time.time(), host, port, who, child.reason, allowed, child.detail
            )
            GATE.note(note, host)
        return allowed

    def look(self) -> None:
        """Note what is connected in the tree and was not told of; done again and again by itself."""
        missed = [each for each in _outgoing() if not GATE.knows(each[2], each[3])]
        for process, _, host, port in missed:
            GATE.note(unexpected(host, port, _name(process), allowed=True), host)
        if missed and GATE.sealed:
            self.cut()


def _targets(pid: int, call: int, arguments: Sequence[int]) -> list[bytes]:
    """The addresses (struct sockaddr) that a call of a process is to reach. Raises `OSError`."""
    calls = next(each for each in system_filter.CALLS.values() if call in each.values())
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:

        def read(at: int, size: int) -> bytes:
            memory.seek(at)
            return memory.read(size)

        if call == calls["connect"]:
            return [read(arguments[1], min(arguments[2], 128))]
        if call == calls["sendto"]:
            return [read(arguments[4], min(arguments[5], 128))]
        count, step = (1, _HEADER) if call == calls["sendmsg"] else (arguments[2], _HEADER + 8)
        headers = read(arguments[1], min(count, _MOST_MESSAGES) * step)
        found = (struct.unpack_from("=QI", headers, at) for at in range(0, len(headers), step))
        return [read(at, min(size, 128)) for at, size in found if at and size]


def _host_port(family: int, target: bytes) -> tuple[str, int]:
    if family == socket.AF_INET and len(target) >= 8:
        return socket.inet_ntop(family, target[4:8]), struct.unpack_from("!H", target, 2)[0]
    if family == socket.AF_INET6 and len(target) >= 24:
        return socket.inet_ntop(family, target[8:24]), struct.unpack_from("!H", target, 2)[0]
    return f"address family {family}", 0


def _fetched(pid: int, fd: int) -> int:
    """A copy of a file descriptor of another process of ours. Raises `OSError`."""
    if sys.platform != "linux":
        raise OSError(errno.ENOTSUP, "only on Linux")
    process = os.pidfd_open(pid)
    try:
        copy: int = ctypes.CDLL(None, use_errno=True).syscall(_PIDFD_GETFD, process, fd, 0)
        if copy < 0:
            raise OSError(ctypes.get_errno(), "pidfd_getfd")
        return copy
    finally:
        os.close(process)


def _outgoing() -> list[tuple[int, int, str, int]]:
    """Process, file descriptor, address and port of each connection of the tree to another computer."""
    root = psutil.Process()
    seen = []
    for process in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.Error, OSError):
            seen += [(process.pid, each) for each in process.net_connections(kind="inet")]
    listening = {each.laddr.port for _, each in seen if each.status == psutil.CONN_LISTEN}
    return [
        (pid, each.fd, each.raddr.ip, each.raddr.port)
        for pid, each in seen
        if each.raddr
        and each.laddr.port not in listening  # that one came to us
        and not stays_here(each.raddr.ip, each.raddr.port)
    ]


def _name(pid: int) -> str:
    with contextlib.suppress(psutil.Error):
        return str(psutil.Process(pid).name())
    return f"process {pid}"


@contextmanager
def watched(ledger: Path, sealed: Callable[[], bool]) -> Iterator[None]:
    """Note what this process and those below it connect to in a file; refuse it while `sealed` says so."""
    GATE.open(Ledger(ledger), sealed)
    try:
        with WATCH.run():
            yield
    finally:
        GATE.close()


WATCH = Watch()
"""Of this process and those below it."""
