"""An accelerated day of turns: whether memory, threads and open files of the program grow.

    .venv/bin/python benchmarks/soak.py [--turns N] [--home DIR] [--model NAME | --quick]

Each turn goes the program's own way: real conversations, memory, voice, local API and engine (SmolLM2 with
answers of 16 tokens; with --quick one that answers at once). Prints a line for each 40th of the turns, and at
the end what grew after the first quarter. Exit status 1 where resident memory grew by 2 % or more, or threads
or handles at all. Needs the starter models.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from jarvis_desktop.bench import soak  # noqa: E402
from jarvis_desktop.config.environment import variable  # noqa: E402
from jarvis_desktop.config.paths import Paths  # noqa: E402
from tests.quick_engine import quick_engine  # noqa: E402


async def run(args: argparse.Namespace) -> dict[str, Any]:
    settings = {"engine.model": args.model, "engine.max_tokens": "16", "memory.encoder": "minilm-l6-v2"}
    async with contextlib.AsyncExitStack() as stack:
        if args.quick:
            url = await stack.enter_async_context(quick_engine())
            settings |= {
                "engine.kind": "remote",
                "engine.remote.base_url": url,
                "engine.remote.model": "quick",
            }
        environ = {variable(key): value for key, value in settings.items()}
        models = Paths.choose(args.home).models
        return await soak.measure(models, environ, args.turns, lambda line: print(line, flush=True))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=2000)
    parser.add_argument("--home", type=Path, default=ROOT / ".cache" / "jarvis-home")
    parser.add_argument("--model", default="smollm2-135m")
    parser.add_argument("--quick", action="store_true")
    data = asyncio.run(run(parser.parse_args()))
    print(soak.table(data))
    print(json.dumps(data))
    return 0 if soak.steady(data) else 1


if __name__ == "__main__":
    sys.exit(main())
