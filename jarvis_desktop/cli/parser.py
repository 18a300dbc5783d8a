"""The grammar of the command line, and the one place where errors become exit statuses."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from jarvis_desktop import __version__
from jarvis_desktop.cli import config, measure, memory, models, privacy, serve, turns, updates, window, worker
from jarvis_desktop.cli.commands import Command, Parser, shared, subcommands
from jarvis_desktop.cli.context import Context
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.errors import JarvisError, UsageError
from jarvis_desktop.network.gate import GATE
from jarvis_desktop.network.ledger import Ledger

INTERRUPTED = 130
"""Exit status after Ctrl-C, as shells expect it (128 + SIGINT)."""


def run(argv: Sequence[str]) -> int:
    """Run one command; returns the exit status (see `jarvis --help`)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what is told may quote a file name that is no text
            stream.reconfigure(errors="backslashreplace")
    try:
        args = _parser().parse_args(_explicit(argv))
        vars(args).update((name, _as_text(value)) for name, value in vars(args).items())
        context = Context(args, Paths.choose(args.home))
    except UsageError as error:
        return _fail_before_parsing(error, as_json="--json" in argv)
    try:
        if context.paths.erasing.exists():
            _complete_erasing(context)
        GATE.open(Ledger(context.paths.ledger), lambda: context.config.current.privacy.offline)
        command: Command = args.command
        with context.recorded():
            return command(context)
    except JarvisError as error:
        return context.fail(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of a pipe (head, less) has gone; the interpreter's own flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    finally:
        GATE.close()


def _explicit(argv: Sequence[str]) -> list[str]:
    """The arguments, where `--profile` names its file only after "="; argparse would take the command."""
    before = ""
    for place, argument in enumerate(argv):
        if argument == "--profile":
            return [*argv[:place], "--profile=", *argv[place + 1 :]]
        if not argument.startswith("-") and before != "--home":
            break  # the command, which has an option of this name
        before = argument
    return list(argv)


def _as_text(value: object) -> object:
    """Without bytes that are no text, which only a path may have."""
    if isinstance(value, list):
        return [_as_text(each) for each in value]
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _complete_erasing(context: Context) -> None:
    from jarvis_desktop.app import erasing

    if erasing.complete(context.paths):
        context.note("What was to be deleted is gone.")


def _fail_before_parsing(error: UsageError, *, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": error.as_json()}))
    else:
        print(f"error: {error}", file=sys.stderr)
    return error.exit_status


def _parser() -> Parser:
    parser = Parser(
        prog="jarvis",
        description="A voice assistant that runs on your own machine. Without a command, opens the window.",
        epilog="Exit status: 0 ok, 2 usage, 3 configuration, 4 model, 5 engine, 6 audio, 7 memory, "
        "8 network, 130 interrupted.",
        parents=[shared()],
    )
    parser.set_defaults(
        json=False, home=None, verbose=False, command=window.run, minimised=False, wish="show"
    )
    parser.add_argument(
        "--profile",
        dest="profile_to",
        nargs="?",
        metavar="=FILE",
        help="write where the time of the command goes, as speedscope's JSON and as a page beside it",
    )
    parser.add_argument("--version", action="version", version=f"jarvis {__version__}")
    command = subcommands(parser, "command")
    window.add_arguments(command("run", window.run, "open the window"))
    turns.add_ask_arguments(command("ask", turns.ask, "one question, one answer"))
    turns.add_transcribe_arguments(command("transcribe", turns.transcribe, "text of audio files"))
    turns.add_listen_arguments(command("listen", turns.listen, "the live pipeline, an event a line"))
    turns.add_say_arguments(command("say", turns.say, "speak a text"))
    serve.add_arguments(command("serve", serve.serve, "answer other programs, without a window"))
    worker.add_arguments(command("worker", worker.work, "answer for a `jarvis serve --queue celery`"))
    models.add_arguments(command("models", models.list_models, "list, fetch, verify, remove models"))
    memory.add_arguments(command("memory", memory.stats, "what is remembered beyond conversations"))
    privacy.add_arguments(command("privacy", privacy.show, "connections, offline seal, deletion"))
    measure.add_doctor_arguments(command("doctor", measure.doctor, "what works, what does not, what to do"))
    measure.add_bench_arguments(command("bench", measure.bench, "measure this machine"))
    updates.add_arguments(command("update", updates.check, "whether there is a newer version"))
    config.add_arguments(command("config", config.show, "read and change settings"))
    return parser
