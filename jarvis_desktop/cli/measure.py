"""`jarvis doctor` and `jarvis bench`: what works here, and how fast."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from jarvis_desktop.cli.context import Context

BENCHES = ("stt", "turn", "ui")


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

    report = checks.examine(context.paths, context.config, audio=context.args.audio)
    context.result(
        {"ok": all(check.ok for check in report), "checks": [check.as_json() for check in report]},
        "\n".join(check.line() for check in report),
    )
    return 0


def bench(context: Context) -> int:
    """Print one table per benchmark."""
    from jarvis_desktop import bench as benches

    wanted = BENCHES if context.args.what == "all" else (context.args.what,)
    for what in wanted:
        data, table = benches.run(what, context.paths, context.config, context.args.audio, context.args.limit)
        context.result({"bench": what, **data}, table)
    return 0
