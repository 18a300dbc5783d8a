"""Ties a child process to its parent, so that a parent killed with -9 leaves no orphan.

On every system the end of the pipe to the parent tells (see `serve`, `guard`); on Linux the kernel's signal
comes as well, also to a child that is stuck in native code.
"""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent is gone; does nothing where the kernel cannot.

    Call it first thing in the child. Linux counts the *thread* that started the child as the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
