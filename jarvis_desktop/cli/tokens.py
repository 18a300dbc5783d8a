"""`jarvis serve token`: which programs may use the local API."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import TYPE_CHECKING

from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.errors import UsageError
from jarvis_desktop.events import Client, Scope, Standing

if TYPE_CHECKING:
    from jarvis_desktop.server.tokens import TokenStore


def add_arguments(parser: ArgumentParser) -> None:
    """Sub-commands of `jarvis serve token`."""
    action = subcommands(parser)
    action("list", list_clients, "which programs have a token, and what for")
    adding = action("add", add, "make a token, which is shown once")
    adding.add_argument("name", metavar="NAME")
    adding.add_argument(
        "--scope",
        action="append",
        required=True,
        choices=[*(scope.value for scope in Scope), "all"],
        help="what it may ask for; may be given several times",
    )
    action("revoke", revoke, "take a token back, at once").add_argument("name", metavar="NAME")


def list_clients(context: Context) -> int:
    """Print every client, never its token."""
    clients = _store(context).listed()
    lines = [
        f"{each.name:24} {each.standing:8} {_time(each.created)}  {_time(each.last_used)}  {_scopes(each)}"
        for each in clients
    ]
    context.result({"clients": [_data(each) for each in clients]}, "\n".join(lines) or "There is none yet.")
    return 0


def add(context: Context) -> int:
    """Make a client; the window, where one is open, asks when it is first used."""
    chosen = context.args.scope
    scopes = set(Scope) if "all" in chosen else {Scope(each) for each in chosen}
    client, token = _store(context).add(context.args.name, scopes, standing=Standing.NEW)
    context.result({**_data(client), "token": token}, token)
    context.note("Keep it: it is not shown again.")
    return 0


def revoke(context: Context) -> int:
    """Take back the token of a client."""
    store, name = _store(context), context.args.name
    for client in store.listed():
        if client.name.casefold() == name.casefold():
            store.revoke(client.id)
            context.result({"revoked": client.name}, f"{client.name} can no longer ask for anything.")
            return 0
    raise UsageError(
        "usage.unknown_client", "There is no client {name}.", "See: jarvis serve token list", name=name
    )


def _store(context: Context) -> TokenStore:
    from jarvis_desktop.app.clients import token_store

    return token_store(context.paths)


def _data(client: Client) -> dict[str, object]:
    return {
        "name": client.name,
        "scopes": sorted(client.scopes),
        "standing": client.standing.value,
        "created": client.created,
        "last_used": client.last_used or None,
    }


def _scopes(client: Client) -> str:
    return "all" if client.scopes == frozenset(Scope) else ", ".join(sorted(client.scopes))


def _time(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else "never" + " " * 11
