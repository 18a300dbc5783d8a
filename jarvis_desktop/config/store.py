"""The configuration in force: loaded, watched, changed as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jarvis_desktop import atomic
from jarvis_desktop.config import describe, document, environment, profiles
from jarvis_desktop.config.describe import Value
from jarvis_desktop.config.document import Reading
from jarvis_desktop.config.schema import Config
from jarvis_desktop.errors import Category, ConfigError

_LOG = logging.getLogger(__name__)

Subscriber = Callable[[Config, Config], None]
Report = Callable[[tuple[ConfigError, ...]], None]
_Signature = tuple[int, int, int] | None


class ConfigStore:
    """One configuration file under environment overrides. Every method may be called from any thread.

    Subscribers, guards and followers run in the thread that made the change, one change at a time; they must
    return soon, must not wait for another thread that uses the store, and must not patch.
    """

    def __init__(self, file: Path, environ: Mapping[str, str]) -> None:
        self.file = file
        self._environ = environ
        self._lock = threading.RLock()
        self._subscribers: list[Subscriber] = []
        self._guards: list[Subscriber] = []
        self._followers: list[Subscriber] = []
        self._current = Config()
        self._base = Config()
        self._problems: tuple[ConfigError, ...] = ()
        self._last_good = Config()  # of the file alone, without the environment
        self._loaded: _Signature = None
        self._polled: _Signature = None

    @property
    def current(self) -> Config:
        """The configuration in force, the profile in use laid over it; the defaults until `load`."""
        return self._current

    @property
    def base(self) -> Config:
        """The settings as they are without a profile, as the user edits them."""
        with self._lock:  # a subscriber who asks from elsewhere gets what it was told of
            return self._base

    @property
    def problems(self) -> tuple[ConfigError, ...]:
        """What is wrong with the file and the environment; while there is any, the last good file counts."""
        return self._problems

    def load(self) -> Config:
        """Take up the file as it is now and return what is in force. Never raises for a bad file.

        A missing file means the defaults. A bad file leaves the last good one in force (at first: the
        defaults), is reported in `problems`, and is never written to.
        """
        with self._lock:
            old = self._base, self._current
            self._loaded = self._polled = _signature(self.file)
            reading = self._read()
            values, refused = environment.overrides(self._environ)
            problems = reading.problems + refused
            try:
                base = describe.with_values(reading.config or self._last_good, values)
                problems += _unknown_profile(base)
                self._switch(base, self._in_force(base, values))
                self._last_good = reading.config or self._last_good
            except ConfigError as refusal:
                problems = (*problems, refusal)
            for problem in problems:
                # Not its message: a refusing subscriber may have put the user's own words into it.
                _LOG.info("%s, key %s, line %s", problem.code, *map(problem.params.get, ("key", "line")))
            self._problems = problems
            return self._followed(old)

    def patch(self, changes: Mapping[str, object]) -> Config:
        """Change settings by dotted key in the file and in force, all of them or none; returns the result.

        ``profiles.NAME`` takes None, which removes that profile.

        Raises `ConfigError` and changes nothing: ``config.unknown_key``, ``config.bad_value``,
        ``config.unknown_profile``, ``config.overridden`` (by the environment), what is wrong with the rest of
        the file, ``config.uneditable``, the refusal of a guard or subscriber, ``config.read_only``,
        ``config.disk_full``, ``config.unwritable``, ``config.conflict``.
        """
        checked = {
            key: None if value is None and _is_profile(key) else describe.check(describe.find(key), value)
            for key, value in changes.items()
        }
        with self._lock:
            old = self._base, self._current
            before = _signature(self.file)
            values, _ = environment.overrides(self._environ)
            for key in checked:
                if key in values:
                    raise _overridden(key)
            text, reading, config = self._edited(checked)
            base = describe.with_values(config, values)
            if profiles.KEY in checked and profiles.missing(base):
                raise profiles.unknown(base, refused=True)
            new = self._in_force(base, values)
            for guard in tuple(self._guards):
                guard(self._current, new)
            with self._translated(), atomic.staged(self.file, text) as put_in_place:
                self._commit(base, new, before, put_in_place)
            self._last_good = config
            self._loaded = self._polled = _signature(self.file)
            refused = environment.overrides(self._environ)[1]
            self._problems = reading.problems + refused + _unknown_profile(base)
            return self._followed(old)

    def preview(self, changes: Mapping[str, object]) -> Config:
        """What would be in force with settings changed like this; raises `ConfigError` for a bad value."""
        with self._lock:
            values, _ = environment.overrides(self._environ)
            return self._in_force(describe.with_values(self._base, changes), values)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber(old, new)` before each change takes effect; returns what ends that.

        Raising `ConfigError` refuses the change; those told before are then called with (new, old).
        """
        return self._enter(self._subscribers, subscriber)

    def follow(self, follower: Subscriber) -> Callable[[], None]:
        """Call `follower(old, new)` when a change is in force, for good; returns what ends that.

        Who goes on in another thread finds the new settings there, where a subscriber might find the old.
        """
        return self._enter(self._followers, follower)

    def guard(self, check: Subscriber) -> Callable[[], None]:
        """Ask `check(old, new)` before each patch, before any subscriber hears of it; returns what ends that.

        Raising `ConfigError` refuses the patch. Nobody is asked about a file that others have changed.
        """
        return self._enter(self._guards, check)

    def poll(self) -> bool:
        """Load the file if it was changed by others; true when it was.

        It has to look the same in two polls running, so that a file is not read while an editor saves it.
        """
        with self._lock:
            now = _signature(self.file)
            settled = now == self._polled
            self._polled = now
            if now == self._loaded or not settled:
                return False
            self.load()
            return True

    def watch(self, report: Report | None = None, interval: float = 0.5) -> Callable[[], None]:
        """Poll every `interval` seconds in a thread of its own until the returned function is called.

        `report` gets the problems after each reload. One `stat` per poll works on every file system, also
        for files and folders that appear later, where change notification does not.
        """
        stopped = threading.Event()

        def run() -> None:
            while not stopped.wait(interval):
                try:
                    if self.poll() and report is not None:
                        report(self._problems)
                except Exception:
                    _LOG.exception("a subscriber failed on a changed configuration")

        thread = threading.Thread(target=run, name="config-watch", daemon=True)
        thread.start()

        def stop() -> None:
            stopped.set()
            if threading.current_thread() is not thread:
                thread.join()

        return stop

    def _enter(self, listed: list[Subscriber], subscriber: Subscriber) -> Callable[[], None]:
        with self._lock:
            listed.append(subscriber)

        def leave() -> None:
            with self._lock, contextlib.suppress(ValueError):
                listed.remove(subscriber)

        return leave

    def _read(self) -> Reading:
        try:
            return document.read(_text(self.file), self.file)
        except ConfigError as error:
            return Reading(None, (error,))

    def _in_force(self, base: Config, values: Mapping[str, Value]) -> Config:
        """With the profile in use; the environment wins over it as over the rest of the file."""
        return describe.with_values(profiles.effective(base), values)

    def _edited(self, changes: Mapping[str, Value | None]) -> tuple[str, Reading, Config]:
        """New text of the file and what it says; raises what is wrong with the file beside the changes."""
        text = _text(self.file)
        before = document.read(text, self.file)
        given = {_table(key) for key, value in changes.items() if value is not None}
        for problem in before.problems:  # with a configuration they are of profiles, left out of it
            key = str(problem.params.get("key"))
            if key not in changes and (before.config is None or _table(key) in given):
                raise problem
        edited = document.edit(text or document.NEW_FILE, changes)
        reading = document.read(edited, self.file)
        config = reading.config
        if config is None or any(not _says(config, key, value) for key, value in changes.items()):
            raise _uneditable(self.file)
        return edited, reading, config

    def _commit(
        self, base: Config, new: Config, before: _Signature, put_in_place: Callable[[], None]
    ) -> None:
        old = self._base, self._current
        self._switch(base, new)
        try:
            if _signature(self.file) != before:
                raise _conflict(self.file)
            put_in_place()
        except BaseException:
            self._switch(*old)
            raise

    def _switch(self, base: Config, new: Config) -> None:
        """Put `new` in force if every subscriber agrees; else raises, with all told to go back."""
        old = self._current
        if (base, new) == (self._base, old):
            return
        told: list[Subscriber] = []
        try:
            for subscriber in tuple(self._subscribers):
                subscriber(old, new)
                told.append(subscriber)
        except BaseException:
            for subscriber in reversed(told):
                _go_back(subscriber, new, old)
            raise
        self._base, self._current = base, new

    def _followed(self, old: tuple[Config, Config]) -> Config:
        """What is in force now, with the followers told if base or this is not what was before."""
        if old != (self._base, self._current):
            for follower in tuple(self._followers):
                follower(old[1], self._current)
        return self._current

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _write_error(error, self.file) from error


def _is_profile(key: str) -> bool:
    return key.startswith(f"{describe.PROFILES}.") and key.count(".") == 1


def _table(key: str) -> tuple[str, ...]:
    """The table, of a profile if it is about one, that a key lies in."""
    parts = key.split(".")
    return tuple(parts[: 2 if parts[0] == describe.PROFILES else 1])


def _says(config: Config, key: str, value: Value | None) -> bool:
    """Whether a change has taken."""
    if value is None:
        return key.partition(".")[2] not in config.profiles
    table, *name = _table(key)
    if table == describe.PROFILES and name[0] not in config.profiles:
        return False
    return describe.value_of(config, key) == value


def _unknown_profile(base: Config) -> tuple[ConfigError, ...]:
    return (profiles.unknown(base, refused=False),) if profiles.missing(base) else ()


def _go_back(subscriber: Subscriber, new: Config, old: Config) -> None:
    try:
        subscriber(new, old)
    except Exception:  # the others still have to hear it
        _LOG.exception("a subscriber failed to take a refused change back")


def _signature(file: Path) -> _Signature:
    """Changes whenever the file is written or replaced; None without a file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _text(file: Path) -> str:
    """Empty without a file; raises `ConfigError` when it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(
            "config.syntax",
            "{file}, line {line}: this is not UTF-8 text.",
            "Save the file as UTF-8; until then the last good settings stay in force.",
            file=file,
            line=error.object[: error.start].count(b"\n") + 1,
        ) from error
    except OSError as error:
        raise ConfigError(
            "config.unreadable",
            "{file} cannot be read ({reason}).",
            "Check its permissions; until then the last good settings stay in force.",
            file=file,
            reason=error.strerror,
        ) from error


def _overridden(key: str) -> ConfigError:
    return ConfigError(
        "config.overridden",
        "{key} is set by the environment variable {variable}, which wins over the file.",
        "Remove the variable and start Jarvis again to change the setting here.",
        key=key,
        variable=environment.variable(key),
    )


def _conflict(file: Path) -> ConfigError:
    return ConfigError(
        "config.conflict",
        "{file} was changed by another program at the same moment. Nothing was changed here.",
        "Try again.",
        Category.TRANSIENT,
        file=file,
    )


def _uneditable(file: Path) -> ConfigError:
    # Seen with root-level dotted keys ("engine.threads = 2") next to tables ("[engine.remote]").
    return ConfigError(
        "config.uneditable",
        "{file} is laid out in a way that Jarvis cannot change without breaking it. Nothing was changed.",
        "Change it in a text editor, best with one [table] for each group of settings.",
        file=file,
    )


def _write_error(error: OSError, file: Path) -> ConfigError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return ConfigError(
            "config.disk_full",
            "{file} cannot be written: the disk is full. Nothing was changed.",
            "Free some space and try again.",
            file=file,
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return ConfigError(
            "config.read_only",
            "{file} is read-only. Nothing was changed.",
            "Make the file and its folder writable and try again.",
            file=file,
        )
    return ConfigError(
        "config.unwritable",
        "{file} cannot be written ({reason}). Nothing was changed.",
        "Check the folder and try again.",
        file=file,
        reason=error.strerror or type(error).__name__,
    )
