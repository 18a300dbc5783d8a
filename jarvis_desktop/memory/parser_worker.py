"""Child process that reads documents. Others wrote them, so it has little memory and time, and no network.

Started by `reading.Parser`, one document after the other. It opens files to read them and does nothing else.
"""

from __future__ import annotations

import hashlib
import logging
import math
import os
import stat
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory import extraction, formats
from jarvis_desktop.memory.chunking import spans
from jarvis_desktop.memory.formats import Document, Format, Record
from jarvis_desktop.memory.items import Span
from jarvis_desktop.processes.pipe import Reply
from jarvis_desktop.processes.serve import Call, Handler, serve

_BATCH_CHARACTERS = 1_000_000  # of records in one answer
_BATCH_RECORDS = 256
_BLOCK = 1 << 20  # bytes read at a time
_POLL_S = 0.05

_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.posix_spawn",
    "os.system",
    "os.fork",
    "os.spawn",
    "shutil.",
)
_FORBIDDEN_TOO = frozenset(
    {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.chmod", "os.truncate"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(slots=True)
class _Records:
    """A file of records on its way."""

    path: Path
    file: BinaryIO
    found: Iterator[Record | tuple[int, str]]
    bad: list[tuple[int, str]]  # the first few lines that were left out, of
    left_out: int = 0


class ParserWorker:
    """Answers the calls of `reading.Parser`."""

    def __init__(self) -> None:
        self._open: _Records | None = None

    def digest(self, call: Call) -> Reply:
        """args: path, most_bytes. Gives the SHA-256 of a file's bytes, their number, when they changed."""
        path = Path(call.args["path"])
        digest = hashlib.sha256()
        try:
            with _opened(path, call.args["most_bytes"]) as file:
                found = os.fstat(file.fileno())
                head = file.read(formats.HEAD)
                digest.update(head)
                while not call.cancelled.is_set() and (block := file.read(_BLOCK)):
                    digest.update(block)
        except OSError as error:
            raise _unreadable(path, error) from error
        form = formats.format_of(path, head) if head else "text"
        facts = {
            "hash": digest.hexdigest(),
            "size": found.st_size,
            "changed_at": found.st_mtime,
            "format": form,
        }
        return Reply(facts)

    def read(self, call: Call) -> Reply:
        """args: path, most_bytes, cpu_seconds. Gives text, spans ([start, end, context]) and metadata."""
        path = Path(call.args["path"])
        _limit_time(call.args["cpu_seconds"])
        try:
            with _opened(path, call.args["most_bytes"]) as file:
                data = file.read()
        except OSError as error:
            raise _unreadable(path, error) from error
        form = formats.format_of(path, data[: formats.HEAD])
        document = _extract(path, form, data, call)
        found = spans(
            document.text,
            document.kind,
            context=path.name if form == "code" else "",
            headings=document.headings,
        )
        return Reply(
            {"text": document.text, "spans": _plain(found), "metadata": dict(document.metadata or {})}
        )

    def records(self, call: Call) -> Reply:
        """args: path, most_bytes, cpu_seconds. Opens a file of records and answers as `more`."""
        if self._open is not None:
            self._open.file.close()
        path = Path(call.args["path"])
        try:
            file = _opened(path, call.args["most_bytes"])
        except OSError as error:
            raise _unreadable(path, error) from error
        self._open = _Records(path, file, formats.records(file), [])
        return self.more(call)

    def more(self, call: Call) -> Reply:
        """args: cpu_seconds. Gives the next ``records``, whether there is ``more``, and what was left out."""
        _limit_time(call.args["cpu_seconds"])
        opened = self._open
        assert opened is not None, "records come first"
        batch: list[dict[str, Any]] = []
        characters = 0
        more = False
        for found in opened.found:
            if isinstance(found, Record):
                divided = spans(found.text, "record", context=found.speaker)
                batch.append(asdict(found) | {"spans": _plain(divided), "said_at": found.said_at})
                characters += len(found.text)
            else:
                opened.left_out += 1
                opened.bad += [found][: formats.LINES_NAMED - len(opened.bad)]
            if len(batch) >= _BATCH_RECORDS or characters >= _BATCH_CHARACTERS:
                more = True
                break
        if not more:
            opened.file.close()
            self._open = None
        return Reply({"records": batch, "more": more, "bad": opened.bad, "left_out": opened.left_out})


def _extract(path: Path, form: Format, data: bytes, call: Call) -> Document:
    match form:
        case "pdf":
            return extraction.pdf(path, data, lambda: not call.cancelled.is_set())
        case "docx":
            return extraction.docx(path, data)
        case "html":
            return extraction.html(path, data)
        case "records":
            raise AssertionError("records are read by `records`")
        case _:
            return Document(formats.decode(path, data), form)


def _plain(found: tuple[Span, ...]) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.context) for span in found]


def _opened(path: Path, most_bytes: int) -> BinaryIO:
    """The file, if it is one: a pipe or a device might never end. Raises `OSError` and `StorageError`."""
    # without O_NONBLOCK opening a pipe waits for somebody to write to it
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = os.fdopen(number, "rb")
    found = os.fstat(number)
    if stat.S_ISREG(found.st_mode) and found.st_size <= most_bytes:
        return file
    file.close()
    if not stat.S_ISREG(found.st_mode):
        raise StorageError("memory.no_file", "{file} is neither a file nor a folder.", file=path)
    raise StorageError(
        "memory.too_big",
        "{file} has {size} MB; documents of up to {most} MB are read.",
        "Divide it into several files.",
        file=path,
        size=found.st_size >> 20,
        most=most_bytes >> 20,
    )


def _unreadable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        "memory.file_unreadable",
        "{file} cannot be opened: {reason}.",
        "Look whether it is still there and whether you may read it.",
        file=path,
        reason=error.strerror or type(error).__name__,
    )


# --- limits -----------------------------------------------------------------------------------------------


def _limit_memory(most: int) -> None:
    """End this process, or fail its allocations, beyond `most` bytes."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        return
    import psutil  # other systems have no such limit, or do not keep it

    process = psutil.Process()

    def watch() -> None:
        while process.memory_info().rss <= most:
            time.sleep(_POLL_S)
        os._exit(1)

    threading.Thread(target=watch, name="memory", daemon=True).start()


def _limit_time(seconds: float) -> None:
    """Have the system end this process after so much more computing; the caller watches the clock besides."""
    if sys.platform != "win32":
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        used = usage.ru_utime + usage.ru_stime
        resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used + seconds), hard))


def _only_read(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook: no network, no other program, no change to any file."""
    opens = event == "open" and not isinstance(arguments[0], int)  # numbers are of what is open already
    writes = opens and isinstance(arguments[2], int) and arguments[2] & _WRITING
    if writes or event in _FORBIDDEN_TOO or event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not for documents")


def _guarded(handler: Handler) -> Handler:
    def answer(call: Call) -> Reply:
        try:
            return handler(call)
        except MemoryError as error:
            raise formats.too_heavy(Path(call.args["path"])) from error

    return answer


def main() -> None:
    """Answer calls within `argv[1]` bytes of memory."""
    _limit_memory(int(sys.argv[1]))
    sys.dont_write_bytecode = True
    # What libraries say of a document may quote it.
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    sys.addaudithook(_only_read)
    worker = ParserWorker()
    handlers = (worker.digest, worker.read, worker.records, worker.more)
    serve({handler.__name__: _guarded(handler) for handler in handlers})


if __name__ == "__main__":
    main()
