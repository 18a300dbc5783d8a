"""Guarded processes: nothing outlives the program, however either side ends. All with real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jarvis_desktop.processes.guard import GuardedProcess

ROOT = Path(__file__).parents[3]

FAMILY = textwrap.dedent("""
    import os, subprocess, sys, time
    # a child in a session of its own, as vLLM's engine core, and a grandchild whose parent has gone
    escaped = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    spawn = ("import subprocess, sys; nap = [sys.executable, '-c', 'import time; time.sleep(600)'];"
             "print(subprocess.Popen(nap, stdout=subprocess.DEVNULL).pid)")
    orphan = subprocess.run([sys.executable, "-c", spawn], stdout=subprocess.PIPE, text=True)
    print("family", os.getpid(), escaped.pid, orphan.stdout.strip(), flush=True)
    time.sleep(600)
""")
"""A command that starts a child which leaves the session and one that is orphaned, and tells their pids."""

STUBBORN = textwrap.dedent("""
    import os, signal, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("family", os.getpid(), flush=True)
    time.sleep(600)
""")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def wait_until(condition: Callable[[], bool], limit_s: float = 20.0) -> bool:
    """Poll for something that happens in another process; the limit only ends a failing test."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def all_gone(pids: list[int]) -> bool:
    return all(gone(pid) for pid in pids)


class Family:
    """Collects the pids that a command tells."""

    def __init__(self) -> None:
        self.told = asyncio.Event()
        self.pids: list[int] = []

    def hear(self, line: str) -> None:
        word, *pids = line.split()
        if word == "family":
            self.pids = [int(pid) for pid in pids]
            self.told.set()


async def start_family(code: str, **options: float) -> tuple[GuardedProcess, list[int]]:
    family = Family()
    process = GuardedProcess(python(code), on_line=family.hear, **options)  # type: ignore[arg-type]
    await process.start()
    await asyncio.wait_for(family.told.wait(), 20)
    assert process.pid == family.pids[0]
    return process, family.pids


def test_tells_output_and_exit_status() -> None:
    lines: list[str] = []

    async def run() -> GuardedProcess:
        process = GuardedProcess(
            python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(7)"),
            on_line=lines.append,
        )
        await process.start()
        await process.wait()
        return process

    process = asyncio.run(run())
    assert sorted(lines) == ["err", "out"]
    assert process.returncode == 7
    assert process.pid is None


def test_tells_which_signal_ended_the_command() -> None:
    async def run() -> int:
        process = GuardedProcess(python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"))
        await process.start()
        return await process.wait()

    assert asyncio.run(run()) == -signal.SIGSEGV


def test_progress_bars_and_endless_lines_are_cut_into_pieces() -> None:
    lines: list[str] = []

    async def run() -> None:
        code = "import sys; sys.stdout.write('10%\\r50%\\r100%\\n' + 'x' * 300_000 + '\\nend\\n')"
        process = GuardedProcess(python(code), on_line=lines.append)
        await process.start()
        await process.wait()

    asyncio.run(run())
    assert lines[:3] == ["10%", "50%", "100%"]
    assert lines[-1] == "end"
    assert max(map(len, lines)) <= 4096


def test_a_command_that_cannot_be_executed_is_an_os_error() -> None:
    async def run() -> None:
        process = GuardedProcess(["/no/such/program"])
        await process.start()

    with pytest.raises(OSError, match="/no/such/program"):
        asyncio.run(run())


def test_the_command_gets_the_environment_it_is_given() -> None:
    lines: list[str] = []

    async def run() -> None:
        process = GuardedProcess(
            python("import os; print(os.environ['SECRET'], 'HOME' in os.environ)"),
            env={"SECRET": "abc"},
            on_line=lines.append,
        )
        await process.start()
        await process.wait()

    asyncio.run(run())
    assert lines == ["abc False"]


def test_stop_ends_the_whole_family() -> None:
    async def run() -> list[int]:
        process, pids = await start_family(FAMILY)
        await process.stop()
        await process.stop()  # safe twice
        assert process.returncode == -signal.SIGTERM
        return pids

    pids = asyncio.run(run())
    assert len(pids) == 3
    assert all_gone(pids)


def test_stop_forces_a_command_that_ignores_the_request() -> None:
    async def run() -> GuardedProcess:
        process, _ = await start_family(STUBBORN, grace_s=0.2)
        await process.stop()
        return process

    assert asyncio.run(run()).returncode == -signal.SIGKILL


def test_kill_ends_a_stopped_command() -> None:
    async def run() -> list[int]:
        process, pids = await start_family(FAMILY)
        os.kill(pids[0], signal.SIGSTOP)
        await process.kill()
        return pids

    assert all_gone(asyncio.run(run()))


def test_stop_while_starting_leaves_nothing() -> None:
    lines: list[str] = []

    async def run() -> GuardedProcess:
        process = GuardedProcess(python("import time; time.sleep(600)"), on_line=lines.append)
        starting = asyncio.create_task(process.start())
        await asyncio.sleep(0)
        await process.stop()
        await starting
        return process

    assert asyncio.run(run()).returncode is not None


def test_cancelling_the_start_leaves_nothing() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}

    async def run() -> None:
        process = GuardedProcess(python("import time; time.sleep(600)"))
        starting = asyncio.create_task(process.start())
        await asyncio.sleep(0.02)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(run())
    assert wait_until(lambda: {child.pid for child in psutil.Process().children(recursive=True)} <= before)


def test_a_dead_command_takes_its_children_along() -> None:
    async def run() -> list[int]:
        process, pids = await start_family(FAMILY)
        os.kill(pids[0], signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        return pids

    assert all_gone(asyncio.run(run()))


HOLDER = textwrap.dedent("""
    import os, signal, time
    from multiprocessing import shared_memory
    memory = shared_memory.SharedMemory(create=True, size=1024)
    if os.fork() == 0:  # a helper that holds on to the memory's tracker and will not listen
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(600)
    print("segment", memory.name, flush=True)
    time.sleep(600)
""")


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="shared memory is no file on this system")
def test_shared_memory_of_a_dead_command_is_freed() -> None:
    async def run() -> Path:
        told: list[str] = []
        heard = asyncio.Event()

        def hear(line: str) -> None:
            told.append(line)
            heard.set()

        process = GuardedProcess(python(HOLDER), on_line=hear)
        await process.start()
        await asyncio.wait_for(heard.wait(), 20)
        segment = Path("/dev/shm") / told[0].split()[1]
        assert segment.exists()
        await process.kill()
        return segment

    assert not asyncio.run(run()).exists()


def test_a_killed_guardian_takes_the_command_along(caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> list[int]:
        process, pids = await start_family(STUBBORN)
        guardian = psutil.Process(pids[0]).ppid()
        os.kill(guardian, signal.SIGKILL)
        assert await process.wait() != 0
        return pids

    pids = asyncio.run(run())
    assert wait_until(lambda: all_gone(pids))


PARENT = textwrap.dedent("""
    import asyncio, sys
    from jarvis_desktop.processes.guard import GuardedProcess

    async def main():
        tell = lambda line: print(line, flush=True)
        process = GuardedProcess([sys.executable, "-c", sys.argv[1]], on_line=tell)
        await process.start()
        await process.wait()

    asyncio.run(main())
""")


@pytest.mark.parametrize("family", [FAMILY, STUBBORN], ids=["family", "stubborn"])
@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_family_dies_with_the_program(family: str, death: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, family], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()[1:]]
        guardian = psutil.Process(pids[0]).ppid()
        parent.send_signal(death)
    assert wait_until(lambda: all_gone([*pids, guardian]))


def test_the_family_dies_with_a_program_that_had_forked() -> None:
    """A forked child holds a copy of the pipe: its end alone would never be seen."""
    forking = PARENT.replace(
        "await process.start()", "await process.start(); import os; os.fork() or __import__('time').sleep(30)"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", forking, FAMILY], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()[1:]]
        copies = [c.pid for c in psutil.Process(parent.pid).children() if c.cmdline()[1:2] == ["-W"]]
        parent.kill()
        parent.wait()
        assert wait_until(lambda: all_gone(pids))
        for copy in copies:
            os.kill(copy, signal.SIGKILL)
    assert copies
