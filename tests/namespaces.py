"""Computers of their own: network namespaces of Linux, a cable between two, and what goes over it."""

from __future__ import annotations

import ctypes
import ipaddress
import itertools
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest

T = TypeVar("T")

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET of linux/sched.h
_EVERY_PROTOCOL = 0x0003  # ETH_P_ALL of linux/if_ether.h
_IPV4, _ARP, _IPV6 = 0x0800, 0x0806, 0x86DD
_OUTGOING = 4  # PACKET_OUTGOING of linux/if_packet.h
_HOP_BY_HOP, _TCP, _UDP, _ICMPV6 = 0, 6, 17, 58
_SYN, _ACK = 0x02, 0x10

_numbers = itertools.count()


@dataclass(frozen=True)
class Packet:
    """One that was sent; `opens` where it is the first of a TCP connection."""

    at: float  # seconds since 1970
    host: str
    port: int
    opens: bool

    @property
    def stays(self) -> bool:
        """It goes to this very computer, and asks no resolver there, which would ask others."""
        return ipaddress.ip_address(self.host).is_loopback and self.port not in (53, 5353)


@dataclass
class Namespace:
    """A computer without any network, at first; commands run in it as they do here."""

    name: str

    def command(self, *command: str) -> list[str]:
        """What runs `command` in here."""
        return ["ip", "netns", "exec", self.name, *command]

    def ip(self, *arguments: str) -> None:
        subprocess.run(["ip", "-netns", self.name, *arguments], check=True, capture_output=True)

    def within(self, call: Callable[[], T]) -> T:
        """The result of `call`, made by a thread in here: sockets it opens stay here."""

        def enter() -> T:
            libc = ctypes.CDLL(None, use_errno=True)
            with Path("/run/netns", self.name).open() as place:
                if libc.setns(place.fileno(), _NEW_NETWORK) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            return call()

        with ThreadPoolExecutor(1) as thread:  # a new one each time: there is no way back for it
            return thread.submit(enter).result()


@contextmanager
def namespace() -> Iterator[Namespace]:
    """A computer that has only itself to talk to; skips the test where none can be made."""
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs root on Linux, and ip, to make a network namespace")
    made = Namespace(f"jarvis-{os.getpid()}-{next(_numbers)}")
    done = subprocess.run(["ip", "netns", "add", made.name], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"cannot make a network namespace here: {done.stderr.strip()}")
    try:
        made.ip("link", "set", "lo", "up")
        yield made
    finally:
        subprocess.run(["ip", "netns", "delete", made.name], check=True)


@dataclass(frozen=True)
class Network:
    """Two computers; everything that `here` does not know goes to `there`."""

    here: Namespace
    there: Namespace
    address: str  # of `there`


@contextmanager
def network() -> Iterator[Network]:
    """`here` has a route to the whole world, which ends at `there`."""
    with namespace() as here, namespace() as there:
        here.ip("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", there.name)
        for each, number in ((here, 1), (there, 2)):
            each.ip("address", "add", f"10.77.0.{number}/24", "dev", "cable")
            each.ip("address", "add", f"fd77::{number}/64", "dev", "cable", "nodad")
            each.ip("link", "set", "cable", "up")
        here.ip("route", "add", "default", "via", "10.77.0.2")
        here.ip("-6", "route", "add", "default", "via", "fd77::2")
        yield Network(here, there, "10.77.0.2")


@dataclass
class Capture:
    """What a computer sent over any of its interfaces."""

    packets: list[Packet] = field(default_factory=list)

    def leaving(self) -> Sequence[Packet]:
        """The packets to other computers."""
        return [packet for packet in self.packets if not packet.stays]


@contextmanager
def captured(computer: Namespace) -> Iterator[Capture]:
    """Every packet that is sent until the end of the block; all of them are known after it."""
    capture = Capture()
    with computer.within(
        lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_EVERY_PROTOCOL))
    ) as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        raw.settimeout(0.1)
        over = threading.Event()

        def listen() -> None:
            while True:
                try:
                    frame, (_, protocol, kind, *_) = raw.recvfrom(128)
                except TimeoutError:
                    if over.is_set():
                        return
                    continue
                if kind == _OUTGOING and (packet := _read(protocol, frame[14:])):
                    capture.packets.append(packet)

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            yield capture
        finally:
            over.set()
            listener.join()


def _read(protocol: int, data: bytes) -> Packet | None:
    """None for what the kernel says by itself: ARP, ICMPv6, and what announces its groups."""
    if protocol == _IPV4:
        kind, host, rest = data[9], socket.inet_ntop(socket.AF_INET, data[16:20]), data[(data[0] & 15) * 4 :]
    elif protocol == _IPV6:
        kind, host, rest = data[6], socket.inet_ntop(socket.AF_INET6, data[24:40]), data[40:]
    else:
        assert protocol == _ARP, f"a packet of an unknown kind: {protocol:#x}"
        return None
    if kind in (_HOP_BY_HOP, _ICMPV6):
        return None
    port = struct.unpack_from("!H", rest, 2)[0] if kind in (_TCP, _UDP) else 0
    opens = kind == _TCP and rest[13] & (_SYN | _ACK) == _SYN
    return Packet(time.time(), host, port, opens)
