"""Runs a foreign command so that it can never outlive the program.

Between the program and the command stands a guardian: this file run as a script. It holds a pipe to the
program and ends the command and everything below it when the pipe closes, which the system does however the
program dies (also by kill -9). On Linux the command in turn dies with the guardian, and processes that the
command leaves behind fall to the guardian, so none escapes by changing its session.

The guardian half uses the standard library only and runs isolated and without `site`, so it is up in some
50 ms. Run by hand: ``python -m jarvis_desktop.processes.guard GRACE_SECONDS COMMAND...``. After
``--pipes PID`` input and output are the command's own, and the guardian looks for itself whether its parent
PID has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

_log = logging.getLogger(__name__)

GRACE_S = 2.0
"""Seconds between asking a command to end (SIGTERM) and forcing it (SIGKILL)."""

_TIDY_S = 1.0
_SWEEP_LIMIT_S = 2.0
_KILL = signal.SIGTERM if os.name == "nt" else signal.SIGKILL
_PARENT_POLL_S = 2.0
_LINE_LIMIT = 4096
_PIPES = "--pipes"
_LINUX = sys.platform.startswith("linux")
_WINDOWS = os.name == "nt"

# --- the program's side -----------------------------------------------------------------------------------


class GuardedProcess:
    """A command under guard. One instance is one run: `start`, then `wait` or `stop`.

    `on_line` receives each line the command prints (standard output and error together, at most 4096
    characters, terminal progress bars cut at their carriage returns), on the event loop.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        on_line: Callable[[str], None] | None = None,
        grace_s: float = GRACE_S,
    ) -> None:
        self._command = tuple(command)
        self._env = None if env is None else dict(env)
        self._on_line = on_line
        self._grace_s = grace_s
        self._guardian: asyncio.subprocess.Process | None = None
        self._supervision: asyncio.Task[int] | None = None
        self._pid: int | None = None
        self._returncode: int | None = None
        self._spawned = asyncio.Event()
        self._complaint = ""
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """Process id of the command (not of its guardian) while it runs."""
        return self._pid if self._returncode is None else None

    @property
    def returncode(self) -> int | None:
        """Exit status; negative is the signal that ended it; None before the end."""
        return self._returncode

    async def start(self) -> None:
        """Start the command; raises `OSError` when it cannot be executed."""
        self._guardian = await asyncio.create_subprocess_exec(
            sys.executable, "-I", "-S", str(Path(__file__)), str(self._grace_s), *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._env,
            **_detached(),
        )  # fmt: skip
        self._supervision = asyncio.create_task(self._supervise(self._guardian), name="guarded process")
        try:
            await self._spawned.wait()
        except asyncio.CancelledError:
            await self.stop()
            raise
        if self._stopping:
            await self.stop()
        if self._pid is None:
            await self.wait()
            raise OSError(self._complaint or "the guardian process did not start")

    async def wait(self) -> int:
        """Wait for the end of the command and all it started; its exit status."""
        assert self._supervision is not None, "not started"
        return await asyncio.shield(self._supervision)

    async def stop(self) -> None:
        """End the command and everything below it, by force after the grace time.

        Safe to call twice, and while `start` is still under way.
        """
        self._stopping = True
        if self._guardian is None or self._supervision is None:
            return
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        done, _ = await asyncio.wait(
            {self._supervision}, timeout=self._grace_s + 2 * _TIDY_S + _SWEEP_LIMIT_S
        )
        if not done:  # the guardian itself is stopped or stuck
            with contextlib.suppress(ProcessLookupError):
                self._guardian.kill()
        await self.wait()

    async def kill(self) -> None:
        """End a command that hangs: by force at once; what it started gets a second to tidy up."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, _KILL)
        await self.stop()

    async def _supervise(self, guardian: asyncio.subprocess.Process) -> int:
        assert guardian.stdout is not None
        assert guardian.stderr is not None
        output = asyncio.create_task(self._drain(guardian.stdout))
        word, value = _status(await guardian.stderr.readline())
        if word == "pid":
            self._pid = int(value)
        else:
            self._complaint = value
        self._spawned.set()
        word, value = _status(await guardian.stderr.read())
        await guardian.wait()
        if self._pid is None:
            self._returncode = 127
        elif word == "exit":
            self._returncode = int(value)
        else:
            _log.warning("the guardian of process %s died with status %s", self._pid, guardian.returncode)
            _kill_group(self._pid)
            self._returncode = -int(signal.SIGTERM)
        await output
        return self._returncode

    async def _drain(self, stream: asyncio.StreamReader) -> None:
        """Read to the end whatever comes: a full pipe would stop the command."""
        pending = b""
        while chunk := await stream.read(65536):
            *lines, pending = (pending + chunk).replace(b"\r", b"\n").split(b"\n")
            pending = pending[:_LINE_LIMIT]
            for line in lines:
                self._emit(line)
        self._emit(pending)

    def _emit(self, raw: bytes) -> None:
        line = raw[:_LINE_LIMIT].decode(errors="replace").rstrip()
        if line:
            _log.debug("[%s] %s", self._pid, line)
            if self._on_line is not None:
                self._on_line(line)


def guarded_pipes(command: Sequence[str]) -> tuple[str, ...]:
    """`command` under guard, for this program to start and to talk to over standard input and output.

    A request to end (SIGTERM) ends all of it. On Windows it ends with the job it is started in.
    """
    guardian = (sys.executable, "-I", "-S", str(Path(__file__)))
    return (*guardian, _PIPES, str(os.getpid()), str(GRACE_S), *command)


def _status(raw: bytes) -> tuple[str, str]:
    """What the guardian tells: a word (``pid``, ``exit``, ``error``) and its value."""
    word, _, value = raw.decode(errors="replace").strip().partition(" ")
    return word, value


def _detached() -> dict[str, Any]:
    """Keeps the terminal's Ctrl+C from the guardian: the program decides what ends."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _kill_group(pid: int) -> None:
    """Kill a command and its process group (on Windows: its process tree)."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, check=False)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


# --- the guardian's side ----------------------------------------------------------------------------------

_ORPHAN_POLL_S = 0.5
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_CHILD_SUBREAPER = 36


def _guard(grace_s: float, command: Sequence[str], parent: int = 0) -> int:
    """Run `command`; tell its pid and exit status on standard error; leave nothing behind.

    With a `parent` the command has this process' input and output, else no input.
    """
    prepare = _linux_ties() if _LINUX else None
    try:
        # The death signal fires when the thread that started the command ends: this is the main thread.
        process = subprocess.Popen(
            command,
            stdin=None if parent else subprocess.DEVNULL,
            stderr=None if parent else subprocess.STDOUT,
            preexec_fn=prepare,
            **_detached(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        _tell(f"error {error}")
        return 127
    _tell(f"pid {process.pid}")
    ended = threading.Event()
    try:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        lifeline = threading.Thread(target=_watch_parent, args=(process, grace_s, ended, parent), daemon=True)
        lifeline.start()
        returncode = process.wait()
    finally:
        ended.set()
        _sweep(process.pid)
    _tell(f"exit {returncode}")
    return 0


def _tell(status: str) -> None:
    with contextlib.suppress(OSError):  # the program may be gone
        os.write(2, f"{status}\n".encode())


def _watch_parent(
    process: subprocess.Popen[bytes], grace_s: float, ended: threading.Event, parent: int
) -> None:
    """Wait for the program to close its pipe (where that is ours to read) or die, then end the command."""
    piped, parent = not parent, parent or os.getppid()
    while not (_closed(0) if piped else ended.wait(_ORPHAN_POLL_S)):
        # A forked sibling may hold a copy of the pipe open after the program has died.
        if os.getppid() != parent and (piped or not _WINDOWS):  # a shim of Python's stands between there
            break
    if _WINDOWS:
        _kill_group(process.pid)
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    if not ended.wait(grace_s):
        process.kill()


def _closed(fd: int) -> bool:
    """True when the pipe `fd` has ended; waits at most two seconds for that (on Windows: until then)."""
    if not _WINDOWS and not select.select([fd], [], [], _PARENT_POLL_S)[0]:
        return False
    return os.read(fd, 4096) == b""


def _linux_ties() -> Callable[[], None]:
    """Makes orphans of the command fall to this process; returns what ties the command's life to ours."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    guardian = os.getpid()

    def die_with_guardian() -> None:
        prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != guardian:  # it died before the tie was made
            os._exit(1)

    return die_with_guardian


def _sweep(group: int) -> None:
    """End what the command left running: by request, after a second by force.

    Python's tracker of shared memory, which ignores requests, comes last of all: it ends by itself when the
    others have, and frees the memory they held (vLLM's: 160 MiB a start), which nothing else would.
    """
    if _WINDOWS:
        _kill_group(group)
        return
    tries: tuple[tuple[signal.Signals, float, Callable[[int], bool]], ...] = (
        (signal.SIGTERM, _TIDY_S, lambda _: True),
        (signal.SIGKILL, _TIDY_S, lambda pid: not _tracks_memory(pid)),
        (signal.SIGKILL, _SWEEP_LIMIT_S, lambda _: True),
    )
    for force, limit_s, concerns in tries:
        deadline = time.monotonic() + limit_s
        told: set[int] = set()
        while (left := _left_running(group)) and time.monotonic() < deadline:
            for pid in filter(concerns, left - told):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, force)
            told |= left
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(0.01)


def _tracks_memory(pid: int) -> bool:
    """Whether the process frees shared memory for others (`multiprocessing.resource_tracker`)."""
    try:
        return b"multiprocessing.resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _left_running(group: int) -> set[int]:
    """What to signal: on Linux each process below this one, elsewhere the process group as a whole."""
    if _LINUX:
        return _descendants(os.getpid())
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return set()
    return {-group}


def _descendants(root: int) -> set[int]:
    """Every process below `root`, dead ones not yet reaped included."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # "pid (any name) state parent ...": the name may hold spaces and brackets
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    below = {root}
    while grown := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= grown
    return below - {root}


if __name__ == "__main__":
    if sys.argv[1] == _PIPES:
        sys.exit(_guard(float(sys.argv[3]), sys.argv[4:], parent=int(sys.argv[2])))
    sys.exit(_guard(float(sys.argv[1]), sys.argv[2:]))
