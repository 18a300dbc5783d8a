"""The log file: JSON lines, written by a thread of its own so that no caller ever waits for the disk.

There is nothing to redact, because nothing the user says or types reaches a logger: code logs codes, names
and numbers; of an exception only its type, its stable code and where it happened are written, since its own
words often quote what could not be handled; other people's packages are heard from WARNING on.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import copy
import errno
import json
import logging
import queue
import sys
import threading
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from types import TracebackType
from typing import Any

from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.telemetry.lines import RotatingLines

_LOG = logging.getLogger(__name__)

FILE_NAME = "jarvis.jsonl"
QUEUE_RECORDS = 10_000
"""Records that wait for the disk before new ones are dropped: seconds of debug output, a few MB."""
INNERMOST_FRAMES = 50
"""Frames written of each exception, so that an endless recursion stays one readable line."""

_context: ContextVar[dict[str, str]] = ContextVar("log_context")


@contextlib.contextmanager
def bound(**context: str) -> Iterator[None]:
    """Put `context` (``part="engine"``, ``turn_id=...``) into every record of this task or thread."""
    token = _context.set(_context.get({}) | context)
    try:
        yield
    finally:
        _context.reset(token)


@contextlib.contextmanager
def started(folder: Path, config: ConfigStore, *, verbose: bool = False) -> Iterator[None]:
    """Log into `folder` (and to stderr when `verbose`) until the end, when all that waits is written out.

    The level follows the settings at once. Warnings and uncaught exceptions of the program, its threads and,
    when called inside a running event loop, that loop are logged too.
    """
    outlets: list[logging.Handler] = [RotatingLines(folder / FILE_NAME)]
    if verbose:
        outlets.append(logging.StreamHandler(sys.stderr))
        outlets[-1].setFormatter(_Readable())
    waiting: queue.Queue[Any] = queue.Queue(QUEUE_RECORDS)
    entrance = _Entrance(waiting)
    writer = _Writer(entrance, waiting, outlets)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_written_by(writer))
        stack.enter_context(_attached(entrance, config))
        stack.enter_context(_uncaught_logged())
        yield


class _Entrance(QueueHandler):
    """Runs in the caller: makes the record plain data and queues it, or counts it as dropped."""

    def __init__(self, waiting: queue.Queue[Any]) -> None:
        super().__init__(waiting)
        self.dropped = 0  # changed under the handler's own lock

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Everything that would be different, or gone, by the time the record is written."""
        ready = copy.copy(record)
        ready.msg, ready.args = record.getMessage(), None
        ready.exc_info = ready.exc_text = ready.stack_info = None
        ready.__dict__["entry"] = _entry(record)
        return ready

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class _Writer(QueueListener):
    """Takes records from the queue to the file, in a thread of its own."""

    def __init__(
        self, entrance: _Entrance, waiting: queue.Queue[Any], outlets: list[logging.Handler]
    ) -> None:
        super().__init__(waiting, *outlets)
        self._waiting = waiting
        self._entrance = entrance
        self._told = 0

    def handle(self, record: logging.LogRecord) -> None:
        super().handle(record)
        if self._waiting.empty():
            self.tell_dropped()

    def tell_dropped(self) -> None:
        dropped = self._entrance.dropped - self._told
        if dropped:
            self._told += dropped
            super().handle(_own_warning("%d records were dropped: more came than could be written", dropped))

    def enqueue_sentinel(self) -> None:
        self._waiting.put(None)  # may wait: at the end nothing that was queued is to be lost


def _own_warning(message: str, *args: object) -> logging.LogRecord:
    record = logging.LogRecord(__name__, logging.WARNING, __file__, 0, message, args, None)
    record.__dict__["entry"] = _entry(record)
    return record


@contextlib.contextmanager
def _written_by(writer: _Writer) -> Iterator[None]:
    """Run the writer; stopping it writes out what waits, also when the program leaves past this block."""
    once = threading.Lock()

    def stop() -> None:
        if once.acquire(blocking=False):
            writer.stop()
            writer.tell_dropped()
            for outlet in writer.handlers:
                outlet.close()

    writer.start()
    atexit.register(stop)
    try:
        yield
    finally:
        atexit.unregister(stop)
        stop()


@contextlib.contextmanager
def _attached(entrance: _Entrance, config: ConfigStore) -> Iterator[None]:
    """Hear every logger; the program's own at the level of the settings, others from WARNING on."""
    root, own = logging.getLogger(), logging.getLogger("jarvis_desktop")
    levels = root.level, own.level

    def follow(_old: Config | None, new: Config) -> None:
        own.setLevel(new.logging.level.upper())

    root.setLevel(logging.WARNING)
    follow(None, config.current)
    unsubscribe = config.subscribe(follow)
    root.addHandler(entrance)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(entrance)
        unsubscribe()
        root.setLevel(levels[0])
        own.setLevel(levels[1])


@contextlib.contextmanager
def _uncaught_logged() -> Iterator[None]:
    """Log what nobody caught, then let the hooks that were there before do their part."""
    main_hook, thread_hook = sys.excepthook, threading.excepthook

    def of_program(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            _LOG.critical("uncaught exception", exc_info=(kind, error, trace))
        main_hook(kind, error, trace)

    def of_thread(args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "?"
        if args.exc_value is not None:
            _LOG.error("uncaught exception in thread %s", name, exc_info=args.exc_value)
        thread_hook(args)

    loop = _running_loop()
    loop_handler = loop.get_exception_handler() if loop else None
    sys.excepthook, threading.excepthook = of_program, of_thread
    if loop:
        loop.set_exception_handler(_of_loop)
    try:
        yield
    except Exception as error:
        if not isinstance(error, JarvisError):  # those are reported to the user by whoever asked
            _LOG.critical("uncaught exception", exc_info=error)
        raise
    finally:
        sys.excepthook, threading.excepthook = main_hook, thread_hook
        if loop:
            loop.set_exception_handler(loop_handler)


def _of_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # Not the default handler: it prints the exception's own words.
    task = context.get("task") or context.get("future")
    name = task.get_name() if isinstance(task, asyncio.Task) else "-"
    _LOG.error("%s (task %s)", context["message"], name, exc_info=context.get("exception"))


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _entry(record: logging.LogRecord) -> dict[str, object]:
    """One line of the file as data."""
    moment = datetime.fromtimestamp(record.created, UTC)
    entry: dict[str, object] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
        "process": record.process,
        "thread": record.threadName,
        **_context.get({}),
    }
    if record.exc_info and record.exc_info[1] is not None:
        entry["error"] = _described(record.exc_info[1])
    return entry


def _described(error: BaseException) -> dict[str, object]:
    """Type, code and place of an exception and of what led to it; never its own words nor any variable."""
    described: dict[str, object] = {"type": f"{type(error).__module__}.{type(error).__qualname__}"}
    if isinstance(error, JarvisError):
        described["code"] = error.code
    if isinstance(error, OSError) and error.errno is not None:
        described["code"] = errno.errorcode.get(error.errno, str(error.errno))
    frames = list(traceback.walk_tb(error.__traceback__))[-INNERMOST_FRAMES:]
    described["trace"] = [
        f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_qualname}" for frame, line in frames
    ]
    if isinstance(error, BaseExceptionGroup):
        described["errors"] = [_described(inner) for inner in error.exceptions]
    if (cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__)) is not None:
        described["cause"] = _described(cause)
    return described


def _short(path: str) -> str:
    """The last parts of a source path, enough to find it."""
    return "/".join(Path(path).parts[-3:])


class _Readable(logging.Formatter):
    """For a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        entry = dict(record.__dict__["entry"])
        head = f"{entry.pop('time')} {entry.pop('level'):8}{entry.pop('logger')}: {entry.pop('message')}"
        del entry["process"], entry["thread"]
        return head + (f" {json.dumps(entry, ensure_ascii=False)}" if entry else "")
