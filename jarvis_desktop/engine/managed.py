"""A language model in a supervised child process: loads, answers, notices death, starts again.

An engine that dies or hangs is started anew by the next `load` or `stream`, sooner the first time than the
next. After three deaths with no finished answer in between it is left alone (`engine.crash_loop`) until
`unload` shows that somebody has looked at it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace

import psutil

from jarvis_desktop.engine import complaints, scoring
from jarvis_desktop.engine.client import FIRST_TOKEN_S, STALL_S, ChatClient, Endpoint
from jarvis_desktop.engine.launch import Launch, Launcher
from jarvis_desktop.errors import Category, EngineError, JarvisError
from jarvis_desktop.events import EngineMeasured, Remark
from jarvis_desktop.network.watch import WATCH
from jarvis_desktop.ports import ChatDelta, ChatMessage, ChatOptions, greet
from jarvis_desktop.processes.guard import GuardedProcess
from jarvis_desktop.processes.retrying import retried

_log = logging.getLogger(__name__)

CRASH_LIMIT = 3
BACK_OFF_S = 2.0
"""Seconds from the second death in a row to the next start; after the first it starts at once."""

_POLL_S = 0.2
_LOOK_S = 0.2  # between looks whether the process is stopped, as by SIGSTOP; twice in a row is no accident
_GONE = ("engine.unreachable", "engine.died")
_NOT_READY_YET = (*_GONE, "engine.busy")


class ManagedChatModel:
    """A `ports.ChatModel` whose engine is a child of this program.

    `on_died` hears of every death that nobody asked for, `on_progress` gets the share of loading done (0..1),
    `on_unsupported` each option that this version of the engine lacks and goes without, `tell` that tools are
    left out because the model cannot ask for them; all are called on the event loop.
    """

    def __init__(
        self,
        launcher: Launcher,
        model: str,
        *,
        on_died: Callable[[JarvisError], None] | None = None,
        on_progress: Callable[[float], None] | None = None,
        on_unsupported: Callable[[str], None] | None = None,
        tell: Callable[[Remark], None] | None = None,
        first_token_s: float = FIRST_TOKEN_S,
        stall_s: float = STALL_S,
    ) -> None:
        self._launcher = launcher
        self._model = model
        self._on_died = on_died
        self._on_progress = on_progress
        self._on_unsupported = on_unsupported
        self._tell = tell
        self._told_of_tools = False
        self._first_token_s = first_token_s
        self._stall_s = stall_s
        self._change = asyncio.Lock()
        self._slots = asyncio.Semaphore(launcher.slots)
        self._wanted = False
        self._engine: _RunningEngine | None = None
        self._deaths = 0
        self._died_at = 0.0

    @property
    def model(self) -> str:
        return self._model

    @property
    def engine(self) -> str:
        return self._launcher.engine

    @property
    def pid(self) -> int | None:
        """Process of the engine's server; vLLM's holds the model in children of it."""
        return self._engine.process.pid if self._engine is not None else None

    async def status(self) -> EngineMeasured | None:
        """What the running engine tells of itself; llama.cpp tells nothing."""
        engine = self._engine
        if engine is None or not engine.ready or self.engine != "vllm":
            return None
        return await engine.client.status()

    async def log_probabilities(self, text: str, most: int) -> tuple[float, ...]:
        """How likely the model finds each token of `text` after those before it; see `scoring`.

        Raises what `load` raises, and `EngineError` when the engine does not tell.
        """
        engine = await self._running()
        return await scoring.log_probabilities(engine.client, self.engine, text, most)

    async def load(self) -> None:
        """Start the engine and wait for its first token; returns at once when it runs.

        Raises `ModelError` (no model), `EngineError`: `engine.start_failed`, `.out_of_memory`, `.port_taken`,
        `.vllm_missing`, `.model_unfit`, `.crash_loop`.
        """
        self._wanted = True
        await self._running()

    async def unload(self) -> None:
        """Stop the engine within five seconds, also one that is starting. Forgets earlier deaths."""
        self._wanted = False
        if self._engine is not None:
            await self._engine.process.stop()
        async with self._change:
            if not self._wanted:
                await self._discard()
                self._deaths = 0

    async def stream(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        """Tokens as they come; waits for a free place and for a start under way.

        Raises what `ChatClient.stream` and `load` raise, and `engine.not_ready` when nobody loaded it.
        """
        # One that dies before it says a word may have been dead when asked: once more.
        answer = retried(lambda: self._deltas(messages, options), 2, _GONE)
        async with self._slots, aclosing(answer) as deltas:
            async for delta in deltas:
                yield delta

    async def _deltas(
        self, messages: Sequence[ChatMessage], options: ChatOptions
    ) -> AsyncGenerator[ChatDelta, None]:
        """One try at an answer. An engine that breaks off or hangs in it is ended."""
        engine = await self._running()
        if options.tools and not engine.tools:
            self._leave_out_tools()
            options = replace(options, tools=())
        try:
            async with aclosing(engine.client.stream(messages, options)) as deltas:
                async for delta in deltas:
                    yield delta
            self._deaths = 0
        except EngineError as error:
            # vLLM's server outlives its engine core for a while and answers each question with an error.
            dead_inside = error.code == "engine.failed" and not await engine.client.healthy()
            if not dead_inside and error.code not in (*_GONE, "engine.timeout"):
                raise
            await engine.put_down()
            raise self._explain(engine, error) from error

    def _leave_out_tools(self) -> None:
        if self._tell is not None and not self._told_of_tools:
            self._told_of_tools = True
            self._tell(
                Remark("{model} answers without tools: it cannot ask for them.", {"model": self._model})
            )

    async def _running(self) -> _RunningEngine:
        """The engine, started when it is not running."""
        async with self._change:
            if not self._wanted:
                raise _not_ready()
            if self._engine is not None:
                if self._engine.alive:
                    return self._engine
                await self._engine.put_down()  # its death may not have been counted yet
            await self._discard()
            if self._deaths >= CRASH_LIMIT:
                raise self._crash_loop()
            if self._deaths:
                pause = self._died_at + BACK_OFF_S * (self._deaths - 1) - time.monotonic()
                await asyncio.sleep(max(0.0, pause))
            return await self._start()

    async def _start(self) -> _RunningEngine:
        key = secrets.token_urlsafe(32)
        launch = await asyncio.to_thread(self._launcher.prepare, key)
        if not self._wanted:
            raise _not_ready()
        engine = _RunningEngine(launch, key, self._model, self._launcher.progress, self._on_progress)
        self._engine = engine
        started_at = time.monotonic()
        try:
            async with asyncio.timeout(self._launcher.start_limit_s):
                await engine.start(self._first_token_s, self._stall_s)
        except (EngineError, TimeoutError) as error:
            await self._discard()
            if not self._wanted:
                raise _not_ready() from error
            self._count_death()
            if isinstance(error, EngineError):
                raise
            raise complaints.start_failed("it is not ready in time", self._launcher.engine) from error
        except BaseException:
            await self._discard()
            raise
        _log.info(
            "engine %s is ready after %.1f s: model %s, process %s",
            self._launcher.engine, time.monotonic() - started_at, self._model, engine.process.pid,
        )  # fmt: skip
        for option in engine.unsupported:
            _log.warning("this version of %s does not know %s", self._launcher.engine, option)
            if self._on_unsupported is not None:
                self._on_unsupported(option)
        engine.watch(self._noticed_death)
        return engine

    def _noticed_death(self, engine: _RunningEngine) -> None:
        """The process ended although nobody stopped it."""
        if engine is not self._engine or not self._wanted:
            return
        self._count_death()
        _log.warning("engine %s ended with status %s", self._launcher.engine, engine.process.returncode)
        if self._on_died is not None:
            self._on_died(
                self._crash_loop()
                if self._deaths >= CRASH_LIMIT
                else complaints.died(engine.process.returncode)
            )

    def _count_death(self) -> None:
        self._deaths += 1
        self._died_at = time.monotonic()

    async def _discard(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.close()

    def _explain(self, engine: _RunningEngine, error: EngineError) -> EngineError:
        """What went wrong in the user's terms, now that the engine's fate is known."""
        if not self._wanted:
            return _not_ready()
        if self._deaths >= CRASH_LIMIT:
            return self._crash_loop()
        return error if error.code == "engine.timeout" else complaints.died(engine.process.returncode)

    def _crash_loop(self) -> EngineError:
        return EngineError(
            "engine.crash_loop",
            "The language engine has stopped {count} times in a row and is left alone.",
            "Try again from the status panel; a smaller model or another engine may be what helps.",
            count=self._deaths,
        )


class _RunningEngine:
    """One start of an engine: its process, the client that talks to it, and what it said."""

    def __init__(
        self,
        launch: Launch,
        key: str,
        model: str,
        progress: Callable[[str], float | None],
        on_progress: Callable[[float], None] | None,
    ) -> None:
        self.process = GuardedProcess(
            WATCH.command(launch.command, "engine"), env=launch.env, on_line=self._read
        )
        self.unsupported: list[str] = []
        self._launch = launch
        self._key = key
        self._model = model
        self._progress = progress
        self._on_progress = on_progress
        self._share = 0.0
        self._complaints = complaints.Complaints()
        self._address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._client: ChatClient | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        return self.process.pid is not None

    @property
    def ready(self) -> bool:
        """It has answered, and still runs."""
        return self.alive and self._watcher is not None

    @property
    def tools(self) -> bool:
        """Whether a question may offer tools."""
        return self._launch.tools and "--tool-call-parser" not in self.unsupported

    @property
    def client(self) -> ChatClient:
        assert self._client is not None, "not started"
        return self._client

    async def start(self, first_token_s: float, stall_s: float) -> None:
        """Run the process until it has answered with a token; raises `EngineError` when it ends before."""
        try:
            await self.process.start()
        except OSError as error:
            raise complaints.start_failed(str(error), self._launch.command[0]) from error
        tasks = {
            asyncio.create_task(self._first_token(first_token_s, stall_s)),
            asyncio.create_task(self.process.wait()),
        }
        measuring = asyncio.create_task(self._measure())
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, measuring):
                task.cancel()
            await asyncio.gather(*tasks, measuring, return_exceptions=True)
        if not self.alive:
            raise self._complaints.why_ended(self.process.returncode)
        for task in done:
            task.result()
        self._tell(1.0)

    def watch(self, on_end: Callable[[_RunningEngine], None]) -> None:
        """Call `on_end` when the process ends by itself; one that stands still is ended."""

        async def watch() -> None:
            ended, stopped = asyncio.ensure_future(self.process.wait()), False
            try:
                while not ended.done():
                    await asyncio.wait({ended}, timeout=_LOOK_S)
                    before, stopped = stopped, self._stopped
                    if before and stopped:
                        _log.warning(
                            "engine process %s is stopped and never answers: it is ended", self.process.pid
                        )
                        await self.process.kill()
            finally:
                ended.cancel()
            on_end(self)

        self._watcher = asyncio.create_task(watch(), name="engine watcher")

    @property
    def _stopped(self) -> bool:
        with contextlib.suppress(psutil.Error):
            return self.alive and psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED
        return False

    async def put_down(self) -> None:
        """End a process that broke off or hangs, and see to it that its death was noticed."""
        await self.process.kill()
        if self._watcher is not None:
            await asyncio.wait({self._watcher})

    async def close(self) -> None:
        """Stop the process without a report and drop the connections."""
        if self._watcher is not None:
            self._watcher.cancel()
        await self.process.stop()
        if self._client is not None:
            await self._client.aclose()

    async def _first_token(self, first_token_s: float, stall_s: float) -> None:
        """An open port proves little: the engine is ready when it has answered."""
        url, heeds = f"{await self._address}/v1", self._launch.heeds_tool_choice
        endpoint = Endpoint(url, self._model, self._key, heeds_tool_choice=heeds)
        client = self._client = ChatClient(endpoint, first_token_s=first_token_s, stall_s=stall_s)
        while True:
            try:
                await greet(client)
                return
            except EngineError as error:
                if error.code not in _NOT_READY_YET:
                    raise
            await asyncio.sleep(_POLL_S)

    async def _measure(self) -> None:
        """Estimate progress from the memory in use, for engines whose output does not tell."""
        while self._launch.expected_bytes and self.process.pid is not None:
            with contextlib.suppress(psutil.Error):
                self._tell(psutil.Process(self.process.pid).memory_info().rss / self._launch.expected_bytes)
            await asyncio.sleep(_POLL_S)

    def _read(self, line: str) -> None:
        word, _, value = line.partition(" ")
        if word == "listening" and not self._address.done():
            self._address.set_result(value)
        elif word == "unsupported":
            self.unsupported.append(value)
        else:
            self._complaints.add(line)
        if (share := self._progress(line)) is not None:
            self._tell(share)

    def _tell(self, share: float) -> None:
        """Report progress, which only grows and is complete only in the end."""
        share = share if share == 1.0 else min(share, 0.99)
        if self._on_progress is not None and share > self._share:
            self._share = share
            self._on_progress(share)


def _not_ready() -> EngineError:
    return EngineError(
        "engine.not_ready",
        "The language engine is not loaded.",
        "Wait until it is loaded, or start it from the status panel.",
        Category.TRANSIENT,
    )
