"""`jarvis doctor` and `jarvis bench`: what works here, and how fast."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jarvis_desktop.cli.context import Context

if TYPE_CHECKING:
    from jarvis_desktop.bench.stt import Clip
    from jarvis_desktop.ports import ChatModel


def add_doctor_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis doctor`."""
    parser.add_argument("--audio", action="store_true", help="also open the microphone and measure its level")


def add_bench_arguments(parser: ArgumentParser) -> None:
    """Options of `jarvis bench`."""
    parser.add_argument("what", choices=(*BENCHES, "all"))
    parser.add_argument(
        "--audio", type=Path, metavar="DIR", help="folder of recordings with a manifest.jsonl"
    )
    parser.add_argument("--limit", type=int, default=12, help="recordings to use")


def doctor(context: Context) -> int:
    """Print what works, what does not and what to do about it."""
    from jarvis_desktop import doctor as checks

    if context.args.audio:
        context.note("Say a few words: the microphone is measured for two seconds.")
    report = checks.examine(context.paths, context.config, audio=context.args.audio)
    context.result(
        {"ok": all(check.ok for check in report), "checks": [check.as_json() for check in report]},
        "\n".join(check.line() for check in report),
    )
    return checks.sound_status(report) if context.args.audio else 0


def bench(context: Context) -> int:
    """Run one benchmark, or all, and print a table each."""
    for what in BENCHES if context.args.what == "all" else (context.args.what,):
        data, table = _BENCHES[what](context)
        context.result({"bench": what, **data}, table)
    return 0


def _stt(context: Context) -> tuple[dict[str, Any], str]:
    import tempfile

    from jarvis_desktop import app
    from jarvis_desktop.app.builder import Builder
    from jarvis_desktop.bench import recordings, stt

    async def measure() -> list[stt.Pair]:
        with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as folder:
            clips = _clips(context)
            if clips is None:
                async with app.session(context.paths, context.config) as assistant:
                    clips = await recordings.spoken_questions(assistant, Path(folder))
            model = Builder(context.paths, context.config).model_folder
            settings = context.config.current.transcription
            return await stt.compare(clips, model(settings.model), settings=settings)

    data = stt.summary(asyncio.run(measure()))
    return data, stt.table(data)


def _turn(context: Context) -> tuple[dict[str, Any], str]:
    from jarvis_desktop.bench import turn

    data = asyncio.run(turn.measure(context.paths, context.config, _clips(context), context.progress))
    context.progress("")
    return data, turn.table(data)


def _ui(context: Context) -> tuple[dict[str, Any], str]:
    from jarvis_desktop.bench import ui

    data = ui.measure(context.paths)
    return data, ui.table(data)


def _engine(context: Context) -> tuple[dict[str, Any], str]:
    from jarvis_desktop.app.builder import Builder
    from jarvis_desktop.bench import engine
    from jarvis_desktop.orchestrator.routing import beginnings

    builder, config = Builder(context.paths, context.config), context.config.current

    def make(variant: engine.Variant) -> ChatModel:
        return builder.one_chat(variant.settings, tuned=variant.tuned)

    data = asyncio.run(engine.measure(config.engine, make, beginnings(config)[0], context.progress))
    context.progress("")
    return data, engine.table(data)


def _memory(context: Context) -> tuple[dict[str, Any], str]:
    from jarvis_desktop.bench import memory

    settings = context.config.current.memory
    data = asyncio.run(memory.measure(settings, context.paths.models, context.progress))
    context.progress("")
    return data, memory.table(data)


def _logging(context: Context) -> tuple[dict[str, Any], str]:
    from jarvis_desktop.bench import logging

    data = logging.measure(context.paths.logs, progress=context.progress)
    context.progress("")
    return data, logging.table(data)


_BENCHES = {
    "stt": _stt,
    "turn": _turn,
    "engine": _engine,
    "ui": _ui,
    "memory": _memory,
    "logging": _logging,
}
BENCHES = tuple(_BENCHES)


def _clips(context: Context) -> list[Clip] | None:
    """Recordings of the given folder, spread over the set; None without a folder."""
    from jarvis_desktop.bench.stt import read_manifest

    if context.args.audio is None:
        return None
    clips = read_manifest(context.args.audio)
    return clips[:: max(1, len(clips) // context.args.limit)][: context.args.limit]
