"""The key of an encrypted memory, in the keyring of the system."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from pathlib import Path

from jarvis_desktop.errors import StorageError

_SERVICE = "jarvis-desktop memory"
_KEY_BYTES = 32


def memory_key(folder: Path, *, create: bool) -> str:
    """64 hexadecimal digits, or "" where there is none and none is to be created.

    Each memory (by its folder) has a key of its own. May wait for the user to unlock the keyring. Raises
    `StorageError` ``memory.no_keyring``.
    """
    import keyring
    from keyring.errors import KeyringError

    name = _name(folder)
    try:
        key = keyring.get_password(_SERVICE, name) or ""
        if create and not key:
            key = secrets.token_hex(_KEY_BYTES)
            keyring.set_password(_SERVICE, name, key)
            if keyring.get_password(_SERVICE, name) != key:
                raise KeyringError("it does not keep what it is given")
    except (KeyringError, RuntimeError, OSError) as error:
        raise StorageError(
            "memory.no_keyring",
            "There is no keyring that could keep the key of the memory ({reason}).",
            "Install and unlock one (GNOME Keyring, KWallet), or switch encryption of the memory off. "
            "Nothing was changed.",
            reason=type(error).__name__,
        ) from error
    return key


def forget_key(folder: Path) -> None:
    """Delete the key of the memory in `folder`, if there is one and a keyring that can be asked."""
    import keyring
    from keyring.errors import KeyringError

    with contextlib.suppress(KeyringError, RuntimeError, OSError):
        keyring.delete_password(_SERVICE, _name(folder))


def _name(folder: Path) -> str:
    return hashlib.sha256(str(folder).encode(errors="surrogateescape")).hexdigest()[:16]
