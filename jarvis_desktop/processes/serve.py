"""The child's side of `worker.Worker`: answers calls one after another until the parent is gone.

Standard library only, so that a child starts in a few milliseconds and imports its heavy parts itself.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any, BinaryIO

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.network.filter import WATCHED
from jarvis_desktop.processes import pipe
from jarvis_desktop.processes.lifeline import die_with_parent
from jarvis_desktop.processes.pipe import Reply


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its named values, its raw bytes, and whether the caller has lost interest."""

    args: dict[str, Any]
    payload: bytes
    cancelled: threading.Event = field(default_factory=threading.Event)


Handler = Callable[[Call], Reply]


def serve(handlers: Mapping[str, Handler]) -> None:
    """Answer calls until stdin ends, then leave at once, even in the middle of a computation.

    Handlers run one at a time in a thread of their own and raise `JarvisError`. A long one looks at
    `Call.cancelled` now and then. What they print goes to stderr, never into the protocol.
    """
    die_with_parent()
    if WATCHED not in os.environ:  # the system does not show its connections to the program
        # Imported only where it is needed: with it a child starts later.
        from jarvis_desktop.network.gate import refuse_all

        refuse_all()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the parent's to handle
    requests, replies = _take_over_pipes()
    waiting: SimpleQueue[tuple[int, str, Call]] = SimpleQueue()
    calls: dict[int, Call] = {}
    threading.Thread(
        target=_answer_calls, args=(handlers, waiting, calls, replies), name="worker", daemon=True
    ).start()
    while (frame := pipe.read_frame(requests)) is not None:
        message, payload = frame
        number = message["id"]
        if message["call"] is None:
            if (unwanted := calls.get(number)) is not None:
                unwanted.cancelled.set()
            continue
        calls[number] = Call(message["args"], payload)
        waiting.put((number, message["call"], calls[number]))
    os._exit(0)  # an orderly exit would wait for native code to finish


def _take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The protocol's streams; file descriptor 1 becomes stderr, so that stray prints cannot break a frame."""
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 20)
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _answer_calls(
    handlers: Mapping[str, Handler],
    waiting: SimpleQueue[tuple[int, str, Call]],
    calls: dict[int, Call],
    replies: BinaryIO,
) -> None:
    while True:
        number, name, call = waiting.get()
        if not call.cancelled.is_set():
            message, payload = _answer(handlers[name], call)
            _write(replies, pipe.pack({"id": number, **message}, payload))
            _write(replies, payload)
        del calls[number]


def _answer(handler: Handler, call: Call) -> tuple[dict[str, Any], pipe.Buffer]:
    try:
        reply = handler(call)
    except JarvisError as error:
        return {"error": pipe.error_as_json(error)}, b""
    except Exception as error:  # a fault in the handler must answer the caller, not leave it waiting
        # The exception's own words may quote what the user said: only where it happened is written down.
        sys.stderr.write("".join(traceback.format_tb(error.__traceback__)))
        failure = JarvisError(
            "worker.failed", "A helper process failed ({reason}).", reason=type(error).__name__
        )
        return {"error": pipe.error_as_json(failure)}, b""
    return {"data": reply.data}, reply.payload


def _write(stream: BinaryIO, data: pipe.Buffer) -> None:
    """Write all of `data`; an unbuffered pipe may take a part at a time."""
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[stream.write(rest) :]
