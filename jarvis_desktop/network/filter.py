"""Puts a command under a filter of Linux's: its connections wait until Jarvis has let them pass.

Run as a script, by itself and with the standard library only: ``filter.py SOCKET NUMBER COMMAND...``. It
installs the filter, which everything below the command inherits and nothing can take off, tells the program
over the abstract socket SOCKET where the filter's listening end is, and becomes the command of that NUMBER.
Where the system refuses the filter, it becomes the command without one and tells so. Once the program is
gone, nothing answers, and no connection opens.
"""

from __future__ import annotations

import ctypes
import os
import platform
import shutil
import socket
import struct
import sys

WATCHED = "JARVIS_WATCHED"
"""A variable of processes that need not refuse connections by themselves: the program is asked about them."""

# linux/seccomp.h, linux/prctl.h, linux/filter.h, linux/audit.h
_PR_SET_NO_NEW_PRIVS = 38
_SET_MODE_FILTER = 1
_GET_ACTION_AVAIL = 2
_NEW_LISTENER = 1 << 3
_ALLOW, _NOTIFY, _REFUSE = 0x7FFF0000, 0x7FC00000, 0x00050000 | 1  # 1: EPERM
_LOAD, _EQUAL, _LEAST, _SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIFTH_LOW, _FIFTH_HIGH = 0, 4, 48, 52  # offsets in seccomp_data
_EACH_IO_URING = 425
_X32 = 0x40000000

CALLS = {
    "x86_64": {
        "arch": 0xC000003E,
        "seccomp": 317,
        "connect": 42,
        "sendto": 44,
        "sendmsg": 46,
        "sendmmsg": 307,
    },
    "aarch64": {
        "arch": 0xC00000B7,
        "seccomp": 277,
        "connect": 203,
        "sendto": 206,
        "sendmsg": 211,
        "sendmmsg": 269,
    },
}
"""Numbers of system calls, by machine."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def available() -> bool:
    """Whether this system can show connections to the program (Linux 5.5 and later)."""
    calls = CALLS.get(platform.machine())
    if calls is None or not sys.platform.startswith("linux"):
        return False
    release = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2] if part.isdigit())
    action = ctypes.c_uint32(_NOTIFY)
    libc = ctypes.CDLL(None, use_errno=True)
    return (
        release >= (5, 5) and libc.syscall(calls["seccomp"], _GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0
    )


def install() -> int:
    """Put this process under the filter; the file descriptor of its listening end. Raises `OSError`."""
    calls = CALLS[platform.machine()]
    # Distributions let a set-user-id helper load NVIDIA's driver; below the filter it would have no rights.
    if (helper := shutil.which("nvidia-modprobe")) is not None:
        os.spawnv(os.P_WAIT, helper, [helper, "-u", "-c=0"])
    libc = ctypes.CDLL(None, use_errno=True)
    program = _filter(calls)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no new privileges")
    fd: int = libc.syscall(
        calls["seccomp"],
        _SET_MODE_FILTER,
        _NEW_LISTENER,
        ctypes.byref(_Program(len(program) // 8, program)),
    )
    if fd < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return fd


def _filter(calls: dict[str, int]) -> bytes:
    """In the order they are met: a foreign architecture, what cannot be seen, what has to be asked for."""
    asked = [calls["connect"], calls["sendmsg"], calls["sendmmsg"]]
    steps: list[tuple[int, str, str, int]] = [
        (_LOAD, "", "", _ARCHITECTURE),
        (_EQUAL, "", "refuse", calls["arch"]),
        (_LOAD, "", "", _NUMBER),
        (_LEAST, "refuse", "", _X32),
        (_EQUAL, "refuse", "", _EACH_IO_URING),
        *((_EQUAL, "notify", "", number) for number in asked),
        (_EQUAL, "", "allow", calls["sendto"]),
        (_LOAD, "", "", _FIFTH_LOW),  # the address; without one the socket is connected
        (_EQUAL, "", "notify", 0),
        (_LOAD, "", "", _FIFTH_HIGH),
        (_EQUAL, "", "notify", 0),
        (_RETURN, "", "", _ALLOW),
        (_RETURN, "", "", _NOTIFY),
        (_RETURN, "", "", _REFUSE),
    ]
    targets = {"allow": len(steps) - 3, "notify": len(steps) - 2, "refuse": len(steps) - 1}

    def jump(at: int, target: str) -> int:
        return targets[target] - at - 1 if target else 0

    return b"".join(
        struct.pack("=HBBI", code, jump(at, true), jump(at, false), value)
        for at, (code, true, false, value) in enumerate(steps)
    )


def main() -> None:
    """Become the command, under the filter if that can be."""
    address, number, command = f"\0{sys.argv[1]}", sys.argv[2], sys.argv[3:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as program:
        program.connect(address)
        try:
            listener = install()
        except OSError:
            program.sendall(f"{number} -".encode())
        else:
            # It is fetched by its number: handing it over takes a call that would already wait for an answer.
            program.sendall(f"{number} {listener}".encode())
            os.environ[WATCHED] = "1"
        program.recv(1)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
