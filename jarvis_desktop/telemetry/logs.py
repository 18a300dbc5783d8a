"""The log file: JSON lines, written by a thread of its own so that no caller ever waits for the disk.

There is nothing to redact, because nothing the user says or types reaches a logger: code logs codes, names
and numbers; of an exception only its type, its stable code and where it happened are written, since its own
words often quote what could not be handled; other people's packages are heard from WARNING on.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import errno
import json
import logging
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, TextIO

from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.telemetry.lines import RotatingLines

_OWN = "jarvis_desktop"
_ROOT = logging.getLogger()
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
    outlets: list[Outlet] = [RotatingLines(folder / FILE_NAME)]
    if verbose:
        outlets.append(_Terminal(sys.stderr))
    entrance = _Entrance()
    with contextlib.ExitStack() as stack:
        stack.enter_context(_written(entrance, outlets))
        stack.enter_context(_attached(entrance, config))
        stack.enter_context(_uncaught_logged())
        yield


class Outlet(Protocol):
    """Where entries go; used by the writer alone."""

    def write(self, entry: dict[str, Any]) -> None:
        """One entry; raises nothing."""

    def close(self) -> None:
        """Free what is open."""


_Record = tuple[float, int, str, str, Any, threading.Thread, dict[str, str], dict[str, object] | None]
"""Time (seconds of the epoch), level, logger, message, its arguments, thread, context, error.

Holds nothing that can change before it is written: its arguments, if any, are of `_PLAIN` types.
"""
_Queue = queue.SimpleQueue[_Record | None]
_PLAIN = frozenset((str, int, float, bool, type(None)))
_NO_CONTEXT: dict[str, str] = {}


class _Entrance(logging.Handler):
    """Runs in the caller, which never waits: queues records, or counts them as dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: _Queue = queue.SimpleQueue()
        self.dropped = 0
        self._counting = threading.Lock()

    def handle(self, record: logging.LogRecord) -> bool:
        """Whatever would be different, or gone, by the time it is written, is made text here."""
        if self.waiting.qsize() < QUEUE_RECORDS:
            error = record.exc_info[1] if record.exc_info else None
            described = None if error is None else _described(error)
            message = _worded(record.msg, record.args)
            thread, context = threading.current_thread(), _context.get(_NO_CONTEXT)
            self.waiting.put(
                (record.created, record.levelno, record.name, message, None, thread, context, described)
            )
        else:
            with self._counting:
                self.dropped += 1
        logger = logging.getLogger(record.name)
        if type(logger) is logging.Logger and record.name.startswith(f"{_OWN}."):
            logger.__class__ = _QuickLogger
        return True


def _quick(level: int, usual: Callable[..., None]) -> Callable[..., None]:
    """The method of a logger for records of `level`, of which `usual` is the standard library's."""

    def log(self: _QuickLogger, msg: object, *args: object, **options: Any) -> None:
        if not self.isEnabledFor(level):
            return
        waiting = _QuickLogger.waiting
        if (
            waiting is not None
            and waiting.qsize() < QUEUE_RECORDS
            and len(_ROOT.handlers) == 1
            and not options
            and type(msg) is str
            and _PLAIN.issuperset(map(type, args))
        ):
            thread, context = threading.current_thread(), _context.get(_NO_CONTEXT)
            waiting.put((time.time(), level, self.name, msg, args, thread, context, None))
        else:
            usual(self, msg, *args, **{**options, "stacklevel": options.get("stacklevel", 1) + 1})

    return log


class _QuickLogger(logging.Logger):
    """A logger of the program's own, which makes no `LogRecord` where only the log file would see it.

    The standard library spends most of a call on what the file does not tell (source file, line, function)
    and on finding who listens.
    """

    waiting: _Queue | None = None  # of the class: that of the log which is open

    debug = _quick(logging.DEBUG, logging.Logger.debug)
    info = _quick(logging.INFO, logging.Logger.info)
    warning = _quick(logging.WARNING, logging.Logger.warning)
    error = _quick(logging.ERROR, logging.Logger.error)


class _Writer(threading.Thread):
    """Takes records from the queue to the outlets."""

    def __init__(self, entrance: _Entrance, outlets: Sequence[Outlet]) -> None:
        super().__init__(name="log", daemon=True)  # a thread that is waited for would end after the program
        self._entrance = entrance
        self._outlets = outlets
        self._told = 0

    def run(self) -> None:
        waiting = self._entrance.waiting
        while (record := waiting.get()) is not None:
            self._write(record)
            if waiting.empty():
                self._tell_dropped()

    def stop(self) -> None:
        """Write out what waits."""
        waiting = self._entrance.waiting
        waiting.put(None)
        self.join()
        while not waiting.empty():  # of threads that go on
            if (record := waiting.get()) is not None:
                self._write(record)
        self._tell_dropped()
        for outlet in self._outlets:
            outlet.close()

    def _write(self, record: _Record) -> None:
        entry = _entry(record)
        for outlet in self._outlets:
            outlet.write(entry)

    def _tell_dropped(self) -> None:
        dropped = self._entrance.dropped - self._told
        if dropped:
            self._told += dropped
            message = f"{dropped} records were dropped: more came than could be written"
            self._write((time.time(), logging.WARNING, __name__, message, None, self, _NO_CONTEXT, None))


@contextlib.contextmanager
def _written(entrance: _Entrance, outlets: Sequence[Outlet]) -> Iterator[None]:
    """Run the writer; at the end what waits is written, also when the program leaves past this block."""
    writer = _Writer(entrance, outlets)
    once = threading.Lock()

    def stop() -> None:
        if once.acquire(blocking=False):
            writer.stop()

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
    root, own = _ROOT, logging.getLogger(_OWN)
    levels = root.level, own.level

    def follow(_old: Config | None, new: Config) -> None:
        own.setLevel(new.logging.level.upper())

    root.setLevel(logging.WARNING)
    follow(None, config.current)
    unsubscribe = config.subscribe(follow)
    root.addHandler(entrance)
    _QuickLogger.waiting = entrance.waiting
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        _QuickLogger.waiting = None
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


def _entry(record: _Record) -> dict[str, Any]:
    """One line of the file as data."""
    created, level, logger, message, args, thread, context, error = record
    moment = datetime.fromtimestamp(created, UTC)
    entry: dict[str, Any] = {
        "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "level": logging.getLevelName(level).lower(),
        "logger": logger,
        "message": _worded(message, args),
        "process": os.getpid(),
        "thread": thread.name,
        **context,
    }
    if error:
        entry["error"] = error
    return entry


def _worded(message: object, args: Any) -> str:
    try:
        text = str(message)
        return text % args if args else text
    except Exception:  # whatever a foreign object raises: a log call never fails
        return f"{message if isinstance(message, str) else type(message)} (with arguments that do not fit)"


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


class _Terminal:
    """Lines for a person."""

    COMMON = frozenset(("time", "level", "logger", "message", "process", "thread"))

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, entry: dict[str, Any]) -> None:
        more = {name: value for name, value in entry.items() if name not in self.COMMON}
        head = f"{entry['time']} {entry['level']:8}{entry['logger']}: {entry['message']}"
        with contextlib.suppress(OSError, ValueError):  # it may be closed
            print(head, json.dumps(more, ensure_ascii=False) if more else "", file=self._stream, flush=True)

    def close(self) -> None:
        """The stream is the program's."""
