"""Who may use the API: one token for each client, of which only a hash is kept.

The default token alone lies in a file, for every program of this user. Other processes (a command beside the
window) change the same files: what they changed holds from `refresh` on.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
import os
import re
import secrets
import stat
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from jarvis_desktop import atomic
from jarvis_desktop.config.schema import PROFILE_NAME
from jarvis_desktop.errors import ConfigError, StorageError
from jarvis_desktop.events import Client, Scope, Standing

DEFAULT = "default"
"""Id and name of the client whose token lies in a file."""

_BYTES = 32  # of chance in a token
_LOCK_SECONDS = 5.0
_USE_SECONDS = 60.0  # how often the time of last use is written down

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    client: Client
    hash: str


class TokenStore:
    """The clients and their tokens. Every method blocks and may be called from any thread.

    `find`, `client` and `note_use` only look at what is in memory.
    """

    def __init__(self, token_file: Path, clients_file: Path) -> None:
        self._token_file = token_file
        self._clients_file = clients_file
        self._lock = threading.RLock()
        self._between_programs = FileLock(clients_file.with_suffix(".lock"), _LOCK_SECONDS, mode=0o600)
        self._entries: dict[str, _Entry] = {}
        self._seen: tuple[object, ...] = ()
        self._used: dict[str, float] = {}
        self._kept_use = time.monotonic()
        self._listeners: tuple[Callable[[], None], ...] = ()

    def open(self) -> None:
        """Read the clients, and make the default token where there is none. Raises `StorageError`.

        A default token that others could read is no secret any more: another one takes its place.
        """
        with self._changing():
            if DEFAULT not in self._entries:
                self._entries[DEFAULT] = self._new_default()

    def listed(self) -> tuple[Client, ...]:
        """All clients, the oldest first, as they are on the disk now. Raises `StorageError`."""
        with self._lock:
            self._load()
            return tuple(sorted(map(self._with_use, self._entries.values()), key=lambda each: each.created))

    def add(
        self, name: str, scopes: Collection[Scope], *, standing: Standing = Standing.ALLOWED
    ) -> tuple[Client, str]:
        """Make a client; returns it with its token, which is kept nowhere.

        Raises `ConfigError` (`server.client_name`, `server.client_scopes`) and `StorageError`.
        """
        name = " ".join(name.split())
        if not re.match(PROFILE_NAME, name):
            raise ConfigError(
                "server.client_name",
                "{name} cannot be the name of a client.",
                "A name has up to 40 letters and digits, between them spaces, hyphens or underscores.",
                name=name or '""',
            )
        if not scopes:
            raise ConfigError(
                "server.client_scopes",
                "{name} may do nothing.",
                "Choose at least one thing that it may ask for.",
                name=name,
            )
        token = _new_token()
        with self._changing():
            if name.casefold() in {each.client.name.casefold() for each in self._entries.values()}:
                raise ConfigError(
                    "server.client_name",
                    "There is a client with the name {name} already.",
                    "Choose another name, or revoke that one.",
                    name=name,
                )
            client = Client(secrets.token_hex(6), name, frozenset(scopes), standing, time.time())
            self._entries[client.id] = _Entry(client, _hash(token))
        return client, token

    def revoke(self, client_id: str) -> None:
        """Take a token back; the default one is replaced by another. Raises `StorageError`."""
        with self._changing():
            self._entries.pop(client_id, None)
            if client_id == DEFAULT:
                self._token_file.unlink(missing_ok=True)
                self._entries[DEFAULT] = self._new_default()

    def decide(self, client_id: str, scopes: Collection[Scope]) -> None:
        """Note what the user allows a client of what it has; nothing refuses it. Raises `StorageError`."""
        with self._changing():
            if (entry := self._entries.get(client_id)) is None:
                return
            granted = entry.client.scopes & frozenset(scopes)
            standing = Standing.ALLOWED if granted else Standing.REFUSED
            client = replace(entry.client, scopes=granted or entry.client.scopes, standing=standing)
            self._entries[client_id] = replace(entry, client=client)

    def find(self, token: str) -> Client | None:
        """Whose token that is. Takes as long for a wrong token as for a right one."""
        asked, found = _hash(token), None
        for entry in tuple(self._entries.values()):
            if hmac.compare_digest(entry.hash, asked):
                found = entry.client
        return found

    def client(self, client_id: str) -> Client | None:
        """The client as it is known now."""
        entry = self._entries.get(client_id)
        return entry.client if entry else None

    def holds(self, client: Client) -> bool:
        """Whether the token by which this client was found is still a valid one."""
        now = self.client(client.id)
        return now is not None and now.created == client.created and now.standing is not Standing.REFUSED

    def note_use(self, client_id: str) -> bool:
        """A client asks for something; whether `keep_use` is due."""
        self._used[client_id] = time.time()
        return time.monotonic() - self._kept_use > _USE_SECONDS

    def keep_use(self) -> None:
        """Write down when clients were last used; a full disk only costs that."""
        self._kept_use = time.monotonic()
        if self._used and self._clients_file.exists():  # unless everything was deleted meanwhile
            with contextlib.suppress(StorageError), self._changing():
                pass

    def refresh(self) -> None:
        """Take over what another process has changed; what cannot be read leaves all as it was."""
        if self._signature() == self._seen or not self._lock.acquire(blocking=False):
            return  # whoever changes them now tells of it
        try:
            self._load()
        except StorageError as error:
            _LOG.warning("the clients could not be read again: %s", error.code)
            return
        finally:
            self._lock.release()
        self._tell()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener`, on any thread, when clients have changed; the result ends it."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return unsubscribe

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Change the clients as they are on the disk, and have the change there; or raise `StorageError`."""
        with self._lock, _translated(self._clients_file):
            self._clients_file.parent.mkdir(parents=True, exist_ok=True)
            with self._between_programs:
                self._load()
                yield
                self._write()
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _with_use(self, entry: _Entry) -> Client:
        client = entry.client
        return replace(client, last_used=max(client.last_used, self._used.get(client.id, 0.0)))

    # --- files ------------------------------------------------------------------------------------------

    def _load(self) -> None:
        with _translated(self._clients_file):
            self._seen = self._signature()
            entries = self._read_clients()
            default = entries.pop(DEFAULT, None)
            if token := self._read_token():
                entry = self._default(token)  # unlike the stored one where the token was changed by hand
                same = default is not None and default.hash == entry.hash
                entries = {DEFAULT: default if default and same else entry, **entries}
            self._entries = entries  # at once, as `find` holds no lock

    def _read_clients(self) -> dict[str, _Entry]:
        if not _is_own(self._clients_file):
            return {}
        try:
            listed = json.loads(self._clients_file.read_text(encoding="utf-8"))["clients"]
            return {each["id"]: _entry(each) for each in listed}
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                "server.clients_damaged",
                "The list of clients in {path} cannot be read.",
                "Restore the file, or delete it and make the clients again.",
                path=self._clients_file,
            ) from error

    def _read_token(self) -> str:
        """The default token, "" where there is none that only this user could read."""
        if not _is_own(self._token_file, mend=False):
            return ""
        return self._token_file.read_text(encoding="utf-8", errors="surrogateescape").strip()

    def _write(self) -> None:
        listed = [
            {
                "id": client.id,
                "name": client.name,
                "hash": entry.hash,
                "scopes": sorted(client.scopes),
                "standing": client.standing,
                "created": client.created,
                "last_used": client.last_used,
            }
            for entry in self._entries.values()
            for client in [self._with_use(entry)]
        ]
        atomic.write(self._clients_file, json.dumps({"clients": listed}, indent=1) + "\n")
        self._seen = self._signature()

    def _new_default(self) -> _Entry:
        token = _new_token()
        self._token_file.unlink(missing_ok=True)  # its mode would be kept
        atomic.write(self._token_file, token + "\n")
        return self._default(token)

    def _default(self, token: str) -> _Entry:
        created = self._token_file.stat().st_mtime
        return _Entry(Client(DEFAULT, DEFAULT, frozenset(Scope), Standing.NEW, created), _hash(token))

    def _signature(self) -> tuple[object, ...]:
        return tuple(_identity(file) for file in (self._token_file, self._clients_file))


def _entry(stored: dict[str, object]) -> _Entry:
    scopes, created, used = stored["scopes"], stored["created"], stored["last_used"]
    if not isinstance(scopes, list) or not isinstance(created, float) or not isinstance(used, float):
        raise TypeError("not a client")
    client = Client(
        str(stored["id"]),
        str(stored["name"]),
        frozenset(map(Scope, scopes)),
        Standing(str(stored["standing"])),
        created,
        used,
    )
    return _Entry(client, str(stored["hash"]))


def _new_token() -> str:
    return f"jarvis-{secrets.token_urlsafe(_BYTES)}"


def _hash(token: str) -> str:
    # No slow hash: a token is 256 bits of chance, which nobody can guess one by one.
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def _identity(file: Path) -> object:
    try:
        found = file.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode


def _is_own(file: Path, *, mend: bool = True) -> bool:
    """Whether a file is there that this user alone may read and write, perhaps only from now on.

    Raises `StorageError` for one that somebody else may have put there.
    """
    try:
        found = file.lstat()
    except FileNotFoundError:
        return False
    if os.name != "posix":
        return True
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.getuid() or (mend and found.st_mode & 0o022):
        raise StorageError(
            "server.file_not_trusted",
            "{path} may come from somebody else: it is not a file that only you can write.",
            "Look at it, and delete it if you do not know it.",
            path=file,
        )
    if not found.st_mode & 0o077:
        return True
    if mend:
        file.chmod(0o600)
    return mend


@contextlib.contextmanager
def _translated(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, Timeout) as error:
        raise StorageError(
            "server.clients_not_kept",
            "The clients in {path} could not be read or written: {reason}.",
            "See who may write there, and whether the disk is full.",
            path=file,
            reason=getattr(error, "strerror", None) or type(error).__name__,
        ) from error
