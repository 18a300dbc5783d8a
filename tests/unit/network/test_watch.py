"""The gate of this process and the filter below it: what goes out is noted, and under the seal refused."""

from __future__ import annotations

import ctypes
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from jarvis_desktop.errors import NetworkError
from jarvis_desktop.events import Connection, Reason, Seal
from jarvis_desktop.network import filter as system_filter
from jarvis_desktop.network.gate import GATE, refuse_all
from jarvis_desktop.network.ledger import MOST_BYTES, Ledger
from jarvis_desktop.network.watch import WATCH, watched
from tests.stranger import Stranger, stranger

filtered = pytest.mark.skipif(
    not system_filter.available(), reason="needs seccomp notifications of Linux 5.5"
)

# In C, so that nothing of Python's could refuse it: connect, then a datagram.
NATIVE = """
import ctypes, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
host, port = sys.argv[1], int(sys.argv[2])
address = struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton(host) + bytes(8)
stream = libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
print("connected" if libc.connect(stream, address, 16) == 0 else ctypes.get_errno())
datagram = libc.socket(socket.AF_INET, socket.SOCK_DGRAM, 0)
print("sent" if libc.sendto(datagram, b"x", 1, 0, address, 16) == 1 else ctypes.get_errno())
"""


@dataclass
class Net:
    """A watched process, its ledger and the switch."""

    ledger: Ledger
    offline: bool = False

    def noted(self) -> list[Connection]:
        return list(reversed(self.ledger.read()))


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Net]:
    known = Net(Ledger(tmp_path / "connections.jsonl"))
    with watched(known.ledger.path, lambda: known.offline):
        yield known


@pytest.fixture
def other() -> Iterator[Stranger]:
    with stranger() as known:
        yield known


def child(code: str, *arguments: object, who: str = "helper") -> list[str]:
    """What a watched child process prints."""
    command = WATCH.command((sys.executable, "-c", code, *map(str, arguments)), who)
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.split()


def test_what_is_announced_is_noted_with_its_reason_and_the_rest_as_unexpected(
    net: Net, other: Stranger
) -> None:
    socket.create_connection((other.host, other.port)).close()
    GATE.announce(Reason.MODEL_DOWNLOAD, "models.example", other.port, who="models", detail="a.gguf")
    socket.create_connection((other.host, other.port)).close()
    GATE.received(42)
    with socket.create_server(("127.0.0.1", 0)) as local:
        socket.create_connection(local.getsockname()).close()

    unexpected, download = net.noted()
    assert (unexpected.host, unexpected.reason, unexpected.allowed) == (other.host, Reason.UNEXPECTED, True)
    assert (download.host, download.reason, download.detail, download.received) == (
        "models.example",
        Reason.MODEL_DOWNLOAD,
        "a.gguf",
        42,
    )


def test_what_is_expected_is_noted_so_from_any_thread_and_to_that_port_only(
    net: Net, other: Stranger
) -> None:
    GATE.expect(Reason.QUEUE, other.host, other.port, who="server")
    connecting = threading.Thread(target=lambda: socket.create_connection((other.host, other.port)).close())
    connecting.start()
    connecting.join()
    with suppress(OSError):
        socket.create_connection((other.host, 1), timeout=1).close()
    assert [(each.port, each.reason) for each in net.noted()] == [
        (other.port, Reason.QUEUE),
        (1, Reason.UNEXPECTED),
    ]


def test_under_the_seal_this_process_reaches_nobody_and_asks_for_no_name(net: Net, other: Stranger) -> None:
    net.offline = True
    with pytest.raises(PermissionError):
        socket.create_connection((other.host, other.port))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, pytest.raises(PermissionError):
        datagram.sendto(b"x", (other.host, other.port))
    with pytest.raises(PermissionError):
        socket.getaddrinfo("example.com", 443)
    with pytest.raises(NetworkError) as refused:
        GATE.announce(Reason.REMOTE_ENGINE, "llm.example", 443, who="engine")

    assert refused.value.code == "network.sealed"
    assert other.heard == []
    assert [each.allowed for each in net.noted()] == [False] * 4
    assert net.noted()[-1].reason is Reason.REMOTE_ENGINE


@filtered
def test_native_code_of_a_child_is_noted_and_under_the_seal_refused(net: Net, other: Stranger) -> None:
    assert child(NATIVE, other.host, other.port) == ["connected", "sent"]
    net.offline = True
    assert child(NATIVE, other.host, other.port) == ["1", "1"]  # EPERM

    assert WATCH.seal is Seal.SYSTEM
    assert len(other.heard) == 1
    noted = net.noted()
    assert [each.allowed for each in noted] == [True, True, False, False]
    assert {(each.host, each.port, each.who, each.reason) for each in noted} == {
        (other.host, other.port, "helper", Reason.UNEXPECTED)
    }


@filtered
def test_under_the_seal_a_grandchild_reaches_this_computer_only(net: Net, other: Stranger) -> None:
    net.offline = True
    below = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {NATIVE!r}, *sys.argv[1:]])"
    with socket.create_server(("127.0.0.1", 0)) as local:
        assert child(below, "127.0.0.1", local.getsockname()[1]) == ["connected", "sent"]
    assert child(below, other.host, other.port) == ["1", "1"]
    assert child(below, "127.0.0.1", 53) == ["1", "1"]  # a resolver would carry the name out
    assert other.heard == []


@filtered
def test_the_seal_closes_what_is_connected_in_the_tree(net: Net, other: Stranger) -> None:
    waits = "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n"
    waits += "print('open', flush=True); print(s.recv(1) or 'closed')"
    command = WATCH.command((sys.executable, "-c", waits, other.host, str(other.port)), "helper")
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        socket.create_connection((other.host, other.port), timeout=10) as own,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        net.offline = True
        WATCH.cut()
        assert process.stdout.readline() == "closed\n"
        assert own.recv(1) == b""


def test_a_worker_that_nobody_watches_refuses_other_computers_itself() -> None:
    code = f"from {refuse_all.__module__} import refuse_all; refuse_all()\n{PLAIN}"
    assert run(code, "192.0.2.1") == "refused"
    assert run(code, "127.0.0.1") == "tried"


PLAIN = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], 9), timeout=1)
except PermissionError:
    print("refused")
except OSError:
    print("tried")
"""


def run(code: str, host: str) -> str:
    done = subprocess.run([sys.executable, "-c", code, host], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_ledger_stays_small_survives_damage_and_is_cleared(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "connections.jsonl")
    many = MOST_BYTES // 100
    for number in range(many):
        ledger.note(Connection(str(number), number, "example.com", 443, "x", Reason.UNEXPECTED, True))
    with ledger.path.open("a") as file:
        file.write('\n[]\n{"id": "half')
    ledger.note(Connection("last", many, "example.com", 443, "x", Reason.UNEXPECTED, True))
    found = ledger.read()

    assert ledger.path.stat().st_size <= MOST_BYTES
    assert found[0].id == "last"
    assert many // 4 < len(found) < many
    ledger.clear()
    assert ledger.read() == ()


@filtered
def test_a_connection_of_native_code_in_this_process_is_found(net: Net, other: Stranger) -> None:
    """The gate does not see it; whoever looks at what is connected does."""
    address = struct.pack("=H", socket.AF_INET) + struct.pack("!H", other.port)
    with socket.socket() as own:
        libc = ctypes.CDLL(None)
        assert libc.connect(own.fileno(), address + socket.inet_aton(other.host) + bytes(8), 16) == 0
        assert net.noted() == []
        WATCH.look()
        (found,) = net.noted()
        assert (found.host, found.port, found.reason) == (other.host, other.port, Reason.UNEXPECTED)
