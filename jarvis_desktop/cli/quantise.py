"""`jarvis models quantise`: a smaller copy of a language model, and what was gained and lost by it."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jarvis_desktop.cli.context import Context
from jarvis_desktop.cli.progress import ProgressLine
from jarvis_desktop.errors import UsageError
from jarvis_desktop.resources import resource

if TYPE_CHECKING:
    from jarvis_desktop.app.builder import Builder
    from jarvis_desktop.bench.quality import Figures, Loss
    from jarvis_desktop.config.paths import Paths
    from jarvis_desktop.models.quantise import Maker, Quantising, Side


def add_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis models quantise`."""
    parser.add_argument(
        "name", metavar="NAME", help="a model of the list, or the path of a GGUF file or folder"
    )
    parser.add_argument(
        "--to", metavar="TYPE", required=True, help="such as Q4_K_M, for folders fp8; a wrong one lists all"
    )
    parser.add_argument("--keep-as", metavar="NEWNAME", help="what the copy is called; default: NAME-TYPE")
    parser.add_argument("--measure-again", action="store_true", help="also what was measured before")


def quantise(context: Context) -> int:
    """Make the copy, measure both, compare; goes on where an earlier call was stopped."""
    from jarvis_desktop.app.builder import Builder
    from jarvis_desktop.models.quantise import FOLDER, Quantising

    args = context.args
    builder = Builder(context.paths, context.config)
    chosen = _as_path(args.name)
    source = _source(builder, chosen)
    name = args.keep_as or ("" if Path(chosen).is_absolute() else f"{chosen}-{args.to.lower()}")
    job = Quantising(source, _maker(source, context.paths), args.to, context.paths.models / FOLDER, name)
    with job.alone(context.paths.cache / "locks"):
        asyncio.run(_work(context, builder, job))
    _report(context, job)
    return 0


def _as_path(name: str) -> str:
    """A file or folder of the user's own as an absolute path; a model of the list as it is."""
    from jarvis_desktop.models.catalogue import Catalogue

    own = Path(name).expanduser()
    return str(own.resolve()) if name not in Catalogue.load().models and own.exists() else name


def _source(builder: Builder, name: str) -> Path:
    """The file of a model by name or path; raises `ModelError`, `UsageError` for one that does not chat."""
    from jarvis_desktop.models.catalogue import Catalogue, Kind

    if not Path(name).is_absolute() and Catalogue.load().find(name).kind is not Kind.CHAT:
        raise UsageError(
            "usage.no_chat_model",
            "{name} is not a language model; others are not quantised.",
            "List them with: jarvis models list",
            name=name,
        )
    return builder.chat_model_path(builder.engine_for(name))


def _maker(source: Path, paths: Paths) -> Maker:
    from jarvis_desktop.models.quantise import folder_maker, gguf_maker

    if source.is_dir():
        return folder_maker(paths.environments, resource("resources", "quality", "calibration.txt"))
    return gguf_maker()


async def _work(context: Context, builder: Builder, job: Quantising) -> None:
    line = ProgressLine(context)
    try:
        if job.made:
            context.note(f"{job.target} is there already.")
        else:
            await _make(context, builder, job, line)
        if context.args.measure_again:
            job.forget_figures()
        await _measure(context, builder, job, "before", line)
        await _measure(context, builder, job, "after", line)
    finally:
        line.end()


async def _make(context: Context, builder: Builder, job: Quantising, line: ProgressLine) -> None:
    from jarvis_desktop.models.quantise import UNQUANTISED_BITS

    builder.check_engine(builder.engine_for(str(job.source)))  # it is what measures, in the end
    sizes = await job.sizes()
    job.check(sizes)
    if sizes.before_bits < UNQUANTISED_BITS:
        context.note(
            f"warning: {job.source.name} is quantised already ({sizes.before_bits:.1f} bits a weight); "
            "its quality suffers a second time."
        )

    def show(done: int, total: int) -> None:
        line.tell(f"{job.name}: making it, {100 * done // total} %")

    line.tell(f"{job.name}: making it")
    await job.make(show)


async def _measure(
    context: Context, builder: Builder, job: Quantising, side: Side, line: ProgressLine
) -> None:
    """Measure the source or the copy unless that was done."""
    from jarvis_desktop.bench import quality
    from jarvis_desktop.models.quantise import size_mib
    from jarvis_desktop.orchestrator.routing import beginnings

    if _figures(job, side) is not None:
        return
    path = job.source if side == "before" else job.target
    settings = builder.engine_for(str(path))
    part = builder.planner.engine_part(settings, builder.machine())
    figures = await quality.measure(
        builder.local_chat(settings),
        size_mib(path),
        part.total_mib if part else 0.0,
        beginnings(context.config.current)[0],
        lambda step: line.tell(f"{path.name}: {step}"),
    )
    job.keep(side, figures.as_json())


def _figures(job: Quantising, side: Side) -> Figures | None:
    """What was measured; None also for what another version of Jarvis has left."""
    from jarvis_desktop.bench.quality import Figures

    found = job.figures(side)
    try:
        return None if found is None else Figures.from_json(found)
    except (KeyError, TypeError, AttributeError):
        return None


def _report(context: Context, job: Quantising) -> None:
    from jarvis_desktop.bench import quality

    before, after = _figures(job, "before"), _figures(job, "after")
    assert before is not None, "measured just now"
    assert after is not None, "measured just now"
    lost = quality.loss(before, after)
    settings = _settings(context, job.target)
    commands = " && ".join(f'jarvis config set {key} "{value}"' for key, value in settings.items())
    data = {
        "name": job.name,
        "path": str(job.target),
        "type": job.kind,
        "source": str(job.source),
        "before": before.summary(),
        "after": after.summary(),
        "perplexity_growth_percent": round(100 * lost.growth, 2),
        "margin_percent": round(100 * lost.margin, 2),
        "verdict": lost.verdict.value,
        "settings": settings,
    }
    context.result(data, f"{_table(before, after, lost)}\n{job.target}\nUse it with: {commands}")


def _settings(context: Context, target: Path) -> dict[str, str]:
    """What has to be set to use the copy."""
    if not target.is_dir():
        return {"engine.model": str(target), "engine.kind": "llama.cpp"}
    settings = {"engine.model": str(target), "engine.kind": "vllm"}
    if context.config.current.engine.vllm.quantization != "none":
        settings["engine.vllm.quantization"] = "none"  # vLLM sees in the files what they are
    return settings


_ROWS = {
    "size_mib": "size, MiB",
    "planned_mib": "memory as planned, MiB",
    "resident_mib": "memory as measured, MiB",
    "load_s": "seconds to load",
    "first_token_ms": "first token, ms",
    "tokens_per_second": "tokens a second",
    "perplexity": "perplexity (less is better)",
    "perplexity_en": "  English",
    "perplexity_es": "  Spanish",
}
_VERDICTS = {
    "good": "good: you will hardly notice a difference.",
    "noticeable": "noticeable: some answers will be worse.",
    "heavy": "heavy loss: take a larger type, or a smaller model with more bits.",
}


def _table(before: Figures, after: Figures, lost: Loss) -> str:
    old, new = before.summary(), after.summary()
    lines = [f"{'':28} {'before':>10} {'after':>10} {'change':>9}"]
    for name, title in _ROWS.items():
        lines.append(f"{title:28} {old[name]:10.2f} {new[name]:10.2f} {_change(old[name], new[name])}")
    growth, margin = 100 * lost.growth, 100 * lost.margin
    lines.append(f"Perplexity changed by {growth:+.1f} % (give or take {margin:.1f}).")
    return "\n".join([*lines, f"Quality: {_VERDICTS[lost.verdict.value]}"])


def _change(old: Any, new: Any) -> str:
    return f"{100 * (new / old - 1):+7.1f} %" if old else ""
