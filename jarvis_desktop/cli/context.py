"""What every command gets: where state lives, the settings, and a way to print."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jarvis_desktop.config import describe, profiles
from jarvis_desktop.config.environment import variable
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.schema import Config
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.errors import JarvisError, UsageError


@dataclass(frozen=True)
class Context:
    """One invocation. Results go to stdout (JSON with `--json`), everything else to stderr."""

    args: Namespace
    paths: Paths

    @property
    def json(self) -> bool:
        return bool(self.args.json)

    @cached_property
    def config(self) -> ConfigStore:
        """The settings; what is wrong with the file is said once on stderr, the last good ones hold."""
        for key, value in self._chosen.items():  # typed just now: to be refused, and not ignored
            describe.parse_value(describe.find(key), value)
        chosen = {variable(key): value for key, value in self._chosen.items()}
        store = ConfigStore(self.paths.config_file, {**os.environ, **chosen})
        store.load()
        if profiles.KEY in self._chosen and profiles.missing(store.base):
            raise _unknown_profile(store.base)
        for problem in store.problems:
            self.note(f"warning: {problem}")
        return store

    @property
    def _chosen(self) -> dict[str, str]:
        """Settings that the command line overrides for this one invocation."""
        options = {
            profiles.KEY: "profile",
            "routing.tier": "tier",
            "server.host": "host",
            "server.port": "port",
            "server.queue": "queue",
            "server.redis_url": "redis_url",
            "server.concurrent": "concurrent",
        }
        values = {key: getattr(self.args, option, None) for key, option in options.items()}
        values["tools.enabled"] = "true" if getattr(self.args, "allow_tools", None) else None
        values["server.wyoming"] = "true" if getattr(self.args, "wyoming", None) else None
        values["server.enabled"] = "true" if getattr(self.args, "serves", None) else None
        return {key: value for key, value in values.items() if value is not None}

    def result(self, data: Mapping[str, Any], text: str | None) -> None:
        """Print one result: a JSON line for programs, `text` for people (None: they have seen it)."""
        if self.json:
            print(json.dumps(data, ensure_ascii=False), flush=True)
        elif text is not None:
            print(text, flush=True)

    def note(self, text: str) -> None:
        """Tell the person something that is not the result."""
        print(text, file=sys.stderr, flush=True)

    @contextmanager
    def recorded(self, thread: str = "") -> Iterator[None]:
        """Under `--profile`, record the calling thread of the command until the end, and say where."""
        wanted = self.args.profile_to
        if wanted is None:
            yield
            return
        from jarvis_desktop.telemetry.profiling import Recording

        file = Path(wanted) if wanted else None
        if file is not None and thread:
            file = file.with_stem(f"{file.stem}-{thread}")
        title = "-".join(filter(None, (self.args.command.__name__.strip("_"), thread)))
        recording = Recording(self.paths.profiles, title, file)
        recording.start()
        try:
            yield
        finally:
            recording.stop()
            self.note(f"Where the time went: {recording.save()}")

    def progress(self, text: str) -> None:
        """Rewrite one status line on a terminal; silent elsewhere."""
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)

    def fail(self, error: JarvisError) -> int:
        """Report an error in the form asked for; returns the exit status."""
        if self.json:
            print(json.dumps({"error": error.as_json()}, ensure_ascii=False), flush=True)
        else:
            self.note(f"error: {error.message}" + (f"\n{error.hint}" if error.hint else ""))
        return error.exit_status


def _unknown_profile(config: Config) -> UsageError:
    name = config.conversation.profile
    return UsageError(
        "usage.unknown_profile",
        "There is no profile {profile}.",
        profiles.hint(name, config),
        profile=name,
        nearest=profiles.nearest(name, config),
    )
