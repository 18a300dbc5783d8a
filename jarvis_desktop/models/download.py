"""Fetches one file over the network: resumes, verifies, and only then gives it its name.

What has arrived lies in ``NAME.part`` and is kept whatever goes wrong, except when its content is wrong.
Foreign errors (httpx, the file system) become `ModelError` and `NetworkError` here.
"""

from __future__ import annotations

import errno
import hashlib
import os
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import httpx
import truststore

from jarvis_desktop.errors import Category, ModelError, NetworkError
from jarvis_desktop.events import Reason
from jarvis_desktop.network.gate import GATE

_CHUNK = 1 << 18  # bytes; about 100 reports a second on a fast line
_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504})
_CONNECT_TIMEOUT_S = 5.0
_SILENCE_TIMEOUT_S = 30.0


@contextmanager
def web_client(reason: Reason, who: str) -> Iterator[httpx.Client]:
    """An HTTP client that trusts what the system trusts, and pip's own authority where one is set.

    `reason` and `who` stand beside its connections in the ledger.
    """
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority := os.environ.get("PIP_CERT"):
        context.load_verify_locations(cafile=authority)
    timeout = httpx.Timeout(_SILENCE_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S)

    def announce(request: httpx.Request) -> None:
        """Of each request, those that a server leads on to included."""
        detail = request.url.path.rpartition("/")[2]
        GATE.announce_url(reason, str(request.url), who=who, detail=detail)

    with httpx.Client(
        verify=context, timeout=timeout, follow_redirects=True, event_hooks={"request": [announce]}
    ) as client:
        yield client


@contextmanager
def open_downloader() -> Iterator[Downloader]:
    """A downloader with a client of its own."""
    with web_client(Reason.MODEL_DOWNLOAD, "models") as client:
        yield Downloader(client)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turns failures of the file system while writing `path` into `ModelError`."""
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise ModelError(
                "model.disk_full",
                "The disk is full: {path} cannot grow.",
                "Free some space and try again; what has arrived is kept.",
                path=path,
            ) from error
        raise ModelError(
            "model.not_writable",
            "{path} cannot be written: {reason}.",
            "Check who may write to that folder.",
            path=path,
            reason=error.strerror or str(error),
        ) from error


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def part_of(target: Path) -> Path:
    """Where the unfinished file lies."""
    return target.with_name(target.name + ".part")


def size_of(path: Path) -> int:
    """Bytes on disk, 0 where there is no such file."""
    return path.stat().st_size if path.exists() else 0


def cancel_error() -> ModelError:
    """What a fetch ends with when the user stopped it."""
    return ModelError(
        "model.cancelled",
        "The download was stopped.",
        "It goes on from where it stopped when you start it again.",
        Category.TRANSIENT,
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch; `size` (bytes) and `sha256` are None where the source does not tell them."""

    url: str
    target: Path
    size: int | None
    sha256: str | None


class _ConnectionLostError(Exception):
    """The connection broke; `contact` tells whether the server had answered."""

    def __init__(self, reason: str, *, contact: bool) -> None:
        super().__init__(reason)
        self.contact = contact


class Downloader:
    """Fetches files with one HTTP client. A lost connection is taken up again `retries` times in a row."""

    def __init__(self, client: httpx.Client, *, retries: int = 4, backoff_s: float = 0.5) -> None:
        self._client = client
        self._retries = retries
        self._backoff_s = backoff_s

    def fetch(self, wanted: Wanted, report: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
        """Put the verified file at `wanted.target`, resuming what an earlier attempt left.

        `report` gets the bytes present so far. Raises `NetworkError` (`network.lost`, `network.refused`) or
        `ModelError` (`model.disk_full`, `model.not_writable`, `model.damaged`, `model.cancelled`).
        """
        target, part = wanted.target, part_of(wanted.target)
        if target.exists() and wanted.sha256 and file_sha256(target) == wanted.sha256:
            report(size_of(target))
            return
        with writing(part):
            target.parent.mkdir(parents=True, exist_ok=True)
        resumed = size_of(part) > 0
        self._transfer(wanted, report, cancelled)
        if (
            not _is_whole(wanted) and resumed
        ):  # the earlier part was of something else: once more, from the start
            part.unlink()
            self._transfer(wanted, report, cancelled)
        if not _is_whole(wanted):
            part.unlink()
            raise ModelError(
                "model.damaged",
                "What {host} sent as {file} is not the expected file; it was thrown away.",
                "Try again later; if it stays like this, the file was changed at its source.",
                host=_host(wanted.url),
                file=target.name,
            )
        with writing(target):
            part.replace(target)

    def _transfer(self, wanted: Wanted, report: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
        part, losses = part_of(wanted.target), 0
        while True:
            before = size_of(part)
            try:
                if urlsplit(wanted.url).scheme == "file":
                    self._copy(wanted, report, cancelled)
                else:
                    self._stream(wanted, before, report, cancelled)
                return
            except _ConnectionLostError as lost:
                losses = 1 if size_of(part) > before else losses + 1
                if losses > self._retries or (not lost.contact and before == 0):
                    raise NetworkError(
                        "network.lost",
                        "The connection to {host} was lost: {reason}.",
                        "Check the network and try again; what has arrived is kept.",
                        Category.TRANSIENT,
                        host=_host(wanted.url),
                        reason=str(lost),
                    ) from lost
                _pause(self._backoff_s * 2 ** (losses - 1), cancelled)

    def _stream(
        self, wanted: Wanted, have: int, report: Callable[[int], None], cancelled: Callable[[], bool]
    ) -> None:
        """One request; appends to the part, or starts it anew where the server sends the whole file."""
        contact = False
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        try:
            with self._client.stream("GET", wanted.url, headers=headers) as response:
                contact = True
                if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
                    return  # nothing is left to send; the hash tells whether the part is right
                _check_status(response, wanted.url)
                appends = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
                blocks = response.iter_bytes(_CHUNK)
                done = _write(blocks, wanted, report, cancelled, done=have if appends else 0)
        except httpx.HTTPError as error:
            raise _ConnectionLostError(str(error) or type(error).__name__, contact=contact) from error
        GATE.received(done - (have if appends else 0))
        if wanted.size is not None and done < wanted.size:
            raise _ConnectionLostError("the server stopped early", contact=True)

    def _copy(self, wanted: Wanted, report: Callable[[int], None], cancelled: Callable[[], bool]) -> None:
        """From a folder of this machine (a private package index may be one)."""
        source = Path(url2pathname(urlsplit(wanted.url).path))
        try:
            file = source.open("rb")
        except OSError as error:
            raise NetworkError(
                "network.refused",
                "{source} cannot be read: {reason}.",
                source=source,
                reason=error.strerror or str(error),
            ) from error
        with file:
            _write(iter(lambda: file.read(_CHUNK), b""), wanted, report, cancelled, done=0)


def _write(
    blocks: Iterator[bytes],
    wanted: Wanted,
    report: Callable[[int], None],
    cancelled: Callable[[], bool],
    *,
    done: int,
) -> int:
    """Append `blocks` to the first `done` bytes of the part; returns its new length."""
    part = part_of(wanted.target)
    with writing(part), part.open("ab" if done else "wb") as file:
        for block in blocks:
            if cancelled():
                raise cancel_error()
            file.write(block)
            done += len(block)
            report(done)
            if wanted.size is not None and done > wanted.size:
                break  # not the pinned file; no need to see the rest
        file.flush()
        os.fsync(file.fileno())
    return done


def _is_whole(wanted: Wanted) -> bool:
    part = part_of(wanted.target)
    if wanted.size is not None and size_of(part) != wanted.size:
        return False
    return wanted.sha256 is None or file_sha256(part) == wanted.sha256


def _check_status(response: httpx.Response, url: str) -> None:
    if response.is_success:
        return
    if response.status_code in _TRANSIENT_STATUS:
        raise _ConnectionLostError(
            f"it answered {response.status_code} {response.reason_phrase}", contact=True
        )
    raise NetworkError(
        "network.refused",
        "{host} does not give out {file}: {status} {reason}.",
        host=_host(url),
        file=Path(urlsplit(url).path).name,
        status=response.status_code,
        reason=response.reason_phrase,
    )


def _pause(seconds: float, cancelled: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if cancelled():
            raise cancel_error()
        time.sleep(min(left, 0.1))


def _host(url: str) -> str:
    return urlsplit(url).hostname or "this machine"
