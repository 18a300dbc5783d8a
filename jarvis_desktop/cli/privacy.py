"""`jarvis privacy`: what left this computer, the offline seal, and the deletion of everything."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.errors import UsageError
from jarvis_desktop.events import StoredKind
from jarvis_desktop.network.ledger import Ledger

MIB = 1024 * 1024
_SEAL = "privacy.offline"


def add_arguments(parser: ArgumentParser) -> None:
    """Sub-commands of `jarvis privacy`."""
    action = subcommands(parser)
    listing = action("ledger", ledger, "every connection to another computer, the newest first")
    what = listing.add_mutually_exclusive_group()
    what.add_argument("--export", type=Path, metavar="FILE", help="write it to a file (JSON lines)")
    what.add_argument("--clear", action="store_true", help="delete the list")
    action("seal", seal, "whether Jarvis works offline; on, off").add_argument(
        "state", nargs="?", choices=("on", "off")
    )
    erasing = action("delete-everything", delete_everything, "delete all that Jarvis has stored")
    erasing.add_argument("--models", action="store_true", help="the downloaded models as well")
    erasing.add_argument("--yes", action="store_true", help="do not ask")


def show(context: Context) -> int:
    """Print what is stored where."""
    from jarvis_desktop.app import erasing

    found = erasing.stored(context.paths)
    data = {
        each.kind.value: {"path": str(each.path), "bytes": each.size, "count": each.count} for each in found
    }
    lines = [f"{each.kind:14} {each.size / MIB:8.1f} MiB  {each.count:6}  {each.path}" for each in found]
    context.result({"stored": data}, "\n".join(lines))
    return 0


def ledger(context: Context) -> int:
    """Print, export or clear the list of connections."""
    from jarvis_desktop.app.privacy import PrivacyKeeper

    keeper = PrivacyKeeper(context.paths, lambda: context.config.current.memory.encrypted)
    if context.args.clear:
        keeper.clear()
        context.result({"cleared": True}, "The list is empty.")
    elif context.args.export is not None:
        keeper.export(context.args.export)
        context.result({"file": str(context.args.export)}, f"Written: {context.args.export}")
    else:
        for each in Ledger(context.paths.ledger).read():
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(each.at))
            state = "allowed" if each.allowed else "refused"
            text = f"{when}  {state}  {each.host}:{each.port}  {each.who}  {each.reason}  {each.detail}"
            context.result(asdict(each), text.rstrip())
    return 0


def seal(context: Context) -> int:
    """Switch the offline seal, or tell how it is; a window that is open follows within seconds."""
    if context.args.state is not None:
        context.config.patch({_SEAL: context.args.state == "on"})
    on = context.config.base.privacy.offline
    context.result({"offline": on}, "Jarvis works offline." if on else "Jarvis may use the network.")
    return 0


def delete_everything(context: Context) -> int:
    """Delete all that is stored, after one question."""
    from jarvis_desktop.app import erasing
    from jarvis_desktop.ui.single_instance import runs

    if runs(context.paths.runtime):
        raise UsageError("usage.window_open", "Jarvis is running.", "Quit it first, then try again.")
    models = context.args.models
    goes = [each for each in erasing.stored(context.paths) if models or each.kind is not StoredKind.MODELS]
    if not context.args.yes:
        if not sys.stdin.isatty():
            raise UsageError("usage.not_confirmed", "Nothing was deleted.", "Say --yes to delete everything.")
        for each in goes:
            context.note(f"{each.kind:14} {each.size / MIB:8.1f} MiB  {each.path}")
        context.note("All this is deleted and cannot be had back. Type yes to go on.")
        if input().strip().lower() != "yes":
            raise UsageError("usage.not_confirmed", "Nothing was deleted.")
    erasing.begin(context.paths, models=models, encrypted=context.config.current.memory.encrypted)
    erasing.complete(context.paths)
    size = sum(each.size for each in goes)
    context.result({"deleted_bytes": size}, f"Deleted: {size / MIB:.1f} MiB.")
    return 0
