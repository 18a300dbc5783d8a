"""The one store of clients that the window, the core and the server share."""

from __future__ import annotations

import functools

from jarvis_desktop.config.paths import Paths
from jarvis_desktop.server.tokens import TokenStore


@functools.cache
def token_store(paths: Paths) -> TokenStore:
    """The store of these files; who listens to it hears of each change made in this process."""
    return TokenStore(paths.server_token, paths.clients)
