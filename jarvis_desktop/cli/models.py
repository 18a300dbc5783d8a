"""`jarvis models`: list, fetch, verify and remove."""

from __future__ import annotations

import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from jarvis_desktop.cli.context import Context
from jarvis_desktop.errors import JarvisError, UsageError

if TYPE_CHECKING:
    from jarvis_desktop.models.store import ModelStore, Progress

MIB = 1024 * 1024


def add_arguments(parser: ArgumentParser, shared: Callable[[], ArgumentParser]) -> None:
    """Sub-commands of `jarvis models`."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION")

    def action(name: str, function: Callable[[Context], int], summary: str) -> ArgumentParser:
        sub: ArgumentParser = actions.add_parser(name, help=summary, description=summary, parents=[shared()])
        sub.set_defaults(command=function)
        return sub

    action("list", list_models, "what can be fetched and what is here")
    get_parser = action("get", get, "fetch models; goes on where it was cut off")
    get_parser.add_argument("names", nargs="*", metavar="NAME")
    get_parser.add_argument(
        "--starter", choices=("run", "test"), help="what the window needs, or the tests as well"
    )
    action("verify", verify, "check every file against its hash").add_argument(
        "names", nargs="*", metavar="NAME", help="default: all that are here"
    )
    action("remove", remove, "delete a model's files").add_argument("names", nargs="+", metavar="NAME")


def list_models(context: Context) -> int:
    """Print the catalogue with the state of each model on this machine."""
    store = _store(context)
    for name, model in store.catalogue.models.items():
        state = store.state(name).value
        data = {
            "name": name,
            "title": model.title,
            "kind": model.kind.value,
            "licence": model.licence,
            "languages": list(model.languages),
            "size_mib": round(model.size / MIB, 1),
            "ram_mib": model.ram_mib,
            "state": state,
        }
        text = f"{name:24} {state:8} {model.size / MIB:8.0f} MiB  {model.licence:16} {model.title}"
        context.result(data, text)
    return 0


def get(context: Context) -> int:
    """Fetch models by name, or a starter set."""
    store = _store(context)
    names = context.args.names or _starter(context, store)
    for name in names:
        model = store.catalogue.find(name)
        if model.notice:
            context.note(f"{name}: {model.notice}")
        show = _ProgressLine(context)
        store.get(name, show, lambda: False)
        show.end()
        context.result({"name": name, "state": store.state(name).value}, f"{name}: ready")
    return 0


def _starter(context: Context, store: ModelStore) -> Sequence[str]:
    if not context.args.starter:
        raise UsageError("usage.no_model", "No model is named.", "List them: jarvis models list")
    return store.catalogue.starter(context.args.starter)


def verify(context: Context) -> int:
    """Hash every file again; exit 4 when one is damaged, after all were checked."""
    store = _store(context)
    names = context.args.names or [n for n in store.catalogue.models if store.state(n).value != "absent"]
    failure: JarvisError | None = None
    for name in names:
        try:
            store.verify(name)
        except JarvisError as error:
            context.note(f"{name}: {error}")
            failure = failure or error
        else:
            context.result({"name": name, "ok": True}, f"{name}: ok")
    if failure is not None:
        raise failure
    return 0


def remove(context: Context) -> int:
    """Delete models; one that is not here is an error and changes nothing else."""
    store = _store(context)
    for name in context.args.names:
        store.remove(name)
        context.result({"name": name, "state": store.state(name).value}, f"{name}: removed")
    return 0


def _store(context: Context) -> ModelStore:
    from jarvis_desktop.models.catalogue import Catalogue
    from jarvis_desktop.models.store import ModelStore

    return ModelStore(context.paths.models, context.paths.cache, Catalogue.load())


class _ProgressLine:
    """Progress on stderr: one live line on a terminal, a line every few seconds in a log."""

    LOG_SECONDS = 5.0

    def __init__(self, context: Context) -> None:
        self._context = context
        self._told = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        share = f"{100 * progress.done / progress.total:3.0f} %" if progress.total else ""
        speed = f", {progress.bytes_per_second / MIB:.1f} MiB/s" if progress.bytes_per_second else ""
        text = (
            f"{progress.model}: {progress.step} {progress.done / MIB:.0f} of {progress.total / MIB:.0f} MiB "
            f"{share}{speed}"
        )
        self._context.progress(text)
        if not sys.stderr.isatty() and time.monotonic() - self._told >= self.LOG_SECONDS:
            self._told = time.monotonic()
            self._context.note(text)

    def end(self) -> None:
        """Clear the live line."""
        self._context.progress("")
