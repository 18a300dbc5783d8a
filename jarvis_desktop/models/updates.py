"""Tells whether there is a newer version of the program. It is called when the user asks, by nothing else."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Annotated
from urllib.parse import urlsplit

import httpx
from packaging.version import InvalidVersion, Version
from pydantic import BaseModel, StringConstraints, ValidationError

from jarvis_desktop import __version__
from jarvis_desktop.errors import Category, NetworkError
from jarvis_desktop.events import Reason, UpdatesChecked
from jarvis_desktop.models.download import web_client

_MOST_BYTES = 1 << 16
_MOST_NOTES = 800  # characters; the rest is on the page of the version
_ON_DISK = re.compile(r'^__version__ = "(.+)"$', re.MULTILINE)


class _Release(BaseModel):
    """The file at the address of the settings."""

    version: str
    notes: str = ""
    link: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")] = ""


def look_for_update(address: str) -> UpdatesChecked:
    """Ask the file at `address` which version is the newest; nobody is asked where that is empty.

    Blocks for some seconds at most. Raises `NetworkError` (`network.no_updates`, `network.not_updates`).
    """
    on_disk = _version_on_disk()
    if not address:
        return UpdatesChecked(asked=False, on_disk=on_disk)
    host = urlsplit(address).hostname
    try:
        release = _Release.model_validate_json(_fetch(address))
        is_newer = Version(release.version) > Version(__version__)
    except httpx.HTTPError as error:
        raise NetworkError(
            "network.no_updates",
            "{host} does not tell the newest version: {reason}.",
            "Check the network, and the address in Settings, Updates.",
            Category.TRANSIENT,
            host=host,
            reason=str(error).partition("\n")[0].rstrip(".") or type(error).__name__,
        ) from error
    except (ValidationError, InvalidVersion) as error:
        raise NetworkError(
            "network.not_updates",
            "What {host} sent does not name a version.",
            "Check the address in Settings, Updates.",
            host=host,
        ) from error
    if not is_newer:
        return UpdatesChecked(on_disk=on_disk)
    return UpdatesChecked(
        newer=release.version, notes=release.notes[:_MOST_NOTES], link=release.link, on_disk=on_disk
    )


def _fetch(address: str) -> bytes:
    """The beginning of the file: what names a version is short."""
    content = b""
    with web_client(Reason.UPDATES, "updates") as client, client.stream("GET", address) as response:
        response.raise_for_status()
        for block in response.iter_bytes():
            content += block
            if len(content) > _MOST_BYTES:
                break
    return content


def _version_on_disk() -> str:
    """The version of the files that this program was started from, where it is another one by now."""
    found = _ON_DISK.search(files("jarvis_desktop").joinpath("__init__.py").read_text(encoding="utf-8"))
    return found[1] if found and found[1] != __version__ else ""
