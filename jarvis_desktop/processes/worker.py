"""A supervised child process that answers calls: heavy models live there, not in the window's process.

Importing and running them there keeps the window fluid, a crash takes nothing else along, and the end of the
process gives all its memory back.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import sys
import sysconfig
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Reason
from jarvis_desktop.network.filter import WATCHED
from jarvis_desktop.network.gate import GATE
from jarvis_desktop.network.watch import WATCH
from jarvis_desktop.processes import pipe
from jarvis_desktop.processes.pipe import Buffer, Reply

_log = logging.getLogger(__name__)

_STREAM_LIMIT = 1 << 20  # bytes buffered per pipe: large enough that a clip of speech takes few wake-ups
_PATIENCE = 2.0  # seconds a child gets at each step of being stopped
_PACKAGE_ROOT = Path(__file__).parents[2]

# What a child may know of our environment. A list of what is allowed: secrets have no naming rule.
_PASSED_ON = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "USERNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP",
    "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "JARVIS_HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
    "NUMBER_OF_PROCESSORS",
})  # fmt: skip
_PASSED_ON_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "OMP_", "XDG_")
_FOREIGN = (
    "LD_PRELOAD",
    "VLLM_",
    "TORCH",
    "TRITON_",
    "NCCL_",
    "GGML_",
    "HIP_",
    "HSA_",
    "ROCR_",
    "KMP_",
    "MKL_",
)
"""What engines and quantisers are tuned with, by how it begins."""

_SILENT = {"ORT_DISABLE_TELEMETRY": "1"}  # ONNX Runtime reports to its makers from 1.29 on


def child_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Environment for a child process: what programs need to run, no keys or tokens, and `extra` on top."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if key.upper() in _PASSED_ON or key.upper().startswith(_PASSED_ON_PREFIXES)
    }
    if str(_PACKAGE_ROOT) not in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(_PACKAGE_ROOT), kept.get("PYTHONPATH")]))
    if sys.flags.no_user_site:  # a packaged program runs with what it was packed with
        kept["PYTHONNOUSERSITE"] = "1"
    return kept | _SILENT | dict(extra or {})


def foreign_environment() -> dict[str, str]:
    """Environment for a program of others: as `child_environment`, and what such programs are tuned with."""
    tuned = {name: value for name, value in os.environ.items() if name.startswith(_FOREIGN)}
    return child_environment(tuned)


class Worker:
    """One child process running `python -m module`, which ends in `serve.serve`.

    `died` makes the error that pending and later calls raise once the process is gone. All methods belong to
    one event loop, whose thread has to outlive the process (see `lifeline.die_with_parent`).
    """

    def __init__(
        self,
        module: str,
        *,
        name: str,
        died: Callable[[], JarvisError],
        env: Mapping[str, str] | None = None,
        args: Sequence[str] = (),
    ) -> None:
        self._module = module
        self._name = name
        self._died = died
        self._env = env
        self._args = args
        self._process: Process | None = None
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._pending: dict[int, asyncio.Future[Reply]] = {}
        self._numbers = itertools.count()

    @property
    def running(self) -> bool:
        """Whether calls can be answered."""
        return self.pid is not None and not self._tasks[0].done()

    @property
    def pid(self) -> int | None:
        """Process id, None when no process lives."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def start(self, reason: Reason = Reason.UNEXPECTED) -> None:
        """Start the process, unless it runs; raises `died()` when the system refuses.

        With a `reason` it may connect to other computers; else what it connects to is unexpected.
        """
        if self.running:
            return
        await self.stop()
        command = WATCH.command((sys.executable, "-P", "-m", self._module, *self._args), self._name, reason)
        may_connect = reason is not Reason.UNEXPECTED and not GATE.sealed
        env = {**(self._env or {}), **({WATCHED: "1"} if may_connect else {})}
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE, stdout=PIPE, stderr=PIPE, limit=_STREAM_LIMIT, env=child_environment(env),
            )  # fmt: skip
        except OSError as error:
            raise self._died() from error
        self._process = process
        self._tasks = (
            asyncio.create_task(self._read_replies(process), name=f"{self._name} replies"),
            asyncio.create_task(self._drain_log(process), name=f"{self._name} log"),
        )

    async def call(self, method: str, payload: Buffer = b"", **args: object) -> Reply:
        """Have the child run its handler `method`; calls are answered in the order they were made.

        Raises the handler's `JarvisError`, or `died()` when the process is gone. A cancelled call is dropped
        by the child as soon as it notices.
        """
        process = self._process
        if process is None or process.stdin is None or not self.running:
            raise self._died()
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        process.stdin.write(pipe.pack({"id": number, "call": method, "args": args}, payload))
        process.stdin.write(memoryview(payload).cast("B"))
        try:
            with contextlib.suppress(ConnectionError):  # the reader reports the death, to every caller alike
                await process.stdin.drain()
            reply: Reply = await answer
        except asyncio.CancelledError:
            if self.running:
                process.stdin.write(pipe.pack({"id": number, "call": None}))
            raise
        finally:
            del self._pending[number]
        return reply

    async def stop(self) -> None:
        """End the process: closing its stdin is enough for a healthy one. Safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        for insist in (process.terminate, process.kill):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), _PATIENCE)
                break
            with contextlib.suppress(ProcessLookupError):
                insist()
        await process.wait()
        await asyncio.gather(*self._tasks)

    async def _read_replies(self, process: Process) -> None:
        assert process.stdout is not None
        try:
            while True:
                json_bytes, payload_bytes = pipe.sizes(await process.stdout.readexactly(pipe.HEAD.size))
                message = pipe.unpack(await process.stdout.readexactly(json_bytes))
                payload = await process.stdout.readexactly(payload_bytes)
                self._settle(message, payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            if process is self._process:  # nobody asked it to stop
                _log.warning("the %s process ended unexpectedly", self._name)
        except pipe.ProtocolError as error:
            _log.warning("the %s process is out of step: %s", self._name, error)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        finally:
            for answer in self._pending.values():
                if not answer.done():
                    answer.set_exception(self._died())

    def _settle(self, message: dict[str, object], payload: bytes) -> None:
        answer = self._pending.get(message["id"]) if isinstance(message["id"], int) else None
        if answer is None or answer.done():
            return
        error, data = message.get("error"), message.get("data")
        if isinstance(error, dict):
            answer.set_exception(pipe.error_from_json(error))
        else:
            assert isinstance(data, dict)
            answer.set_result(Reply(data, payload))

    async def _drain_log(self, process: Process) -> None:
        """Pass on what the child writes to stderr; a full pipe would stop it."""
        assert process.stderr is not None
        while chunk := await process.stderr.read(4096):
            for line in chunk.decode(errors="replace").splitlines():
                _log.info("%s: %s", self._name, line)
