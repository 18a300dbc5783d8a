"""Reads `mcp.json`, the file in which the user names servers of the Model Context Protocol.

Its shape is the one other programs use: ``{"mcpServers": {NAME: {"command", "args"?, "env"?}}}`` for servers
that are started here, ``{"url", "headers"?}`` for those reached over HTTP.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jarvis_desktop.events import Remark


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """One server: a command to start, or an address. What may be secret is left out of its `repr`."""

    name: str
    command: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    url: str = field(default="", repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def slug(self) -> str:
        """The name as part of a tool's name, in which two underscores separate it from the rest."""
        return re.sub(r"[^A-Za-z0-9-]+", "_", self.name)[:24].strip("_")


def read_servers(file: Path) -> tuple[tuple[ServerEntry, ...], tuple[Remark, ...]]:
    """The servers that can be used, and what is wrong with the file or with single entries. Never raises."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        entries = json.loads(text)
    except FileNotFoundError:
        return (), ()
    except json.JSONDecodeError as error:
        return (), (_broken(file, error.lineno, error.msg),)
    except (OSError, ValueError, RecursionError) as error:
        return (), (_unreadable(file, error),)
    listed = entries.get("mcpServers") if isinstance(entries, dict) else None
    if not isinstance(listed, dict):
        return (), (
            Remark(
                "{file} names no tool servers: it has to look like {example}.",
                {"file": file, "example": '{"mcpServers": {"name": {"command": "…"}}}'},
            ),
        )
    servers: list[ServerEntry] = []
    problems: list[Remark] = []
    for name, entry in listed.items():
        server = _server(file, name, entry)
        if isinstance(server, ServerEntry) and any(server.slug == other.slug for other in servers):
            server = _refused(file, name, "another server has nearly the same name")
        if isinstance(server, ServerEntry):
            servers.append(server)
        elif server is not None:
            problems.append(server)
    return tuple(servers), tuple(problems)


class _Entry(BaseModel):
    """One entry as the file has it; what else programs write there (``type``, ...) is read over."""

    model_config = ConfigDict(extra="ignore", strict=True, hide_input_in_errors=True)

    disabled: bool = False
    command: str = ""
    args: list[str] = Field(default_factory=list)
    env: dict[str, str] = Field(default_factory=dict)
    url: str = ""
    headers: dict[str, str] = Field(default_factory=dict)


def _server(file: Path, name: str, entry: object) -> ServerEntry | Remark | None:
    """The entry; what is wrong with it; None where it is switched off."""
    try:
        found = _Entry.model_validate(entry)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        return _refused(file, name, f"{where}: {first['msg']}" if where else first["msg"])
    if found.disabled:
        return None
    if bool(found.command) == bool(found.url):
        return _refused(file, name, "it needs either a command or a url")
    if found.url and not _is_http(found.url):
        return _refused(file, name, "its url has to begin with http:// or https://")
    server = ServerEntry(
        name,
        found.command,
        tuple(found.args),
        tuple(found.env.items()),
        found.url,
        tuple(found.headers.items()),
    )
    return server if server.slug else _refused(file, name, "its name has no letters that can be used")


def _is_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _broken(file: Path, line: int, reason: str) -> Remark:
    return Remark(
        "{file}, line {line}: this is not valid JSON ({reason}). Its tool servers are left out.",
        {"file": file, "line": line, "reason": reason},
    )


def _unreadable(file: Path, error: Exception) -> Remark:
    reason = getattr(error, "strerror", None) or type(error).__name__
    return Remark(
        "{file} cannot be read ({reason}). Its tool servers are left out.",
        {"file": file, "reason": reason},
    )


def _refused(file: Path, name: str, reason: str) -> Remark:
    return Remark(
        "{file}: the tool server “{name}” is left out: {reason}.",
        {"file": file, "name": name, "reason": reason},
    )
