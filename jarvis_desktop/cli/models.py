"""`jarvis models`: list, fetch, verify, remove, plan their memory, and quantise (see `quantise`)."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from jarvis_desktop.cli import quantise
from jarvis_desktop.cli.commands import subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.cli.progress import ProgressLine
from jarvis_desktop.errors import JarvisError, UsageError

if TYPE_CHECKING:
    from jarvis_desktop.config.schema import Config
    from jarvis_desktop.events import ModelProgress
    from jarvis_desktop.models.catalogue import Model
    from jarvis_desktop.models.store import ModelStore
    from jarvis_desktop.orchestrator.plan import Plan, PlanPart

MIB = 1024 * 1024


def add_arguments(parser: ArgumentParser) -> None:
    """Sub-commands of `jarvis models`."""
    action = subcommands(parser)
    action("list", list_models, "what can be fetched and what is here")
    get_parser = action("get", get, "fetch models; goes on where it was cut off")
    get_parser.add_argument("names", nargs="*", metavar="NAME")
    get_parser.add_argument(
        "--starter", choices=("run", "test"), help="what the window needs, or the tests as well"
    )
    action("verify", verify, "check every file against its hash").add_argument(
        "names", nargs="*", metavar="NAME", help="default: all that are here"
    )
    action("plan", plan, "what all models will take, and whether it fits").add_argument(
        "name", nargs="?", metavar="NAME", help="in place of the one in the settings"
    )
    quantise.add_arguments(
        action("quantise", quantise.quantise, "make a smaller copy, and tell what it gains and loses")
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
        line = ProgressLine(context)
        store.get(name, partial(_show, line), lambda: False)
        line.end()
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


def plan(context: Context) -> int:
    """Print what the models of the settings take together; NAME takes the place of the one of its kind."""
    from jarvis_desktop.app.builder import Builder

    config = context.config.current
    if context.args.name:
        config = _with_model(config, _store(context).catalogue.find(context.args.name))
    builder = Builder(context.paths, context.config)
    found = builder.planner.plan(config, builder.machine())
    context.result(_plan_json(found), _plan_table(found))
    return 0


def _with_model(config: Config, model: Model) -> Config:
    """The settings with another model; one whose kind the settings do not choose is an error."""
    section, field = _CHOSEN_BY.get(model.kind, ("", ""))
    if not section:
        raise UsageError(
            "usage.not_chosen",
            "{name} is always part of the plan: the settings do not choose models of its kind.",
            "See the whole plan with: jarvis models plan",
            name=model.name,
        )
    changed = getattr(config, section).model_copy(update={field: model.name})
    return config.model_copy(update={section: changed})


_CHOSEN_BY = {
    "chat": ("engine", "model"),
    "transcription": ("transcription", "model"),
    "speech": ("speech", "voice"),
}


def _plan_json(found: Plan) -> dict[str, Any]:
    memory = found.memory(found.device)
    return {
        "device": found.device,
        "free_mib": round(memory.free_mib),
        "parts": [_part_json(part) for part in found.parts],
        "on_demand": [_part_json(part) for part in found.on_demand],
        "total_mib": round(found.total_mib(found.device), 1),
        "ram_free_mib": round(found.machine.ram.free_mib),
        "ram_total_mib": round(found.total_mib("cpu"), 1),
        "fits": found.fits,
        "advice": [str(line) for line in found.advice],
    }


def _part_json(part: PlanPart) -> dict[str, Any]:
    return {
        "name": part.name,
        "kind": part.kind,
        "device": part.device,
        "weights_mib": round(part.weights_mib, 1),
        "kv_mib": round(part.kv_mib, 1),
        "overhead_mib": round(part.overhead_mib, 1),
        "learned": part.learned,
    }


def _plan_table(found: Plan) -> str:
    lines = [f"{'model':24} {'kind':14} {'on':4} {'weights':>8} {'cache':>8} {'other':>8} {'MiB':>8}"]
    for part in found.parts:
        amounts = (part.weights_mib, part.kv_mib, part.overhead_mib, part.total_mib)
        figures = " ".join(f"{amount:8.0f}" for amount in amounts)
        lines.append(f"{part.name:24} {part.kind:14} {part.device:4} {figures}")
    for device in ("gpu", "cpu"):
        if total := found.total_mib(device):
            name = found.machine.gpu_name if device == "gpu" else "main memory"
            lines.append(f"{name}: {total:.0f} MiB of {found.memory(device).free_mib:.0f} MiB that are free")
    return "\n".join([*lines, "It fits." if found.fits else "It does not fit.", *map(str, found.advice)])


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


def _show(line: ProgressLine, progress: ModelProgress) -> None:
    share = f"{100 * progress.done / progress.total:3.0f} %" if progress.total else ""
    speed = f", {progress.bytes_per_second / MIB:.1f} MiB/s" if progress.bytes_per_second else ""
    amounts = f"{progress.done / MIB:.0f} of {progress.total / MIB:.0f} MiB"
    line.tell(f"{progress.model}: {progress.step} {amounts} {share}{speed}")
