"""Ties a child process to its parent, so that a parent killed with -9 leaves no orphan.

Two lines are held: the parent's end of a pipe (end of file reaches the child on every system when the parent
dies) and, on Linux, a signal from the kernel that comes even while the child is stuck in native code.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent is gone; does nothing where the kernel cannot.

    Call it first thing in the child. Linux counts the *thread* that started the child as the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def watch_stdin() -> None:
    """Leave at once when stdin ends, from a thread of its own; for children that read nothing from stdin."""
    threading.Thread(target=_leave_at_end_of_stdin, name="lifeline", daemon=True).start()


def _leave_at_end_of_stdin() -> None:
    while os.read(0, 4096):
        continue
    os._exit(0)
